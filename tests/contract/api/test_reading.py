"""read, vread, history: who may, what is answered, and every refusal."""

import json
from datetime import timedelta
from typing import Any

import pytest

from sesame_fhir.services.records import StoredResource
from tests.contract.api.harness import BASE, FHIR_JSON, ORIGIN, World, assert_outcome

SURVEY = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}
LABORATORY = {**SURVEY, "code": "laboratory"}


def observation(key: str, patient: str = "p1", category: dict[str, str] = SURVEY) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": key,
        "status": "final",
        "category": [{"coding": [category]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "55758-7"}]},
        "subject": {"reference": f"Patient/{patient}"},
    }


@pytest.fixture
def record(world: World) -> World:
    world.put(observation("o1"))
    world.put(observation("o2", "p2"))
    world.put(observation("o3", category=LABORATORY))
    return world


def test_read_gives_the_stored_bytes_with_their_version(record: World) -> None:
    answer = record.call("GET", "/fhir/Observation/o1", record.token("user/Observation.r"))
    stored = record.store.resources.read("Observation", "o1")
    assert stored is not None
    assert answer.status_code == 200
    assert answer.data == stored.body
    assert answer.content_type == f"{FHIR_JSON}; charset=utf-8"
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"] == "Mon, 02 Mar 2026 09:00:00 GMT"
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.data)["meta"]["versionId"] == "1"


@pytest.mark.parametrize(
    ("known", "status"),
    [('W/"1"', 304), ('"1"', 304), ('W/"7", W/"1"', 304), ("*", 304), ('W/"2"', 200), ('W/"11"', 200), ("", 200)],
)
def test_if_none_match(record: World, known: str, status: int) -> None:
    headers = {"If-None-Match": known}
    answer = record.call("GET", "/fhir/Observation/o1", record.token("user/*.r"), headers=headers)
    assert answer.status_code == status
    assert answer.headers["ETag"] == 'W/"1"'
    assert (answer.data == b"") == (status == 304)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic d3Jvbmc=", "bearer\t", "Bearer é", "wrong"],
)
def test_without_a_valid_token(record: World, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization, "Origin": ORIGIN}
    for path in ("/fhir/Observation/o1", "/fhir/Observation", "/fhir/Observation/o1/_history", "/fhir/Patient/nobody"):
        answer = record.call("GET", path, headers=headers)
        assert_outcome(answer, 401, "login")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert ("Access-Control-Allow-Origin" in answer.headers) == (authorization is not None)


def test_expired_and_revoked_tokens(record: World) -> None:
    expired = record.token("user/*.r", expires_at=record.clock.now())
    revoked = record.token("user/*.r", revoked=True)
    for token in (expired, revoked):
        assert_outcome(record.call("GET", "/fhir/Observation/o1", token), 401, "login")
    later = record.token("user/*.r", expires_at=record.clock.now() + timedelta(seconds=1))
    assert record.call("GET", "/fhir/Observation/o1", later).status_code == 200


READS = [
    ("user/Observation.r", None, "o1", 200),
    ("user/*.read", None, "o2", 200),
    ("system/*.*", None, "o2", 200),
    ("user/Observation.s", None, "o1", 403),
    ("user/Condition.rs", None, "o1", 403),
    ("openid", None, "o1", 403),
    ("patient/Observation.r", "p1", "o1", 200),
    ("patient/Observation.r", "p1", "o2", 404),
    ("patient/Observation.r", None, "o1", 404),
    ("patient/Observation.r", "p1", "nothing", 404),
    (
        "patient/Observation.r?category=http://terminology.hl7.org/CodeSystem/observation-category|survey",
        "p1",
        "o1",
        200,
    ),
    (
        "patient/Observation.r?category=http://terminology.hl7.org/CodeSystem/observation-category|survey",
        "p1",
        "o3",
        404,
    ),
    ("patient/Observation.r?category=laboratory", "p1", "o3", 200),
    ("patient/Observation.r?category=laboratory", "p1", "o1", 404),
    ("user/Observation.r?category=urn:other|survey", None, "o1", 404),
]


@pytest.mark.parametrize(("scope", "patient", "key", "status"), READS)
def test_scopes_and_compartment(record: World, scope: str, patient: str | None, key: str, status: int) -> None:
    token = record.token(scope, patient)
    for suffix in ("", "/_history", "/_history/1"):
        answer = record.call("GET", f"/fhir/Observation/{key}{suffix}", token)
        if status == 200:
            assert answer.status_code == 200
        else:
            assert_outcome(answer, status, {403: "forbidden", 404: "not-found"}[status])


def test_patient_scopes_read_the_patient_and_the_people_around(record: World) -> None:
    token = record.token("patient/*.rs", "p1")
    assert record.call("GET", "/fhir/Patient/p1", token).status_code == 200
    assert_outcome(record.call("GET", "/fhir/Patient/p2", token), 404)
    assert record.call("GET", "/fhir/Practitioner/gp1", token).status_code == 200


