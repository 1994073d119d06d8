"""Eligibility as a table that a clinician can check."""

from dataclasses import replace
from datetime import date

import pytest

from sesame_fhir.domain.eligibility import EligibilityFacts, age_on, check_eligibility, phq2_total
from sesame_fhir.domain.events import PatientIdentified
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode
from tests.support.story import PATHWAY, TRAITS, screened, story

TODAY = date(2026, 3, 2)
ELIGIBLE = EligibilityFacts(
    birth_date=date(1980, 5, 17),
    phq2_total=3,
    psychiatric_follow_up=False,
    masters_french=True,
    common_mental_disorder=True,
)

# what differs from an eligible patient | reasons expected | may the GP override?
CASES = [
    ({}, [], True),
    ({"phq2_total": 6}, [], True),
    ({"birth_date": date(2008, 3, 2)}, [], True),  # eighteen today
    ({"birth_date": date(2008, 3, 3)}, ["minor"], False),  # eighteen tomorrow
    ({"birth_date": None}, ["age-unknown"], False),
    ({"phq2_total": 2}, ["below-threshold"], True),
    ({"phq2_total": 0}, ["below-threshold"], True),
    ({"phq2_total": None}, ["not-screened"], False),
    ({"psychiatric_follow_up": True}, ["psychiatric-follow-up"], False),
    ({"psychiatric_follow_up": None}, ["criterion-unknown"], True),
    ({"masters_french": False}, ["french-not-mastered"], False),
    ({"common_mental_disorder": False}, ["not-common-mental-disorder"], True),
    ({"phq2_total": 1, "common_mental_disorder": False}, ["below-threshold", "not-common-mental-disorder"], True),
    ({"phq2_total": 1, "masters_french": False}, ["below-threshold", "french-not-mastered"], False),
]


@pytest.mark.parametrize(("differs", "reasons", "overridable"), CASES)
def test_eligibility(differs: dict[str, object], reasons: list[str], *, overridable: bool) -> None:
    decision = check_eligibility(replace(ELIGIBLE, **differs), PathwayPolicy(), TODAY)  # type: ignore[arg-type]
    assert [reason.code.value for reason in decision.reasons] == reasons
    assert decision.eligible is (not reasons)
    assert decision.overridable is overridable


def test_without_interpretation_no_threshold_is_applied_but_a_screen_is_still_needed() -> None:
    raw = PathwayPolicy(interpretation=False)
    assert check_eligibility(replace(ELIGIBLE, phq2_total=0), raw, TODAY).eligible
    unscreened = check_eligibility(replace(ELIGIBLE, phq2_total=None), raw, TODAY)
    assert [reason.code for reason in unscreened.reasons] == [ReasonCode.NOT_SCREENED]


def test_threshold_age_and_override_come_from_configuration() -> None:
    policy = PathwayPolicy(phq2_threshold=2, minimum_age=16, overridable=frozenset({ReasonCode.PSYCHIATRIC_FOLLOW_UP}))
    young = replace(ELIGIBLE, birth_date=date(2010, 1, 1), phq2_total=2, psychiatric_follow_up=True)
    decision = check_eligibility(young, policy, TODAY)
    assert [reason.code for reason in decision.reasons] == [ReasonCode.PSYCHIATRIC_FOLLOW_UP]
    assert decision.overridable


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2000, 12, 31), date(2019, 1, 1), 18),
        (date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_age(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


# instruments recorded, oldest first | the PHQ-2 total that counts
@pytest.mark.parametrize(
    ("recorded", "total"),
    [
        ([], None),
        ([(InstrumentId.GAD_7, "3333333")], None),
        ([(InstrumentId.PHQ_2, "12")], 3),
        ([(InstrumentId.PHQ_9, "213333330")], 3),
        ([(InstrumentId.PHQ_2, "33"), (InstrumentId.PHQ_9, "010000000")], 1),
        ([(InstrumentId.PHQ_9, "330000000"), (InstrumentId.PHQ_2, "00"), (InstrumentId.GAD_7, "0000000")], 0),
    ],
)
def test_the_phq_2_is_read_in_the_latest_phq_2_or_phq_9(
    recorded: list[tuple[InstrumentId, str]], total: int | None
) -> None:
    screenings = [screened(weights, instrument, n) for n, (instrument, weights) in enumerate(recorded, start=1)]
    pathway = fold(PATHWAY, story(PatientIdentified(TRAITS), *screenings))
    assert phq2_total(pathway) == total
