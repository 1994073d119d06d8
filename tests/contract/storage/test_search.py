"""Every kind of clause, prefix, sort and page, on both databases."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sesame_fhir.services.errors import InvalidCursor
from sesame_fhir.services.records import Origin, ResourceWrite
from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    IndexEntry,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    Sort,
    StringClause,
    TokenClause,
    TokenValue,
    UriClause,
)
from sesame_fhir.storage import Store
from tests.support.story import SITE

DAY = datetime(2026, 3, 2, tzinfo=UTC)
ONE = timedelta(days=1)
LOINC, LOCAL = "http://loinc.org", "urn:local"


def day(n: int) -> datetime:
    return DAY + n * ONE


def made(resource_id: str, *entries: IndexEntry, kind: str = "Observation") -> ResourceWrite:
    return ResourceWrite(kind, resource_id, {"resourceType": kind, "id": resource_id}, entries, SITE, Origin.RECORD)


def token(param: str, system: str | None, code: str | None) -> IndexEntry:
    return IndexEntry(param, "token", system=system, code=code)


def dated(low: datetime | None, high: datetime | None) -> IndexEntry:
    return IndexEntry("date", "date", low=low, high=high)


def named(text: str) -> IndexEntry:
    return IndexEntry("name", "string", text=text, folded=text.lower().replace("é", "e").replace("è", "e"))


def about(ref_type: str, ref_id: str) -> IndexEntry:
    return IndexEntry("subject", "reference", ref_type=ref_type, ref_id=ref_id)


FIXTURES = (
    made("a", token("code", LOINC, "44249-1"), dated(day(0), day(1)), named("Hélène"), about("Patient", "1")),
    made("b", token("code", LOINC, "55757-9"), dated(day(1), day(2)), named("Helena"), about("Patient", "2")),
    made("c", token("code", LOCAL, "44249-1"), dated(day(0), day(3)), named("100%_x\\"), about("Group", "1")),
    made("d", token("code", "", "plain"), dated(day(5), None), IndexEntry("url", "uri", text="http://x/1")),
    made("e", token("code", None, "none"), dated(None, day(1)), IndexEntry("url", "uri", text="http://x/10")),
    made("f", IndexEntry("subject", "reference", system="urn:ins", code="284")),
    made("g", token("code", LOINC, "44249-1"), token("code", LOINC, "55757-9"), about("Patient", "1"), kind="Other"),
)


@pytest.fixture(scope="module")
def filled(shared_store: Store) -> Store:
    for n, write in enumerate(FIXTURES):
        shared_store.resources.create(write, DAY + timedelta(minutes=n))
    return shared_store


def ids(store: Store, *clauses: Clause, kind: str = "Observation") -> str:
    page = store.resources.search(SearchQuery(kind, clauses, sort=(Sort("_id"),)))
    found = "".join(r.resource_id for r in page.resources)
    assert page.total == len(found)
    assert store.resources.search(SearchQuery(kind, clauses, count=0)).total == len(found)
    return found


def tokens(*values: tuple[str | None, str | None]) -> Clause:
    return TokenClause("code", tuple(TokenValue(*value) for value in values))


def dates(prefix: str, low: int, high: int, param: str = "date") -> Clause:
    return DateClause(param, (DateValue(DatePrefix(prefix), day(low), day(high)),))


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ((), "abcdef"),
        ((tokens((LOINC, "44249-1")),), "a"),
        ((tokens((None, "44249-1")),), "ac"),
        ((tokens((LOINC, None)),), "ab"),
        ((tokens(("", "plain")),), "d"),
        ((tokens(("", "none")),), "e"),
        ((tokens(("", "44249-1")),), ""),
        ((tokens((None, None)),), "abcde"),
        ((tokens((LOINC, "44249-1"), (LOCAL, "44249-1"), (None, "plain")),), "acd"),
        ((TokenClause("subject", (TokenValue("urn:ins", "284"),)),), "f"),
        ((TokenClause("code", ()),), ""),
        ((tokens((LOINC, "44249-1\x00")),), ""),
        ((StringClause("name", ("hel",)),), "ab"),
        ((StringClause("name", ("helene",)),), "a"),
        ((StringClause("name", ("len",)),), ""),
        ((StringClause("name", ("len",), "contains"),), "ab"),
        ((StringClause("name", ("0%_x\\",), "contains"),), "c"),
        ((StringClause("name", ("1%x",), "contains"),), ""),
        ((StringClause("name", ("Hélène",), "exact"),), "a"),
        ((StringClause("name", ("hélène", "helene"), "exact"),), ""),
        ((StringClause("name", ("helene", "100")),), "ac"),
        ((StringClause("name", ("hel\x00",)),), ""),
        ((ReferenceClause("subject", (ReferenceValue("Patient", "1"),)),), "a"),
        ((ReferenceClause("subject", (ReferenceValue(None, "1"),)),), "ac"),
        ((ReferenceClause("subject", (ReferenceValue("Patient", "1"), ReferenceValue("Patient", "2"))),), "ab"),
        ((ReferenceClause("subject", (ReferenceValue("Patient", "\x00"),)),), ""),
        ((UriClause("url", ("http://x/1",)),), "d"),
        ((UriClause("url", ("http://x/1", "http://x/10")),), "de"),
        ((IdClause(("a", "f", "zz")),), "af"),
        ((IdClause(("g",)),), ""),
        ((IdClause(()),), ""),
        ((tokens((LOINC, None)), ReferenceClause("subject", (ReferenceValue(None, "1"),))), "a"),
        ((tokens((None, "44249-1")), StringClause("name", ("hel",)), dates("eq", 0, 1), IdClause(("a", "b"))), "a"),
        ((tokens((LOINC, "44249-1")), tokens((LOINC, "55757-9"))), ""),
        ((StringClause("unknown", ("x",)),), ""),
    ],
)
def test_clauses(filled: Store, clauses: tuple[Clause, ...], expected: str) -> None:
    assert ids(filled, *clauses) == expected


# a [0,1)  b [1,2)  c [0,3)  d [5,..)  e (..,1); asked: [0,1) and [1,2)
@pytest.mark.parametrize(
    ("prefix", "first", "second"),
    [
        ("eq", "a", "b"),
        ("ne", "bcde", "acde"),
        ("gt", "bcd", "cd"),
        ("lt", "e", "ace"),
        ("ge", "abcd", "bcd"),
        ("le", "ae", "abce"),
        ("sa", "bd", "d"),
        ("eb", "", "ae"),
        ("ap", "ace", "bc"),
    ],
)
def test_date_prefixes(filled: Store, prefix: str, first: str, second: str) -> None:
    assert ids(filled, dates(prefix, 0, 1)) == first
    assert ids(filled, dates(prefix, 1, 2)) == second


@pytest.mark.parametrize(
    ("prefix", "low", "high", "expected"),
    [
        ("eq", 0, 1, "abcdef"),
        ("eq", 1, 2, ""),
        ("gt", 0, 1, ""),
        ("lt", 1, 2, "abcdef"),
        ("sa", -1, 0, "abcdef"),
        ("ne", 1, 2, "abcdef"),
    ],
)
def test_last_updated_by_day(filled: Store, prefix: str, low: int, high: int, expected: str) -> None:
    assert ids(filled, dates(prefix, low, high, "_lastUpdated")) == expected


def test_last_updated_to_the_millisecond(filled: Store) -> None:
    at = DAY + timedelta(minutes=2)
    asked = DateValue(DatePrefix.EQ, at, at + timedelta(milliseconds=1))
    assert ids(filled, DateClause("_lastUpdated", (asked,))) == "c"


def test_two_values_of_one_parameter(filled: Store) -> None:
    assert ids(filled, tokens((LOINC, "44249-1")), tokens((LOINC, "55757-9")), kind="Other") == "g"


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ((Sort("_id"),), "abcdef"),
        ((Sort("_id", descending=True),), "fedcba"),
        ((Sort("_lastUpdated"),), "abcdef"),
        ((Sort("_lastUpdated", descending=True),), "fedcba"),
        ((Sort("date"),), "eacbdf"),
        ((Sort("date", descending=True),), "dcbeaf"),
        ((Sort("name", kind="string"),), "cbadef"),
        ((Sort("name", descending=True, kind="string"),), "abcfed"),
        ((Sort("code", kind="token"), Sort("_id", descending=True)), "cabedf"),
        ((Sort("unknown"), Sort("_id")), "abcdef"),
        ((), "abcdef"),
    ],
)
@pytest.mark.parametrize("count", [1, 2, 4, 6, 7])
def test_sorts_page_by_page(filled: Store, sort: tuple[Sort, ...], expected: str, count: int) -> None:
    query = SearchQuery("Observation", sort=sort, count=count)
    seen, pages = "", 0
    while True:
        page = filled.resources.search(query)
        seen, pages = seen + "".join(r.resource_id for r in page.resources), pages + 1
        assert page.total == 6
        if page.next_cursor is None:
            break
        query = replace(query, cursor=page.next_cursor)
    assert seen == expected
    assert pages == -(-6 // count)


@pytest.mark.parametrize("descending", [False, True])
def test_a_walk_neither_repeats_nor_loses_while_rows_are_added(store: Store, descending: bool) -> None:  # noqa: FBT001
    for n in range(30):
        store.resources.create(made(f"r{n:02}", dated(day(n % 7), day(n % 7 + 1))), DAY)
    query = SearchQuery("Observation", sort=(Sort("date", descending=descending),), count=4)
    seen: list[str] = []
    for n in range(30, 60):
        page = store.resources.search(query)
        seen += [r.resource_id for r in page.resources]
        if page.next_cursor is None:
            break
        store.resources.create(made(f"r{n:02}", dated(day(n % 7), day(n % 7 + 1))), DAY)
        query = replace(query, cursor=page.next_cursor)
    assert len(seen) == len(set(seen))
    assert set(seen) >= {f"r{n:02}" for n in range(30)}


def cursor_of(store: Store) -> str:
    cursor = store.resources.search(SearchQuery("Observation", count=2)).next_cursor
    assert cursor is not None
    return cursor


@pytest.mark.parametrize("bad", ["", "x", "é", "%%%", "AAAA", "A" * 400, "../../etc"])
def test_a_made_up_cursor_is_refused(filled: Store, bad: str) -> None:
    with pytest.raises(InvalidCursor):
        filled.resources.search(SearchQuery("Observation", cursor=bad))


@pytest.mark.parametrize(
    "other",
    [
        SearchQuery("Other"),
        SearchQuery("Observation", sort=(Sort("_id"),)),
        SearchQuery("Observation", (IdClause(("a",)),)),
    ],
)
def test_a_cursor_belongs_to_its_query(filled: Store, other: SearchQuery) -> None:
    with pytest.raises(InvalidCursor):
        filled.resources.search(replace(other, cursor=cursor_of(filled)))


def test_an_altered_cursor_is_refused(filled: Store) -> None:
    cursor = cursor_of(filled)
    altered = cursor[:-6] + ("A" if cursor[-6] != "A" else "B") + cursor[-5:]
    with pytest.raises(InvalidCursor):
        filled.resources.search(SearchQuery("Observation", count=2, cursor=altered))


def test_a_cursor_shows_nothing(filled: Store) -> None:
    page = filled.resources.search(SearchQuery("Observation", sort=(Sort("name", kind="string"),), count=2))
    assert page.next_cursor is not None
    sealed = base64.urlsafe_b64decode(page.next_cursor + "=" * (-len(page.next_cursor) % 4))
    assert b"hel" not in sealed.lower()
    assert page.next_cursor.replace("-", "").replace("_", "").isalnum()
