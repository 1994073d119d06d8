"""Whatever is sent to an operation, it is answered or refused with an OperationOutcome: never a fault of ours."""

import json
import random
from typing import Any

import pytest

from sesame_fhir.api.operations import OPERATIONS
from sesame_fhir.api.operations.registry import Operation
from tests.contract.api.operations.asking import EVERYTHING, Asking, given, parameters
from tests.support.story import PATHWAY

ROUNDS = 15
_PLAUSIBLE = 0.7
INSTANCES = {
    "CodeSystem": "sesame-phase",
    "ConceptMap": "x",
    "ValueSet": "x",
    "Measure": "started",
    "Questionnaire": "phq-2",
}
VALUES: tuple[Any, ...] = (
    *(
        "",
        " ",
        "x" * 5000,
        "\u00e9\u0301",
        "'; DROP TABLE resource; --",
        "%s%n",
        "http://[",
        "Patient/",
        "/",
        "|",
        "a|b|c",
        "|",
        "~",
        "=1+1",
    ),
    *(
        "Patient/p1",
        f"Patient/{PATHWAY}",
        "2024-02-30",
        "0001-01-01",
        "9999-12-31",
        "24:00",
        "-1",
        "1e9",
        "NaN",
        "null",
    ),
    *(
        0,
        -1,
        2**31,
        2**63,
        1.5,
        True,
        None,
        [],
        {},
        [[]],
        {"a": {"b": []}},
        [None],
        ["x"],
        {"reference": 3},
        {"code": {}},
    ),
    {"reference": "Patient/../x"},
    {"resourceType": "Patient"},
    {"resourceType": "Parameters", "parameter": []},
    {"resourceType": "ValueSet", "status": "active", "compose": {"include": [{}]}},
    {"resourceType": "ValueSet", "status": "active", "compose": {"include": [{"valueSet": ["x"] * 50}]}},
    {"resourceType": "Questionnaire", "status": "active", "item": [{"linkId": "a", "type": "group", "item": []}]},
)
KINDS = ("String", "Code", "Uri", "Boolean", "Integer", "Date", "Coding", "CodeableConcept", "Reference", "Identifier")
TEXTS = tuple(one for one in VALUES if isinstance(one, str) and one.strip())
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"


def _odd_form(chance: random.Random) -> dict[str, Any]:
    """Valid R4, odd as SDC: variables without names, contexts without types, expressions of any text."""
    told = {"language": "text/fhirpath", "expression": chance.choice((*TEXTS, "%patient", "%patient.name", "today()"))}
    query = {
        "language": "application/x-fhir-query",
        "expression": chance.choice(
            ("Observation?{{%patient.id}}", "x{{", "Patient?_id={{'x'}}", "?", "Observation?code=a&_count=999999999")
        ),
    }
    extensions = [
        {"url": "http://hl7.org/fhir/StructureDefinition/variable", "valueExpression": chance.choice((told, query))},
        {"url": "http://hl7.org/fhir/StructureDefinition/variable", "valueString": "x"},
        {"url": f"{SDC}/sdc-questionnaire-launchContext", "extension": [{"url": "name", "valueString": "x"}]},
        {"url": f"{SDC}/sdc-questionnaire-launchContext", "valueString": "x"},
    ]
    item: dict[str, Any] = {"linkId": "a", "type": chance.choice(("string", "choice", "quantity", "group", "display"))}
    item["extension"] = [{"url": f"{SDC}/sdc-questionnaire-initialExpression", "valueExpression": told}]
    for depth in range(chance.choice((0, 1, 15))):
        item = {"linkId": f"g{depth}", "type": "group", "item": [item]}
    taken = chance.sample(extensions, chance.randint(0, 3))
    return {
        "resourceType": "Questionnaire",
        "status": "active",
        "item": [item],
        **({"extension": taken} if taken else {}),
    }


def _plausible(kind: str, chance: random.Random) -> dict[str, Any]:
    """A value of the right type, its content anything."""
    said = chance.choice((*TEXTS, f"Patient/{PATHWAY}", "https://sesame-fhir.fr/ig/CodeSystem/sesame-phase", "care"))
    coding = {"system": said, "code": chance.choice(("care", "x"))}
    patient = {"resourceType": "Patient", "name": [{"family": said, "given": [said]}], "birthDate": "1984"}
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": chance.choice(("https://sesame-fhir.fr/ig/Questionnaire/phq-2", "urn:x")),
        "subject": {"reference": "Patient/p1"},
        "authored": chance.choice(("2026-01-01T00:00:00Z", "2026-01-01", "0001-01-01T00:00:00+14:00")),
        "item": [{"linkId": chance.choice(("44250-9", said)), "answer": [{"valueCoding": coding}]}],
    }
    made: dict[str, dict[str, Any]] = {
        "Reference": {"valueReference": {"reference": said}},
        "Coding": {"valueCoding": coding},
        "CodeableConcept": {"valueCodeableConcept": {"coding": [coding], "text": said}},
        "Identifier": {"valueIdentifier": {"value": said}},
        "Resource": {"resource": chance.choice((patient, response, _odd_form(chance)))},
        "part": {"part": [given("name", valueString=said), given("content", valueReference={"reference": said})]},
        "boolean": {"valueBoolean": chance.choice((True, False))},
        "integer": {"valueInteger": chance.choice((-1, 0, 1, 2**31 - 1))},
    }
    return made.get(kind, {f"value{kind[0].upper()}{kind[1:]}": said})


def _entry(operation: Operation, chance: random.Random) -> dict[str, Any]:
    if operation.parameters and chance.random() < _PLAUSIBLE:
        chosen = chance.choice(operation.parameters)
        return given(chosen.name, **_plausible(chosen.kind, chance))
    names = [*(one.name for one in operation.parameters), "colour"]
    name, value = chance.choice(names), chance.choice(VALUES)
    key = chance.choice(["resource", "part", *(f"value{kind}" for kind in KINDS)])
    return given(name, **{key: value})


def _paths(operation: Operation) -> list[str]:
    kind = operation.types[0]
    at = {"type": kind, "instance": f"{kind}/{INSTANCES.get(kind, PATHWAY)}"}
    return [f"{at[level]}/${operation.name}" for level in operation.levels]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.types[0]}-{one.name}")
def test_nothing_that_is_sent_is_a_fault(asking: Asking, operation: Operation) -> None:
    chance = random.Random(operation.name)  # noqa: S311  repeatable
    token = asking.world.token(EVERYTHING)
    for _ in range(ROUNDS):
        path = f"/fhir/{chance.choice(_paths(operation))}"
        needed = [given(one.name, **_plausible(one.kind, chance)) for one in operation.parameters if one.required]
        entries = [*needed, *(_entry(operation, chance) for _ in range(chance.randint(0, 3)))]
        bodies = [parameters(*entries), chance.choice([one for one in VALUES if isinstance(one, dict)])]
        answers = [asking.world.call("POST", path, token, json=body) for body in bodies]
        names = [*(one.name for one in operation.parameters), "colour"]
        query = {chance.choice(names): str(chance.choice(VALUES)) for _ in range(chance.randint(0, 3))}
        answers.append(asking.world.call("GET", path, token, query_string=query))
        for answer in answers:
            assert answer.status_code in (200, 400, 403, 404, 422, 501), (path, answer.status_code, answer.data[:300])
            assert json.loads(answer.data)["resourceType"]
