"""Quantities to the last digit, chains, what comes along, sites, and indexing anew, on both databases."""

import itertools
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir.search_query import parse_search
from sesame_fhir.services.records import Origin, ResourceChange, ResourceWrite
from sesame_fhir.services.search import (
    ChainClause,
    Clause,
    DatePrefix,
    HasClause,
    IdClause,
    Include,
    IndexEntry,
    QuantityClause,
    QuantityValue,
    SearchQuery,
    Sort,
    TokenClause,
    TokenValue,
)
from sesame_fhir.storage import Store
from sesame_fhir.storage import search as search_module
from sesame_fhir.storage.decimals import HIGHEST, LOWEST, sortable

DAY = datetime(2026, 3, 2, tzinfo=UTC)
NORTH, SOUTH = SiteId("north"), SiteId("south")


def made(kind: str, resource_id: str, *entries: IndexEntry, site: SiteId = NORTH) -> ResourceWrite:
    return ResourceWrite(kind, resource_id, {"resourceType": kind, "id": resource_id}, entries, site, Origin.RECORD)


def to(param: str, reference: str) -> IndexEntry:
    ref_type, _, ref_id = reference.partition("/")
    return IndexEntry(param, "reference", ref_type=ref_type, ref_id=ref_id)


def coded(code: str) -> IndexEntry:
    return IndexEntry("code", "token", "urn:l", code)


def score(least: str | None, most: str | None, *, open_edges: bool = False) -> IndexEntry:
    low, high = (None if text is None else Decimal(text) for text in (least, most))
    return IndexEntry("value", "quantity", "urn:u", "mg", "mg", least=low, most=high, open_edges=open_edges)


NUMBERS = (
    *("-1E+100", "-99.5", "-1.25", "-1.2", "-1E-50", "0", "1E-50", "0.1", "0.10000000000000000000001", "1", "1.2"),
    *("9.99", "10", "99.5", "100", "123456789012345678901234567890.123456789", "1E+100"),
)


def test_texts_sort_as_their_numbers() -> None:
    written = [sortable(Decimal(number)) for number in NUMBERS]
    assert written == sorted(written)
    assert len(set(written)) == len(NUMBERS)
    for below, above in itertools.pairwise(NUMBERS):
        assert sortable(Decimal(below), 1) < sortable(Decimal(above), -1)
        assert sortable(Decimal(below), -1) < sortable(Decimal(below)) < sortable(Decimal(below), 1)
    assert written[0] > LOWEST
    assert written[-1] < HIGHEST


@pytest.mark.parametrize(("one", "other"), [("1.50", "1.5"), ("100", "1E+2"), ("0", "-0.00"), ("1E-9", "0.000000001")])
def test_equal_numbers_are_one_text(one: str, other: str) -> None:
    assert sortable(Decimal(one)) == sortable(Decimal(other))


RESOURCES = (
    made("Patient", "p1", coded("x")),
    made("Patient", "p2", coded("y"), site=SOUTH),
    made("Practitioner", "d1", coded("x")),
    made("Location", "l1", to("part-of", "Location/l2")),
    made("Location", "l2", to("part-of", "Location/l3")),
    made("Location", "l3", to("part-of", "Location/l4")),
    made("Location", "l4", to("part-of", "Location/l5")),
    made("Location", "l5", to("part-of", "Location/l1")),
    made("Scored", "a", score("5.35", "5.35"), to("subject", "Patient/p1"), to("by", "Practitioner/d1"), coded("s")),
    made("Scored", "b", score("5.4", "5.4"), to("subject", "Patient/p1"), to("at", "Location/l1")),
    made("Scored", "c", score("5.45", "5.45"), to("subject", "Patient/p2"), to("by", "Practitioner/gone")),
    made("Scored", "d", score("5", None, open_edges=True), to("subject", "Patient/p1"), site=SOUTH),
    made("Scored", "e", score("5", None)),
    made("Scored", "f", score(None, "5", open_edges=True), to("subject", "Group/p1")),
    made("Scored", "g", score("5", "5")),
)


@pytest.fixture(scope="module")
def filled(shared_store: Store) -> Store:
    shared_store.resources.create(made("Practitioner", "gone", coded("x")), DAY)
    for write in RESOURCES:
        shared_store.resources.create(write, DAY)
    shared_store.resources.apply((), [ResourceChange("Practitioner", "gone", None)], DAY)
    return shared_store


