"""Answering a search: candidates from the clauses, keyset paging by the sort values of the last row.

Bodies are fetched for the rows of the page only.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sesame_fhir.services.ports import Vault
from sesame_fhir.services.reach import written
from sesame_fhir.services.records import SearchPage
from sesame_fhir.services.search import SearchQuery
from sesame_fhir.storage import publish
from sesame_fhir.storage.candidates import Candidates, candidates, walked
from sesame_fhir.storage.cursor import open_cursor, seal_cursor
from sesame_fhir.storage.session import Row, Session, Value
from sesame_fhir.storage.sorting import SortKey, sort_keys

_COLUMNS = ("fhir_id", "version", "last_updated", "origin", "site", "body_key")
_FIXED = len(_COLUMNS)

MANY = 20_000
"""Rows of an index from which on it is left aside: about one in fifty of a type of a million."""
COUNTED = 10_000
"""Where a total stops counting unless it must be accurate."""


def search(session: Session, query: SearchQuery, vault: Vault) -> SearchPage:
    """Answer one page. Raises ``InvalidCursor`` for a cursor that is not this query's."""
    found = candidates(query.resource_type, query.clauses, query.sites)
    if query.count <= 0:
        return SearchPage((), _total(session, query, found), None)
    keys = sort_keys(query.resource_type, query.sort)
    asked = replace(query, cursor=None, count=0, total="none", sites=None)
    bound = repr((asked, written(query.sites), keys))
    after = None if query.cursor is None else open_cursor(vault, query.cursor, bound)
    shown = _in_order(session, query, found)
    rows = _page(session, shown, keys, after, query.count + 1)
    page, more = rows[: query.count], len(rows) > query.count
    return SearchPage(
        resources=tuple(publish.stored(query.resource_type, row[0], (*row[1 : _FIXED - 1], row[-1])) for row in page),
        total=len(page) if after is None and not more else _total(session, query, found, many=shown is not found),
        next_cursor=seal_cursor(vault, page[-1][_FIXED:-1], bound) if more else None,
    )


def matches(session: Session, query: SearchQuery) -> bool:
    """Tell whether anything matches."""
    found = candidates(query.resource_type, query.clauses, query.sites)
    return session.row(f"SELECT 1 FROM {found.source} WHERE {found.where} LIMIT 1", found.params) is not None


def _in_order(session: Session, query: SearchQuery, found: Candidates) -> Candidates:
    """Walk the newest first instead, when that is the order asked for and very many match: none has to be sorted."""
    if found.broad is None or [sort.param for sort in query.sort] != ["_lastUpdated"]:
        return found
    sql, params = found.broad
    ((many,),) = session.rows(f"SELECT COUNT(*) FROM ({sql} LIMIT {MANY}) n", params)
    return walked(query.resource_type, query.clauses, query.sites) if many == MANY else found


def _page(
    session: Session, found: Candidates, keys: Sequence[SortKey], after: Sequence[Any] | None, limit: int
) -> list[Row]:
    """Return the columns, the sort values and the body of up to ``limit`` rows."""
    columns = ", ".join(f"r.{name}" for name in _COLUMNS)
    values = ", ".join(f"{key.sql} AS s{place}" for place, key in enumerate(keys))
    params: list[Value] = [value for key in keys for value in key.params]
    where, params = found.where, [*params, *found.params]
    if after is not None:
        beyond, more = _after(keys, after)
        where, params = f"{where} AND {beyond}", [*params, *more]
    order = ", ".join(f"s{place} {'DESC' if key.descending else 'ASC'}" for place, key in enumerate(keys))
    inner = f"SELECT {columns}, {values} FROM {found.source} WHERE {where} ORDER BY {order} LIMIT ?"
    sql = f"SELECT p.*, b.content FROM ({inner}) p JOIN body b ON b.body_key = p.body_key ORDER BY {order}"
    return session.rows(sql, [*params, limit])


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> tuple[str, list[Value]]:
    """Build "comes after these values" for keys of mixed directions, so that the first key's index can serve."""
    key, value = keys[0], values[0]
    beyond = "<" if key.descending else ">"
    if len(keys) == 1:
        return f"{key.sql} {beyond} ?", [*key.params, value]
    rest, rest_params = _after(keys[1:], values[1:])
    sql = f"({key.sql} {beyond}= ? AND ({key.sql} {beyond} ? OR {rest}))"
    return sql, [*key.params, value, *key.params, value, *rest_params]


def _total(session: Session, query: SearchQuery, found: Candidates, *, many: bool = False) -> int | None:
    if query.total == "none" or (query.total == "bounded" and many):
        return None
    keys = found.keys if query.total == "accurate" else f"{found.keys} LIMIT {COUNTED}"
    ((total,),) = session.rows(f"SELECT COUNT(*) FROM ({keys}) n", found.params)
    count: int = total
    return None if query.total == "bounded" and count == COUNTED else count
