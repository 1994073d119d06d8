"""``$validate``: always 200, every issue with its FHIRPath."""

from typing import Any

import pytest

from sesame_fhir.services.records import Origin
from tests.contract.api.operations.asking import Asking, given, parameters

GOOD = {"resourceType": "Patient", "name": [{"family": "FICTIVE"}], "birthDate": "1984-12-07"}
BAD = {"resourceType": "Patient", "birthDate": "2024-02-30", "colour": "x", "gender": "lots"}


def issues(outcome: Any) -> set[tuple[str, str, str]]:
    return {(one["severity"], one["code"], one.get("expression", [""])[0]) for one in outcome["issue"]}


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
        ("Patient/$validate?mode=create", {**GOOD, "id": "p9"}, {("information", "informational", "Patient.id")}),
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


def test_what_a_pathway_owns_is_not_deleted(fresh: Asking) -> None:
    fresh.world.put({**GOOD, "id": "owned"}, Origin.PATHWAY)
    assert issues(fresh.ok("Patient/owned/$validate?mode=delete")) == {("error", "business-rule", "Patient")}


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
