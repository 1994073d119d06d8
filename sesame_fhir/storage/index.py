"""Index rows: what a resource can be found by, with integer keys only."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from sesame_fhir.services.search import IndexEntry, IndexKind
from sesame_fhir.storage.decimals import HIGHEST, LOWEST, sortable
from sesame_fhir.storage.instants import BEGINNING, END, to_micros
from sesame_fhir.storage.session import Session, Value

_PARAM_BYTES = 6

_COLUMNS = {
    "index_token": ("system", "code"),
    "index_string": ("folded", "text"),
    "index_date": ("low", "high"),
    "index_reference": ("ref_type", "ref_id"),
    "index_uri": ("uri",),
    "index_quantity": ("low", "high", "system", "code", "unit"),
}
_INSERTS = {
    table: f"INSERT INTO {table} (resource_key, param, {', '.join(columns)}) VALUES (?, ?{', ?' * len(columns)})"
    for table, columns in _COLUMNS.items()
}
_DELETES = tuple(f"DELETE FROM {table} WHERE resource_key = ?" for table in _COLUMNS)
_ROWS = {
    table: f"SELECT i.resource_key, i.param, {', '.join(f'i.{name}' for name in columns)} FROM resource r "
    f"JOIN {table} i ON i.resource_key = r.resource_key WHERE "
    for table, columns in _COLUMNS.items()
}

INDEX_TABLES = tuple(_COLUMNS)

TABLES_OF: dict[IndexKind, tuple[str, ...]] = {
    "token": ("index_token",),
    "string": ("index_string",),
    "date": ("index_date",),
    "reference": ("index_reference", "index_token"),
    "uri": ("index_uri",),
    "quantity": ("index_quantity",),
}
"""Where the values of a parameter are: a reference by a logical identifier is a token."""

IndexRow = tuple[str, tuple[Value, ...]]
"""A table and the values of its row, the resource's key first."""


@lru_cache(maxsize=4096)
def param_key(resource_type: str, param: str) -> int:
    """Return the integer that names a type's parameter: 48 bits of a hash, the same in every database and process."""
    digest = hashlib.blake2b(f"{resource_type}.{param}".encode(), digest_size=_PARAM_BYTES).digest()
    return int.from_bytes(digest, "big")


def index_rows(resource_key: int, resource_type: str, entries: Iterable[IndexEntry]) -> Iterator[IndexRow]:
    """Every row of a resource."""
    for entry in dict.fromkeys(entries):
        param = param_key(resource_type, entry.param)
        for table, values in _rows(entry):
            yield table, (resource_key, param, *values)


def write_index(session: Session, rows: Iterable[IndexRow]) -> None:
    """Insert the rows of resources that have none."""
    batches: dict[str, list[tuple[Value, ...]]] = defaultdict(list)
    for table, values in rows:
        batches[table].append(values)
    for table, batch in batches.items():
        session.run_many(_INSERTS[table], batch)


def delete_index(session: Session, resource_keys: Sequence[int]) -> None:
    """Delete every row of these resources."""
    if resource_keys:
        for statement in _DELETES:
            session.run_many(statement, [(key,) for key in resource_keys])


def index_of_pathway(session: Session, pathway_key: int) -> dict[int, set[IndexRow]]:
    """The rows of all resources of a pathway, by the resource's key."""
    return _rows_where(session, "r.pathway_key = ?", (pathway_key,))


def index_between(session: Session, first: int, last: int) -> dict[int, set[IndexRow]]:
    """The rows of the resources that no pathway has written, from one key to another."""
    return _rows_where(session, "r.resource_key BETWEEN ? AND ? AND r.pathway_key IS NULL", (first, last))


def _rows_where(session: Session, test: str, params: Sequence[Value]) -> dict[int, set[IndexRow]]:
    found: dict[int, set[IndexRow]] = defaultdict(set)
    for table, sql in _ROWS.items():
        for row in session.rows(sql + test, params):
            found[row[0]].add((table, row))
    return found


def _rows(entry: IndexEntry) -> list[tuple[str, tuple[Value, ...]]]:
    """Return table and values; a logical identifier of a reference is found as a token of the same parameter."""
    token = ("index_token", (entry.system or "", entry.code or ""))
    if entry.kind == "token":
        return [token]
    if entry.kind == "string":
        return [("index_string", (entry.folded or "", entry.text or ""))]
    if entry.kind == "uri":
        return [("index_uri", (entry.text or "",))]
    if entry.kind == "quantity":
        return [("index_quantity", (*_edges(entry), entry.system or "", entry.code or "", entry.text or ""))]
    if entry.kind == "date":
        low = BEGINNING if entry.low is None else to_micros(entry.low)
        return [("index_date", (low, END if entry.high is None else to_micros(entry.high)))]
    literal = ("index_reference", (entry.ref_type or "", entry.ref_id or ""))
    return [*([literal] if entry.ref_id else []), *([token] if entry.code else [])]


def _edges(entry: IndexEntry) -> tuple[str, str]:
    """What an open edge does not reach lies just beside it."""
    low = LOWEST if entry.least is None else sortable(entry.least, 1 if entry.open_edges else 0)
    return low, HIGHEST if entry.most is None else sortable(entry.most, -1 if entry.open_edges else 0)
