"""What a search is sorted by, as SQL expressions that are never NULL: a resource without the value comes last."""

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.services.search import Sort
from sesame_fhir.storage.index import param_key
from sesame_fhir.storage.instants import BEGINNING, END
from sesame_fhir.storage.session import Value

_LAST_TEXT = "\U0010ffff"
_OWN = {"_lastUpdated": "r.last_updated", "_id": "r.fhir_id"}


@dataclass(frozen=True, slots=True)
class SortKey:
    """One expression with its parameters and direction."""

    sql: str
    params: tuple[Value, ...]
    descending: bool


def sort_keys(resource_type: str, sorts: Sequence[Sort]) -> tuple[SortKey, ...]:
    """Return the keys; the surrogate key, in the first key's direction, makes the order total."""
    keys = [key for sort in sorts for key in _keys(resource_type, sort)]
    descending = keys[0].descending if keys else False
    return (*keys, SortKey("r.resource_key", (), descending))


def _keys(resource_type: str, sort: Sort) -> tuple[SortKey, ...]:
    """A parameter has values in one index table only, so the keys of the other kinds are constant."""
    own = _OWN.get(sort.param)
    if own is not None:
        return (SortKey(own, (), sort.descending),)
    param = param_key(resource_type, sort.param)
    date = ("MAX", "high", BEGINNING) if sort.descending else ("MIN", "low", END)
    text = ("MAX", "") if sort.descending else ("MIN", _LAST_TEXT)
    return (
        SortKey(_best("index_date", date[0], date[1]), (param, date[2]), sort.descending),
        SortKey(_best("index_string", text[0], "folded"), (param, text[1]), sort.descending),
        SortKey(_best("index_token", text[0], "code"), (param, text[1]), sort.descending),
    )


def _best(table: str, pick: str, column: str) -> str:
    return (
        f"COALESCE((SELECT {pick}(i.{column}) FROM {table} i "  # noqa: S608  fixed names
        "WHERE i.resource_key = r.resource_key AND i.param = ?), ?)"
    )
