"""Answering a search: candidates from the clauses, keyset paging by the sort values of the last row.

The clause thought most selective drives the query, the others are tested on its rows, so that "this patient's
observations of that category" never walks a whole category. The order of the tables is fixed (CROSS JOIN): SQLite,
which keeps no statistics here, otherwise walks the whole type. Bodies are fetched for the rows of the page only.
"""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sesame_fhir.services.ports import Vault
from sesame_fhir.services.records import SearchPage
from sesame_fhir.services.search import SearchQuery
from sesame_fhir.storage import publish
from sesame_fhir.storage.clauses import Condition, conditions
from sesame_fhir.storage.cursor import open_cursor, seal_cursor
from sesame_fhir.storage.session import Row, Session, Value
from sesame_fhir.storage.sorting import SortKey, sort_keys

_COLUMNS = ("fhir_id", "version", "last_updated", "origin", "site", "body_key")
_FIXED = len(_COLUMNS)


@dataclass(frozen=True, slots=True)
class _Candidates:
    """``source`` and ``where`` of a query on ``resource r``; ``count`` counts them all."""

    source: str
    where: str
    count: str
    params: tuple[Value, ...]


def search(session: Session, query: SearchQuery, vault: Vault) -> SearchPage:
    """Answer one page. Raises ``InvalidCursor`` for a cursor that is not this query's."""
    candidates = _candidates(query)
    if query.count <= 0:
        return SearchPage((), _total(session, candidates), None)
    keys = sort_keys(session, query.resource_type, query.sort)
    bound = repr((replace(query, cursor=None, count=0), keys))
    after = None if query.cursor is None else open_cursor(vault, query.cursor, bound)
    rows = _page(session, candidates, keys, after, query.count + 1)
    page, more = rows[: query.count], len(rows) > query.count
    return SearchPage(
        resources=tuple(publish.stored(query.resource_type, row[0], (*row[1 : _FIXED - 1], row[-1])) for row in page),
        total=len(page) if after is None and not more else _total(session, candidates),
        next_cursor=seal_cursor(vault, page[-1][_FIXED:-1], bound) if more else None,
    )


def matches(session: Session, query: SearchQuery) -> bool:
    """Tell whether anything matches."""
    found = _candidates(query)
    return session.row(f"SELECT 1 FROM {found.source} WHERE {found.where} LIMIT 1", found.params) is not None


def _page(
    session: Session, candidates: _Candidates, keys: Sequence[SortKey], after: Sequence[Any] | None, limit: int
) -> list[Row]:
    """Return the columns, the sort values and the body of up to ``limit`` rows."""
    columns = ", ".join(f"r.{name}" for name in _COLUMNS)
    values = ", ".join(f"{key.sql} AS s{place}" for place, key in enumerate(keys))
    params: list[Value] = [value for key in keys for value in key.params]
    where, params = candidates.where, [*params, *candidates.params]
    if after is not None:
        beyond, more = _after(keys, after)
        where, params = f"{where} AND {beyond}", [*params, *more]
    order = ", ".join(f"s{place} {'DESC' if key.descending else 'ASC'}" for place, key in enumerate(keys))
    inner = f"SELECT {columns}, {values} FROM {candidates.source} WHERE {where} ORDER BY {order} LIMIT ?"
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


def _total(session: Session, candidates: _Candidates) -> int:
    ((total,),) = session.rows(candidates.count, candidates.params)
    count: int = total
    return count


def _candidates(query: SearchQuery) -> _Candidates:
    """Drive by the first condition that has an index table; a type without one by its order of change."""
    kind = query.resource_type
    found = sorted((c for clause in query.clauses for c in conditions(kind, clause)), key=lambda c: c.rank)
    driver = next((c for c in found if c.table is not None), None)
    if driver is None or found[0].own_key:
        return _walk(kind, found)
    rest = [condition for condition in found if condition is not driver]
    # The parameter's number stands for the type too, and only what is not deleted has index rows.
    drive = f"SELECT DISTINCT i.resource_key FROM {driver.table} i WHERE {driver.sql}"
    source = f"({drive}) c CROSS JOIN resource r"
    where = " AND ".join(["r.resource_key = c.resource_key", *(condition.testing() for condition in rest)])
    params = (*driver.params, *(value for condition in rest for value in condition.params))
    count = f"SELECT COUNT(*) FROM {source} WHERE {where}" if rest else f"SELECT COUNT(*) FROM ({drive}) c"
    return _Candidates(source, where, count, params)


def _walk(kind: str, found: Sequence[Condition]) -> _Candidates:
    where = " AND ".join(
        ["r.resource_type = ?", "r.body_key IS NOT NULL", *(condition.testing() for condition in found)]
    )
    params = (kind, *(value for condition in found for value in condition.params))
    return _Candidates("resource r", where, f"SELECT COUNT(*) FROM resource r WHERE {where}", params)
