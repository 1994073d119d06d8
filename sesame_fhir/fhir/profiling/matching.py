"""Does a value equal a fixed one, fit a pattern, belong to a slice?"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sesame_fhir.fhir.profiling.model import Codes, Discriminator, Element
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.fhir.walk import objects, text


def fits(value: Any, pattern: Any) -> bool:
    """R4 ``pattern[x]``: everything in the pattern is in the value; each item of a list fits some item."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(fits(value.get(name), inner) for name, inner in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(fits(item, inner) for item in value) for inner in pattern)
    return type(value) is type(pattern) and bool(value == pattern)


def coded_in(value: Any, codes: Codes) -> bool:
    """True when a code, Coding or CodeableConcept has a member of the value set."""
    if isinstance(value, str):
        return any(code == value for _, code in codes)
    if not isinstance(value, dict):
        return False
    if "coding" in value:
        return any(coded_in(coding, codes) for coding in objects(value, "coding"))
    return (str(value.get("system", "")), str(value.get("code", ""))) in codes


def type_allowed(value: Any, kind: str, types: Iterable[str]) -> bool:
    """True when a choice's value (``kind``: the suffix of its name) or a nested resource is of one of these types."""
    if isinstance(value, dict) and "resourceType" in value:
        return text(value, "resourceType") in types
    return any(kind[:1].lower() + kind[1:] == code[:1].lower() + code[1:] for code in types)


def target_allowed(value: Any, targets: Iterable[str]) -> bool:
    """True unless a reference says, by its form or its type, that it points at another type of resource."""
    if not isinstance(value, dict):
        return True
    told = value.get("type")
    reference = value.get("reference")
    if isinstance(reference, str) and not reference.startswith("#"):
        told = split_reference(reference)[0] or told
    return not isinstance(told, str) or told in targets


def belongs(value: Any, kind: str, place: Element, discriminators: Sequence[Discriminator]) -> bool:
    """True when every discriminator says that the value is of the slice ``place``."""
    return all(_agrees(value, kind, place, one) for one in discriminators)


def _agrees(value: Any, kind: str, place: Element, one: Discriminator) -> bool:
    if one.kind == "type":
        if one.resolve:
            return isinstance(value, dict) and target_allowed(value, place.targets or ())
        return type_allowed(value, kind, place.types or ())
    found = list(_at(value, one.path))
    if one.kind == "exists":
        told = _told(place, one.path)
        return bool(found) is (told is None or told.maximum != 0)
    if place.profiles and one.path == ("url",):
        return any(url in place.profiles for url in found)
    return any(_expected(place, one.path, item) for item in found)


def _at(value: Any, path: Sequence[str]) -> Iterator[Any]:
    """Every value at the end of a path, lists opened on the way."""
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, dict):
        yield from _at(value.get(path[0]), path[1:])


def _told(place: Element, path: Sequence[str]) -> Element | None:
    found: Element | None = place
    for step in path:
        found = found.children.get(step) if found else None
    return found


def _expected(place: Element, path: Sequence[str], item: Any) -> bool:
    """Compare with the fixed value, pattern or binding that the slice has at the path, or above it."""
    here: Element | None = place
    for depth in range(len(path) + 1):
        if here is None:
            return False
        for known in (here.exact, here.pattern):
            if known is not None:
                wanted = list(_at(known, path[depth:]))
                return any(fits(item, one) for one in wanted)
        if depth == len(path):
            return here.binding is not None and coded_in(item, here.binding)
        here = here.children.get(path[depth])
    return False


def can_tell(place: Element, one: Discriminator) -> bool:
    """True when the slice says what this discriminator needs; asked once, when a profile is read."""
    if one.kind == "type":
        return bool(place.targets if one.resolve else place.types)
    if one.kind == "exists" or (place.profiles and one.path == ("url",)):
        return True
    here: Element | None = place
    for depth in range(len(one.path) + 1):
        if here is None:
            return False
        if any(known is not None and list(_at(known, one.path[depth:])) for known in (here.exact, here.pattern)):
            return True
        if depth == len(one.path):
            return here.binding is not None
        here = here.children.get(one.path[depth])
    return False
