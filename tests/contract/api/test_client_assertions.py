"""private_key_jwt as SMART 2.2 profiles it, and backend services."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.contract.api.harness import REDIRECT, TOKEN_URL, VERIFIER, World, private_key


def exchange(world: World, assertion: dict[str, str | None], client_id: str = "key-app") -> Any:
    return world.exchange(world.code(client_id), **assertion)


@pytest.mark.parametrize("alg", ["RS384", "ES384"])
def test_both_algorithms_of_smart_work(world: World, alg: str) -> None:
    assert exchange(world, world.assertion(alg=alg)).status_code == 200


def test_keys_can_be_published_at_an_address(world: World) -> None:
    assert exchange(world, world.assertion("remote-app"), "remote-app").status_code == 200


def test_an_assertion_works_once(world: World) -> None:
    assertion = world.assertion()
    assert exchange(world, assertion).status_code == 200
    again = exchange(world, assertion)
    assert again.status_code in (400, 401)
    assert json.loads(again.data)["error"] == "invalid_client"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other-app"},
        {"iss": None},
        {"sub": "other-app"},
        {"sub": "unknown"},
        {"sub": None},
        {"sub": 7},
        {"aud": "http://127.0.0.1:8000/oauth"},
        {"aud": TOKEN_URL + "/"},
        {"aud": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 1},
        {"exp": 4_000_000_000},
        {"jti": None},
        {"jti": 7},
        {"kid": "unknown"},
        {"kid": "rsa-1"},
        {"alg": "RS256", "kid": "rsa-1"},
        {"alg": "ES256", "key": ECKey.generate_key("P-256"), "kid": "ec-1"},
        {"key": ECKey.generate_key("P-384"), "kid": "ec-1"},
        {"client_id": "public-app"},
        {"client_id": "secret-app"},
    ],
)
def test_wrong_assertions(world: World, changes: dict[str, Any]) -> None:
    if changes.get("alg") == "RS256":
        changes = {**changes, "key": RSAKey.import_key(private_key("RS384").as_dict(private=True), {"alg": "RS256"})}
    answer = exchange(world, world.assertion(**changes))
    assert answer.status_code in (400, 401)
    assert json.loads(answer.data)["error"] == "invalid_client"


def test_too_long_a_life_is_refused_even_by_a_second(world: World) -> None:
    now = int(world.clock.now().timestamp())
    assert exchange(world, world.assertion(exp=now + 300)).status_code == 200
    assert exchange(world, world.assertion(exp=now + 301)).status_code in (400, 401)


@pytest.mark.parametrize("value", ["", "x", "a.b.c", "e30.e30.e30", "é.é.é", "." * 9000])
def test_malformed_assertions(world: World, value: str) -> None:
    assertion = {**world.assertion(), "client_assertion": value}
    assert json.loads(exchange(world, assertion).data)["error"] == "invalid_client"


def test_assertion_type_must_be_the_standard_one(world: World) -> None:
    assertion = {**world.assertion(), "client_assertion_type": "urn:other"}
    assert json.loads(exchange(world, assertion).data)["error"] == "invalid_client"


def backend(world: World, scope: str | None = "system/Patient.rs", client_id: str = "service", **changes: Any) -> Any:
    return world.tokens({"grant_type": "client_credentials", "scope": scope, **world.assertion(client_id), **changes})


def test_backend_service_reads_with_a_short_token(world: World) -> None:
    answer = backend(world)
    assert answer.status_code == 200
    token = json.loads(answer.data)
    assert (token["scope"], token["expires_in"]) == ("system/Patient.rs", 300)
    assert "refresh_token" not in token
    assert world.call("GET", "/fhir/Patient/p2", token["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": None}, "invalid_scope"),
        ({"scope": "system/Patient.c"}, "invalid_scope"),
        ({"scope": "patient/*.rs"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"client_id": "key-app"}, "unauthorized_client"),
        ({"client_assertion": "not.a.jwt"}, "invalid_client"),
        ({"client_assertion_type": "urn:other"}, "invalid_client"),
        ({"grant_type": "nonsense"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x", "code_verifier": VERIFIER}, "unauthorized_client"),
        ({"grant_type": "authorization_code", "redirect_uri": REDIRECT}, "unauthorized_client"),
    ],
)
def test_wrong_backend_requests(world: World, changes: dict[str, Any], error: str) -> None:
    changes = dict(changes)
    client_id = changes.pop("client_id", "service")
    scope = changes.pop("scope", "system/Patient.rs")
    answer = backend(world, scope, client_id, **changes)
    assert answer.status_code in (400, 401)
    assert json.loads(answer.data)["error"] == error
