"""What the SMART 2.2 server rows about clients that sign, backend services and introspection ask for."""

import json
from dataclasses import replace
from typing import Any

import requests
from joserfc.jwk import ECKey

from sesame_fhir.api.oauth.jwks_source import JwksSource
from tests.contract.api.harness import ORIGIN, SECRET, TOKEN_URL, World, basic
from tests.contract.api.smart_app_checks import configuration, reads, token_of

JWKS_URL = f"{ORIGIN}/app/jwks.json"


def backend(world: World, scope: str | None = "system/Patient.rs", client_id: str = "service", **changes: Any) -> Any:
    return world.tokens({"grant_type": "client_credentials", "scope": scope, **world.assertion(client_id), **changes})


def signed(world: World, client_id: str = "key-app", /, **changes: Any) -> Any:
    """A code exchanged with a client assertion."""
    return world.exchange(world.code(client_id), **world.assertion(client_id, **changes))


def error_of(answer: Any) -> str:
    return str(json.loads(answer.data).get("error"))


def backend_token(world: World) -> None:
    answer = backend(world, "system/Patient.rs system/Observation.cruds")
    body = json.loads(answer.data)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert body["token_type"].lower() == "bearer"
    assert body["scope"] == "system/Patient.rs system/Observation.rs"
    assert 0 < body["expires_in"] <= 300
    assert "refresh_token" not in body
    assert reads(world, body["access_token"], "Patient/p2") == 200
    assert reads(world, body["access_token"], "Condition") == 403
    world.clock.move(seconds=301)
    assert reads(world, body["access_token"], "Patient/p2") == 401


def backend_scope_is_preauthorized(world: World) -> None:
    for scope in (None, "", "system/Patient.c", "user/*.rs", "patient/*.rs", "openid"):
        assert error_of(backend(world, scope)) == "invalid_scope", scope


def backend_errors(world: World) -> None:
    assert error_of(backend(world, grant_type="password")) == "unsupported_grant_type"
    assert error_of(backend(world, client_assertion_type="urn:x")) == "invalid_client"
    assert error_of(backend(world, client_assertion="a.b.c")) == "invalid_client"
    assert error_of(backend(world, client_id="nobody")) == "invalid_client"


def no_backend_for_secrets(world: World) -> None:
    values = {"grant_type": "client_credentials", "scope": "system/*.rs"}
    answer = world.tokens(values, Authorization=basic("secret-app", SECRET))
    assert error_of(answer) in ("invalid_client", "unauthorized_client")


def a_closed_client_gets_nothing(world: World) -> None:
    token = json.loads(backend(world).data)["access_token"]
    client = world.store.authorization.client("service")
    assert client is not None
    world.register(client, active=False)
    assert error_of(backend(world)) == "invalid_client"
    assert reads(world, token, "Patient/p2") == 401


def signing_is_advertised(world: World) -> None:
    said = configuration(world)
    assert "client-confidential-asymmetric" in said["capabilities"]
    assert "private_key_jwt" in said["token_endpoint_auth_methods_supported"]
    assert set(said["token_endpoint_auth_signing_alg_values_supported"]) == {"RS384", "ES384"}
    assert said["scopes_supported"]
    assert said["token_endpoint"] == TOKEN_URL


def keys_inline_or_at_an_address(world: World) -> None:
    assert signed(world, "key-app").status_code == 200
    assert signed(world, "remote-app").status_code == 200


def both_algorithms(world: World) -> None:
    for alg in ("RS384", "ES384"):
        assert signed(world, alg=alg).status_code == 200


def a_signature_is_needed(world: World) -> None:
    other = ECKey.generate_key("P-384")
    for changes in ({"key": other, "kid": "ec-1"}, {"kid": "unknown"}, {"aud": "https://evil.example"}, {"exp": 1}):
        assert error_of(signed(world, **changes)) == "invalid_client", changes
    assert error_of(signed(world, exp=int(world.clock.now().timestamp()) + 301)) == "invalid_client"


def a_jti_is_used_once(world: World) -> None:
    once: dict[str, Any] = world.assertion("service")
    assert backend(world, **once).status_code == 200
    assert error_of(backend(world, **once)) == "invalid_client"


