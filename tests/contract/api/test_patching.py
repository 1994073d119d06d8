"""patch: a JSON Patch on the current version, judged like the update it amounts to."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from sesame_fhir.services.records import Origin
from tests.contract.api.harness import FHIR_JSON, World, assert_outcome
from tests.contract.api.test_reading import observation

ALL = "user/*.cruds"
MEDIA = "application/json-patch+json"
ADDRESS = "/fhir/Observation/o1"


def amended(status: str = "amended") -> list[dict[str, Any]]:
    return [{"op": "replace", "path": "/status", "value": status}]


@pytest.fixture
def record(world: World) -> World:
    world.put({**observation("o1"), "valueQuantity": {"value": 1.5}})
    return world


def patched(
    world: World, operations: Any, token: str | None = None, address: str = ADDRESS, **headers: str
) -> TestResponse:
    sent = {"Content-Type": MEDIA, **{name.replace("_", "-"): value for name, value in headers.items()}}
    data = operations if isinstance(operations, bytes) else json.dumps(operations)
    return world.call("PATCH", address, token or world.token(ALL), data=data, headers=sent)


def test_a_patch_makes_the_next_version(record: World) -> None:
    answer = patched(record, amended())
    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert answer.headers["Location"].endswith("/Observation/o1/_history/2")
    stored = json.loads(answer.data)
    assert stored["status"] == "amended"
    assert stored["meta"]["versionId"] == "2"
    assert answer.data == record.call("GET", ADDRESS, record.token(ALL)).data
    assert {**stored, "status": 0, "meta": 0} == {
        **observation("o1"),
        "valueQuantity": {"value": 1.5},
        "status": 0,
        "meta": 0,
    }


def test_decimals_keep_their_digits(record: World) -> None:
    answer = patched(record, b'[{"op":"replace","path":"/valueQuantity/value","value":2.50}]')
    assert b'"value":2.50' in answer.data
    assert b'"value":2.50' in patched(record, amended()).data


# operations | status | part of the first expression
RESULTS: list[tuple[Any, int, str]] = [
    ([], 200, ""),
    ([{"op": "test", "path": "/status", "value": "final"}, *amended()], 200, ""),
    ([{"op": "test", "path": "/status", "value": "draft"}, *amended()], 422, "[0]"),
    ([*amended(), {"op": "remove", "path": "/nothing"}], 422, "[1]"),
    ([*amended(), {"op": "rename", "path": "/status"}], 400, "[1]"),
    (amended("nonsense"), 400, "Observation.status"),
    ([{"op": "remove", "path": "/code"}], 400, "Observation"),
    ([{"op": "add", "path": "/unknownElement", "value": 1}], 400, "Observation.unknownElement"),
    ([{"op": "remove", "path": "/category/0"}], 400, "Observation.category"),
    ([{"op": "replace", "path": "/id", "value": "other"}], 400, "Observation.id"),
    ([{"op": "remove", "path": "/id"}], 400, "Observation.id"),
    ([{"op": "replace", "path": "/resourceType", "value": "Patient"}], 400, "Observation.id"),
    ([{"op": "replace", "path": "", "value": {"resourceType": "Patient"}}], 400, "Observation.id"),
    ([{"op": "replace", "path": "/meta/versionId", "value": "77"}], 200, ""),
    ([{"op": "copy", "path": "/category/-", "from": ""}] * 30, 413, ""),
]


@pytest.mark.parametrize(("operations", "status", "place"), RESULTS, ids=range(len(RESULTS)))
def test_results_are_judged_like_an_update(record: World, operations: Any, status: int, place: str) -> None:
    answer = patched(record, operations)
    assert answer.status_code == status, answer.data
    stored = record.store.resources.read("Observation", "o1")
    assert stored is not None
    assert stored.version == (2 if status == 200 else 1)
    if status != 200:
        issue = assert_outcome(answer, status)["issue"][0]
        assert place in issue.get("expression", [""])[0]


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b'"x"', b'[{"op":1,"op":2}]', b"[NaN]", b"[" * 1000, b"\xff"])
def test_what_is_no_patch(record: World, body: bytes) -> None:
    assert_outcome(patched(record, body), 400)


@pytest.mark.parametrize("media", ["", FHIR_JSON, "application/json", "application/xml-patch+xml", "text/plain"])
def test_other_media_types(record: World, media: str) -> None:
    told = assert_outcome(patched(record, amended(), Content_Type=media), 415)
    assert "application/json-patch+json" in told["issue"][0]["diagnostics"]


@pytest.mark.parametrize(("if_match", "status"), [('W/"1"', 200), ('W/"2"', 412), ("x", 400)])
def test_if_match(record: World, if_match: str, status: int) -> None:
    assert patched(record, amended(), If_Match=if_match).status_code == status


def test_there_must_be_something_to_patch(record: World) -> None:
    assert_outcome(patched(record, amended(), address="/fhir/Observation/nothing"), 404, "not-found")
    record.call("DELETE", ADDRESS, record.token(ALL))
    assert_outcome(patched(record, amended()), 410, "deleted")
    assert_outcome(patched(record, amended(), record.token("patient/*.cruds", "p1")), 404, "not-found")


# scope | patient of the token | status | is the result shown
SCOPES = [
    ("user/Observation.u", None, 200, False),
    ("user/Observation.ru", None, 200, True),
    ("user/Observation.cd", None, 403, False),
    ("patient/Observation.ru", "p1", 200, True),
    ("patient/Observation.ru", "p2", 403, False),
    ("patient/Observation.u?category=laboratory", "p1", 403, False),
]


@pytest.mark.parametrize(("scope", "patient", "status", "shown"), SCOPES)
def test_scopes_and_compartment(record: World, scope: str, patient: str | None, status: int, *, shown: bool) -> None:
    answer = patched(record, amended(), record.token(scope, patient))
    assert answer.status_code == status
    if status == 200:
        assert bool(answer.data) == shown


def test_a_patch_cannot_move_a_resource_to_another_patient(record: World) -> None:
    elsewhere = [{"op": "replace", "path": "/subject/reference", "value": "Patient/p2"}]
    assert_outcome(patched(record, elsewhere, record.token("patient/*.cruds", "p1")), 403, "forbidden")


def test_what_the_pathway_has_published_is_not_patched(record: World) -> None:
    record.put(observation("derived"), Origin.PATHWAY)
    said = assert_outcome(patched(record, amended(), address="/fhir/Observation/derived"), 409, "business-rule")
    assert said["issue"][0]["details"]["coding"][0]["code"] == "belongs-to-pathway"


def test_prefer(record: World) -> None:
    assert patched(record, amended(), Prefer="return=minimal").data == b""
    assert_outcome(patched(record, amended(), Prefer="return=OperationOutcome"), 200)
