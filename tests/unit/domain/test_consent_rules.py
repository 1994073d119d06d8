"""Consents: the examples of docs/rules/consents.md, and what they leave in the state."""

import pytest

from sesame_fhir.domain.consents import EFFECTS, STATUSES
from sesame_fhir.domain.events import ConsentPurpose, ConsentStatus
from tests.specification import consents
from tests.specification.consents import PAGE
from tests.specification.model import Example, Table, moment, on
from tests.specification.running import answered, cases, examples, expected, refused
from tests.specification.situations import CARE, consent
from tests.support.story import NURSE


@pytest.mark.parametrize("example", examples(PAGE))
def test_what_may_be_recorded(example: Example) -> None:
    assert refused(example) == example.refused


@pytest.mark.parametrize(("table", "number"), cases(PAGE))
def test_what_follows(table: Table, number: int) -> None:
    assert answered(table, number) == expected(table, number)


def test_every_purpose_and_every_effect_is_in_the_tables() -> None:
    assert set(STATUSES) == set(EFFECTS) == set(ConsentPurpose)
    assert {effect for found in EFFECTS.values() for effect in found} == set(consents.EFFECTS)


def test_a_consent_keeps_the_notice_the_day_and_who_informed() -> None:
    kept = CARE.then(on("2026-03-11", consent(ConsentStatus.GIVEN, ConsentPurpose.SURVEY))).pathway.consents
    survey = kept[ConsentPurpose.SURVEY]
    assert (survey.status, survey.notice, survey.at, survey.by) == (
        ConsentStatus.GIVEN,
        "1",
        moment("2026-03-11"),
        NURSE,
    )
