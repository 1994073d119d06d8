"""The caseload: every filter in every order, page by page, against the same question asked in plain Python."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from sesame_fhir.domain.ids import CommandId, PathwayId, SiteId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.caseload import Bucket, CaseloadQuery, CaseloadRow, CaseloadSort, RowFlag
from sesame_fhir.services.errors import InvalidCursor
from sesame_fhir.storage import Store
from tests.contract.storage.caseload_rows import SITES, TODAY, commit_of_row, expected, some_row

ALL = CaseloadQuery(SITES, TODAY, buckets=tuple(Bucket))
FOLLOWED = replace(ALL, buckets=(Bucket.FOLLOWED,))

QUESTIONS = {
    "everything": ALL,
    "followed": FOLLOWED,
    "one site": replace(FOLLOWED, sites=SITES[:1]),
    "sites twice": replace(FOLLOWED, sites=(*SITES, SITES[0])),
    "no such site": replace(ALL, sites=(SiteId("elsewhere"),)),
    "no site": replace(ALL, sites=()),
    "no bucket": replace(ALL, buckets=()),
    "two states": replace(ALL, states=(State.CARE, State.EXITED)),
    "a state of another bucket": replace(FOLLOWED, states=(State.EXITED,)),
    "flag": replace(ALL, flag="worsening"),
    "flag nobody has": replace(ALL, flag="remission"),
    "flag tomorrow": replace(ALL, flag="worsening", today=TODAY + timedelta(days=2)),
    "to discuss": replace(ALL, discuss=True),
    "not to discuss": replace(FOLLOWED, discuss=False),
    "nurse": replace(FOLLOWED, nurse_id="nurse-1"),
    "nobody's nurse": replace(FOLLOWED, nurse_id="nurse-9"),
    "psychiatrist": replace(FOLLOWED, reviewer_id="psy-1"),
    "psychiatrist, to discuss": replace(ALL, reviewer_id="psy-1", discuss=True),
    "psychiatrist, not to discuss": replace(ALL, reviewer_id="psy-1", discuss=False),
    "GP": replace(ALL, referrer_id="gp-1"),
    "name": replace(ALL, name="FICTI"),
    "name with accents": replace(ALL, name="  émer"),
    "name, ligature": replace(ALL, name="aene"),
    "name, nothing": replace(ALL, name="  "),
    "name nobody has": replace(ALL, name="x"),
    "attention": replace(ALL, attention_by=TODAY),
    "nurse, flag, state": replace(ALL, nurse_id="nurse-1", flag="response", states=(State.CARE, State.ASSESSMENT)),
    "psychiatrist, name, attention": replace(ALL, reviewer_id="psy-2", name="F", attention_by=TODAY),
    "GP, flag, not to discuss": replace(ALL, referrer_id="gp-2", flag="contact-overdue", discuss=False),
    "a null character": replace(ALL, nurse_id="nurse\0"),
}


@pytest.fixture(scope="module")
def filled(shared_store: Store) -> tuple[Store, list[CaseloadRow]]:
    chance = random.Random(3)  # noqa: S311  rows, not secrets
    rows = [some_row(number, chance) for number in range(90)]
    assert shared_store.pathways.commit_all([commit_of_row(row) for row in rows]) == len(rows)
    return shared_store, rows


def walk(store: Store, query: CaseloadQuery) -> list[CaseloadRow]:
    """Every page of a query."""
    page = store.pathways.caseload(query)
    found = list(page.rows)
    while page.next_cursor is not None:
        assert len(page.rows) == query.limit
        page = store.pathways.caseload(replace(query, cursor=page.next_cursor))
        found += page.rows
    return found


@pytest.mark.parametrize("few", [0, 1000], ids=["walked", "gathered"])
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_order(
    filled: tuple[Store, list[CaseloadRow]], name: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name_of_few in ("_FEW", "_FEW_FLAGS"):
        monkeypatch.setattr(f"sesame_fhir.storage.caseload_plan.{name_of_few}", few)
    store, rows = filled
    for sort in CaseloadSort:
        for descending in (False, True):
            query = replace(QUESTIONS[name], sort=sort, descending=descending, limit=25)
            found = walk(store, query)
            assert [row.pathway_id for row in found] == expected(rows, query), (sort, descending)
            assert all(row == rows[int(row.pathway_id[-3:])] for row in found)


@pytest.mark.parametrize("name", QUESTIONS)
def test_counts_stop_at_their_cap(filled: tuple[Store, list[CaseloadRow]], name: str) -> None:
    store, rows = filled
    total = len(expected(rows, QUESTIONS[name]))
    for cap in (1, 5, 1000):
        assert store.pathways.caseload_count(QUESTIONS[name], cap) == min(total, cap)


def test_more_lists_than_one_statement_takes(
    filled: tuple[Store, list[CaseloadRow]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sesame_fhir.storage.caseload_walk._TOGETHER", 5)
    store, rows = filled
    for sort in CaseloadSort:
        query = replace(ALL, sort=sort, descending=True, limit=11)
        assert [row.pathway_id for row in walk(store, query)] == expected(rows, query)


def test_a_cursor_belongs_to_its_question_whatever_the_order_of_its_sets(
    filled: tuple[Store, list[CaseloadRow]],
) -> None:
    store, rows = filled
    query = replace(FOLLOWED, limit=3)
    cursor = store.pathways.caseload(query).next_cursor
    assert cursor is not None
    assert cursor.isascii()
    same = replace(query, sites=SITES[::-1], limit=90, today=TODAY + timedelta(days=1), cursor=cursor)
    assert [row.pathway_id for row in store.pathways.caseload(same).rows] == expected(rows, query)[3:]
    for other in (
        replace(query, sites=SITES[:2]),
        replace(query, sort=CaseloadSort.NAME),
        replace(query, descending=True),
        replace(query, nurse_id="nurse-1"),
        replace(query, buckets=tuple(Bucket)),
    ):
        with pytest.raises(InvalidCursor):
            store.pathways.caseload(replace(other, cursor=cursor))


@pytest.mark.parametrize("cursor", ["", "x", "é", "AAAA", "a" * 5000])
def test_a_foreign_cursor_is_refused(filled: tuple[Store, list[CaseloadRow]], cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        filled[0].pathways.caseload(replace(ALL, cursor=cursor))


def test_a_row_that_moves_between_two_pages_is_not_shown_twice(store: Store) -> None:
    chance = random.Random(5)  # noqa: S311  rows, not secrets
    rows = [
        replace(some_row(n, chance), bucket=Bucket.FOLLOWED, started_on=TODAY + timedelta(days=n)) for n in range(6)
    ]
    store.pathways.commit_all([commit_of_row(row) for row in rows])
    query = replace(FOLLOWED, sort=CaseloadSort.STARTED, limit=2)
    first = store.pathways.caseload(query)
    new = replace(rows[3], pathway_id=PathwayId("pathway-006"), started_on=TODAY - timedelta(days=9))
    store.pathways.commit(commit_of_row(new))
    rest = walk(store, replace(query, cursor=first.next_cursor))
    assert [row.pathway_id for row in (*first.rows, *rest)] == [row.pathway_id for row in rows]


def test_a_flag_is_raised_from_its_day_to_its_last_day_once(store: Store) -> None:
    """Two flags of one rule that touch are one; two that do not are found on the days of each."""
    flags = tuple(
        RowFlag("worsening", TODAY + timedelta(days=begin), TODAY + timedelta(days=end))
        for begin, end in ((0, 2), (1, 4), (5, 6), (9, 9))
    )
    row = replace(some_row(0, random.Random(1)), bucket=Bucket.FOLLOWED, flags=flags)  # noqa: S311
    store.pathways.commit(commit_of_row(row))
    days = [
        day
        for day in range(-2, 12)
        if walk(store, replace(FOLLOWED, flag="worsening", today=TODAY + timedelta(days=day)))
    ]
    assert days == [0, 1, 2, 3, 4, 5, 6, 9]


def test_a_changed_row_leaves_its_old_lists(store: Store) -> None:
    row = replace(some_row(0, random.Random(2)), site=SITES[0], bucket=Bucket.FOLLOWED, nurse_id="nurse-1")  # noqa: S311
    first = commit_of_row(row)
    store.pathways.commit(first)
    moved = replace(row, site=SITES[1], nurse_id="nurse-2", psychiatrist_id="psy-1", discuss=False, flags=())
    again = replace(
        first,
        expected_version=2,
        command_id=CommandId("moved"),
        events=(),
        projections=replace(first.projections, caseload=moved),
    )
    store.pathways.commit(again)
    for query, found in (
        (replace(ALL, sites=SITES[:1]), []),
        (replace(ALL, nurse_id="nurse-1"), []),
        (replace(ALL, nurse_id="nurse-2"), [moved]),
        (replace(ALL, reviewer_id="psy-1"), [moved]),
        (ALL, [moved]),
    ):
        assert walk(store, query) == found
