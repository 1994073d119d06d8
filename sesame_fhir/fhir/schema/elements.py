"""Turns the elements of one R4 StructureDefinition into JSON Schema objects, one per type or backbone element.

What plain "type and cardinality" schemas lose is kept here: a required primitive may be absent when its
``_name`` carries an extension, only one of a ``[x]`` choice may be present, a reference names its allowed
targets, a required binding is a closed list.
"""

from collections.abc import Callable

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema.primitives import PRIMITIVES, RESOURCE_ID
from sesame_fhir.fhir.schema.value_sets import ValueSets

_FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
_SYSTEM_TYPE = "http://hl7.org/fhirpath/System."
_CORE = "http://hl7.org/fhir/StructureDefinition/"
_SMALL_CHOICE = 12
NOT_R4 = frozenset(
    {"Binary.url", "Meta.project", "Meta.author", "Meta.onBehalfOf", "Meta.account", "Meta.accounts"}
    | {"Meta.compartment"}
)
"""Elements that the npm package adds to HL7's definitions."""
NOT_R4_TARGETS = {
    "AuditEvent.source.observer": frozenset({"Subscription"}),
    "MeasureReport.subject": frozenset({"CareTeam", "HealthcareService", "Organization"}),
}
"""Reference targets that it adds."""


def ref(name: str) -> Json:
    """A pointer to another definition of the same document."""
    return {"$ref": f"#/$defs/{name}"}


class ElementSchemas:
    """Builds object schemas; every definition it points to is announced through ``need``."""

    def __init__(self, value_sets: ValueSets, need: Callable[[str, Json | None], None]) -> None:
        self._value_sets = value_sets
        self._need = need

    def build(self, definition: Json) -> dict[str, Json]:
        """One schema per object of the definition: the type itself and each of its backbone elements."""
        elements = definition["snapshot"]["element"]
        children: dict[str, list[Json]] = {}
        for element in elements[1:]:
            children.setdefault(element["path"].rpartition(".")[0], []).append(element)
        return {path: self._object(path, found, children) for path, found in children.items()}

    def _object(self, path: str, elements: list[Json], children: dict[str, list[Json]]) -> Json:
        schema: Json = {"type": "object", "minProperties": 1, "properties": {}, "additionalProperties": False}
        for element in elements:
            if element["max"] == "0" or element["path"] in NOT_R4:
                continue
            if element["path"].endswith("[x]"):
                self._add_choice(schema, element)
            else:
                self._add_plain(schema, element, has_children=element["path"] in children)
        if path == "Extension":
            _extension_rule(schema)
        return schema

    def _add_plain(self, schema: Json, element: Json, *, has_children: bool) -> None:
        name = element["path"].rpartition(".")[2]
        if has_children:
            value, primitive = ref(element["path"]), False
        elif "contentReference" in element:
            value, primitive = ref(element["contentReference"].removeprefix("#")), False
        else:
            value, primitive = self._value(element, element["type"][0])
        self._add_property(schema, name, value, primitive=primitive, many=element["max"] != "1")
        if element["min"] == 0:
            return
        if primitive:
            schema.setdefault("allOf", []).append({"anyOf": _presence(name, primitive=True)})
        else:
            schema.setdefault("required", []).append(name)

    def _add_property(self, schema: Json, name: str, value: Json, *, primitive: bool, many: bool) -> None:
        properties = schema["properties"]
        properties[name] = {"type": "array", "minItems": 1, "items": value} if many else value
        if not primitive:
            return
        self._need("Element", None)
        companion = ref("Element")
        if many:
            target = value["$ref"].removeprefix("#/$defs/")
            self._need(f"{target}-or-null", None)
            properties[name]["items"] = ref(f"{target}-or-null")
            companion = {"type": "array", "minItems": 1, "items": {"anyOf": [companion, {"type": "null"}]}}
            no_null = {"properties": {name: {"items": {"not": {"type": "null"}}}}}
            schema.setdefault("allOf", []).append({"anyOf": [{"required": [f"_{name}"]}, no_null]})
        properties[f"_{name}"] = companion

    def _add_choice(self, schema: Json, element: Json) -> None:
        stem = element["path"].rpartition(".")[2].removesuffix("[x]")
        names: dict[str, bool] = {}
        for kind in element["type"]:
            value, primitive = self._value(element, kind)
            name = stem + kind["code"][0].upper() + kind["code"][1:]
            names[name] = primitive
            self._add_property(schema, name, value, primitive=primitive, many=False)
        if element["min"] > 0:
            options = [branch for name, primitive in names.items() for branch in _presence(name, primitive=primitive)]
            schema.setdefault("allOf", []).append({"anyOf": options})
        if len(names) > 1:
            schema.setdefault("dependentSchemas", {}).update(self._one_choice_only(stem, names))

    def _one_choice_only(self, stem: str, names: dict[str, bool]) -> dict[str, Json]:
        spelled = {name: [name, f"_{name}"] if primitive else [name] for name, primitive in names.items()}
        rules: dict[str, Json] = {}
        for name, own in spelled.items():
            if len(names) <= _SMALL_CHOICE:
                others = [key for other, keys in spelled.items() if other != name for key in keys]
                rule: Json = {"properties": dict.fromkeys(others, False)}
            else:
                self._need(f"choice.{stem}", {"pattern": f"^_?{stem}[A-Z]"})
                rule = {"propertyNames": {"anyOf": [{"enum": own}, {"not": ref(f"choice.{stem}")}]}}
            rules.update(dict.fromkeys(own, rule))
        return rules

    def _value(self, element: Json, kind: Json) -> tuple[Json, bool]:
        """Schema of one value of an element, and whether it is primitive (has a ``_name`` companion)."""
        code = _type_code(element, kind)
        binding = element.get("binding", {})
        closed = self._value_sets.expand(binding["valueSet"]) if binding.get("strength") == "required" else None
        if code in PRIMITIVES:
            companion = not kind["code"].startswith(_SYSTEM_TYPE)
            if code == "code" and closed is not None:
                return self._enumeration(binding["valueSet"], closed), companion
            self._need(code, None)
            return ref(code), companion
        self._need(code, None)
        if code == "Reference":
            return self._reference(kind, NOT_R4_TARGETS.get(element["path"], frozenset())), False
        if code == "CodeableConcept" and closed is not None:
            return {**ref(code), **_closed_concept(closed)}, False
        return ref(code), False

    def _enumeration(self, canonical: str, closed: dict[str, list[str]]) -> Json:
        name = "codes." + canonical.partition("|")[0].rpartition("/")[2]
        codes = sorted({code for codes in closed.values() for code in codes})
        self._need(name, {"type": "string", "enum": codes})
        return ref(name)

    def _reference(self, kind: Json, excluded: frozenset[str]) -> Json:
        allowed = {url.removeprefix(_CORE) for url in kind.get("targetProfile", []) if url.startswith(_CORE)}
        targets = sorted(allowed - excluded)
        if not targets or "Resource" in targets:
            return ref("Reference")
        name = "to." + "-".join(targets)
        types = "|".join(targets)
        known = (
            rf"^(?:#.*|urn:.*|(?:https?://.*/)?(?:{types})/{RESOURCE_ID}(?:/_history/{RESOURCE_ID})?|(?:{types})\?.+)$"
        )
        self._need("restful", None)
        foreign = {"pattern": r"^[a-z][a-z0-9+.\-]*:", "not": ref("restful")}
        rule = {"reference": {"anyOf": [{"pattern": known}, foreign]}, "type": {"pattern": f"^(?:{types}|[a-z]+:.*)$"}}
        self._need(name, {**ref("Reference"), "properties": rule})
        return ref(name)


