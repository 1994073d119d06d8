"""Breaking an indicator down, and comparing with an objective: the parts make the whole."""

from dataclasses import replace
from datetime import date

import pytest

from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.indicators.breakdown import By, beginning, broken_down, months
from sesame_fhir.domain.indicators.definitions import BY_CODE, PARTITIONS
from sesame_fhir.domain.indicators.facts import PathwayFacts, SequenceFact, facts_of
from sesame_fhir.domain.indicators.objectives import Objective, applicable, penetration, progress
from sesame_fhir.domain.indicators.window import Window, selected
from sesame_fhir.domain.policy import DEFAULT_POLICY
from tests.support.cohort import pathways

A, B = SiteId("a"), SiteId("b")
EVER = Window(date(2024, 1, 1), date(2026, 11, 22), date(2026, 11, 22))
# Counted once each, in one site, under one nurse, on one day.
ADDITIVE = ("referred", "exits", "sequences-finished", "started", "response", "exit-remission", "screened-positive")
PLANNED = Objective(date(2024, 1, 1), date(2024, 12, 31), 10, 20)


@pytest.mark.parametrize("by", By)
@pytest.mark.parametrize("code", ADDITIVE)
def test_the_cells_add_up_to_the_whole(code: str, by: By) -> None:
    if by is By.MONTH and code == "screened-positive":
        return  # somebody may be screened in several months
    mine = selected(map(facts_of, pathways(60)), EVER)
    cells = broken_down(BY_CODE[code], by, mine, EVER, DEFAULT_POLICY)
    whole = BY_CODE[code].compute(mine, EVER, DEFAULT_POLICY)
    assert whole.total > 0
    assert sum(cell.value.count for cell in cells) == whole.count
    assert sum(cell.value.total for cell in cells) == whole.total


@pytest.mark.parametrize("codes", PARTITIONS)
def test_parts_of_a_whole_share_their_total(codes: tuple[str, ...]) -> None:
    mine = selected(map(facts_of, pathways(60)), EVER)
    values = [BY_CODE[code].compute(mine, EVER, DEFAULT_POLICY) for code in codes]
    assert len({value.total for value in values}) == 1
    assert sum(value.count for value in values) <= values[0].total


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 1, 15), date(2026, 1, 20), [(15, 20)]),
        (date(2026, 1, 31), date(2026, 3, 1), [(31, 31), (1, 28), (1, 1)]),
        (date(2028, 2, 1), date(2028, 2, 29), [(1, 29)]),
        (date(2026, 12, 31), date(2027, 1, 1), [(31, 31), (1, 1)]),
    ],
)
def test_months_are_cut_to_the_period(start: date, end: date, expected: list[tuple[int, int]]) -> None:
    assert [(first.day, last.day) for first, last in months(start, end)] == expected


def test_nothing_known_has_no_beginning() -> None:
    assert beginning([]) is None
    assert beginning([PathwayFacts(PathwayId("1"), A)]) is None


# site of the objective | sites looked at | a nurse chosen | all sites looked at | compared
APPLICABLE = [
    (None, {A, B}, None, True, True),
    (None, {A}, None, False, False),
    (A, {A, B}, None, True, True),
    (A, {A}, None, False, True),
    (A, {B}, None, False, False),
    (None, {A, B}, "nurse", True, False),
]


@pytest.mark.parametrize(("site", "sites", "nurse", "everywhere", "expected"), APPLICABLE)
def test_an_objective_is_compared_where_it_can_be(
    site: SiteId | None, sites: set[SiteId], nurse: str | None, *, everywhere: bool, expected: bool
) -> None:
    window = replace(EVER, sites=frozenset(sites), nurse_id=nurse)
    found = applicable([replace(PLANNED, site=site)], window, everywhere=everywhere)
    assert bool(found) is expected
    other_year = replace(window, start=date(2025, 1, 1))
    assert not applicable([replace(PLANNED, site=site)], other_year, everywhere=everywhere)


def test_progress_counts_the_objectives_own_period_and_site() -> None:
    care = PathwayFacts(PathwayId("1"), A, care_on=date(2024, 3, 1), exit_on=date(2024, 9, 1))
    billed = SequenceFact(1, date(2024, 3, 1), date(2024, 5, 31), date(2024, 5, 31), interrupted=False, billed_on=None)
    facts = [
        replace(care, sequences=(replace(billed, billed_on=date(2024, 6, 2)), replace(billed, rank=2))),
        replace(care, site=B),
        replace(care, care_on=date(2025, 1, 2), exit_on=None),
    ]
    mine = progress(replace(PLANNED, site=A), facts, date(2026, 1, 1), DEFAULT_POLICY)
    assert (mine.patients.count, mine.sequences.count) == (1, 1)
    assert progress(PLANNED, facts, date(2026, 1, 1), DEFAULT_POLICY).patients.count == 2


def test_penetration_is_a_share() -> None:
    assert penetration(600, 12_000) == 0.05
    assert penetration(13, 12) == 1.0
