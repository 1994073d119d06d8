from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sesame_fhir.fhir.dates import DISTANT_FUTURE, DISTANT_PAST, date_range


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("written", "low", "high"),
    [
        ("2024", utc(2023, 12, 31, 23), utc(2024, 12, 31, 23)),
        ("2024-02", utc(2024, 1, 31, 23), utc(2024, 2, 29, 23)),
        ("2024-12", utc(2024, 11, 30, 23), utc(2024, 12, 31, 23)),
        ("2024-07-01", utc(2024, 6, 30, 22), utc(2024, 7, 1, 22)),
        ("2024-02-29", utc(2024, 2, 28, 23), utc(2024, 2, 29, 23)),
        ("2024-03-31", utc(2024, 3, 30, 23), utc(2024, 3, 31, 22)),  # 23 hours: clocks go forward
        ("2024-10-27", utc(2024, 10, 26, 22), utc(2024, 10, 27, 23)),  # 25 hours
        ("2024-07-01T10:00:00Z", utc(2024, 7, 1, 10), utc(2024, 7, 1, 10, 0, 1)),
        ("2024-07-01T10:00:00+02:00", utc(2024, 7, 1, 8), utc(2024, 7, 1, 8, 0, 1)),
        ("2024-07-01T10:00", utc(2024, 7, 1, 8), utc(2024, 7, 1, 8, 1)),
        ("2024-07-01T10:00:00.5Z", utc(2024, 7, 1, 10, 0, 0, 500000), utc(2024, 7, 1, 10, 0, 0, 600000)),
        ("2024-07-01T10:00:00.123456789Z", utc(2024, 7, 1, 10, 0, 0, 123456), utc(2024, 7, 1, 10, 0, 0, 123457)),
        ("2016-12-31T23:59:60Z", utc(2017, 1, 1), utc(2017, 1, 1, 0, 0, 1)),
    ],
)
def test_range(written: str, low: datetime, high: datetime) -> None:
    assert date_range(written) == (low, high)


@pytest.mark.parametrize(
    "written",
    [
        *("", "24", "2024-13", "2024-02-30", "2023-02-29", "2024-1-1", "2024-01-01T", "2024-01-01T25:00:00Z"),
        *("2024-01-01 10:00", "2024-01-01T10:00:00+99:00", "0000", "hier", "2024-01-01T10", "２０２４"),
    ],
)
def test_not_a_date(written: str) -> None:
    assert date_range(written) is None


@pytest.mark.parametrize("written", ["0001", "0001-01-01", "9999", "9999-12-31", "9999-12-31T23:59:59-14:00"])
def test_ends_of_time_stay_storable(written: str) -> None:
    found = date_range(written)
    assert found is not None
    assert DISTANT_PAST <= found[0] <= found[1] <= DISTANT_FUTURE


@settings(max_examples=300, deadline=None)
@given(
    st.from_regex(
        r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))?)?)?",
        fullmatch=True,
        alphabet=st.characters(codec="ascii"),
    )
)
def test_any_date_is_a_forward_range_or_none(written: str) -> None:
    found = date_range(written)
    assert found is None or (DISTANT_PAST <= found[0] <= found[1] <= DISTANT_FUTURE)
