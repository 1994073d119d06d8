"""Random questions about random resources: the databases and plain Python find the same."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

import pytest

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.records import Origin, ResourceWrite
from sesame_fhir.services.search import (
    ChainClause,
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    HasClause,
    IdClause,
    IndexEntry,
    IndexKind,
    MissingClause,
    QuantityClause,
    QuantityValue,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    Simple,
    Sort,
    StringClause,
    TokenClause,
    TokenValue,
    UriClause,
)
from sesame_fhir.storage import Store
from sesame_fhir.storage import search as search_module
from tests.contract.storage.search_oracle import Oracle

DAY = datetime(2026, 3, 2, tzinfo=UTC)
T = TypeVar("T")
SITES = (SiteId("north"), SiteId("south"))
SYSTEMS, CODES = ("", "urn:a", "urn:b"), ("x", "y", "z")
NAMES = ("ana", "anabelle", "bela", "100%_x", "b\\c")
NUMBERS = tuple(
    map(Decimal, ("-13.5", "-1E-30", "0", "0.1", "0.10000000000000000001", "5.4", "5.44", "99.95", "1E+40"))
)
MODES: tuple[Literal["starts", "contains"], ...] = ("starts", "contains")
KINDS: tuple[tuple[str, IndexKind], ...] = (
    *(("code", "token"), ("name", "string"), ("date", "date"), ("value", "quantity"), ("url", "uri")),
    ("subject", "reference"),
)
PREFIXES = tuple(DatePrefix)
SEEDS = range(8)
EACH = 60


def date_entry(r: random.Random) -> IndexEntry:
    low = DAY + timedelta(days=r.randrange(6))
    return IndexEntry("date", "date", low=low, high=low + timedelta(days=r.randrange(1, 4)))


def quantity_entry(r: random.Random) -> IndexEntry:
    number = r.choice(NUMBERS)
    edges = r.choice([(number, number), (number, number), (None, number), (number, None)])
    unit = r.choice([("urn:u", "mg", "mg"), ("", "", "mg"), ("urn:u", "g", "gramme")])
    return IndexEntry("value", "quantity", unit[0], unit[1], unit[2], least=edges[0], most=edges[1])


def reference_entry(r: random.Random, kind: str) -> IndexEntry:
    system, code = ("urn:ins", r.choice(CODES)) if r.random() < 0.3 else (None, None)
    if code is not None and r.random() < 0.5:
        return IndexEntry("subject", "reference", system, code)
    return IndexEntry("subject", "reference", system, code, ref_type=kind, ref_id=f"{kind[0].lower()}{r.randrange(14)}")


def name_entry(r: random.Random) -> IndexEntry:
    name = r.choice(NAMES)
    return IndexEntry("name", "string", text=name.title(), folded=name)


MAKERS: tuple[Callable[[random.Random], IndexEntry], ...] = (
    date_entry,
    quantity_entry,
    lambda r: IndexEntry("code", "token", r.choice(SYSTEMS), r.choice(CODES)),
    name_entry,
    lambda r: IndexEntry("url", "uri", text=f"urn:{r.choice(CODES)}"),
    lambda r: reference_entry(r, r.choice(("Person", "Group"))),
)


def resource(r: random.Random, kind: str, number: int) -> ResourceWrite:
    resource_id = f"{kind[0].lower()}{number}"
    found = tuple(maker(r) for maker in MAKERS for _ in range(r.choice((0, 1, 1, 2))))
    body = {"resourceType": kind, "id": resource_id}
    return ResourceWrite(kind, resource_id, body, found, r.choice(SITES), Origin.RECORD)


def simple(r: random.Random) -> Simple:
    def some(one: Callable[[], T]) -> tuple[T, ...]:
        return tuple(one() for _ in range(r.choice((1, 1, 2))))

    def token() -> TokenValue:
        return TokenValue(*r.choice([(None, r.choice(CODES)), (r.choice(SYSTEMS), r.choice(CODES)), ("urn:a", None)]))

    def when() -> DateValue:
        low = DAY + timedelta(days=r.randrange(6))
        margin = timedelta(hours=r.randrange(40))
        return DateValue(r.choice(PREFIXES), low, low + timedelta(days=r.randrange(1, 3)), margin)

    def quantity() -> QuantityValue:
        exact, half = r.choice(NUMBERS), r.choice((Decimal("0.05"), Decimal("1E-21"), Decimal(5)))
        system, code = r.choice([(None, None), (None, "mg"), ("urn:u", "mg"), ("urn:u", None)])
        return QuantityValue(r.choice(PREFIXES), exact, exact - half, exact + half, system, code)

    makers: tuple[Callable[[], Simple], ...] = (
        lambda: TokenClause("code", some(token), negated=r.random() < 0.4),
        lambda: TokenClause("subject", (TokenValue("urn:ins", r.choice(CODES)),)),
        lambda: StringClause("name", some(lambda: r.choice(("an", "b", "%", "el", "\\"))), r.choice(MODES)),
        lambda: StringClause("name", (r.choice(NAMES).title(),), "exact"),
        lambda: DateClause("date", some(when)),
        lambda: QuantityClause("value", some(quantity)),
        lambda: UriClause("url", some(lambda: f"urn:{r.choice(CODES)}")),
        lambda: IdClause(tuple(f"{r.choice('pgo')}{r.randrange(14)}" for _ in range(6))),
        lambda: ReferenceClause(
            "subject", some(lambda: ReferenceValue(r.choice((None, "Person")), f"p{r.randrange(14)}"))
        ),
        lambda: MissingClause(*r.choice(KINDS), missing=r.random() < 0.5),
    )
    return r.choice(makers)()


def clause(r: random.Random) -> Clause:
    inner = tuple(simple(r) for _ in range(r.choice((1, 1, 2))))
    kinds = ("Person", "Group")
    makers: tuple[Callable[[], Clause], ...] = (
        lambda: simple(r),
        lambda: simple(r),
        lambda: ChainClause("subject", r.choice(kinds), inner),
        lambda: HasClause("Observed", "subject", inner),
    )
    return r.choice(makers)()


@pytest.fixture(scope="module")
def everything(shared_store: Store) -> tuple[Store, Oracle]:
    r = random.Random(4)  # noqa: S311  nothing is kept secret by it
    made = [
        resource(r, kind, n) for kind, many in (("Person", 14), ("Group", 12), ("Observed", 60)) for n in range(many)
    ]
    for n, write in enumerate(made):
        shared_store.resources.create(write, DAY + timedelta(minutes=n // 3))
    return shared_store, Oracle(tuple(made))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_is_found(everything: tuple[Store, Oracle], seed: int) -> None:
    store, oracle = everything
    r = random.Random(seed)  # noqa: S311
    found_some = 0
    for _ in range(EACH):
        clauses = tuple(clause(r) for _ in range(r.choice((1, 1, 2, 3))))
        sites = r.choice((None, None, frozenset(SITES[:1]), frozenset(SITES)))
        query = SearchQuery(r.choice(("Person", "Group", "Observed")), clauses, count=1000, sites=sites)
        expected = oracle.find(query)
        page = store.resources.search(query)
        assert {one.resource_id for one in page.resources} == expected, query
        assert page.total == len(page.resources) == len(expected)
        assert store.resources.search(replace(query, count=0)).total == len(expected)
        found_some += bool(expected)
    assert found_some > EACH / 5


def some_sort(r: random.Random) -> Sort:
    name, kind = r.choice(KINDS)
    return Sort(name, r.random() < 0.5, kind)


@pytest.mark.parametrize("seed", range(4))
def test_pages_hold_the_same_in_one_order(everything: tuple[Store, Oracle], seed: int) -> None:
    store, oracle = everything
    r = random.Random(seed)  # noqa: S311
    for _ in range(6):
        sort = tuple(some_sort(r) for _ in range(r.choice((1, 2))))
        query = SearchQuery("Observed", (simple(r),), sort, count=1000)
        whole = [one.resource_id for one in store.resources.search(query).resources]
        assert set(whole) == oracle.find(query)
        walked: list[str] = []
        step = replace(query, count=r.choice((1, 3, 7)))
        while True:
            page = store.resources.search(step)
            walked += [one.resource_id for one in page.resources]
            if page.next_cursor is None:
                break
            step = replace(step, cursor=page.next_cursor)
        assert walked == whole


@pytest.mark.parametrize("descending", [True, False])
def test_walking_the_type_gives_the_same_pages(
    everything: tuple[Store, Oracle],
    monkeypatch: pytest.MonkeyPatch,
    *,
    descending: bool,
) -> None:
    """What is done where very many match."""
    store, oracle = everything
    r = random.Random(9)  # noqa: S311
    for _ in range(20):
        clauses = (clause(r), simple(r))
        query = SearchQuery("Observed", clauses, (Sort("_lastUpdated", descending=descending),), count=5)
        shown = []
        for many in (20_000, 1):
            monkeypatch.setattr(search_module, "MANY", many)
            first = store.resources.search(query)
            pages = [first]
            if first.next_cursor is not None:
                pages.append(store.resources.search(replace(query, cursor=first.next_cursor)))
            shown.append([(one.resource_id, page.total) for page in pages for one in page.resources])
        assert shown[0] == shown[1]
        assert len(shown[0]) == min(10, len(oracle.find(query)))
