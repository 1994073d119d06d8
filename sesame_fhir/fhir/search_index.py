"""What a resource can be found by: pure extraction of index entries, following the table of search parameters.

Every published resource passes here, at every command of its pathway and at a rebuild: the table is unfolded once into
plans, and what a plan does not find costs one look-up.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from sesame_fhir.fhir.dates import DISTANT_FUTURE, DISTANT_PAST, date_range
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_parameters import COMMON, SEARCH_PARAMETERS, SearchParameter
from sesame_fhir.fhir.walk import child, objects, text
from sesame_fhir.services.folding import fold
from sesame_fhir.services.search import IndexEntry, IndexKind

_STRING_PARTS = (
    *("text", "family", "given", "prefix", "suffix"),
    *("line", "city", "district", "state", "postalCode", "country"),
)
"""Of a HumanName and of an Address."""
_UP_TO, _FROM = frozenset({"<", "<="}), frozenset({">", ">="})

_Reader = Callable[[SearchParameter, object, list[IndexEntry]], None]
"""Adds the entries of one value."""
_Steps = tuple[str, ...]
_Plan = tuple[tuple[SearchParameter, _Reader, tuple[tuple[str, _Steps], ...]], ...]
"""Parameters, each with its reader and its paths: the first step apart."""


def index(resource: Json) -> tuple[IndexEntry, ...]:
    """Entries of a resource, without duplicates, in the order of the parameter table."""
    entries: list[IndexEntry] = []
    for parameter, read, paths in _PLANS.get(text(resource, "resourceType"), _COMMON_PLAN):
        before = len(entries)
        for first, steps in paths:
            value = resource.get(first)
            if value is not None:
                _read_each(value, steps, parameter, read, entries)
        if len(entries) > before + 1:  # two parameters never give the same entry: its name is in it
            entries[before:] = dict.fromkeys(entries[before:])
    return tuple(entries)


def index_json(body: bytes) -> tuple[IndexEntry, ...]:
    """Entries of a resource that is stored as JSON; decimals keep their digits."""
    resource: Json = json.loads(body, parse_float=Decimal)
    return index(resource)


def _read_each(
    node: object, steps: _Steps, parameter: SearchParameter, read: _Reader, entries: list[IndexEntry]
) -> None:
    """Read every value at the end of a path, lists opened on the way."""
    if isinstance(node, list):
        for item in node:
            _read_each(item, steps, parameter, read, entries)
    elif not steps:
        read(parameter, node, entries)
    elif isinstance(node, dict):
        inner = node.get(steps[0])
        if inner is not None:
            _read_each(inner, steps[1:], parameter, read, entries)


def _tokens(parameter: SearchParameter, value: object, entries: list[IndexEntry]) -> None:
    """Coding, CodeableConcept, Identifier, ContactPoint, code, boolean or string."""
    if isinstance(value, str):
        entries.append(IndexEntry(parameter.name, "token", "", value))
    elif isinstance(value, bool):
        entries.append(IndexEntry(parameter.name, "token", "", str(value).lower()))
    elif isinstance(value, dict):
        for coding in objects(value, "coding"):
            _tokens(parameter, coding, entries)
        code, system = text(value, "value") or text(value, "code"), text(value, "system")
        if code and parameter.system in (None, system):
            entries.append(IndexEntry(parameter.name, "token", system, code))


def _strings(parameter: SearchParameter, value: object, entries: list[IndexEntry]) -> None:
    """A string, or each part of a HumanName or an Address."""
    if isinstance(value, str):
        entries.append(IndexEntry(parameter.name, "string", text=value, folded=fold(value)))
    elif isinstance(value, dict):
        for part in _STRING_PARTS:
            _read_each(value.get(part), (), parameter, _strings, entries)


def _dates(parameter: SearchParameter, value: object, entries: list[IndexEntry]) -> None:
    """A date, dateTime or instant; a Period, open where it has no start or no end; the outer limits of a Timing."""
    span = date_range(value) if isinstance(value, str) else _limits(value) if isinstance(value, dict) else None
    if span is not None:
        entries.append(IndexEntry(parameter.name, "date", low=span[0], high=span[1]))


def _limits(value: Json) -> tuple[datetime, datetime] | None:
    """R4 search.html#date: of a Timing only the outer limits count, those of its events and of its bounds."""
    written = value.get("event")
    events = [span for one in (written if isinstance(written, list) else ()) if (span := date_range(str(one)))]
    period = child(child(value, "repeat"), "boundsPeriod") or value
    start, end = date_range(text(period, "start")), date_range(text(period, "end"))
    if start or end:
        events.append((start[0] if start else DISTANT_PAST, end[1] if end else DISTANT_FUTURE))
    return (min(low for low, _ in events), max(high for _, high in events)) if events else None


