"""Positive screens: which instruments have a threshold, and whose it is."""

import pytest

from sesame_fhir.domain.events import Sex
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.scoring import is_moderate_or_more, is_positive

I = InstrumentId  # noqa: E741  the table reads better
CASES = [
    (I.PHQ_2, 2, Sex.FEMALE, False),
    (I.PHQ_2, 3, Sex.FEMALE, True),
    (I.GAD_2, 2, Sex.MALE, False),
    (I.GAD_2, 3, Sex.MALE, True),
    (I.AUDIT_C, 3, Sex.MALE, False),
    (I.AUDIT_C, 4, Sex.MALE, True),
    (I.AUDIT_C, 2, Sex.FEMALE, False),
    (I.AUDIT_C, 3, Sex.FEMALE, True),
    (I.AUDIT_C, 3, Sex.UNKNOWN, True),
    (I.PHQ_9, 27, Sex.MALE, None),
    (I.GAD_7, 21, Sex.MALE, None),
    (I.PHQ_2, None, Sex.MALE, None),
]


@pytest.mark.parametrize(("instrument", "total", "sex", "expected"), CASES)
def test_positive_at_or_above_the_threshold(
    instrument: InstrumentId, total: int | None, sex: Sex, *, expected: bool | None
) -> None:
    assert is_positive(INSTRUMENTS[instrument], total, PathwayPolicy(), sex) is expected


@pytest.mark.parametrize(("threshold", "expected"), [(2, True), (3, True), (4, False)])
def test_the_threshold_comes_from_the_policy(threshold: int, *, expected: bool) -> None:
    policy = PathwayPolicy(phq2_threshold=threshold, gad2_threshold=threshold)
    for instrument in (I.PHQ_2, I.GAD_2):
        assert is_positive(INSTRUMENTS[instrument], 3, policy, Sex.MALE) is expected


@pytest.mark.parametrize(
    ("instrument", "total", "expected"),
    [
        (I.PHQ_9, 9, False),
        (I.PHQ_9, 10, True),
        (I.PHQ_9, 27, True),
        (I.GAD_7, 9, False),
        (I.GAD_7, 10, True),
        (I.PHQ_2, 6, False),
        (I.PHQ_9, None, False),
    ],
)
def test_moderate_to_severe_intensity(instrument: InstrumentId, total: int | None, *, expected: bool) -> None:
    assert is_moderate_or_more(INSTRUMENTS[instrument], total) is expected
