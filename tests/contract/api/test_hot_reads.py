"""The read before Flask: same answer as the route, and nothing but the ordinary read."""

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.test import Client, TestResponse

from sesame_fhir.api.facade.hot_reads import HotReads
from tests.contract.api.harness import FHIR_JSON, ORIGIN, World
from tests.contract.api.test_reading import observation

PATH = "/fhir/Observation/o1"


def teapot(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("418 I'm a teapot", [])
    return [b""]


def asked(
    world: World, path: str = PATH, scope: str = "user/*.rs", method: str = "GET", **headers: str
) -> TestResponse:
    world.put(observation("o1"))
    client = Client(HotReads(teapot, world.deps, "/fhir"))
    sent = {"Authorization": f"Bearer {world.token(scope, 'p1')}", **headers}
    return client.open(path, method=method, headers=sent)


@pytest.mark.parametrize("scope", ["user/*.rs", "patient/Observation.r", "patient/Observation.r?category=survey"])
def test_an_ordinary_read_never_enters_flask(world: World, scope: str) -> None:
    assert asked(world, scope=scope, Accept=FHIR_JSON).status_code == 200


def test_the_answer_is_the_route_s(world: World) -> None:
    world.put(observation("o1"))
    token = world.token("user/*.rs")
    hot, routed = world.call("GET", PATH, token), world.call("GET", f"{PATH}?_format=json", token)
    assert hot.data == routed.data
    assert all(answer.headers.pop("X-Request-Id") for answer in (hot, routed))
    assert sorted(hot.headers) == sorted(routed.headers)
    first, second = world.store.audit.entries(2)
    assert first == second


@pytest.mark.parametrize(
    "changes",
    [
        {"path": f"{PATH}?_format=json"},
        {"path": f"{PATH}/"},
        {"path": f"{PATH}/_history"},
        {"path": "/fhir/Observation"},
        {"path": "/fhir/Nothing/o1"},
        {"path": "/fhir/Observation/nothing"},
        {"path": "/fhir/Observation/o%0A1"},
        {"path": "/other/fhir/Observation/o1"},
        {"path": "/fhir/metadata"},
        {"method": "HEAD"},
        {"method": "PUT"},
        {"scope": "user/*.s"},
        {"scope": "patient/Observation.r?category=laboratory"},
        {"Accept": "text/html"},
        {"Origin": ORIGIN},
        {"If-None-Match": 'W/"1"'},
        {"Authorization": "Bearer wrong"},
        {"Authorization": ""},
    ],
)
def test_everything_else_is_handed_over(world: World, changes: dict[str, Any]) -> None:
    assert asked(world, **changes).status_code == 418
    assert world.store.audit.entries(1) == ()


def test_a_broken_store_is_the_route_s_to_explain(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(world.store.resources, "read", fail)
    assert asked(world).status_code == 418


def test_the_sites_of_its_client_hold_before_flask_too(world: World) -> None:
    client = world.store.authorization.client("public-app")
    assert client is not None
    for sites, status in ((("elsewhere",), 418), ((world.deps.site,), 200)):
        world.register(client, sites=sites)
        assert asked(world).status_code == status
