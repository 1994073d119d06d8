"""From a StructureDefinition's differential to the tree of element rules."""

from collections.abc import Callable, Mapping
from typing import Any

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.outcomes import Severity
from sesame_fhir.fhir.profiling.matching import can_tell
from sesame_fhir.fhir.profiling.model import Codes, Constraint, Discriminator, Element, Holds

Expand = Callable[[str], Codes | None]
"""Members of a value set by canonical; None for one that we do not hold."""
TypeOf = Callable[[str], str | None]
"""Resource type that a profile's canonical constrains; None when unknown."""


class UnreadableProfileError(ValueError):
    """A differential says something that could not be enforced."""


def read_profile(definition: Json, expand: Expand, type_of: TypeOf, rules: Mapping[str, Holds]) -> Element:
    """The root element of a profile.

    Raises:
        UnreadableProfileError: an element whose parent is missing, a constraint without a rule here, a discriminator
            that a slice does not answer.
    """
    reader = _Reader(definition, expand, type_of, rules)
    for described in definition["differential"]["element"]:
        reader.add(described)
    _check_slices(definition["url"], reader.root)
    return reader.root


class _Reader:
    def __init__(self, definition: Json, expand: Expand, type_of: TypeOf, rules: Mapping[str, Holds]) -> None:
        self.root = Element(definition["type"])
        self._url = definition["url"]
        self._expand, self._type_of, self._rules = expand, type_of, rules

    def add(self, described: Json) -> None:
        place = self._place(str(described.get("id", described["path"])))
        place.minimum = described.get("min", place.minimum)
        if described.get("max", "*") != "*":
            place.maximum = int(described["max"])
        self._add_values(place, described)
        self._add_types(place, described.get("type", ()))
        place.constraints += tuple(map(self._constraint, described.get("constraint", ())))
        slicing = described.get("slicing")
        if slicing is not None:
            place.discriminators = tuple(map(_discriminator, slicing.get("discriminator", ())))
            place.closed = slicing["rules"] == "closed"

    def _place(self, element_id: str) -> Element:
        """The element of an id such as ``Patient.identifier:ins.system``; elements on the way are made."""
        place = self.root
        for segment in element_id.split(".")[1:]:
            written, _, slice_name = segment.partition(":")
            name = written.removesuffix("[x]")
            place = place.children.setdefault(name, Element(name, choice=written.endswith("[x]")))
            if slice_name:
                made = Element(name, choice=place.choice, slice_name=slice_name)
                place = place.slices.setdefault(slice_name, made)
        return place

    def _add_values(self, place: Element, described: Json) -> None:
        for key, value in described.items():
            if key.startswith("fixed"):
                place.exact = value
            elif key.startswith("pattern"):
                place.pattern = value
        binding = described.get("binding", {})
        if binding.get("strength") == "required":
            place.binding = self._expand(str(binding["valueSet"]).partition("|")[0])

    def _add_types(self, place: Element, types: Any) -> None:
        if not types:
            return
        place.types = frozenset(one["code"] for one in types)
        place.profiles = tuple(url.partition("|")[0] for one in types for url in one.get("profile", ()))
        targets = [url for one in types for url in one.get("targetProfile", ())]
        known = [self._type_of(url.partition("|")[0]) for url in targets]
        if targets and None not in known and "Resource" not in known:
            place.targets = frozenset(found for found in known if found)

    def _constraint(self, described: Json) -> Constraint:
        key = described["key"]
        if key not in self._rules:
            raise UnreadableProfileError(f"{self._url}: no rule is written for constraint {key}")
        return Constraint(key, described["human"], Severity(described["severity"]), self._rules[key])


def _discriminator(described: Json) -> Discriminator:
    path = tuple(step for step in described["path"].split(".") if step not in ("$this", "resolve()"))
    return Discriminator(described["type"], path, resolve="resolve()" in described["path"])


def _check_slices(url: str, place: Element) -> None:
    for inner in (*place.children.values(), *place.slices.values()):
        _check_slices(url, inner)
    discriminators = place.discriminators or _implied(place)
    if place.slices and not discriminators:
        raise UnreadableProfileError(f"{url}: {place.name} is sliced by nothing")
    place.discriminators = discriminators
    for name, one in place.slices.items():
        for discriminator in discriminators:
            if discriminator.kind not in ("value", "pattern", "type", "exists") or not can_tell(one, discriminator):
                raise UnreadableProfileError(f"{url}: slice {place.name}:{name} does not say its {discriminator}")


def _implied(place: Element) -> tuple[Discriminator, ...]:
    """R4: extensions are sliced by their url, choices by their type, without saying so again."""
    if place.name in ("extension", "modifierExtension"):
        return (Discriminator("value", ("url",)),)
    return (Discriminator("type", ()),) if place.choice else ()
