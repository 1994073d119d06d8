"""JSON -> XML. What is written has been validated: it is put in the order that R4's XML demands."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from sesame_fhir.fhir.errors import NotAcceptable
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.narrative import narrative_element
from sesame_fhir.fhir.xml.shapes import ELEMENT, NAMESPACE, Shape, shapes_of

_TAG = f"{{{NAMESPACE}}}"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What JSON can hold and XML 1.0 cannot: a reader of either sees that something was there."""


def to_xml(content: bytes, *, pretty: bool = False) -> bytes:
    """Write FHIR JSON bytes as FHIR XML; numbers keep their digits.

    Raises:
        NotAcceptable: a type without an XML form here.
    """
    # Numbers stay the text they are.
    resource: Json = json.loads(content, parse_float=str, parse_int=str)
    written = _resource(resource, root=True)
    return etree.tostring(written, encoding="UTF-8", xml_declaration=True, pretty_print=pretty)


def _resource(resource: Json, *, root: bool = False) -> etree._Element:
    name = str(resource["resourceType"])
    shapes = shapes_of(name)
    if shapes is None:
        raise NotAcceptable
    namespaces: Any = {None: NAMESPACE} if root else None  # the stubs know no default namespace
    element = etree.Element(f"{_TAG}{name}", nsmap=namespaces)
    _fill(element, resource, shapes)
    return element


def _fill(element: etree._Element, node: Json, shapes: Mapping[str, Shape]) -> None:
    """Put the elements of a JSON object into an XML element, in the order of the type."""
    for name, shape in shapes.items():
        if shape.kind == "attribute":
            if name in node:
                element.set(name, _text(node[name]))
            continue
        for value, companion in _pairs(node.get(name), node.get(f"_{name}")):
            element.append(_value(shape, value, companion))


def _pairs(value: Any, companion: Any) -> Iterator[tuple[Any, Json | None]]:
    """Values with what their ``_name`` carries, place by place."""
    if value is None and companion is None:
        return
    values = value if isinstance(value, list) else [value]
    companions = companion if isinstance(companion, list) else [companion]
    length = max(len(values), len(companions))
    values = values + [None] * (length - len(values))
    companions = companions + [None] * (length - len(companions))
    yield from zip(values, companions, strict=True)


def _value(shape: Shape, value: Any, companion: Json | None) -> etree._Element:
    if shape.kind == "xhtml":
        return narrative_element(value)
    element = etree.Element(f"{_TAG}{shape.name}")
    if shape.kind == "resource":
        element.append(_resource(value))
    elif shape.kind == "complex":
        _fill(element, value, shapes_of(shape.type_name) or {})
    else:
        if companion is not None:
            _fill(element, companion, ELEMENT)
        if value is not None:
            element.set("value", _text(value))
    return element


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else _UNWRITABLE.sub("\ufffd", str(value))