def ids(store: Store, *clauses: Clause, kind: str = "Scored", sites: frozenset[SiteId] | None = None) -> str:
    page = store.resources.search(SearchQuery(kind, clauses, (Sort("_id"),), sites=sites))
    return "".join(one.resource_id for one in page.resources)


@pytest.mark.parametrize(
    ("prefix", "exact", "low", "high", "expected"),
    [
        ("eq", "5.4", "5.35", "5.45", "ab"),
        ("ne", "5.4", "5.35", "5.45", "cdefg"),
        ("eq", "5", "4.5", "5.5", "abcg"),
        ("gt", "5", "4.5", "5.5", "abcde"),
        ("ge", "5", "4.5", "5.5", "abcdeg"),
        ("lt", "5", "4.5", "5.5", "f"),
        ("le", "5", "4.5", "5.5", "efg"),
        ("sa", "5", "4.5", "5.5", "abcd"),
        ("eb", "5", "4.5", "5.5", "f"),
        ("sa", "5.4", "5.35", "5.45", "c"),
        ("ap", "5.9", "5.31", "6.49", "abcde"),
        ("lt", "-1000000", "-1", "1", "f"),
    ],
)
def test_quantities(filled: Store, prefix: str, exact: str, low: str, high: str, expected: str) -> None:
    """d: more than 5, e: 5 or more, f: less than 5, g: 5."""
    value = QuantityValue(DatePrefix(prefix), Decimal(exact), Decimal(low), Decimal(high))
    assert ids(filled, QuantityClause("value", (value,))) == expected


X = (TokenClause("code", (TokenValue(None, "x"),)),)
P1 = (IdClause(("p1",)),)
ONLY_NORTH = frozenset({NORTH})


@pytest.mark.parametrize(
    ("clause", "kind", "everywhere", "north"),
    [
        (ChainClause("subject", "Patient", X), "Scored", "abd", "ab"),
        (ChainClause("subject", "Patient", P1), "Scored", "abd", "ab"),
        (ChainClause("subject", "Patient", (*X, IdClause(("p2",)))), "Scored", "", ""),
        (ChainClause("subject", "Patient", (IdClause(("p2",)),)), "Scored", "c", ""),
        (ChainClause("by", "Practitioner", X), "Scored", "a", "a"),
        (ChainClause("by", "Practitioner", ()), "Scored", "a", "a"),
        (HasClause("Scored", "subject", (IdClause(("a", "c")),)), "Patient", "p1p2", "p1"),
        (HasClause("Scored", "subject", (TokenClause("code", (TokenValue(None, "s"),)),)), "Patient", "p1", "p1"),
        (HasClause("Scored", "subject", (IdClause(("d",)),)), "Patient", "p1", ""),
        (HasClause("Scored", "by", (IdClause(("c",)),)), "Practitioner", "", ""),
        (HasClause("Scored", "by", ()), "Practitioner", "d1", "d1"),
    ],
)
def test_chains(filled: Store, clause: Clause, kind: str, everywhere: str, north: str) -> None:
    """What is deleted leads nowhere; a site that is out of reach neither shows nor links anything."""
    assert ids(filled, clause, kind=kind) == everywhere
    assert ids(filled, clause, kind=kind, sites=ONLY_NORTH) == north


def brought(store: Store, start: str, *includes: Include, limit: int = 100, sites: bool = False) -> list[str]:
    kind, _, resource_id = start.partition("/")
    page = store.resources.search(SearchQuery(kind, (IdClause(tuple(resource_id.split(","))),)))
    found = store.resources.included(page.resources, includes, limit, ONLY_NORTH if sites else None)
    assert all(one.body for one in found.resources)
    return sorted(one.resource_id for one in found.resources) + ([] if found.complete else ["more"])


PART_OF = Include("Location", "part-of", "Location", iterate=True)


@pytest.mark.parametrize(
    ("start", "includes", "expected"),
    [
        ("Scored/a,b", [Include("Scored", "subject")], ["p1"]),
        ("Scored/a,b,c", [Include("Scored", "subject", "Patient")], ["p1", "p2"]),
        ("Scored/a,b,c", [Include("Scored", "subject", "Group")], []),
        ("Scored/a,c", [Include("Scored", "by"), Include("Scored", "subject", "Patient", clauses=X)], ["d1", "p1"]),
        ("Scored/a", [Include("Scored", None)], ["d1", "p1"]),
        ("Scored/a", [Include("Other", "subject")], []),
        ("Patient/p1", [Include("Scored", "subject", "Patient", reverse=True)], ["a", "b", "d"]),
        ("Patient/p1,p2", [Include("Scored", "subject", reverse=True, clauses=(IdClause(("c",)),))], ["c"]),
        ("Location/l1", [Include("Location", "part-of")], ["l2"]),
        ("Location/l1", [PART_OF], ["l2", "l3", "l4", "l5"]),
        ("Scored/b", [Include("Scored", "at"), PART_OF], ["l1", "l2", "l3", "l4"]),
        ("Scored/b", [PART_OF], []),
    ],
)
def test_what_comes_along(filled: Store, start: str, includes: list[Include], expected: list[str]) -> None:
    """Each once, none of the page itself, circles included; ``:iterate`` goes four steps."""
    assert brought(filled, start, *includes) == expected


