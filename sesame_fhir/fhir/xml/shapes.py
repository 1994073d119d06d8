"""How each element of each type is written: order, cardinality, attribute or element; read from the generated schema.

The schema keeps the elements in the order of R4's definitions, which is the order that XML demands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema.primitives import PRIMITIVES
from sesame_fhir.fhir.structure import schema_document

Kind = Literal["attribute", "primitive", "complex", "resource", "xhtml"]

NAMESPACE = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"

_CODES = "codes."
_TARGETS = "to."
_NULLABLE = "-or-null"


@dataclass(frozen=True, slots=True)
class Shape:
    """One element of a type. ``type_name`` is the type of its content; of a primitive, its JSON form is told by it."""

    name: str
    kind: Kind
    many: bool
    type_name: str


ELEMENT: Mapping[str, Shape] = {
    "id": Shape("id", "attribute", many=False, type_name="elementId"),
    "extension": Shape("extension", "complex", many=True, type_name="Extension"),
}
"""What every primitive may carry beside its value."""


@cache
def shapes_of(type_name: str) -> Mapping[str, Shape] | None:
    """Elements of a type or backbone element in their order, by name; None for a type that we do not know."""
    found = schema_document()["$defs"].get(type_name)
    if found is None or "properties" not in found:
        return None
    return {
        name: _shape(type_name, name, described)
        for name, described in found["properties"].items()
        if name != "resourceType" and not name.startswith("_")
    }


def _shape(type_name: str, name: str, described: Json) -> Shape:
    many = described.get("type") == "array"
    # Reference.reference is described in place: a string with its own pattern.
    pointer = str((described["items"] if many else described).get("$ref", "string"))
    target = pointer.removeprefix("#/$defs/").removesuffix(_NULLABLE)
    if target == "elementId" or (type_name, name) == ("Extension", "url"):
        return Shape(name, "attribute", many, target)
    if target == "xhtml":
        return Shape(name, "xhtml", many, target)
    if target == "Resource":
        return Shape(name, "resource", many, target)
    if target.startswith(_CODES):
        return Shape(name, "primitive", many, "code")
    if target in PRIMITIVES:
        return Shape(name, "primitive", many, target)
    return Shape(name, "complex", many, "Reference" if target.startswith(_TARGETS) else target)
