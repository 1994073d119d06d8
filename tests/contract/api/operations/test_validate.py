"""``$validate``: always 200, every issue with its FHIRPath."""

import json
from datetime import timedelta
from typing import Any

import pytest

from mappings.code_systems import CONTACT_MODES
from sesame_fhir.services.records import Origin
from sesame_fhir.storage import Store
from tests.contract.api.operations.asking import Asking, given, parameters
from tests.contract.api.pathways import PathwayWorld, enrol
from tests.specification.model import Step
from tests.support.story import PATHWAY, START
from tests.unit.mappings.cases import steps

GOOD = {"resourceType": "Patient", "name": [{"family": "FICTIVE"}], "birthDate": "1984-12-07"}
BAD = {"resourceType": "Patient", "birthDate": "2024-02-30", "colour": "x", "gender": "lots"}


def issues(outcome: Any) -> set[tuple[str, str, str]]:
    return {(one["severity"], one["code"], one.get("expression", [""])[0]) for one in outcome["issue"]}


COMPOSITION = {
    "resourceType": "Composition",
    "status": "final",
    "type": {"text": "x"},
    "date": "2026-01-01",
    "author": [{"display": "x"}],
    "title": "x",
}
FOUND_IN_BAD = {
    ("error", "value", "Patient.birthDate"),
    ("error", "structure", "Patient.colour"),
    ("error", "code-invalid", "Patient.gender"),
}


@pytest.mark.parametrize("body", [BAD, parameters(given("resource", resource=BAD))], ids=["as it is", "in Parameters"])
def test_every_issue_is_told_with_200(asking: Asking, body: Any) -> None:
    assert issues(asking.ok("Patient/$validate", body)) == FOUND_IN_BAD


def test_a_valid_resource(asking: Asking) -> None:
    assert {one[0] for one in issues(asking.ok("Patient/$validate", GOOD))} == {"information"}


def test_the_type_of_the_address_is_asked_for(asking: Asking) -> None:
    assert issues(asking.ok("Observation/$validate", GOOD)) == {("error", "invalid", "resourceType")}


def test_a_response_is_judged_by_its_questionnaire(asking: Asking) -> None:
    response = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "questionnaire": "https://sesame-fhir.fr/ig/Questionnaire/phq-2|1.0.0",
        "item": [{"linkId": "nobody", "answer": [{"valueString": "x"}]}],
    }
    found = issues(asking.ok("QuestionnaireResponse/$validate", response))
    assert any(place.startswith("QuestionnaireResponse.item[0]") for _, _, place in found)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("Patient/p1/$validate?mode=update", {**GOOD, "id": "p1"}, set()),
        ("Patient/p1/$validate?mode=update", {**GOOD, "id": "p2"}, {("error", "value", "Patient.id")}),
        ("Patient/$validate?mode=create", {**GOOD, "id": "p9"}, set()),
        ("Composition/$validate?mode=create", COMPOSITION, {("error", "not-supported", "Composition")}),
        ("Patient/$validate?mode=create", BAD, FOUND_IN_BAD),
        ("Patient/p1/$validate?mode=delete", None, set()),
        (
            "Patient/$validate?profile=urn:x:nobody",
            GOOD,
            {("warning", "not-found", "Patient.meta.profile[0]")},
        ),
        ("Patient/p1/$validate", None, set()),
    ],
)
def test_what_the_mode_adds(asking: Asking, path: str, body: Any, expected: set[tuple[str, str, str]]) -> None:
    found = issues(asking.ok(path, body))
    assert found == (expected or {("information", "informational", "")})


def test_a_write_that_is_only_planned_leaves_nothing(fresh: Asking) -> None:
    before = fresh.ok("Patient")["total"]
    fresh.ok("Patient/$validate?mode=create", GOOD)
    fresh.ok("Patient/p1/$validate?mode=update", {**GOOD, "id": "p1"})
    fresh.ok("Patient/p1/$validate?mode=delete")
    assert fresh.ok("Patient")["total"] == before
    assert fresh.ok("Patient/p1")["meta"]["versionId"] == "1"


def test_who_may_not_write_is_told_so(asking: Asking) -> None:
    found = issues(asking.ok("Patient/$validate?mode=create", GOOD, scope="user/Patient.r"))
    assert found == {("error", "forbidden", "")}


def test_what_a_pathway_owns_is_not_deleted(fresh: Asking) -> None:
    fresh.world.put({**GOOD, "id": "owned"}, Origin.PATHWAY)
    assert issues(fresh.ok("Patient/owned/$validate?mode=delete")) == {("error", "business-rule", "")}


@pytest.mark.parametrize(
    ("path", "body", "status", "place"),
    [
        ("Patient/$validate", None, 400, "resource"),
        ("Patient/$validate?mode=burn", GOOD, 400, "mode"),
        ("Patient/$validate?mode=delete", GOOD, 400, "mode"),
        ("Patient/nobody/$validate", GOOD, 404, None),
        ("Patient/$validate?colour=x", GOOD, 400, "colour"),
    ],
)
def test_what_it_refuses(asking: Asking, path: str, body: Any, status: int, place: str | None) -> None:
    found = asking.refused(path, body)
    assert (found[0], found[2]) == (status, [place] if place else [])


@pytest.mark.parametrize("scope", ["user/Patient.c", "user/Patient.u", "user/Patient.r", "patient/Patient.r"])
def test_who_may_write_or_read_may_ask(asking: Asking, scope: str) -> None:
    assert asking.call("Patient/$validate", GOOD, scope=scope, patient="p1").status_code == 200


def test_somebody_else_is_not_shown(asking: Asking) -> None:
    assert asking.call("Patient/p2/$validate", scope="patient/*.rs", patient="p1").status_code == 404
    assert asking.call("Patient/$validate", GOOD, scope="user/Observation.cruds").status_code == 403


@pytest.mark.parametrize(("story", "status"), [("planned", 201), ("referred", 422)])
def test_the_rules_of_the_pathway_are_told(store: Store, story: str, status: int) -> None:
    """What would happen to an appointment: the same as when it is booked, and nothing is booked."""
    world = PathwayWorld(store, START + timedelta(days=2))
    enrol(store)
    world.live(Step(happened.occurred_at, happened.data, happened.actor) for _, _, happened in steps(story))
    asked = {
        "resourceType": "Appointment",
        "status": "booked",
        "appointmentType": {"coding": [CONTACT_MODES.coding("phone")]},
        "start": "2026-03-05T09:00:00Z",
        "end": "2026-03-05T09:30:00Z",
        "participant": [{"actor": {"reference": f"Patient/{PATHWAY}"}, "status": "accepted"}],
    }
    token, before = world.person("nurse"), world.pathway().version
    answer = world.call("POST", "/fhir/Appointment/$validate?mode=create", token, json=asked)
    assert answer.status_code == 200
    assert world.pathway().version == before
    booked = world.post(token, asked)
    assert booked.status == status, booked.body
    told = json.loads(answer.data)["issue"]
    assert told == booked.body["issue"] if status != 201 else [one["severity"] for one in told] == ["information"]
