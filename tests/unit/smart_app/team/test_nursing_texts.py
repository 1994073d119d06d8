"""Every code that the nurse's pages can show has its French text."""

from enum import StrEnum

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.appointments import Next
from sesame_fhir.domain.events import ReferralEnd
from sesame_fhir.domain.licensed import LICENSED
from smart_app.team.contact import texts as contact
from smart_app.team.field_texts import FIELDS
from smart_app.team.plan import texts as plan
from smart_app.team.referral import texts as referral


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (ReferralEnd, referral.ENDS),
        (Next, contact.NEXT),
    ],
)
def test_each_code_has_words(codes: type[StrEnum], words: dict[StrEnum, str]) -> None:
    assert set(words) == set(codes)
    assert all(words.values())


def test_each_field_that_a_rule_names_has_words() -> None:
    named = {"problem", "problem-code", "name", "rhythm", "target", "goal", "helps", "warning-signs", "who-to-call"}
    assert named | {"planned-at", "note"} | {f"total-{i.value}" for i in LICENSED} <= set(FIELDS)
    assert set(plan.MEMBERS) == {Role.GP, Role.NURSE, Role.PSYCHIATRIST}