def _type_code(element: Json, kind: Json) -> str:
    """The FHIR type of an element; ids and urls are written as FHIRPath system types with the real type beside."""
    code: str = kind["code"]
    if not code.startswith(_SYSTEM_TYPE):
        return code
    if element.get("base", {}).get("path") == "Resource.id":
        return "id"
    if element["path"].endswith(".id"):
        return "elementId"
    named = [found["valueUrl"] for found in kind.get("extension", []) if found["url"] == _FHIR_TYPE]
    return str(named[0]) if named else "string"


def _presence(name: str, *, primitive: bool) -> list[Json]:
    """How an element can be present: as itself, or (primitives) by an extension alone."""
    if not primitive:
        return [{"required": [name]}]
    extended = {"anyOf": [{"type": "array"}, {"required": ["extension"]}]}
    return [{"required": [name]}, {"required": [f"_{name}"], "properties": {f"_{name}": extended}}]


def _closed_concept(closed: dict[str, list[str]]) -> Json:
    """A required binding on a CodeableConcept: one of its codings is in the list, or only extensions speak."""
    options = [
        {"required": ["system", "code"], "properties": {"system": {"const": system}, "code": {"enum": codes}}}
        for system, codes in closed.items()
    ]
    matched = {"required": ["coding"], "properties": {"coding": {"contains": {"anyOf": options}}}}
    silent = {"required": ["extension"], "properties": {"coding": False}}
    return {"anyOf": [matched, silent]}


def _extension_rule(schema: Json) -> None:
    """ext-1: either nested extensions or a value, never both, never neither."""
    bare = {"propertyNames": {"enum": ["id", "url"]}}
    nested = {"propertyNames": {"enum": ["id", "url", "extension"]}}
    schema["not"] = bare
    schema["dependentSchemas"]["extension"] = nested