def iss_and_sub_are_the_client(world: World) -> None:
    for changes in ({"iss": "other-app"}, {"sub": "other-app"}, {"sub": "nobody", "iss": "nobody"}, {"iss": None}):
        assert error_of(signed(world, **changes)) == "invalid_client", changes


def jku_is_the_registered_address(world: World) -> None:
    for client_id, jku, accepted in (
        ("remote-app", JWKS_URL, True),
        ("remote-app", "https://evil.example/jwks.json", False),
        ("remote-app", f"{JWKS_URL}/", False),
        ("key-app", JWKS_URL, False),
    ):
        answer = signed(world, client_id, jku=jku)
        assert (answer.status_code == 200) is accepted, (client_id, jku)


def keys_are_cached_as_allowed(_world: World) -> None:
    calls: list[str] = []

    def get(url: str, **_options: Any) -> requests.Response:
        calls.append(url)
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b'{"keys": [{"kid": "a"}]}'
        answer.headers["Cache-Control"] = "max-age=60"
        return answer

    now = [0.0]
    source = JwksSource(get, lambda: now[0])
    for now[0], expected in ((0.0, 1), (59.0, 1), (61.0, 2)):
        source(JWKS_URL, "a")
        assert len(calls) == expected


def introspect(world: World, token: str, client_id: str = "public-app") -> dict[str, Any]:
    data = {"token": token, "client_id": client_id}
    found: dict[str, Any] = json.loads(world.client.post("/oauth/introspect", data=data).data)
    return found


def introspection_of_an_active_token(world: World) -> None:
    token = token_of(world)
    told = introspect(world, token["access_token"])
    assert told["active"] is True
    assert (told["client_id"], told["scope"]) == ("public-app", token["scope"])
    assert told["exp"] == int(world.clock.now().timestamp()) + token["expires_in"]
    assert (told["patient"], told["encounter"]) == (token["patient"], token["encounter"])
    assert (told["iss"], told["sub"], told["fhirUser"].startswith(told["iss"])) == (
        "http://127.0.0.1:8000/fhir",
        "Practitioner/gp1",
        True,
    )


def introspection_of_anything_else(world: World) -> None:
    revoked = token_of(world)["access_token"]
    world.client.post("/oauth/revoke", data={"token": revoked, "client_id": "public-app"})
    expired = token_of(world)["access_token"]
    world.clock.move(seconds=3601)
    for token in ("unknown", revoked, expired, token_of(world)["access_token"]):
        client_id = "public-app" if token in ("unknown", revoked, expired) else "other-app"
        assert introspect(world, token, client_id) == {"active": False}


def introspection_with_a_token(world: World) -> None:
    client = world.store.authorization.client("service")
    assert client is not None
    world.register(client, scopes=("system/*.rs", "introspect"))
    asked = token_of(world)["access_token"]

    def introspected(bearer: str, token: str | None = asked) -> Any:
        data = {} if token is None else {"token": token}
        return world.client.post("/oauth/introspect", data=data, headers={"Authorization": f"Bearer {bearer}"})

    proof = json.loads(backend(world, "system/*.rs introspect").data)["access_token"]
    told = json.loads(introspected(proof).data)
    assert (told["active"], told["client_id"]) == (True, "public-app")
    assert json.loads(introspected(proof, "unknown").data) == {"active": False}
    assert introspected(proof, None).status_code == 400
    weak = json.loads(backend(world, "system/*.rs").data)["access_token"]
    assert (introspected(weak).status_code, introspected("unknown").status_code) == (403, 401)


def sites_limit_a_service(world: World) -> None:
    client = world.store.authorization.client("service")
    assert client is not None
    for sites, status in (((), 200), (("elsewhere",), 404), ((world.deps.site,), 200)):
        world.register(replace(client), sites=sites)
        token = json.loads(backend(world, "system/*.rs").data)["access_token"]
        assert reads(world, token, "Patient/p1") == status, sites
        assert json.loads(world.call("GET", "/fhir/Patient", token).data)["total"] == (2 if status == 200 else 0)
        assert reads(world, token, "Practitioner/gp1") == 200, "the directory is of no site"