def test_what_comes_along_is_bounded_and_in_reach(filled: Store) -> None:
    back = Include("Scored", "subject", reverse=True)
    assert len(brought(filled, "Patient/p1", back, limit=2)) == 3
    assert brought(filled, "Patient/p1", back, limit=2)[-1] == "more"
    assert brought(filled, "Patient/p1", back, limit=3) == ["a", "b", "d"]
    assert brought(filled, "Patient/p1", back, sites=True) == ["a", "b"]
    assert brought(filled, "Scored/c", Include("Scored", "subject"), sites=True) == []


def test_totals(filled: Store) -> None:
    for total, expected in (("none", None), ("bounded", 7), ("estimate", 7), ("accurate", 7)):
        query = SearchQuery("Scored", count=2, total=total)  # type: ignore[arg-type]  # the values of the type
        assert filled.resources.search(query).total == expected


def test_a_total_that_costs_is_left_out_unless_it_is_asked_for(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one = TokenClause("code", (TokenValue(None, "x"), TokenValue(None, "y")))
    asked = SearchQuery("Patient", (one,), count=1)
    for many, bounded in ((2, None), (3, 2)):
        monkeypatch.setattr(search_module, "MANY", many)
        for total, expected in (("bounded", bounded), ("estimate", 2), ("accurate", 2)):
            page = filled.resources.search(replace(asked, total=total))  # type: ignore[arg-type]
            assert page.total == expected
    monkeypatch.setattr(search_module, "COUNTED", 2)
    for total, expected in (("bounded", None), ("estimate", 2), ("accurate", 7)):
        page = filled.resources.search(SearchQuery("Scored", count=1, total=total))  # type: ignore[arg-type]
        assert page.total == expected


def test_the_largest_question_allowed_is_answered(filled: Store) -> None:
    """A database plans alternatives in more than linear time: 6,000 of them took SQLite 7 seconds."""
    codes = ",".join(f"urn:s|{n}" for n in range(50))
    asked = [
        *[("patient.identifier", codes)] * 2,
        ("_has:Provenance:target:agent-role", codes),
        *[("value-quantity", ",".join(f"ne{n}.5||mg" for n in range(50)))],
        ("code:not", codes),
        ("date", ",".join(f"ap20{n + 10}-01" for n in range(50))),
        ("value-string:contains", ",".join(["%_" * 100] * 50)),
        *[("status:missing", "false")] * 8,
        ("_sort", "-patient,code,date,value-quantity,category"),
    ]
    begun = time.perf_counter()
    page = filled.resources.search(parse_search("Observation", asked, now=DAY).query)
    assert page.total == 0
    assert time.perf_counter() - begun < 5


def test_what_was_received_is_indexed_anew(store: Store) -> None:
    """As after an upgrade that adds a parameter: 250 resources, two without change, some deleted."""
    for n in range(250):
        entries = (coded(f"r{n}"),) if n < 2 else (coded("old"),)
        store.resources.create(made("Scored", f"r{n}", *entries), DAY)
    store.resources.apply((), [ResourceChange("Scored", "r9", None)], DAY)
    asked: list[bytes] = []

    def index(body: bytes) -> tuple[IndexEntry, ...]:
        asked.append(body)
        name = body.partition(b'"id":"')[2].partition(b'"')[0].decode()
        return (coded(name),)

    after: int | None = 0
    steps = -1
    while after is not None:
        after = store.resources.reindex(index, after)
        steps += 1
    assert steps > 1
    assert len(asked) == 249
    assert ids(store, TokenClause("code", (TokenValue(None, "old"),))) == ""
    assert ids(store, TokenClause("code", (TokenValue(None, "r249"), TokenValue(None, "r9")))) == "r249"
    assert ids(store, TokenClause("code", (TokenValue(None, "r1"),))) == "r1"
    assert store.resources.vread("Scored", "r249", 2) is None
