"""Profiles compiled from differentials: one passing and several failing resources for each thing that they may say."""

from typing import Any

import pytest

from sesame_fhir.fhir.json_types import Json, fhirpath
from sesame_fhir.fhir.profiling import compile_profiles
from sesame_fhir.fhir.profiling.model import Codes
from sesame_fhir.fhir.profiling.reading import UnreadableProfileError

URL = "https://example.org/StructureDefinition/it"
EXT = "https://example.org/StructureDefinition/colour"
OTHER = "https://other.example/StructureDefinition/person"
LOINC = "http://loinc.org"
SETS: dict[str, Codes] = {"https://example.org/ValueSet/colours": frozenset({("urn:c", "red"), ("urn:c", "blue")})}
RULES = {"it-1": lambda node: "note" in node, "it-2": lambda value: isinstance(value, str) and value.isupper()}


def profile(*elements: Json, url: str = URL, kind: str = "Observation", base: str | None = None) -> Json:
    parent = base or f"http://hl7.org/fhir/StructureDefinition/{kind}"
    return {"url": url, "type": kind, "baseDefinition": parent, "differential": {"element": list(elements)}}


def element(path: str, **said: Any) -> Json:
    return {"id": path, "path": path.partition(":")[0], **said}


COLOUR = profile(
    element("Extension.url", fixedUri=EXT),
    element("Extension.value[x]", min=1, type=[{"code": "Coding"}]),
    element("Extension.value[x].code", min=1),
    url=EXT,
    kind="Extension",
)


def problems(resource: Json, *elements: Json) -> list[str]:
    checks = compile_profiles([profile(*elements), COLOUR], SETS.get, RULES, {OTHER: "Patient"})
    return sorted({fhirpath("", problem.path).lstrip(".") for problem in checks[URL]({**OBSERVATION, **resource})})


OBSERVATION: Json = {"resourceType": "Observation", "status": "final"}
CODE = {"coding": [{"system": LOINC, "code": "1"}, {"system": "urn:x", "code": "y"}]}
RED, GREEN = ({"system": "urn:c", "code": colour} for colour in ("red", "green"))
BOUND = element(
    "Observation.code", binding={"strength": "required", "valueSet": "https://example.org/ValueSet/colours|1"}
)
SLICED = (
    element("Observation.category", slicing={"discriminator": [{"type": "pattern", "path": "$this"}], "rules": "open"}),
    element("Observation.category:survey", min=1, max="1", patternCodeableConcept={"coding": [{"code": "survey"}]}),
    element("Observation.category:survey.text", min=1),
)
BY_VALUE = (
    element(
        "Observation.component",
        slicing={"discriminator": [{"type": "value", "path": "code.coding.code"}], "rules": "closed"},
    ),
    element("Observation.component:a", max="1", min=0),
    element("Observation.component:a.code", patternCodeableConcept={"coding": [{"code": "a"}]}),
    element("Observation.component:b.code.coding.code", fixedCode="b"),
    element("Observation.component:b.value[x]", min=1),
)
EXTENDED = element("Observation.extension:colour", min=1, type=[{"code": "Extension", "profile": [EXT]}])
SURVEY = {"coding": [{"system": "urn:k", "code": "survey"}], "text": "x"}


def part(code: str, **more: Any) -> Json:
    return {"code": {"coding": [{"code": code}]}, **more}


