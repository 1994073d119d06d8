"""Index rows: what a resource can be found by, with integer keys only."""

import hashlib
from collections import defaultdict
from functools import lru_cache

from sesame_fhir.services.search import IndexEntry
from sesame_fhir.storage.instants import BEGINNING, END, to_micros
from sesame_fhir.storage.session import Session, Value

_PARAM_BYTES = 6

_INSERTS = {
    "index_token": "INSERT INTO index_token (resource_key, param, system, code) VALUES (?, ?, ?, ?)",
    "index_string": "INSERT INTO index_string (resource_key, param, folded, text) VALUES (?, ?, ?, ?)",
    "index_date": "INSERT INTO index_date (resource_key, param, low, high) VALUES (?, ?, ?, ?)",
    "index_reference": "INSERT INTO index_reference (resource_key, param, ref_type, ref_id) VALUES (?, ?, ?, ?)",
    "index_uri": "INSERT INTO index_uri (resource_key, param, uri) VALUES (?, ?, ?)",
}
_DELETES = tuple(f"DELETE FROM {table} WHERE resource_key = ?" for table in _INSERTS)  # noqa: S608  fixed names

INDEX_TABLES = tuple(_INSERTS)


@lru_cache(maxsize=4096)
def param_key(resource_type: str, param: str) -> int:
    """Return the integer that names a type's parameter: 48 bits of a hash, the same in every database and process."""
    digest = hashlib.blake2b(f"{resource_type}.{param}".encode(), digest_size=_PARAM_BYTES).digest()
    return int.from_bytes(digest, "big")


def write_index(session: Session, resource_key: int, resource_type: str, entries: tuple[IndexEntry, ...]) -> None:
    """Insert the rows of a resource that has none."""
    batches: dict[str, list[tuple[Value, ...]]] = defaultdict(list)
    for entry in dict.fromkeys(entries):
        for table, values in _rows(entry):
            batches[table].append((resource_key, param_key(resource_type, entry.param), *values))
    for table, rows in batches.items():
        session.run_many(_INSERTS[table], rows)


def delete_index(session: Session, resource_key: int) -> None:
    """Delete every row of a resource."""
    for statement in _DELETES:
        session.run(statement, (resource_key,))


def _rows(entry: IndexEntry) -> list[tuple[str, tuple[Value, ...]]]:
    """Return table and values; a logical identifier of a reference is found as a token of the same parameter."""
    token = ("index_token", (entry.system or "", entry.code or ""))
    if entry.kind == "token":
        return [token]
    if entry.kind == "string":
        return [("index_string", (entry.folded or "", entry.text or ""))]
    if entry.kind == "uri":
        return [("index_uri", (entry.text or "",))]
    if entry.kind == "date":
        low = BEGINNING if entry.low is None else to_micros(entry.low)
        return [("index_date", (low, END if entry.high is None else to_micros(entry.high)))]
    literal = ("index_reference", (entry.ref_type or "", entry.ref_id or ""))
    return [*([literal] if entry.ref_id else []), *([token] if entry.code else [])]
