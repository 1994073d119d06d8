"""What a search is sorted by, as SQL expressions that are never NULL: a resource without the value comes last."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.services.search import Sort
from sesame_fhir.storage.index import param_key
from sesame_fhir.storage.instants import BEGINNING, END
from sesame_fhir.storage.session import Session, Value

_LAST_TEXT = "\U0010ffff"
_OWN = {"_lastUpdated": "r.last_updated", "_id": "r.fhir_id"}
_USED = "SELECT 1 FROM {} WHERE param = ? LIMIT 1"
_BY_TABLE: dict[str, tuple[str, str, Value, Value]] = {
    "index_date": ("low", "high", BEGINNING, END),
    "index_string": ("folded", "folded", "", _LAST_TEXT),
    "index_token": ("code", "code", "", _LAST_TEXT),
}
"""Table -> lowest and highest column, and what comes before and after every value. A parameter has values in one."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One expression with its parameters and direction."""

    sql: str
    params: tuple[Value, ...]
    descending: bool


def sort_keys(session: Session, resource_type: str, sorts: Sequence[Sort]) -> tuple[SortKey, ...]:
    """Return the keys; the surrogate key, in the first key's direction, makes the order total."""
    keys = [_key(session, resource_type, sort) for sort in sorts]
    descending = keys[0].descending if keys else False
    return (*keys, SortKey("r.resource_key", (), descending))


def _key(session: Session, resource_type: str, sort: Sort) -> SortKey:
    own = _OWN.get(sort.param)
    if own is not None:
        return SortKey(own, (), sort.descending)
    param = param_key(resource_type, sort.param)
    table = next((name for name in _BY_TABLE if session.row(_USED.format(name), (param,))), "index_date")
    low, high, first, last = _BY_TABLE[table]
    pick, column, missing = ("MAX", high, first) if sort.descending else ("MIN", low, last)
    # The sum keeps the planner off the index by value: the resource's own few rows are the way.
    best = (
        f"COALESCE((SELECT {pick}(i.{column}) FROM {table} i "
        "WHERE i.resource_key = r.resource_key AND i.param + 0 = ?), ?)"
    )
    return SortKey(best, (param, missing), sort.descending)
