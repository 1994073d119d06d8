"""What a search is sorted by, as SQL expressions that are never NULL: a resource without the value comes last."""
# ruff: noqa: S608  SQL is put together from fixed pieces of this package; every value is a parameter

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.services.search import IndexKind, Sort
from sesame_fhir.storage.decimals import HIGHEST, LOWEST
from sesame_fhir.storage.index import param_key
from sesame_fhir.storage.instants import BEGINNING, END
from sesame_fhir.storage.session import Value

_LAST_TEXT = "\U0010ffff"
_OWN = {"_lastUpdated": "r.last_updated", "_id": "r.fhir_id"}
_BY_KIND: dict[IndexKind, tuple[str, str, str, Value, Value]] = {
    "date": ("index_date", "low", "high", BEGINNING, END),
    "string": ("index_string", "folded", "folded", "", _LAST_TEXT),
    "token": ("index_token", "code", "code", "", _LAST_TEXT),
    "reference": ("index_reference", "ref_id", "ref_id", "", _LAST_TEXT),
    "uri": ("index_uri", "uri", "uri", "", _LAST_TEXT),
    "quantity": ("index_quantity", "low", "high", LOWEST, HIGHEST),
}
"""Kind -> table, lowest and highest column, and what comes before and after every value."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One expression with its parameters and direction."""

    sql: str
    params: tuple[Value, ...]
    descending: bool


def sort_keys(resource_type: str, sorts: Sequence[Sort]) -> tuple[SortKey, ...]:
    """Return the keys; the surrogate key, in the first key's direction, makes the order total."""
    keys = [_key(resource_type, sort) for sort in sorts]
    descending = keys[0].descending if keys else False
    return (*keys, SortKey("r.resource_key", (), descending))


def _key(resource_type: str, sort: Sort) -> SortKey:
    own = _OWN.get(sort.param)
    if own is not None:
        return SortKey(own, (), sort.descending)
    param = param_key(resource_type, sort.param)
    table, low, high, first, last = _BY_KIND[sort.kind]
    pick, column, missing = ("MAX", high, first) if sort.descending else ("MIN", low, last)
    # The sum keeps the planner off the index by value: the resource's own few rows are the way.
    best = (
        f"COALESCE((SELECT {pick}(i.{column}) FROM {table} i "
        "WHERE i.resource_key = r.resource_key AND i.param + 0 = ?), ?)"
    )
    return SortKey(best, (param, missing), sort.descending)