CASES: dict[str, tuple[tuple[Json, ...], Json, list[str]]] = {
    "present": ((element("Observation.issued", min=1),), {"issued": "x"}, []),
    "absent": ((element("Observation.issued", min=1),), {}, ["issued"]),
    "absent but extended": ((element("Observation.issued", min=1),), {"_issued": {"extension": [{}]}}, []),
    "forbidden": ((element("Observation.note", max="0"),), {"note": [{"text": "x"}]}, ["note"]),
    "too many": ((element("Observation.note", max="1"),), {"note": [{}, {}]}, ["note"]),
    "inside": (
        (element("Observation.subject.reference", min=1),),
        {"subject": {"display": "x"}},
        ["subject.reference"],
    ),
    "inside what is absent": ((element("Observation.subject.reference", min=1),), {}, []),
    "in each of a list": (
        (element("Observation.component.code.text", min=1),),
        {"component": [{"code": {"text": "x"}}, {"code": {}}]},
        ["component[1].code.text"],
    ),
    "fixed": ((element("Observation.status", fixedCode="final"),), {}, []),
    "not the fixed": ((element("Observation.status", fixedCode="amended"),), {}, ["status"]),
    "pattern": (
        (element("Observation.code", patternCodeableConcept={"coding": [{"system": LOINC}]}),),
        {"code": CODE},
        [],
    ),
    "not the pattern": (
        (element("Observation.code", patternCodeableConcept={"coding": [{"system": LOINC, "code": "y"}]}),),
        {"code": CODE},
        ["code"],
    ),
    "bound": ((BOUND,), {"code": {"coding": [GREEN, RED]}}, []),
    "out of the value set": ((BOUND,), {"code": {"coding": [GREEN]}}, ["code"]),
    "uncoded": ((BOUND,), {"code": {"text": "rouge"}}, ["code"]),
    "choice type": ((element("Observation.value[x]", type=[{"code": "Quantity"}]),), {"valueQuantity": {}}, []),
    "other choice type": (
        (element("Observation.value[x]", type=[{"code": "Quantity"}]),),
        {"valueString": "x"},
        ["valueString"],
    ),
    "target": (
        (element("Observation.subject", type=[{"code": "Reference", "targetProfile": [OTHER]}]),),
        {"subject": {"reference": "Patient/1"}},
        [],
    ),
    "other target": (
        (element("Observation.subject", type=[{"code": "Reference", "targetProfile": [OTHER]}]),),
        {"subject": {"reference": "Group/1"}},
        ["subject"],
    ),
    "target unknown to us": (
        (element("Observation.subject", type=[{"code": "Reference", "targetProfile": ["urn:nobody"]}]),),
        {"subject": {"reference": "Group/1"}},
        [],
    ),
    "slice": (SLICED, {"category": [{"text": "z"}, SURVEY]}, []),
    "slice absent": (SLICED, {"category": [{"text": "z"}]}, ["category"]),
    "slice twice": (SLICED, {"category": [SURVEY, SURVEY]}, ["category"]),
    "inside a slice": (SLICED, {"category": [{"coding": [{"code": "survey"}]}]}, ["category[0].text"]),
    "closed slices": (BY_VALUE, {"component": [part("a"), part("b", valueString="x")]}, []),
    "no such slice": (BY_VALUE, {"component": [part("c")]}, ["component[0]"]),
    "a value missing in a slice": (BY_VALUE, {"component": [part("b")]}, ["component[0].value"]),
    "extension": ((EXTENDED,), {"extension": [{"url": EXT, "valueCoding": RED}]}, []),
    "extension absent": ((EXTENDED,), {"extension": [{"url": "urn:e", "valueCoding": RED}]}, ["extension"]),
    "extension not as defined": (
        (EXTENDED,),
        {"extension": [{"url": EXT, "valueString": "x"}]},
        ["extension[0].valueString"],
    ),
    "extension incomplete": (
        (EXTENDED,),
        {"extension": [{"url": EXT, "valueCoding": {"system": "urn:c"}}]},
        ["extension[0].valueCoding.code"],
    ),
    "rule": (
        (element("Observation", constraint=[{"key": "it-1", "human": "Il faut une note.", "severity": "error"}]),),
        {"note": []},
        [],
    ),
    "rule broken": (
        (element("Observation", constraint=[{"key": "it-1", "human": "Il faut une note.", "severity": "error"}]),),
        {},
        [""],
    ),
    "rule on an element": (
        (element("Observation.status", constraint=[{"key": "it-2", "human": "x", "severity": "warning"}]),),
        {},
        ["status"],
    ),
}


@pytest.mark.parametrize(("elements", "resource", "expected"), CASES.values(), ids=CASES.keys())
def test_what_a_differential_says_is_held(elements: tuple[Json, ...], resource: Json, expected: list[str]) -> None:
    assert problems(resource, *elements) == expected


def test_a_profile_asks_what_its_parent_asks() -> None:
    parent = profile(element("Observation.issued", min=1))
    child = profile(element("Observation.note", min=1), url=URL + "2", base=f"{URL}|1.0")
    checks = compile_profiles([parent, child], SETS.get, RULES, {})
    assert len(list(checks[URL + "2"](OBSERVATION))) == 2


def test_a_resource_of_another_type_does_not_meet_the_profile() -> None:
    checks = compile_profiles([profile(element("Observation.issued", min=1))], SETS.get, RULES, {})
    assert [problem.path for problem in checks[URL]({"resourceType": "Patient"})] == [("meta", "profile")]


UNREADABLE = {
    "a rule that is not written": (
        element("Observation", constraint=[{"key": "it-9", "human": "x", "severity": "error"}]),
    ),
    "a slice that says nothing": (*SLICED[:1], element("Observation.category:x", min=1)),
    "slices told apart by a profile": (
        element("Observation.note", slicing={"discriminator": [{"type": "profile", "path": "$this"}], "rules": "open"}),
        element("Observation.note:x", min=1),
    ),
    "slices told apart by nothing": (element("Observation.note:x", min=1),),
}


@pytest.mark.parametrize("elements", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_could_not_be_enforced_is_refused_when_it_is_read(elements: tuple[Json, ...]) -> None:
    with pytest.raises(UnreadableProfileError):
        problems({}, *elements)
