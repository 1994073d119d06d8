"""A FHIR Bundle that came in -> its resources of one type, each valid R4 by itself, and what is wrong with others."""

from collections.abc import Iterator
from dataclasses import dataclass

from mappings.billing.incoming.table import MAX_BYTES
from sesame_fhir.fhir.canonical import identifier_system
from sesame_fhir.fhir.errors import BodyTooLarge, UnreadableBody
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.walk import child, objects, text
from sesame_fhir.services.billing.incoming import LineCode, Unread

_KINDS = frozenset({"collection", "batch", "transaction", "searchset"})
_NOT_FOUND = frozenset({"include", "outcome"})


@dataclass(frozen=True, slots=True)
class Bundled:
    """``resources`` with their place from 1. ``identifier``: our batch that the Bundle says it answers."""

    resources: tuple[tuple[int, Json], ...] = ()
    unread: tuple[Unread, ...] = ()
    batch_id: str | None = None


def read_bundle(data: bytes, resource_type: str) -> Bundled:
    """Read a Bundle (collection, batch, transaction or searchset). Never raises for its content."""
    try:
        bundle = read_json(data, max_bytes=MAX_BYTES)
    except BodyTooLarge:
        return _none(LineCode.FILE_TOO_LARGE)
    except UnreadableBody as error:
        return _none(LineCode.NOT_JSON, error.issues[0].diagnostics) if data.strip() else _none(LineCode.EMPTY_FILE)
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") not in _KINDS:
        return _none(LineCode.NOT_A_BUNDLE)
    entries = objects(bundle, "entry")
    unread = [*_of_the_whole(bundle, entries)]
    resources: list[tuple[int, Json]] = []
    for place, entry in enumerate(entries, start=1):
        if child(entry, "search").get("mode") in _NOT_FOUND:
            continue
        resource = child(entry, "resource")
        if (problem := _problem(resource, resource_type, place)) is not None:
            unread.append(problem)
        else:
            resources.append((place, resource))
    return Bundled(tuple(resources), tuple(unread), _batch(bundle))


def _none(code: LineCode, detail: str | None = None) -> Bundled:
    return Bundled(unread=(Unread(0, (code,), detail),))


def _of_the_whole(bundle: Json, entries: list[Json]) -> Iterator[Unread]:
    given = bundle.get("entry")
    if not isinstance(given, list) or not given:
        yield Unread(0, (LineCode.EMPTY_FILE,))
    elif len(given) != len(entries):
        yield Unread(0, (LineCode.INVALID_RESOURCE,), "Bundle.entry")
    if any(link.get("relation") == "next" for link in objects(bundle, "link")):
        # One page of several: the answers of the others would be missed.
        yield Unread(0, (LineCode.TRUNCATED,), "Bundle.link")
    found = sum(1 for entry in entries if child(entry, "search").get("mode") not in _NOT_FOUND)
    if bundle.get("total") not in {None, found}:
        yield Unread(0, (LineCode.TRUNCATED,), f"{found}/{bundle.get('total')}")


def _problem(resource: Json, resource_type: str, place: int) -> Unread | None:
    if text(resource, "resourceType") != resource_type:
        return Unread(place, (LineCode.WRONG_RESOURCE,), "resourceType")
    wrong = [issue for issue in validate(resource, resource_type) if issue.blocking]
    if not wrong:
        return None
    where = wrong[0].expression[0] if wrong[0].expression else resource_type
    return Unread(place, (LineCode.INVALID_RESOURCE,), where)


def _batch(bundle: Json) -> str | None:
    named = child(bundle, "identifier")
    return text(named, "value") or None if named.get("system") == identifier_system("batch") else None
