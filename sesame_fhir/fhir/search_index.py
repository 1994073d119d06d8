"""What a resource can be found by: pure extraction of index entries, following the table of search parameters."""

import unicodedata
from collections.abc import Iterator

from sesame_fhir.fhir.dates import DISTANT_FUTURE, DISTANT_PAST, date_range
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_parameters import SearchParameter, parameters_of
from sesame_fhir.fhir.walk import child, objects, text
from sesame_fhir.services.search import IndexEntry

_NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae"})


def index(resource: Json) -> tuple[IndexEntry, ...]:
    """Entries of a resource, without duplicates, in the order of the parameter table."""
    entries: dict[IndexEntry, None] = {}
    for parameter in parameters_of(text(resource, "resourceType")).values():
        for path in parameter.paths:
            for value in _values(resource, path.split(".")):
                entries.update(dict.fromkeys(_entries(parameter, value)))
    return tuple(entries)


def fold(written: str) -> str:
    """For matching: lower case, no accents, ligatures opened, one space between words."""
    if written.isascii():
        return " ".join(written.lower().split())
    decomposed = unicodedata.normalize("NFKD", written.translate(_LIGATURES))
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).casefold().split())


def _values(node: object, steps: list[str]) -> Iterator[object]:
    """Values at a path, lists opened on the way."""
    if isinstance(node, list):
        for item in node:
            yield from _values(item, steps)
    elif not steps:
        yield node
    elif isinstance(node, dict):
        stem = steps[0].removesuffix("[x]")
        if stem == steps[0]:
            yield from _values(node.get(stem, []), steps[1:])
        else:
            for key in node:
                if key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper():
                    yield from _values(node[key], steps[1:])


def _entries(parameter: SearchParameter, value: object) -> Iterator[IndexEntry]:
    match parameter.kind:
        case "token":
            yield from _tokens(parameter.name, value)
        case "string":
            yield from _strings(parameter.name, value)
        case "date":
            yield from _dates(parameter.name, value)
        case "reference":
            yield from _references(parameter, value)
        case "uri":
            yield from _uris(parameter, value)


def _tokens(name: str, value: object) -> Iterator[IndexEntry]:
    """Coding, CodeableConcept, Identifier, code, boolean or string."""
    if isinstance(value, bool):
        yield IndexEntry(name, "token", system="", code=str(value).lower())
    elif isinstance(value, str):
        yield IndexEntry(name, "token", system="", code=value)
    elif isinstance(value, dict):
        for coding in objects(value, "coding"):
            yield from _tokens(name, coding)
        code = text(value, "value") or text(value, "code")
        if code:
            yield IndexEntry(name, "token", system=text(value, "system"), code=code)


def _strings(name: str, value: object) -> Iterator[IndexEntry]:
    """A string, or each part of a HumanName."""
    if isinstance(value, str):
        yield IndexEntry(name, "string", text=value, folded=fold(value))
    elif isinstance(value, dict):
        for part in _NAME_PARTS:
            for found in _values(value, [part]):
                yield from _strings(name, found)


def _dates(name: str, value: object) -> Iterator[IndexEntry]:
    """A date, dateTime or instant; a Period, open where it has no start or no end."""
    if isinstance(value, str):
        found = date_range(value)
        if found is not None:
            yield IndexEntry(name, "date", low=found[0], high=found[1])
    elif isinstance(value, dict):
        start, end = date_range(text(value, "start")), date_range(text(value, "end"))
        if start or end:
            low, high = start[0] if start else DISTANT_PAST, end[1] if end else DISTANT_FUTURE
            yield IndexEntry(name, "date", low=low, high=high)


def _references(parameter: SearchParameter, value: object) -> Iterator[IndexEntry]:
    if not isinstance(value, dict):
        return
    reference = text(value, "reference")
    if reference and not reference.startswith("#"):
        ref_type, ref_id = split_reference(reference)
        if parameter.target is None or ref_type == parameter.target:
            yield IndexEntry(parameter.name, "reference", ref_type=ref_type, ref_id=ref_id)
        return
    identifier = child(value, "identifier")
    code = text(identifier, "value")
    if code and not reference and (parameter.target is None or value.get("type") in (None, parameter.target)):
        yield IndexEntry(parameter.name, "reference", system=text(identifier, "system"), code=code)


def split_reference(reference: str) -> tuple[str | None, str]:
    """Type and id of a relative reference, its version dropped; an absolute one stays whole, without type."""
    relative = reference.partition("/_history/")[0]
    ref_type, slash, ref_id = relative.partition("/")
    if slash and "/" not in ref_id and ":" not in ref_type:
        return ref_type, ref_id
    return None, reference


def _uris(parameter: SearchParameter, value: object) -> Iterator[IndexEntry]:
    """A uri as it is; a canonical with its version and without."""
    if not isinstance(value, str):
        return
    yield IndexEntry(parameter.name, "uri", text=value)
    if parameter.canonical and "|" in value:
        yield IndexEntry(parameter.name, "uri", text=value.partition("|")[0])
