"""Definitions are read and searched like any resource, by any token that may read their type, and written by nobody."""

import json

import pytest

from tests.contract.api.operations.asking import EVERYTHING, Asking, resources
from tests.contract.api.operations.conftest import FEW


@pytest.mark.parametrize("one", FEW, ids=lambda one: f"{one['resourceType']}-{one['id']}")
def test_each_is_read_and_found(asking: Asking, one: dict[str, object]) -> None:
    kind, key = one["resourceType"], one["id"]
    found = asking.ok(f"{kind}/{key}", scope="patient/*.rs", patient="p1")
    assert (found["url"], found["meta"]["versionId"]) == (one["url"], "1")
    for query in (f"url={one['url']}", f"name={one['name']}", f"version={one['version']}&_id={key}"):
        assert [each["id"] for each in resources(asking.ok(f"{kind}?{query}"))] == [key], query


def test_code_systems_are_found_by_a_code(asking: Asking) -> None:
    assert [one["id"] for one in resources(asking.ok("CodeSystem?code=relapse-prevention"))] == ["sesame-phase"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "Questionnaire/phq-2", (409,)),
        ("DELETE", "Questionnaire/phq-2", (409,)),
        ("PUT", "CodeSystem/sesame-phase", (405,)),
        ("POST", "ValueSet", (405,)),
        ("DELETE", "Measure/started", (405,)),
    ],
)
def test_nobody_writes_them(asking: Asking, method: str, path: str, status: tuple[int, ...]) -> None:
    token = asking.world.token(EVERYTHING)
    body = {**json.loads(json.dumps(FEW[0], default=str)), "id": path.rpartition("/")[2]}
    body = asking.ok("Questionnaire/phq-2") if path.startswith("Questionnaire") else body
    options = {"json": body} if method != "DELETE" else {}
    answer = asking.world.call(method, f"/fhir/{path}", token, **options)
    assert answer.status_code in status, answer.get_data(as_text=True)
