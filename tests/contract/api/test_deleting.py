"""delete: who may, what is left, and what a pathway has published."""

import json

import pytest

from sesame_fhir.services.records import Origin
from tests.contract.api.harness import FHIR_JSON, World, assert_outcome
from tests.contract.api.test_reading import LABORATORY, observation

ALL = "user/*.cruds"
ADDRESS = "/fhir/Observation/o1"


@pytest.fixture
def record(world: World) -> World:
    world.put(observation("o1"))
    return world


def test_a_deleted_resource_is_gone_and_its_history_stays(record: World) -> None:
    token = record.token(ALL)
    answer = record.call("DELETE", ADDRESS, token)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (204, b"", 'W/"2"')
    assert "Content-Type" not in answer.headers
    assert_outcome(record.call("GET", ADDRESS, token), 410, "deleted")
    assert_outcome(record.call("GET", f"{ADDRESS}/_history/2", token), 410, "deleted")
    assert record.call("GET", f"{ADDRESS}/_history/1", token).status_code == 200
    assert json.loads(record.call("GET", "/fhir/Observation", token).data)["total"] == 0
    history = json.loads(record.call("GET", f"{ADDRESS}/_history", token).data)
    assert [(one["request"]["method"], "resource" in one) for one in history["entry"]] == [
        ("DELETE", False),
        ("POST", True),
    ]


def test_deleting_again_or_nothing_is_a_success(record: World) -> None:
    token = record.token(ALL)
    for address in (ADDRESS, ADDRESS, "/fhir/Observation/nothing"):
        assert record.call("DELETE", address, token).status_code == 204
    stored = record.store.resources.read("Observation", "o1")
    assert stored is not None
    assert stored.version == 2


def test_a_deleted_resource_can_be_written_again(record: World) -> None:
    token = record.token(ALL)
    record.call("DELETE", ADDRESS, token)
    again = record.call("PUT", ADDRESS, token, json=observation("o1"))
    assert (again.status_code, again.headers["ETag"]) == (201, 'W/"3"')
    assert record.call("GET", ADDRESS, token).status_code == 200


def test_prefer_an_outcome(record: World) -> None:
    answer = record.call("DELETE", ADDRESS, record.token(ALL), headers={"Prefer": "return=OperationOutcome"})
    assert assert_outcome(answer, 200)["issue"][0]["severity"] == "information"


@pytest.mark.parametrize(("if_match", "status"), [('W/"1"', 204), ('W/"2"', 412), ("1", 400), ("*", 400)])
def test_if_match(record: World, if_match: str, status: int) -> None:
    answer = record.call("DELETE", ADDRESS, record.token(ALL), headers={"If-Match": if_match})
    assert answer.status_code == status
    assert record.call("GET", ADDRESS, record.token(ALL)).status_code == (410 if status == 204 else 200)


SURVEYS = "patient/Observation.d?category=survey"
# scope | patient of the token | status
DELETES = [
    ("user/Observation.d", None, 204),
    ("user/*.write", None, 204),
    ("user/Observation.cru", None, 403),
    ("user/Condition.d", None, 403),
    ("patient/Observation.d", "p1", 204),
    ("patient/Observation.d", "p2", 403),
    ("patient/Observation.d", None, 403),
    (SURVEYS, "p1", 204),
    (f"{SURVEYS.replace('survey', LABORATORY['code'])}", "p1", 403),
]


@pytest.mark.parametrize(("scope", "patient", "status"), DELETES)
def test_scopes_and_compartment(record: World, scope: str, patient: str | None, status: int) -> None:
    answer = record.call("DELETE", ADDRESS, record.token(scope, patient))
    assert answer.status_code == status
    if status == 403:
        assert_outcome(answer, 403, "forbidden")
        assert record.call("GET", ADDRESS, record.token(ALL)).status_code == 200


def test_patient_scopes_delete_nobody_elses_administrative_data(record: World) -> None:
    assert_outcome(record.call("DELETE", "/fhir/Practitioner/gp1", record.token("patient/*.cruds", "p1")), 403)


@pytest.mark.parametrize("origin", [Origin.PATHWAY, Origin.STAFF])
def test_what_the_pathway_has_published_is_not_deleted(record: World, origin: Origin) -> None:
    record.put(observation("derived"), origin)
    answer = record.call("DELETE", "/fhir/Observation/derived", record.token(ALL))
    (issue,) = assert_outcome(answer, 409, "business-rule")["issue"]
    assert issue["details"]["coding"][0]["code"] == "belongs-to-pathway"
    assert "corriger le parcours" in issue["diagnostics"]
    assert record.call("GET", "/fhir/Observation/derived", record.token(ALL)).status_code == 200


def test_a_patient_with_a_pathway_stays(record: World) -> None:
    episode = {
        "resourceType": "EpisodeOfCare",
        "id": "e1",
        "status": "active",
        "patient": {"reference": "Patient/p1"},
    }
    record.put(episode, Origin.PATHWAY)
    record.put({**episode, "id": "e2", "patient": {"reference": "Patient/p2"}})
    assert_outcome(record.call("DELETE", "/fhir/Patient/p1", record.token(ALL)), 409, "business-rule")
    assert record.call("DELETE", "/fhir/Patient/p2", record.token(ALL)).status_code == 204


def test_types_that_only_a_pathway_writes_offer_no_delete(record: World) -> None:
    answer = record.call("DELETE", "/fhir/CarePlan/c1", record.token(ALL))
    assert_outcome(answer, 405, "not-supported")
    assert answer.headers["Allow"] == "GET"


def test_a_delete_is_in_the_audit_log(record: World) -> None:
    record.call("DELETE", ADDRESS, record.token("patient/Observation.d", "p2"))
    record.call("DELETE", ADDRESS, record.token("patient/Observation.d", "p1"))
    allowed, denied = record.store.audit.entries(2)
    assert (allowed.action, allowed.outcome, allowed.extra["id"]) == ("delete", "ok", "o1")
    assert (denied.action, denied.outcome, denied.extra["id"]) == ("delete", "denied", "o1")


def test_a_delete_needs_no_body_and_no_content_type(record: World) -> None:
    headers = {"Content-Type": FHIR_JSON}
    assert record.call("DELETE", ADDRESS, record.token(ALL), headers=headers, data=b"{").status_code == 204
