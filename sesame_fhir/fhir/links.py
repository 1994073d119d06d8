"""Links of a resource replaced: what a transaction's entries call each other becomes what they are stored as.

Source: https://hl7.org/fhir/R4/http.html#trules: references, elements of type uri, url, oid and uuid, and ``href`` and
``src`` in the narrative; canonical URLs are never touched. Which element is of which type is read from the schema.
"""

import re
from collections.abc import Callable
from typing import Any

from sesame_fhir.fhir.json_types import Json, Path
from sesame_fhir.fhir.xml.shapes import ELEMENT, Shape, shapes_of

Replace = Callable[[str, Path, bool], str | None]
"""(text, where it stands, whether it is a reference) -> what takes its place, None: it stays."""

_ADDRESSES = frozenset({"uri", "url", "oid", "uuid"})
_COMPANION = Shape("", "complex", many=False, type_name="Element")
"""``_birthDate``: the extensions of a primitive."""
_NARRATIVE = re.compile(r"""(?P<before>\s(?:href|src)\s*=\s*)(?P<quote>["'])(?P<address>.*?)(?P=quote)""", re.DOTALL)


def relinked(resource: Json, replace: Replace) -> Json:
    """A copy of the resource with its links replaced; parts without links are shared with the original."""
    built: Json = _object(resource, str(resource.get("resourceType")), (), replace)
    return built


def _object(node: Json, type_name: str, path: Path, replace: Replace) -> Json:
    shapes = ELEMENT if type_name == "Element" else shapes_of(type_name) or {}
    changed: Json = {}
    for name, value in node.items():
        shape = _COMPANION if name[:1] == "_" else shapes.get(name)
        if shape is None:
            continue
        if isinstance(value, list):
            found: Any = _items(value, shape, type_name, (*path, name), replace)
        else:
            found = _value(value, shape, type_name, (*path, name), replace)
        if found is not value:
            changed[name] = found
    return {**node, **changed} if changed else node


def _items(values: list[Any], shape: Shape, type_name: str, path: Path, replace: Replace) -> list[Any]:
    found = [_value(value, shape, type_name, (*path, place), replace) for place, value in enumerate(values)]
    return found if any(one is not value for one, value in zip(found, values, strict=True)) else values


def _value(value: Any, shape: Shape, type_name: str, path: Path, replace: Replace) -> Any:
    if isinstance(value, dict):
        inner = str(value.get("resourceType")) if shape.kind == "resource" else shape.type_name
        return _object(value, inner, path, replace)
    if not isinstance(value, str):
        return value
    if shape.kind == "xhtml":
        return _narrative(value, path, replace)
    if type_name == "Reference" and shape.name == "reference":
        return replace(value, path, True) or value  # noqa: FBT003  a callback's positions
    if shape.kind == "primitive" and shape.type_name in _ADDRESSES:
        return replace(value, path, False) or value  # noqa: FBT003
    return value


def _narrative(div: str, path: Path, replace: Replace) -> str:
    def one(found: re.Match[str]) -> str:
        address = replace(found["address"], path, False)  # noqa: FBT003
        return found[0] if address is None else f"{found['before']}{found['quote']}{address}{found['quote']}"

    return _NARRATIVE.sub(one, div) if "href" in div or "src" in div else div
