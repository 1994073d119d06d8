"""create, conditional create, update: what is stored, and every refusal."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.records import Origin, StoredResource
from tests.contract.api.harness import BASE, FHIR_JSON, World, assert_outcome
from tests.contract.api.test_reading import LABORATORY, observation

PHQ2 = "https://sesame-fhir.fr/ig/Questionnaire/phq-2"
ID_SYSTEM = "https://sesame-fhir.fr/ig/identifier/observation"
ALL = "user/*.cruds"


def fresh(patient: str = "p1", value: str | None = None, **changes: Any) -> dict[str, Any]:
    """An Observation without id."""
    made = {name: found for name, found in observation("x", patient).items() if name != "id"}
    if value is not None:
        made["identifier"] = [{"system": ID_SYSTEM, "value": value}]
    return {**made, **changes}


def created_id(answer: Any) -> str:
    found: str = answer.headers["Location"].removeprefix(f"{BASE}/").split("/")[1]
    return found


def test_create_gives_an_id_a_version_and_the_resource(world: World) -> None:
    meta = {"versionId": "77", "lastUpdated": "1999-01-01T00:00:00Z", "tag": [{"system": "urn:x", "code": "kept"}]}
    body = fresh(id="mine", meta=meta)
    answer = world.call("POST", "/fhir/Observation", world.token(ALL), json=body)
    assert answer.status_code == 201
    assert answer.headers["ETag"] == 'W/"1"'
    key = created_id(answer)
    assert answer.headers["Location"] == f"{BASE}/Observation/{key}/_history/1"
    stored = json.loads(answer.data)
    assert stored["id"] == key != "mine"
    assert stored["meta"]["versionId"] == "1"
    assert stored["meta"]["lastUpdated"].startswith("2026-03-02T09:00:00")
    assert stored["meta"]["tag"] == meta["tag"]
    assert world.call("GET", f"/fhir/Observation/{key}", world.token(ALL)).data == answer.data
    assert {**stored, "id": 0, "meta": 0} == {**body, "id": 0, "meta": 0}


def test_decimals_keep_their_digits(world: World) -> None:
    raw = json.dumps(fresh()).replace('"status"', '"valueQuantity": {"value": 0.10}, "status"')
    answer = world.call("POST", "/fhir/Observation", world.token(ALL), data=raw, headers={"Content-Type": FHIR_JSON})
    assert answer.status_code == 201
    assert b'"value":0.10' in answer.data


@pytest.mark.parametrize(
    ("preference", "content"),
    [
        ("return=minimal", ""),
        ("return=representation", "Observation"),
        ("return=OperationOutcome", "OperationOutcome"),
        ("respond-async, return=minimal", ""),
        ("return=nonsense", "Observation"),
    ],
)
def test_prefer_return(world: World, preference: str, content: str) -> None:
    for method, path, body in (("POST", "Observation", fresh()), ("PUT", "Observation/o9", observation("o9"))):
        headers = {"Prefer": preference}
        answer = world.call(method, f"/fhir/{path}", world.token(ALL), json=body, headers=headers)
        assert answer.status_code == 201
        assert answer.headers["ETag"] == 'W/"1"'
        assert "Location" in answer.headers
        assert (json.loads(answer.data)["resourceType"] if answer.data else "") == content


def conditional(world: World, condition: str, body: dict[str, Any], token: str | None = None) -> Any:
    headers = {"If-None-Exist": condition}
    return world.call("POST", "/fhir/Observation", token or world.token(ALL), json=body, headers=headers)


def test_conditional_create_acts_once(world: World) -> None:
    condition = f"identifier={ID_SYSTEM}|one"
    first = conditional(world, condition, fresh(value="one"))
    second = conditional(world, condition, fresh(value="one", status="amended"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == second.headers["Location"]
    assert first.data == second.data
    world.call("POST", "/fhir/Observation", world.token(ALL), json=fresh(value="one"))
    assert_outcome(conditional(world, condition, fresh(value="one")), 412, "multiple-matches")


@pytest.mark.parametrize(
    ("condition", "status", "code"),
    [("", 412, "conflict"), ("_count=1", 412, "conflict"), ("unknown=1", 400, None), ("date=nonsense", 400, None)],
)
def test_wrong_conditions(world: World, condition: str, status: int, code: str | None) -> None:
    assert_outcome(conditional(world, condition, fresh()), status, code)


def test_a_condition_does_not_tell_what_other_patients_have(world: World) -> None:
    condition = f"identifier={ID_SYSTEM}|one"
    conditional(world, condition, fresh("p2", value="one"))
    own = conditional(world, condition, fresh("p1", value="one"), world.token("patient/*.cruds", "p1"))
    assert own.status_code == 201


def test_whoever_may_not_read_gets_no_copy_of_what_exists(world: World) -> None:
    condition = f"identifier={ID_SYSTEM}|one"
    conditional(world, condition, fresh(value="one"))
    answer = conditional(world, condition, fresh(value="one"), world.token("user/*.c"))
    assert (answer.status_code, answer.data) == (200, b"")


def test_update_makes_versions(world: World) -> None:
    token = world.token(ALL)
    first = world.call("PUT", "/fhir/Observation/mine", token, json=observation("mine"))
    assert (first.status_code, first.headers["ETag"]) == (201, 'W/"1"')
    changed = {**observation("mine"), "status": "amended"}
    second = world.call("PUT", "/fhir/Observation/mine", token, json=changed, headers={"If-Match": 'W/"1"'})
    assert (second.status_code, second.headers["ETag"]) == (200, 'W/"2"')
    late = world.call("PUT", "/fhir/Observation/mine", token, json=changed, headers={"If-Match": 'W/"1"'})
    assert_outcome(late, 412, "conflict")
    nothing = world.call("PUT", "/fhir/Observation/new", token, json=observation("new"), headers={"If-Match": 'W/"1"'})
    assert_outcome(nothing, 412, "conflict")


@pytest.mark.parametrize("if_match", ["1", '"', 'W/"x"', "*", 'W/"0"', 'W/"1", W/"2"'])
def test_wrong_if_match(world: World, if_match: str) -> None:
    world.put(observation("o1"))
    headers = {"If-Match": if_match}
    answer = world.call("PUT", "/fhir/Observation/o1", world.token(ALL), json=observation("o1"), headers=headers)
    assert_outcome(answer, 400)


@pytest.mark.parametrize("key", ["other", None, "a" * 65, "é"])
def test_update_wants_the_id_of_the_address(world: World, key: str | None) -> None:
    body = {**observation("x"), "id": key} if key else fresh()
    assert_outcome(world.call("PUT", "/fhir/Observation/mine", world.token(ALL), json=body), 400)


def test_a_resource_of_a_pathway_changes_with_its_pathway_only(world: World) -> None:
    world.put(observation("derived"), Origin.PATHWAY)
    answer = world.call("PUT", "/fhir/Observation/derived", world.token(ALL), json=observation("derived"))
    said = assert_outcome(answer, 409, "business-rule")
    assert said["issue"][0]["details"]["coding"][0]["code"] == "belongs-to-pathway"
    stored = world.store.resources.read("Observation", "derived")
    assert stored is not None
    assert stored.version == 1


BAD_BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b'"text"', 400),
    (b"{}", 400),
    (b'{"resourceType":"Patient"}', 400),
    (b'{"resourceType":"Observation"}', 400),
    (b'{"resourceType":"Observation","resourceType":"Observation"}', 400),
    (b'{"resourceType":"Observation","status":NaN}', 400),
    (b'{"resourceType":"Observation","status":"\xff"}', 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 200 + b"1" + b"}" * 200, 400),
    (b'{"x":"' + b"y" * (2 * 1024 * 1024) + b'"}', 413),
]


@pytest.mark.parametrize(("body", "status"), BAD_BODIES, ids=range(len(BAD_BODIES)))
@pytest.mark.parametrize(("method", "path"), [("POST", "Observation"), ("PUT", "Observation/o1")])
def test_bad_bodies(world: World, body: bytes, status: int, method: str, path: str) -> None:
    headers = {"Content-Type": FHIR_JSON}
    assert_outcome(world.call(method, f"/fhir/{path}", world.token(ALL), data=body, headers=headers), status)


@pytest.mark.parametrize("meta", ["x", 7, [], {"versionId": {}}, {"tag": "x"}, None])
def test_a_wrong_meta_is_an_outcome_too(world: World, meta: Any) -> None:
    assert_outcome(world.call("POST", "/fhir/Observation", world.token(ALL), json=fresh(meta=meta)), 400)


def test_every_problem_is_told_at_once(world: World) -> None:
    body = fresh(status="nonsense", unknownElement=1)
    said = assert_outcome(world.call("POST", "/fhir/Observation", world.token(ALL), json=body), 400)
    places = {place for issue in said["issue"] for place in issue["expression"]}
    assert {"Observation.status", "Observation.unknownElement"} <= places


@pytest.mark.parametrize(
    "media",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json-patch+json",
        "application/fhir+xml; fhirVersion=5.0",
        f"{FHIR_JSON}; charset=latin-1",
        f"{FHIR_JSON}; fhirVersion=5.0",
    ],
)
def test_other_media_types(world: World, media: str) -> None:
    headers = {"Content-Type": media}
    assert_outcome(world.call("POST", "/fhir/Observation", world.token(ALL), json=fresh(), headers=headers), 415)


def response(code: str, *, complete: bool = True) -> dict[str, Any]:
    questionnaire = {"linkId": "44250-9"}, {"linkId": "44255-8"}
    items = [
        {**item, "answer": [{"valueCoding": {"system": "http://loinc.org", "code": code}}]} for item in questionnaire
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": PHQ2,
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "item": items if complete else items[:1],
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [(response("LA6568-5"), 201), (response("LA0000-0"), 422), (response("LA6568-5", complete=False), 422)],
)
def test_answers_must_fit_their_questionnaire(world: World, body: dict[str, Any], status: int) -> None:
    answer = world.call("POST", "/fhir/QuestionnaireResponse", world.token(ALL), json=body)
    if status == 201:
        assert answer.status_code == 201, answer.get_data(as_text=True)
    else:
        assert_outcome(answer, status)


SURVEYS = "patient/Observation.cu?category=http://terminology.hl7.org/CodeSystem/observation-category|survey"
WRITES = [
    ("user/*.c", None, fresh("p2"), 201),
    ("user/Observation.write", None, fresh("p2"), 201),
    ("user/Observation.read", None, fresh(), 403),
    ("user/Condition.c", None, fresh(), 403),
    ("patient/Observation.c", "p1", fresh("p1"), 201),
    ("patient/Observation.c", "p1", fresh("p2"), 403),
    ("patient/Observation.c", None, fresh("p1"), 403),
    ("patient/Observation.c", "p1", fresh("p1", subject={"reference": "Group/p1"}), 403),
    (SURVEYS, "p1", fresh("p1"), 201),
    (SURVEYS, "p1", fresh("p1", category=[{"coding": [LABORATORY]}]), 403),
    (SURVEYS, "p1", {name: value for name, value in fresh("p1").items() if name != "category"}, 403),
]


@pytest.mark.parametrize(("scope", "patient", "body", "status"), WRITES)
def test_scopes_and_compartment_of_creates(
    world: World, scope: str, patient: str | None, body: dict[str, Any], status: int
) -> None:
    answer = world.call("POST", "/fhir/Observation", world.token(scope, patient), json=body)
    assert answer.status_code == status
    if status == 403:
        assert_outcome(answer, 403, "forbidden")


def test_an_update_cannot_take_a_resource_from_another_patient(world: World) -> None:
    world.put(observation("o2", "p2"))
    token = world.token("patient/*.cruds", "p1")
    assert_outcome(world.call("PUT", "/fhir/Observation/o2", token, json=observation("o2", "p1")), 403, "forbidden")
    world.put(observation("o1", "p1"))
    assert_outcome(world.call("PUT", "/fhir/Observation/o1", token, json=observation("o1", "p2")), 403, "forbidden")
    assert world.call("PUT", "/fhir/Observation/o1", token, json=observation("o1")).status_code == 200


def test_patient_scopes_write_nobody_elses_administrative_data(world: World) -> None:
    token = world.token("patient/*.cruds", "p1")
    for body in ({"resourceType": "Practitioner"}, {"resourceType": "Patient"}):
        assert_outcome(world.call("POST", f"/fhir/{body['resourceType']}", token, json=body), 403)


def test_a_binary_belongs_to_the_patient_of_its_security_context(world: World) -> None:
    body = {"resourceType": "Binary", "contentType": "application/pdf", "data": "JVBERg=="}
    token = world.token("patient/*.cruds", "p1")
    assert_outcome(world.call("POST", "/fhir/Binary", token, json=body), 403)
    mine = {**body, "securityContext": {"reference": "Patient/p1"}}
    answer = world.call("POST", "/fhir/Binary", token, json=mine)
    assert answer.status_code == 201
    assert world.call("GET", f"/fhir/Binary/{created_id(answer)}", token).status_code == 200
    assert_outcome(world.call("GET", f"/fhir/Binary/{created_id(answer)}", world.token("patient/*.r", "p2")), 404)


class _Overtaken:
    """A resource store in which somebody writes right after the next read."""

    def __init__(self, store: ResourceStore, write: Callable[[], object]) -> None:
        self._store = store
        self._write = [write]

    def read(self, resource_type: str, resource_id: str) -> StoredResource | None:
        found = self._store.read(resource_type, resource_id)
        if self._write:
            self._write.pop()()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


# who writes in between: another patient's observation, the pathway's, the same patient's | answer to the update
MEANWHILE = [("p2", Origin.RECORD, 403), ("p1", Origin.PATHWAY, 409), ("p1", Origin.RECORD, 200)]


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(("patient", "origin", "status"), MEANWHILE)
def test_an_update_replaces_only_what_it_was_checked_against(
    world: World, patient: str, origin: Origin, status: int, *, exists: bool
) -> None:
    if exists:
        world.put(observation("mine", "p1"))
    overtaken = _Overtaken(world.store.resources, lambda: world.put(observation("mine", patient), origin))
    racing = World(world.store, ids=world.ids, changes={"resources": overtaken})
    token = racing.token("patient/*.cruds", "p1")
    answer = racing.call("PUT", "/fhir/Observation/mine", token, json=observation("mine", "p1"))
    assert answer.status_code == status, answer.data
    now = world.store.resources.read("Observation", "mine")
    assert now is not None
    assert now.body is not None
    assert (f"Patient/{patient}".encode() in now.body, now.origin) == (True, origin)
