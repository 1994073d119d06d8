"""The generator on an invented resource, Thing, small enough to read: each construct of R4 that needs care, once."""

import json

import jsonschema_rs
import pytest

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema import generate

CORE = "http://hl7.org/fhir/StructureDefinition/"
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
SYSTEM_STRING = "http://hl7.org/fhirpath/System.String"
NINE_MORE = [
    "boolean",
    "code",
    "date",
    "dateTime",
    "decimal",
    "id",
    "instant",
    "integer",
    "markdown",
    "time",
    "uri",
    "url",
]


def element(path: str, *codes: str, low: int = 0, high: str = "1", **more: object) -> Json:
    return {"path": path, "min": low, "max": high, "type": [{"code": code} for code in codes], **more}


def system_string(path: str, fhir_type: str, *, low: int = 0, base: str = "Element.id") -> Json:
    kind = {"code": SYSTEM_STRING, "extension": [{"url": FHIR_TYPE, "valueUrl": fhir_type}]}
    return {"path": path, "min": low, "max": "1", "type": [kind], "base": {"path": base}}


def structure(name: str, kind: str, *elements: Json) -> Json:
    root = {"path": name, "min": 0, "max": "*"}
    return {
        "resourceType": "StructureDefinition",
        "type": name,
        "kind": kind,
        "snapshot": {"element": [root, *elements]},
    }


def to(path: str, *targets: str) -> Json:
    return {
        "path": path,
        "min": 0,
        "max": "1",
        "type": [{"code": "Reference", "targetProfile": [CORE + one for one in targets]}],
    }


EXTENSIONS = element("Extension.extension", "Extension", high="*")
TYPES = [
    structure(
        "Element",
        "complex-type",
        system_string("Element.id", "string"),
        element("Element.extension", "Extension", high="*"),
    ),
    structure(
        "Extension",
        "complex-type",
        *(system_string("Extension.id", "string"), EXTENSIONS, system_string("Extension.url", "uri", low=1)),
        element("Extension.value[x]", "string", *NINE_MORE),
    ),
    structure("Reference", "complex-type", element("Reference.reference", "string"), element("Reference.type", "uri")),
    structure("Coding", "complex-type", element("Coding.system", "uri"), element("Coding.code", "code")),
    structure(
        "CodeableConcept",
        "complex-type",
        *(element("CodeableConcept.extension", "Extension", high="*"), element("CodeableConcept.text", "string")),
        element("CodeableConcept.coding", "Coding", high="*"),
    ),
]
CLOSED = {"strength": "required", "valueSet": "http://x.test/ValueSet/colour|4.0.1"}
THING = structure(
    "Thing",
    "resource",
    system_string("Thing.id", "string", base="Resource.id"),
    element("Thing.contained", "Resource", high="*"),
    element("Thing.colour", "code", low=1, binding=CLOSED),
    element("Thing.nick", "string", high="*"),
    element("Thing.size[x]", "integer", "string", low=1),
    element("Thing.kind", "CodeableConcept", binding=CLOSED),
    element("Thing.part", "BackboneElement", high="*"),
    element("Thing.part.name", "string", low=1),
    {"path": "Thing.part.part", "min": 0, "max": "*", "contentReference": "#Thing.part"},
    element("Thing.gone", "string", high="0"),
    to("Thing.owner", "Thing"),
    to("Thing.about", "Resource"),
)
VALUE_SET = {
    "resourceType": "ValueSet",
    "url": "http://x.test/ValueSet/colour",
    "compose": {"include": [{"system": "urn:colour", "concept": [{"code": "red"}, {"code": "blue"}]}]},
}
WHY = [{"url": "http://x.test/why", "valueCode": "unknown"}]
BASE: Json = {"resourceType": "Thing", "colour": "red", "sizeInteger": 1}
FEW: Json = {"resourceType": "Thing", "sizeInteger": 1}

GOOD: list[Json] = [
    BASE,
    {**BASE, "id": "a-1", "contained": [{"resourceType": "Anything", "x": 1}]},
    {**FEW, "_colour": {"extension": WHY}},
    {**BASE, "nick": ["a", None], "_nick": [None, {"extension": WHY}]},
    {"resourceType": "Thing", "colour": "red", "_sizeString": {"extension": WHY}},
    {**BASE, "kind": {"coding": [{"code": "x"}, {"system": "urn:colour", "code": "blue"}]}},
    {**BASE, "kind": {"extension": WHY}},
    {**BASE, "part": [{"name": "a", "part": [{"name": "b"}]}]},
    {**BASE, "owner": {"reference": "Thing/1"}, "about": {"reference": "urn:uuid:1"}},
    {**BASE, "owner": {"reference": "#x", "type": "Thing"}},
    {**BASE, "_sizeInteger": {"id": "x"}},
]
BAD: list[Json] = [
    {**BASE, "resourceType": "Other"},
    {"colour": "red", "sizeInteger": 1},
    {**BASE, "id": "a b"},
    {**BASE, "contained": [{"x": 1}]},
    FEW,
    {**FEW, "_colour": {"id": "x"}},
    {**BASE, "colour": "green"},
    {**BASE, "nick": ["a", None]},
    {**BASE, "nick": []},
    {**BASE, "nick": "a"},
    {"resourceType": "Thing", "colour": "red"},
    {**BASE, "sizeString": "x"},
    {**BASE, "_sizeString": {"extension": WHY}},
    {**BASE, "kind": {"coding": [{"code": "red"}]}},
    {**BASE, "kind": {"text": "red"}},
    {**BASE, "part": [{}]},
    {**BASE, "part": [{"name": "a", "part": [{"x": 1}]}]},
    {**BASE, "gone": "x"},
    {**BASE, "owner": {"reference": "Other/1"}},
    {**BASE, "owner": {"reference": "https://x.test/Medication/1", "type": "Other"}},
    {**BASE, "about": {"reference": "nothing"}},
    {**FEW, "_colour": {"extension": [{"url": "http://x.test"}]}},
    {**FEW, "_colour": {"extension": [{"valueCode": "a"}]}},
    {**FEW, "_colour": {"extension": [{"url": "http://x.test", "valueCode": "a", "valueString": "b"}]}},
    {**FEW, "_colour": {"extension": [{"url": "http://x.test", "valueCode": "a", "extension": WHY}]}},
]


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> jsonschema_rs.Draft202012Validator:
    folder = tmp_path_factory.mktemp("definitions")
    stray = {"resourceType": "OperationDefinition"}
    profile = {**THING, "derivation": "constraint", "snapshot": None}
    content = {"profiles-types": TYPES, "profiles-resources": [THING, profile, stray], "valuesets": [VALUE_SET]}
    for name in ("profiles-types", "profiles-resources", "valuesets", "v3-codesystems", "v2-tables"):
        entries = [{"resource": resource} for resource in content.get(name, [])]
        (folder / f"{name}.json").write_text(json.dumps({"entry": entries}), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "RESOURCE_TYPES", ("Thing",))
        generate.main([str(folder), "--output", str(folder / "out.json")])
    document = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    schema = {**document, "$ref": "#/$defs/Thing"}
    return jsonschema_rs.Draft202012Validator(schema, pattern_options=jsonschema_rs.RegexOptions())


@pytest.mark.parametrize("thing", GOOD)
def test_good(validator: jsonschema_rs.Draft202012Validator, thing: Json) -> None:
    assert [str(found) for found in validator.iter_errors(thing)] == []


@pytest.mark.parametrize("thing", BAD)
def test_bad(validator: jsonschema_rs.Draft202012Validator, thing: Json) -> None:
    assert not validator.is_valid(thing)
