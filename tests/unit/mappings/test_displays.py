"""Every code of the pathway has its French word, and what is published as a code says that word."""

import inspect
from enum import StrEnum

import pytest

from mappings import french
from mappings.code_systems import (
    ACTIVITIES,
    ACTS,
    BILLING_REASONS,
    CALL_RESULTS,
    CONSENT_PURPOSES,
    CONTACT_MODES,
    CONTACT_TASKS,
    DECISION_REASONS,
    EXIT_REASONS,
    FATES,
    ORIENTATIONS,
    PHASES,
    PROGRESS_RULES,
    RECOMMENDATIONS,
    ROLES,
    SAFETY_ACTIONS,
    SYSTEMS,
    LocalSystem,
)
from mappings.displays import DISPLAYS, concepts, display
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.billing.decision import BillingCode
from sesame_fhir.domain.events import PAYLOADS, vocabulary
from sesame_fhir.domain.progress.model import Rule

ENUMS = [
    *(kind for _, kind in inspect.getmembers(vocabulary, inspect.isclass) if kind is not StrEnum),
    BillingCode,
    Rule,
]

PUBLISHED: dict[type[StrEnum], LocalSystem] = {
    vocabulary.ActivityKind: ACTIVITIES,
    vocabulary.CallResult: CALL_RESULTS,
    vocabulary.ConsentPurpose: CONSENT_PURPOSES,
    vocabulary.ContactMode: CONTACT_MODES,
    vocabulary.ContactTask: CONTACT_TASKS,
    vocabulary.DeclineReason: DECISION_REASONS,
    vocabulary.ExitReason: EXIT_REASONS,
    vocabulary.Orientation: ORIENTATIONS,
    vocabulary.Phase: PHASES,
    vocabulary.RecommendationFate: FATES,
    vocabulary.RecommendationKind: RECOMMENDATIONS,
    vocabulary.ReferralEnd: DECISION_REASONS,
    vocabulary.SafetyAction: SAFETY_ACTIONS,
    vocabulary.WithdrawReason: DECISION_REASONS,
    BillingCode: BILLING_REASONS,
    Rule: PROGRESS_RULES,
}
STANDARD = {
    vocabulary.Sex: "administrative-gender",
    vocabulary.ConsentStatus: "consent-state-codes and the policy rule",
    vocabulary.ContactStatus: "appointmentstatus, encounter-status",
    vocabulary.CancelledBy: "appointment-cancellation-reason",
    vocabulary.GoalStatus: "goal-status",
    vocabulary.ProblemSystem: "the classification's own URI",
    vocabulary.LicensedInstrument: "sesame-total",
}
"""Enums that FHIR or another system already has codes for."""


@pytest.mark.parametrize("kind", ENUMS, ids=lambda kind: kind.__name__)
def test_every_code_has_its_french_word(kind: type[StrEnum]) -> None:
    assert set(DISPLAYS[kind]) == set(kind)
    assert all(display(code).strip() == display(code) != "" for code in kind)


def test_every_enum_is_published_or_has_standard_codes() -> None:
    assert set(PUBLISHED) | set(STANDARD) == set(ENUMS) == set(DISPLAYS)
    assert not set(PUBLISHED) & set(STANDARD)


@pytest.mark.parametrize("kind", PUBLISHED, ids=lambda kind: kind.__name__)
def test_published_words_are_the_words(kind: type[StrEnum]) -> None:
    system = PUBLISHED[kind]
    assert system in SYSTEMS
    assert concepts(kind).items() <= system.concepts.items()


def test_signed_acts_are_kinds_of_event_and_roles_are_all_named() -> None:
    assert set(ACTS.concepts) <= set(PAYLOADS)
    assert set(ROLES.concepts) == set(Role) == set(french.ROLES)


def test_no_two_systems_share_a_name() -> None:
    names = [system.name for system in SYSTEMS]
    assert len(names) == len(set(names))
