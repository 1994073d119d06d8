"""batch: each entry for itself, answered as the request of its own would be."""

import base64
import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from sesame_fhir.api.facade import bounds
from sesame_fhir.fhir.validation import validate
from tests.contract.api.bundling import ALL, answered, entry, name, send, statuses, stored_count
from tests.contract.api.harness import BASE, World, assert_outcome
from tests.contract.api.test_patching import MEDIA, amended
from tests.contract.api.test_reading import observation
from tests.contract.api.test_writing import fresh


def binary(operations: Any) -> dict[str, Any]:
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"resourceType": "Binary", "contentType": MEDIA, "data": data}


# entry | status | code of the outcome
ENTRIES: list[tuple[dict[str, Any], int, str | None]] = [
    (entry("GET", "Observation/o1"), 200, None),
    (entry("HEAD", "Observation/o1"), 200, None),
    (entry("GET", f"{BASE}/Observation/o1"), 200, None),
    (entry("GET", "/Observation/o1"), 200, None),
    (entry("GET", "Observation/o1", ifNoneMatch='W/"1"'), 304, None),
    (entry("GET", "Observation/o1", ifModifiedSince="2030-01-01T00:00:00Z"), 304, None),
    (entry("GET", "Observation/o1", ifModifiedSince="2020-01-01T00:00:00Z"), 200, None),
    (entry("GET", "Observation/o1/_history/1"), 200, None),
    (entry("GET", "Observation/o1/_history"), 200, None),
    (entry("GET", "Observation?status=final&_count=1"), 200, None),
    (entry("GET", "Patient/p1/Observation"), 200, None),
    (entry("GET", "Observation?date=nonsense"), 400, "value"),
    (entry("GET", "Observation/nothing"), 404, "not-found"),
    (entry("GET", "Nothing/1"), 404, "not-found"),
    (entry("GET", "https://other.example/fhir/Observation/o1"), 404, "not-found"),
    (entry("POST", "Observation", fresh()), 201, None),
    (entry("POST", "Observation", fresh(status="nonsense")), 400, None),
    (entry("POST", "Observation"), 400, "required"),
    (entry("POST", "Observation", observation("o1"), ifNoneExist="_id=o1"), 200, None),
    (entry("PUT", "Observation/o1", observation("o1"), ifMatch='W/"1"'), 200, None),
    (entry("PUT", "Observation/o1", observation("o1"), ifMatch='W/"7"'), 412, "conflict"),
    (entry("PUT", "Observation/o1", observation("o1"), ifMatch="7"), 400, "value"),
    (entry("PUT", "Observation/other", observation("o1")), 400, "value"),
    (entry("PUT", "Observation?_id=o1", fresh()), 200, None),
    (entry("PATCH", "Observation/o1", binary(amended())), 200, None),
    (entry("PATCH", "Observation/o1", binary([{"op": "test", "path": "/status", "value": "x"}])), 422, "processing"),
    (entry("PATCH", "Observation/o1", {**binary([]), "data": "***"}), 400, None),
    (entry("PATCH", "Observation/o1", {"resourceType": "Parameters"}), 415, "not-supported"),
    (entry("DELETE", "Observation/o1"), 204, None),
    (entry("DELETE", "Observation?_id=o1"), 204, None),
    (entry("DELETE", "CarePlan/c1"), 405, "not-supported"),
    (entry("POST", "/", {"resourceType": "Bundle", "type": "batch"}), 501, "not-supported"),
]


@pytest.mark.parametrize(("given", "status", "code"), ENTRIES, ids=range(len(ENTRIES)))
def test_every_interaction(world: World, given: dict[str, Any], status: int, code: str | None) -> None:
    world.put(observation("o1"))
    (one,) = answered(send(world, "batch", [given]), "batch")
    assert statuses([one]) == [status], one
    assert ("outcome" in one["response"]) == (status >= 400)
    if status >= 400:
        issue = one["response"]["outcome"]["issue"][0]
        assert code in (None, issue["code"])
        assert issue["expression"][0].startswith("Bundle.entry[0]")
        assert "resource" not in one


def test_the_good_are_done_and_the_bad_are_told(world: World) -> None:
    entries = [
        entry("POST", "Observation", fresh()),
        entry("POST", "Observation", fresh(status="nonsense")),
        entry("GET", "Observation/nothing"),
        entry("POST", "Observation", fresh()),
    ]
    answer = send(world, "batch", entries)
    found = answered(answer, "batch")
    assert statuses(found) == [201, 400, 404, 201]
    places = [issue["expression"][0] for issue in found[1]["response"]["outcome"]["issue"]]
    assert "Bundle.entry[1].resource.status" in places
    assert found[0]["response"]["location"] == f"{BASE}/Observation/{found[0]['resource']['id']}/_history/1"
    assert found[0]["response"]["etag"] == 'W/"1"'
    assert stored_count(world, "Observation") == 2
    assert validate(json.loads(answer.data), "Bundle") == []


