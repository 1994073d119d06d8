"""Answering a question to the caseload: the next entries of its lists, by key.

Where a filter has few rows at all, they are fetched and sorted instead of walking long lists for them; what "few" is
(``Driver.few``) bounds that work, and how many there are is counted no further.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from operator import itemgetter

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.caseload import CaseloadPage, CaseloadQuery, CaseloadRow, CaseloadSort
from sesame_fhir.services.errors import InvalidCursor
from sesame_fhir.services.ports import Vault
from sesame_fhir.storage.caseload_entries import SORT_COLUMNS, SortColumn
from sesame_fhir.storage.caseload_plan import Driver, Question, question
from sesame_fhir.storage.caseload_rows import CASELOAD
from sesame_fhir.storage.caseload_walk import Order, Place, Way
from sesame_fhir.storage.cursor import open_cursor, seal_cursor
from sesame_fhir.storage.session import Session

_NUL = "\0"  # PostgreSQL's texts cannot hold it: asking would be an error instead of "there is none"
_BY_AGE = Order(None, None, descending=False)

_ONE = f"""
SELECT {", ".join(f"c.{name}" for name in CASELOAD.fields)} FROM caseload c
JOIN pathway p ON p.pathway_key = c.pathway_key WHERE p.pathway_id = ?"""


def page(session: Session, query: CaseloadQuery, vault: Vault) -> CaseloadPage:
    """Answer one page. Raises ``InvalidCursor`` for a cursor that is not this question's."""
    bound = _bound(query)
    after = None if query.cursor is None else _place(open_cursor(vault, query.cursor, bound))
    if _unanswerable(query):
        return CaseloadPage((), None)
    found = _places(session, query, after, query.limit + 1)
    places, more = found[: query.limit], len(found) > query.limit
    rows = _rows(session, [key for _, key in places])
    return CaseloadPage(rows, seal_cursor(vault, places[-1], bound) if more else None)


def count(session: Session, query: CaseloadQuery, cap: int) -> int:
    """Count the rows of all pages, up to ``cap``."""
    if _unanswerable(query):
        return 0
    asked = question(query, session.off_index)
    driver = _chosen(session, asked, asked.drivers(None), cap)
    return Way(session, driver, _BY_AGE).count([number for _, number in asked.arms(driver.lists)], cap)


def one(session: Session, pathway_id: str) -> CaseloadRow | None:
    """The row of one pathway."""
    row = None if _NUL in pathway_id else session.row(_ONE, (pathway_id,))
    return None if row is None else CASELOAD.record(row)


def _unanswerable(query: CaseloadQuery) -> bool:
    texts = (query.flag, query.nurse_id, query.reviewer_id, query.referrer_id, query.name)
    return not query.sites or not query.buckets or query.limit < 1 or any(_NUL in text for text in texts if text)


def _bound(query: CaseloadQuery) -> str:
    """Bind a cursor to its question: not to the day, which may end between two pages, nor to the page's size."""
    rest = replace(query, sites=(), buckets=(), states=(), cursor=None, limit=1, today=date.min)
    sets = [sorted(set(values)) for values in (query.sites, query.buckets, query.states)]
    return f"caseload {rest!r} {sets!r}"


def _place(values: Sequence[object]) -> Place:
    match values:
        case [int() | str() as value, int() as key]:
            return value, key
    raise InvalidCursor


def _places(session: Session, query: CaseloadQuery, after: Place | None, limit: int) -> list[Place]:
    asked, by_site = question(query, session.off_index), query.sort is CaseloadSort.SITE
    column = SortColumn("site", None) if by_site else SORT_COLUMNS[query.sort]
    driver = _chosen(session, asked, asked.drivers(query.sort))
    way = Way(session, driver, Order(column.name, column.missing, query.descending))
    arms = list(asked.arms(driver.lists))
    if driver.ordered and by_site:
        return _site_by_site(way, arms, after, limit)
    numbers = [number for _, number in arms]
    return way.walked(numbers, after, limit) if driver.ordered else way.gathered(numbers, after, limit)


def _site_by_site(way: Way, arms: Sequence[tuple[SiteId, int]], after: Place | None, limit: int) -> list[Place]:
    """Walk one site after the other, each by age."""
    backwards = way.order.descending
    within, found = replace(way, order=replace(way.order, column=None)), list[Place]()
    for site, lists in groupby(reversed(arms) if backwards else arms, key=itemgetter(0)):
        passed = after is not None and (site > str(after[0]) if backwards else site < str(after[0]))
        if passed or len(found) == limit:
            continue
        begun = after if after is not None and after[0] == site else None
        places = within.walked([number for _, number in lists], begun, limit - len(found))
        found += [(site, key) for _, key in places]
    return found


def _chosen(session: Session, asked: Question, drivers: Sequence[Driver], cap: int | None = None) -> Driver:
    """Take the way with the fewest entries, of those with few (or less than ``cap``); else the first in order."""
    if len(drivers) == 1:
        return drivers[0]
    short = list[tuple[int, Driver]]()
    for driver in drivers:
        few = driver.few if cap is None else cap
        way = Way(session, replace(driver, tests=()), _BY_AGE)
        if (found := way.count([number for _, number in asked.arms(driver.lists)], few)) < few:
            short.append((found, driver))
    in_order = next(driver for driver in drivers if driver.ordered)
    return min(short, key=lambda pair: (pair[0], not pair[1].ordered), default=(0, in_order))[1]


def _rows(session: Session, keys: Sequence[int]) -> tuple[CaseloadRow, ...]:
    if not keys:
        return ()
    marks = ", ".join("?" * len(keys))
    found = session.rows(f"SELECT pathway_key, {CASELOAD.names} FROM caseload WHERE pathway_key IN ({marks})", keys)
    by_key = {row[0]: row[1:] for row in found}
    return tuple(CASELOAD.record(by_key[key]) for key in keys if key in by_key)
