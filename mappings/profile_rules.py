"""The rules of a profile, one by one: what its differential asks beyond its parent.

A differential of ours holds a regular subset of R4: cardinalities, fixed values and patterns, required bindings, slices
told apart by value, restricted types and targets, and constraints.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sesame_fhir.fhir.json_types import Json

_VALUE_PREFIXES = ("fixed", "pattern")


class Kind(StrEnum):
    """What a rule asks. ``MIN`` and ``MAX`` of a sliced element count the slice."""

    MIN = "min"
    MAX = "max"
    VALUE = "value"
    BINDING = "binding"
    TYPE = "type"
    TARGET = "target"
    CONSTRAINT = "constraint"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``element`` is the element's id in the differential, ``detail`` what is asked as FHIR JSON gives it."""

    profile: str
    element: str
    kind: Kind
    detail: Any

    @property
    def id(self) -> str:
        """Unique among all profiles: ``sesame-encounter/type:task/min``, ``sesame-encounter/ses-enc-1``."""
        if self.kind is Kind.CONSTRAINT:
            return f"{self.profile}/{self.detail['key']}"
        return f"{self.profile}/{self.element.partition('.')[2]}/{self.kind}"


def elements_of(profile: Json) -> list[Json]:
    """The elements of the differential, the root first."""
    found: list[Json] = profile["differential"]["element"]
    return found


def value_of(element: Json) -> tuple[str, Any] | None:
    """``fixedCode`` or ``patternCodeableConcept`` and the like of an element, with the value; None without one."""
    return next(((name, value) for name, value in element.items() if name.startswith(_VALUE_PREFIXES)), None)


def rules_of(profile: Json) -> Iterator[Rule]:
    """Every rule, in the order of the differential; what tells slices apart is not a rule of its own."""
    told_apart = set(_discriminators(profile))
    for element in elements_of(profile):
        for kind, detail in _asked(element, discriminates=element["id"] in told_apart):
            yield Rule(profile["id"], element["id"], kind, detail)


def _discriminators(profile: Json) -> Iterator[str]:
    """Ids of the elements whose value tells a slice, or an extension, from its neighbours."""
    if profile["type"] == "Extension":
        yield "Extension.url"
    slicings = {e["id"]: e["slicing"] for e in elements_of(profile) if "slicing" in e}
    for element in elements_of(profile):
        slicing = slicings.get(element["id"].rpartition(":")[0]) if "sliceName" in element else None
        for discriminator in slicing["discriminator"] if slicing else ():
            inner = discriminator["path"]
            yield element["id"] if inner == "$this" else f"{element['id']}.{inner}"


def _asked(element: Json, *, discriminates: bool) -> Iterator[tuple[Kind, Any]]:
    if element.get("min"):
        yield Kind.MIN, element["min"]
    if element.get("max", "*") != "*":
        yield Kind.MAX, element["max"]
    value = value_of(element)
    if value is not None and not discriminates:
        yield Kind.VALUE, value[1]
    if element.get("binding", {}).get("strength") == "required":
        yield Kind.BINDING, element["binding"]["valueSet"]
    types = element.get("type", [])
    if any("targetProfile" in one for one in types):
        yield Kind.TARGET, [target for one in types for target in one["targetProfile"]]
    elif types:
        yield Kind.TYPE, [one["code"] for one in types]
    for constraint in element.get("constraint", ()):
        yield Kind.CONSTRAINT, constraint