@pytest.mark.parametrize(
    ("preference", "resource", "outcome"),
    [
        ("return=minimal", False, False),
        ("return=representation", True, False),
        ("return=OperationOutcome", False, True),
    ],
)
def test_prefer_is_for_every_entry(world: World, preference: str, *, resource: bool, outcome: bool) -> None:
    answer = send(world, "batch", [entry("POST", "Observation", fresh())], headers={"Prefer": preference})
    (one,) = answered(answer, "batch")
    assert ("resource" in one, "outcome" in one["response"]) == (resource, outcome)


def test_scopes_are_checked_per_entry(world: World) -> None:
    world.put(observation("o1", "p1"))
    world.put(observation("o2", "p2"))
    token = world.token("patient/Observation.rs patient/Condition.c", "p1")
    entries = [
        entry("GET", "Observation/o1"),
        entry("GET", "Observation/o2"),
        entry("GET", "Patient/p1"),
        entry("POST", "Observation", fresh()),
        entry("DELETE", "Observation/o1"),
    ]
    assert statuses(answered(send(world, "batch", entries, token), "batch")) == [200, 404, 403, 403, 403]


def test_an_entry_s_fault_is_neutral_and_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the database says Zorglub")

    monkeypatch.setattr(world.store.resources, "apply", fail)
    with capture_logs() as logs:
        answer = send(world, "batch", [entry("POST", "Observation", fresh()), entry("GET", "Patient/p1")])
    assert statuses(answered(answer, "batch")) == [500, 200]
    assert b"Zorglub" not in answer.data + str(logs).encode()
    assert [one["error_type"] for one in logs] == ["RuntimeError"]


def test_an_empty_batch(world: World) -> None:
    assert answered(send(world, "batch", []), "batch") == []


BAD_BUNDLES: list[tuple[Any, int, str | None]] = [
    ({"resourceType": "Patient"}, 400, "invalid"),
    ({"resourceType": "Bundle"}, 400, None),
    ({"resourceType": "Bundle", "type": "nonsense"}, 400, None),
    ({"resourceType": "Bundle", "type": "collection"}, 501, "not-supported"),
    ({"resourceType": "Bundle", "type": "searchset"}, 501, "not-supported"),
    ({"resourceType": "Bundle", "type": "batch", "entry": []}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": {}}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": [None]}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": [{}]}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": {}}]}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": [{**entry("GET", "Patient/p1"), "x": 1}]}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": [{**entry("GET", "Patient/p1"), "resource": 7}]}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": [entry("LOOK", "Patient/p1")]}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": [{"request": {"method": "GET"}}]}, 400, None),
    ({"resourceType": "Bundle", "type": "transaction", "entry": [entry("GET", "x", ifModifiedSince="x")]}, 400, None),
    ({"resourceType": "Bundle", "type": "batch", "entry": [entry("GET", "a", None, name(1))] * 2}, 400, "invariant"),
    ({"resourceType": "Bundle", "type": "batch", "entry": [entry("GET", "Patient/p1")] * 1001}, 413, "too-costly"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD_BUNDLES, ids=range(len(BAD_BUNDLES)))
def test_an_envelope_that_is_wrong(world: World, body: Any, status: int, code: str | None) -> None:
    assert_outcome(world.call("POST", "/fhir", world.token(ALL), json=body), status, code)


def test_a_token_is_wanted_for_the_envelope_too(world: World) -> None:
    assert_outcome(world.call("POST", "/fhir", json={"resourceType": "Bundle", "type": "batch"}), 401, "login")


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_what_a_bundle_reads_is_bounded_as_a_whole(world: World, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_ANSWERED", 100)
    before = stored_count(world, "Observation")
    entries = [entry("GET", "Patient/p1"), entry("GET", "Patient/p1"), entry("POST", "Observation", fresh())]
    answer = send(world, kind, entries)
    if kind == "batch":
        assert [one["status"][:3] for one in (e["response"] for e in answered(answer, kind))] == ["200", "413", "413"]
    else:
        assert_outcome(answer, 413, "too-costly")
    assert stored_count(world, "Observation") == before
