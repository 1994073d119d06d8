"""Answering a search: WHERE from the clauses, keyset paging by the sort values of the last row.

The clause thought most selective drives the query (``IN``), the others are tested on its rows (``EXISTS``), so that
"this patient's observations of that category" never walks a whole category.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sesame_fhir.services.ports import Vault
from sesame_fhir.services.records import SearchPage
from sesame_fhir.services.search import Clause, SearchQuery
from sesame_fhir.storage import publish
from sesame_fhir.storage.clauses import Condition, conditions
from sesame_fhir.storage.cursor import open_cursor, seal_cursor
from sesame_fhir.storage.session import Row, Session, Value
from sesame_fhir.storage.sorting import SortKey, sort_keys

_COLUMNS = "r.fhir_id, r.version, r.last_updated, r.origin, b.content"
_FROM = "FROM resource r JOIN body b ON b.body_key = r.body_key"
_FIXED = 5


@dataclass(frozen=True, slots=True)
class _Where:
    sql: str
    params: tuple[Value, ...]


def search(session: Session, query: SearchQuery, vault: Vault) -> SearchPage:
    """Answer one page. Raises ``InvalidCursor`` for a cursor that is not this query's."""
    where = _where(query.resource_type, query.clauses)
    if query.count <= 0:
        return SearchPage((), _total(session, where), None)
    keys = sort_keys(query.resource_type, query.sort)
    rows = _page(session, query, where, keys, vault)
    page, more = rows[: query.count], len(rows) > query.count
    complete = query.cursor is None and not more
    return SearchPage(
        resources=tuple(publish.stored(query.resource_type, row[0], row[1:_FIXED]) for row in page),
        total=len(page) if complete else _total(session, where),
        next_cursor=seal_cursor(vault, query, page[-1][_FIXED:]) if more else None,
    )


def matches(session: Session, query: SearchQuery) -> bool:
    """Tell whether anything matches."""
    where = _where(query.resource_type, query.clauses)
    return session.row(f"SELECT 1 {_FROM} WHERE {where.sql} LIMIT 1", where.params) is not None


def _page(session: Session, query: SearchQuery, where: _Where, keys: Sequence[SortKey], vault: Vault) -> list[Row]:
    columns = ", ".join([_COLUMNS, *(key.sql for key in keys)])
    params: list[Value] = [value for key in keys for value in key.params]
    sql, params = f"SELECT {columns} {_FROM} WHERE {where.sql}", [*params, *where.params]
    if query.cursor is not None:
        after, after_params = _after(keys, open_cursor(vault, query, len(keys)))
        sql, params = f"{sql} AND {after}", [*params, *after_params]
    order = ", ".join(f"{number} {'DESC' if key.descending else 'ASC'}" for number, key in enumerate(keys, _FIXED + 1))
    return session.rows(f"{sql} ORDER BY {order} LIMIT ?", [*params, query.count + 1])


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> tuple[str, list[Value]]:
    """Build "comes after these values" for keys of mixed directions, so that the first key's index can serve."""
    key, value = keys[0], values[0]
    beyond = "<" if key.descending else ">"
    if len(keys) == 1:
        return f"{key.sql} {beyond} ?", [*key.params, value]
    rest, rest_params = _after(keys[1:], values[1:])
    sql = f"({key.sql} {beyond}= ? AND ({key.sql} {beyond} ? OR {rest}))"
    return sql, [*key.params, value, *key.params, value, *rest_params]


def _total(session: Session, where: _Where) -> int:
    ((total,),) = session.rows(f"SELECT COUNT(*) FROM resource r WHERE {where.sql}", where.params)  # noqa: S608
    count: int = total
    return count


def _where(resource_type: str, clauses: Sequence[Clause]) -> _Where:
    found: list[Condition] = sorted(
        (condition for clause in clauses for condition in conditions(resource_type, clause)), key=lambda c: c.rank
    )
    parts, params = ["r.resource_type = ?", "r.body_key IS NOT NULL"], [resource_type]
    values: list[Value] = [*params]
    for place, condition in enumerate(found):
        parts.append(condition.driving() if place == 0 else condition.testing())
        values.extend(condition.params)
    return _Where(" AND ".join(parts), tuple(values))
