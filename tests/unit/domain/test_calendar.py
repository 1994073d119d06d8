"""The calendar: the cases of docs/rules/calendar.md, and what holds for any day and any chain."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sesame_fhir.domain.calendar import add_months, next_start, sequence_period
from sesame_fhir.domain.course import Sequence
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from tests.specification.calendar import PAGE, chain
from tests.specification.model import Table
from tests.specification.running import answered, cases, expected

DAY = timedelta(days=1)
STARTS = st.dates(date(2024, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(("table", "number"), cases(PAGE))
def test_cases(table: Table, number: int) -> None:
    assert answered(table, number) == expected(table, number)


@given(STARTS)
def test_a_full_year_of_four_ranks_is_unbroken_and_ends_the_day_before_the_anniversary(start: date) -> None:
    year = chain(start, DEFAULT_POLICY.maximum_sequences)
    assert year[0].start == start
    assert all(later.start == earlier.end + DAY for earlier, later in pairwise(year))
    assert year[-1].end == add_months(start, 12) - DAY


@given(STARTS, st.lists(st.tuples(st.integers(0, 40), st.integers(-60, 30)), min_size=1, max_size=4))
def test_sequences_never_overlap_whatever_gaps_early_ends_and_extensions(
    start: date, course: list[tuple[int, int]]
) -> None:
    """Each sequence waits ``gap`` days and ends ``shift`` days early (interrupted) or late (extended)."""
    done: tuple[Sequence, ...] = ()
    today = start
    for rank, (gap, shift) in enumerate(course, start=1):
        period = sequence_period(done, next_start(done, today), DEFAULT_POLICY)
        end = max(period.start, period.end + timedelta(days=shift))
        done = (*done, Sequence(rank, period.start, max(end, period.end), end, interrupted=end < period.end))
        today = end + timedelta(days=gap)
        assert _lasts_three_months(period.start, period.end)
    assert all(later.start > (earlier.end or later.start) for earlier, later in pairwise(done))


def _lasts_three_months(start: date, end: date) -> bool:
    """Three months to the day; a chain from a 29th, 30th or 31st may give or take the days that a month lacks."""
    exact = add_months(start, 3) - DAY
    return end == exact if start.day < 28 else abs((end - exact).days) <= 3


@given(STARTS, st.integers(1, 12))
def test_the_length_of_a_sequence_is_configuration(start: date, months: int) -> None:
    policy = PathwayPolicy(sequence_months=months)
    assert sequence_period((), start, policy).end == add_months(start, months) - DAY