def _references(parameter: SearchParameter, value: object, entries: list[IndexEntry]) -> None:
    """A reference, literal, logical or both; one to a contained resource leads nowhere that could be searched."""
    if not isinstance(value, dict):
        return
    reference, identifier, target = text(value, "reference"), child(value, "identifier"), parameter.target
    ref_type, ref_id = split_reference(reference) if reference[:1] not in ("", "#") else (None, None)
    said = ref_type if ref_id else text(value, "type") or target
    if target not in (None, said):
        return
    code = text(identifier, "value") or None
    if ref_id or code:
        system = text(identifier, "system") if code else None
        entries.append(IndexEntry(parameter.name, "reference", system, code, ref_type=ref_type, ref_id=ref_id))


def split_reference(reference: str) -> tuple[str | None, str]:
    """Type and id of a relative reference, its version dropped; an absolute one stays whole, without type."""
    relative = reference.partition("/_history/")[0]
    ref_type, slash, ref_id = relative.partition("/")
    if slash and "/" not in ref_id and ":" not in ref_type:
        return ref_type, ref_id
    return None, reference


def _uris(parameter: SearchParameter, value: object, entries: list[IndexEntry]) -> None:
    """A uri as it is; a canonical with its version and without."""
    if not isinstance(value, str):
        return
    entries.append(IndexEntry(parameter.name, "uri", text=value))
    if parameter.canonical and "|" in value:
        entries.append(IndexEntry(parameter.name, "uri", text=value.partition("|")[0]))


def _quantities(parameter: SearchParameter, value: object, entries: list[IndexEntry]) -> None:
    """A Quantity (Age, Duration…); with a comparator it stands for everything on that side of its value."""
    number = _decimal(value.get("value")) if isinstance(value, dict) else None
    if number is None or not isinstance(value, dict):
        return
    comparator = text(value, "comparator")
    entries.append(
        IndexEntry(
            parameter.name,
            "quantity",
            text(value, "system"),
            text(value, "code"),
            text(value, "unit"),
            least=None if comparator in _UP_TO else number,
            most=None if comparator in _FROM else number,
            open_edges=comparator in ("<", ">"),
        )
    )


def _decimal(value: object) -> Decimal | None:
    """A JSON number; one that was computed in binary says what it prints."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value))
    return number if number.is_finite() else None


_READERS: dict[IndexKind, _Reader] = {
    "token": _tokens,
    "string": _strings,
    "date": _dates,
    "reference": _references,
    "uri": _uris,
    "quantity": _quantities,
}


def _plan(parameters: Iterable[SearchParameter]) -> _Plan:
    split = ((one, [path.split(".") for path in one.paths]) for one in parameters)
    return tuple(
        (one, _READERS[one.kind], tuple((steps[0], tuple(steps[1:])) for steps in paths)) for one, paths in split
    )


_PLANS = {resource_type: _plan(parameters.values()) for resource_type, parameters in SEARCH_PARAMETERS.items()}
_COMMON_PLAN = _plan(COMMON)