def test_versions(record: World) -> None:
    record.clock.move(minutes=1)
    record.put({**observation("o1"), "status": "amended"})
    token = record.token("user/*.rs")
    first = record.call("GET", "/fhir/Observation/o1/_history/1", token)
    assert json.loads(first.data)["status"] == "final"
    assert first.headers["ETag"] == 'W/"1"'
    history = json.loads(record.call("GET", "/fhir/Observation/o1/_history", token).data)
    assert (history["type"], history["total"]) == ("history", 2)
    assert [entry["response"]["etag"] for entry in history["entry"]] == ['W/"2"', 'W/"1"']
    assert [entry["request"]["method"] for entry in history["entry"]] == ["PUT", "POST"]
    assert {entry["fullUrl"] for entry in history["entry"]} == {f"{BASE}/Observation/o1"}
    for version in ("0", "3", "x", "-1", "1.0", "9" * 20, "١"):
        assert_outcome(record.call("GET", f"/fhir/Observation/o1/_history/{version}", token), 404, "not-found")


def test_deleted_is_gone_but_only_for_those_who_might_have_seen_it(
    record: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = record.store.resources.read("Observation", "o1")
    assert stored is not None
    tombstone = StoredResource("Observation", "o1", 2, stored.last_updated, None, stored.origin, stored.site)
    monkeypatch.setattr(record.store.resources, "read", lambda *_: tombstone)
    assert_outcome(record.call("GET", "/fhir/Observation/o1", record.token("user/*.r")), 410, "deleted")
    assert_outcome(record.call("GET", "/fhir/Observation/o1", record.token("patient/*.r", "p1")), 404)


@pytest.mark.parametrize(
    ("accept", "query", "status"),
    [
        (FHIR_JSON, "", 200),
        (f"{FHIR_JSON}; fhirVersion=4.0", "", 200),
        ("application/json", "", 200),
        ("*/*", "", 200),
        ("text/html, application/*;q=0.5", "", 200),
        ("text/html", "_format=json", 200),
        ("text/html", "_format=application/fhir%2Bjson", 200),
        ("text/html", "_format=application/fhir+json", 200),
        (f"application/fhir+xml;q=0.5, {FHIR_JSON}", "", 200),
        (f"{FHIR_JSON}; fhirVersion=5.0", "", 406),
        (f"{FHIR_JSON};q=0", "", 406),
        ("text/html", "", 406),
        (FHIR_JSON, "_format=turtle", 406),
        (FHIR_JSON, "_format=", 406),
    ],
)
def test_content_negotiation(record: World, accept: str, query: str, status: int) -> None:
    headers = {"Accept": accept}
    for path in ("/fhir/Observation/o1", "/fhir/Observation", "/fhir/metadata"):
        answer = record.call("GET", f"{path}?{query}", record.token("user/*.rs"), headers=headers)
        assert answer.status_code == status
        assert answer.mimetype == FHIR_JSON


@pytest.mark.parametrize(
    ("accept", "query"),
    [
        ("application/fhir+xml", ""),
        (f"application/fhir+xml, {FHIR_JSON};q=0.9", ""),
        ("application/xml", ""),
        ("text/xml", ""),
        (FHIR_JSON, "_format=xml"),
        (FHIR_JSON, "_format=application/fhir%2Bxml"),
    ],
)
def test_xml_for_those_who_prefer_it(record: World, accept: str, query: str) -> None:
    for path in ("Observation/o1", "Observation", "metadata", "Observation/nothing", "Nothing"):
        answer = record.call("GET", f"/fhir/{path}?{query}", record.token("user/*.rs"), headers={"Accept": accept})
        assert answer.content_type == "application/fhir+xml; charset=utf-8"
        assert answer.data.startswith(b"<?xml")
        assert b'xmlns="http://hl7.org/fhir"' in answer.data


def test_cors_on_reads_is_for_registered_origins(record: World) -> None:
    token = record.token("user/*.r")
    known = record.call("GET", "/fhir/Observation/o1", token, headers={"Origin": ORIGIN})
    assert known.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in known.headers["Vary"]
    other = record.call("GET", "/fhir/Observation/o1", token, headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers
    preflight = record.call("OPTIONS", "/fhir/Observation/o1", headers={"Origin": ORIGIN})
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    refused = record.call("OPTIONS", "/fhir/Observation/o1", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Headers" not in refused.headers


def test_every_access_is_audited_without_content(record: World) -> None:
    record.call("GET", "/fhir/Observation/o1", record.token("patient/*.rs", "p1"))
    record.call("GET", "/fhir/Observation/o2", record.token("patient/*.rs", "p1"))
    record.store.audit.verify()
    denied, allowed = record.store.audit.entries(2)
    assert (allowed.action, allowed.outcome, allowed.patient, allowed.detail) == (
        "read",
        "ok",
        "Patient/p1",
        "Observation",
    )
    assert (denied.outcome, denied.extra["id"], denied.actor_id) == ("denied", "o2", "Practitioner/gp1")
