"""How operations read their input: the query, Parameters, or the resource itself; every fault told with its place."""

import json
from typing import Any

import pytest

from sesame_fhir.api.facade.capability import capability_statement
from sesame_fhir.api.operations import OPERATIONS
from tests.contract.api.operations.asking import Asking, given, parameters
from tests.support.story import START

LOOKUP = "CodeSystem/$lookup"
PHASES = "https://sesame-fhir.fr/ig/CodeSystem/sesame-phase"


def test_a_query_and_parameters_ask_the_same(asking: Asking) -> None:
    by_get = asking.ok(f"{LOOKUP}?system={PHASES}&code=care")
    by_post = asking.ok(LOOKUP, parameters(given("system", valueUri=PHASES), given("code", valueCode="care")))
    written_otherwise = asking.ok(
        LOOKUP, parameters(given("system", valueUrl=PHASES), given("code", valueString="care"))
    )
    mixed = asking.ok(f"{LOOKUP}?system={PHASES}", parameters(given("code", valueCode="care")))
    assert by_get == by_post == written_otherwise == mixed


@pytest.mark.parametrize(
    ("body", "codes", "places"),
    [
        (parameters(given("colour", valueString="x")), ["not-supported"], ["Parameters.parameter[0].name"]),
        (
            parameters(given("code", valueCode="care"), given("code", valueCode="care")),
            ["structure"],
            ["Parameters.parameter[1].valueCode"],
        ),
        (parameters(given("code", valueBoolean=True)), ["value"], ["Parameters.parameter[0]"]),
        (parameters(given("code")), ["invariant"], ["Parameters.parameter[0]"]),
        (parameters(given("coding", valueCoding={"colour": "x"})), ["structure"], None),
        ({"resourceType": "Parameters", "parameter": {}}, ["structure"], None),
        ({"resourceType": "Patient"}, ["invalid"], ["resourceType"]),
        (parameters(), ["structure"], None),
        ({"resourceType": "Parameters"}, ["required"], ["code"]),
        (
            parameters(given("colour", valueString="x"), given("shape", valueString="y")),
            ["not-supported", "not-supported"],
            ["Parameters.parameter[0].name", "Parameters.parameter[1].name"],
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    asking: Asking, body: dict[str, Any], codes: list[str], places: list[str] | None
) -> None:
    status, found, where = asking.refused(LOOKUP, body)
    assert (status, found) == (400, codes)
    assert places is None or where == places


@pytest.mark.parametrize(
    ("query", "code", "place"),
    [
        ("colour=x", "not-supported", "colour"),
        ("coding=x", "not-supported", "coding"),
        ("code=care&code=care", "structure", "code"),
        ("code=", "value", "code"),
    ],
)
def test_what_is_wrong_in_a_query(asking: Asking, query: str, code: str, place: str) -> None:
    assert asking.refused(f"{LOOKUP}?{query}") == (400, [code], [place])


@pytest.mark.parametrize(
    "path", ["$lookup", "Patient/$lookup", "CodeSystem/sesame-phase/$lookup", "Patient/p1/$nothing"]
)
def test_no_such_operation(asking: Asking, path: str) -> None:
    assert asking.refused(path)[0] == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_operations_are_asked_by_get_or_post(asking: Asking, method: str) -> None:
    answer = asking.world.call(method, f"/fhir/{LOOKUP}", asking.world.token("user/*.cruds"))
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.types[0]}-{one.name}")
def test_no_operation_without_a_token_or_its_scope(asking: Asking, operation: Any) -> None:
    """Whatever the operation: 401 without a token, 403 with one that has nothing to do with it."""
    steps = {"type": operation.types[0], "instance": f"{operation.types[0]}/p1"}
    for level in operation.levels:
        path = f"/fhir/{steps[level]}/${operation.name}"
        assert asking.world.call("GET", path).status_code == 401
        token = asking.world.token("user/Basic.r")
        answer = asking.world.call("POST", path, token, json={"resourceType": "Parameters"})
        assert answer.status_code == 403, answer.get_data(as_text=True)


def test_the_capability_statement_lists_every_operation(asking: Asking) -> None:
    statement = capability_statement(asking.world.deps, START)
    listed = {
        (resource["type"], operation["name"], operation["definition"])
        for resource in statement["rest"][0]["resource"]
        for operation in resource.get("operation", ())
    }
    served = {resource["type"] for resource in statement["rest"][0]["resource"]}
    wanted = {(kind, one.name, one.definition) for one in OPERATIONS for kind in one.types if kind in served}
    assert json.dumps(sorted(listed)) == json.dumps(sorted(wanted))
