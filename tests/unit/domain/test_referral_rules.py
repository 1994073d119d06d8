"""The referral: the examples of docs/rules/referral.md, and what they leave in the state."""

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import ReferralId
from sesame_fhir.domain.pathway import ReferralStatus
from sesame_fhir.domain.reasons import Refused
from tests.specification.model import Example, moment, on
from tests.specification.referral import BELOW, OVERRIDE, PAGE
from tests.specification.running import examples, refused
from tests.specification.situations import ASSESSMENT, NOT_STARTED, R1, REFERRED
from tests.support.story import GP, NURSE, event, referred


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_may_be_done(example: Example) -> None:
    assert refused(example) == example.refused


def test_who_refers_is_the_gp_of_the_team_and_who_accepts_its_nurse() -> None:
    pathway = ASSESSMENT.pathway
    assert [(m.actor_id, m.role) for m in pathway.team] == [(GP.actor_id, Role.GP), (NURSE.actor_id, Role.NURSE)]
    assert pathway.referral is not None
    assert (pathway.referral.status, pathway.referral.changed_at) == (ReferralStatus.ACCEPTED, moment("2026-03-05"))


def test_an_overridden_criterion_is_kept_with_its_reason() -> None:
    referral = BELOW.then(on("2026-03-02", OVERRIDE, GP)).pathway.referral
    assert referral is not None
    assert (referral.overridden, referral.override_reason) == (OVERRIDE.overridden, "Deuil récent")


def test_why_a_referral_did_not_start_returns_to_the_gp() -> None:
    referral = NOT_STARTED.pathway.referral
    assert referral is not None
    assert (referral.status, referral.end_reason) == (ReferralStatus.NOT_STARTED, "declined-by-patient")


def test_another_referral_begins_anew() -> None:
    tried = REFERRED.then(
        on("2026-03-04", ev.CallAttempted(result=ev.CallResult.LEFT_MESSAGE)),
        on("2026-03-06", ev.ReferralNotStarted(R1, ev.ReferralEnd.DECLINED_BY_PATIENT)),
    )
    assert [(c.at, c.result) for c in tried.pathway.calls] == [(moment("2026-03-04"), ev.CallResult.LEFT_MESSAGE)]
    again = tried.then(on("2026-05-04", referred(n=2), GP)).pathway
    assert again.calls == ()
    assert again.referral is not None
    assert (again.referral.status, again.referral.end_reason) == (ReferralStatus.SENT, None)


@pytest.mark.parametrize(
    "data",
    [
        ev.ReferralAccepted(ReferralId("other")),
        ev.ReferralWithdrawn(ReferralId("other"), ev.WithdrawReason.OTHER),
        ev.ReferralNotStarted(ReferralId("other"), ev.ReferralEnd.OTHER),
    ],
)
def test_an_event_of_another_referral_does_not_fold(data: ev.Payload) -> None:
    pathway = REFERRED.pathway
    with pytest.raises(Refused):
        evolve(pathway, event(pathway.version + 1, data))
