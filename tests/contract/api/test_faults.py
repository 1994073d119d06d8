"""What leaves the server when something breaks: no exception text, no patient data, no token, in answer or log."""

import json
import logging
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.contract.api.harness import VERIFIER, World, assert_outcome
from tests.contract.api.test_reading import observation

MARKER = "Zorglub-marqueur-7731"


@pytest.fixture
def broken(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"the database says {MARKER}")

    for name in ("read", "vread", "versions", "search", "create", "update", "apply"):
        monkeypatch.setattr(world.store.resources, name, fail)
    return world


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "Observation/o1", None),
        ("GET", "Observation/o1/_history", None),
        ("GET", "Observation/o1/_history/1", None),
        ("GET", "Observation/_history", None),
        ("GET", "Observation", None),
        ("DELETE", "Observation/o1", None),
        ("POST", "Observation", {name: value for name, value in observation("x").items() if name != "id"}),
        ("PUT", "Observation/o1", observation("o1")),
    ],
)
def test_unexpected_exceptions_are_neutral(broken: World, method: str, path: str, body: Any) -> None:
    options = {} if body is None else {"json": body}
    with capture_logs() as logs:
        answer = broken.call(method, f"/fhir/{path}", broken.token("user/*.cruds"), **options)
    said = assert_outcome(answer, 500, "exception")
    assert MARKER not in answer.get_data(as_text=True)
    (entry,) = logs
    assert entry["error_type"] == "RuntimeError"
    assert entry["correlation_id"] in said["issue"][0]["diagnostics"]
    assert MARKER not in str(logs)


def test_the_authorization_server_is_neutral_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    code = world.code()

    def fail(*_: object) -> None:
        raise RuntimeError(f"the database says {MARKER}")

    monkeypatch.setattr(world.store.authorization, "take_code", fail)
    with capture_logs() as logs:
        answer = world.exchange(code)
    assert answer.status_code == 500
    assert json.loads(answer.data)["error"] == "server_error"
    assert logs[0]["correlation_id"] in answer.get_data(as_text=True)
    assert MARKER not in answer.get_data(as_text=True) + str(logs)
    assert world.call("DELETE", "/oauth/token").status_code == 405


def _bodies() -> list[bytes]:
    good = {**observation("x"), "note": [{"text": MARKER}]}
    del good["id"]
    return [
        json.dumps(good).encode(),
        json.dumps({**good, "status": MARKER}).encode(),
        json.dumps({**good, MARKER: 1}).encode(),
        f'{{"resourceType":"Observation","note":"{MARKER}'.encode(),
    ]


def test_markers_never_reach_a_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        token = world.token("user/*.cruds")
        for body in _bodies():
            for method, path in (("POST", "Observation"), ("PUT", "Observation/o1"), ("POST", MARKER)):
                world.call(method, f"/fhir/{path}", token, data=body, headers={"Content-Type": "application/fhir+json"})
        world.call("GET", f"/fhir/Patient?name={MARKER}&{MARKER}=1", token)
        world.call("GET", f"/fhir/Patient/{MARKER}", MARKER)
        secrets = _authorization_round(world)
    written = str(logs) + caplog.text
    for secret in (MARKER, token, VERIFIER, *secrets):
        assert secret not in written


def _authorization_round(world: World) -> list[str]:
    code = world.code()
    tokens = json.loads(world.exchange(code, state=MARKER).data)
    world.exchange(code)
    world.exchange(MARKER)
    world.tokens({"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "public-app"})
    world.tokens({"grant_type": MARKER, "client_id": MARKER})
    world.authorize(scope=MARKER, state=MARKER, launch=MARKER)
    return [code, tokens["access_token"], tokens["refresh_token"], tokens["id_token"]]
