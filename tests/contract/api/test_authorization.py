"""The authorization code flow of SMART App Launch 2.2: what works, and everything that must not."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sesame_fhir.api.launches import SESSION_COOKIE, issue_launch, sign_out
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.records import ClientKind
from tests.contract.api.harness import BASE, CHALLENGE, DOCTOR, HOST, REDIRECT, SECRET, VERIFIER, World, basic, returned


def tokens_of(world: World, **changes: str | None) -> dict[str, Any]:
    answer = world.exchange(world.code(**changes))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body: dict[str, Any] = json.loads(answer.data)
    return body


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ehr_launch_gives_tokens_and_context(world: World, method: str) -> None:
    world.sign_in()
    context = {"patient": "p1", "encounter": "e1", "need_patient_banner": False, "intent": "phq-2"}
    launch = issue_launch(world.deps, "public-app", DOCTOR, context)
    back = returned(world.authorize(method, launch=launch))
    assert back["state"] == "state-of-the-test"
    answer = world.exchange(back["code"])
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    token = json.loads(answer.data)
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 3600
    assert token["scope"] == "launch openid fhirUser patient/*.rs online_access"
    assert token["refresh_token"] != token["access_token"]
    assert {name: token[name] for name in context} == context
    assert world.call("GET", "/fhir/Patient/p1", token["access_token"]).status_code == 200


def test_id_token_is_signed_by_a_published_key(world: World) -> None:
    token = tokens_of(world, scope="openid fhirUser profile launch patient/*.rs")
    assert "refresh_token" not in token
    published = world.client.get("/oauth/jwks.json")
    keys = json.loads(published.data)
    assert all("d" not in key for key in keys["keys"])
    decoded = jwt.decode(token["id_token"], KeySet.import_key_set(keys), ["RS256"])
    assert decoded.header["kid"] == "server-1"
    now = int(world.clock.now().timestamp())
    digest = hashlib.sha256(token["access_token"].encode()).digest()[:16]
    assert decoded.claims == {
        "at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "iss": BASE,
        "sub": DOCTOR,
        "aud": "public-app",
        "iat": now,
        "exp": now + 3600,
        "auth_time": now,
        "nonce": "nonce-of-the-test",
        "fhirUser": f"{BASE}/{DOCTOR}",
        "profile": f"{BASE}/{DOCTOR}",
    }


def test_scopes_are_reduced_to_what_the_app_is_registered_for(world: World) -> None:
    back = returned(_launched(world, "narrow-app", scope="launch openid patient/*.cruds user/Task.c offline_access"))
    answer = world.exchange(back["code"], client_id="narrow-app")
    assert json.loads(answer.data)["scope"] == "launch openid patient/Observation.rs"


def _launched(world: World, client_id: str = "public-app", /, **changes: str | None) -> Any:
    world.sign_in()
    return world.authorize(client_id=client_id, launch=world.launch(client_id), **changes)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"aud": f"{HOST}/other"}, "invalid_request"),
        ({"aud": BASE + "/"}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"state": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "é"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "system/*.rs"}, "invalid_scope"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"nonce": "n" * 3000}, "invalid_request"),
        ({"nonce": "a\x00b"}, "invalid_request"),
    ],
)
def test_wrong_requests_go_back_to_the_app_without_a_code(
    world: World, changes: dict[str, str | None], error: str
) -> None:
    back = returned(_launched(world, **changes))
    assert back["error"] == error
    assert "code" not in back
    assert back.get("state") == ("state-of-the-test" if "state" not in changes else None)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"client_id": None},
        {"client_id": "é\x00"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": REDIRECT + "/more"},
        {"redirect_uri": REDIRECT.replace("localhost", "LOCALHOST")},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": None},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_never_redirects_to_an_address_that_is_not_registered(
    world: World, changes: dict[str, str | None], method: str
) -> None:
    world.sign_in()
    answer = world.authorize(method, launch=world.launch(), **changes)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "ne peut pas s’ouvrir" in answer.get_data(as_text=True)
    assert "evil" not in answer.get_data(as_text=True)


def test_repeated_parameters_are_refused(world: World) -> None:
    world.sign_in()
    first = world.authorize(launch=world.launch(), state="one").request
    answer = world.client.get(f"/oauth/authorize?{first.query_string.decode()}&state=two", base_url=HOST)
    assert returned(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "launch",
    ["unknown", "", "of-another-app", "of-somebody-else", "expired"],
)
def test_only_the_launch_of_this_app_and_person_counts(world: World, launch: str) -> None:
    world.sign_in()
    match launch:
        case "of-another-app":
            launch = world.launch("other-app")
        case "of-somebody-else":
            launch = world.launch(subject="Practitioner/gp2")
        case "expired":
            launch = world.launch()
            world.clock.move(seconds=301)
    assert returned(world.authorize(launch=launch))["error"] in ("invalid_request", "access_denied")


def test_anonymous_people_sign_in_first_and_come_back(world: World) -> None:
    answer = world.authorize("POST", launch=world.launch())
    assert answer.status_code == 302
    assert answer.location.startswith(f"{HOST}/sign-in?next=http%3A%2F%2F127.0.0.1%3A8000%2Foauth%2Fauthorize%3F")
    assert answer.headers["Cache-Control"] == "no-store"


def test_signing_out_ends_the_session(world: World) -> None:
    world.sign_in()
    cookie = world.client.get_cookie(SESSION_COOKIE, domain="127.0.0.1")
    assert cookie is not None
    sign_out(world.deps, cookie.value)
    assert world.authorize(launch=world.launch()).location.startswith(f"{HOST}/sign-in")


def test_session_expires(world: World) -> None:
    world.sign_in()
    world.clock.move(hours=13)
    assert world.authorize(launch=world.launch()).location.startswith(f"{HOST}/sign-in")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "w" * 64}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
        ({"code_verifier": VERIFIER[:40]}, "invalid_request"),
        ({"redirect_uri": REDIRECT + "2"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"client_id": "other-app"}, "invalid_grant"),
        ({"client_id": "unknown"}, "invalid_client"),
        ({"client_id": "secret-app"}, "invalid_client"),
        ({"client_id": "key-app"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"code": "wrong"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "é"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"client_id": "public-app\x00"}, "invalid_request"),
    ],
)
def test_wrong_token_requests(world: World, changes: dict[str, str | None], error: str) -> None:
    answer = world.exchange(world.code(), **changes)
    assert answer.status_code in (400, 401)
    assert json.loads(answer.data)["error"] == error
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_code_works_once_and_its_second_use_revokes_what_it_gave(world: World) -> None:
    code = world.code()
    token = json.loads(world.exchange(code).data)["access_token"]
    assert world.call("GET", "/fhir/Patient/p1", token).status_code == 200
    again = world.exchange(code)
    assert again.status_code == 400
    assert json.loads(again.data)["error"] == "invalid_grant"
    assert world.call("GET", "/fhir/Patient/p1", token).status_code == 401


def test_a_code_expires(world: World) -> None:
    code = world.code()
    world.clock.move(seconds=121)
    assert json.loads(world.exchange(code).data)["error"] == "invalid_grant"


def test_access_tokens_expire_when_configured(world: World, store: Any) -> None:
    short = World(store, world.clock, world.ids, {"access_token_seconds": 5})
    token = tokens_of(short)
    assert token["expires_in"] == 5
    assert short.call("GET", "/fhir/Patient/p1", token["access_token"]).status_code == 200
    world.clock.move(seconds=6)
    assert short.call("GET", "/fhir/Patient/p1", token["access_token"]).status_code == 401


@pytest.mark.parametrize("seconds", [0, -1, 3601])
def test_lifetimes_beyond_smart_are_refused(world: World, store: Any, seconds: int) -> None:
    with pytest.raises(ValueError, match="access_token_seconds"):
        World(store, world.clock, world.ids, {"access_token_seconds": seconds})


def client_of(world: World) -> OAuthClient:
    client = world.store.authorization.client("public-app")
    assert client is not None
    return client


def _refresh(world: World, refresh: str, **changes: str | None) -> Any:
    values = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": "public-app", **changes}
    answer = world.tokens(values)
    return json.loads(answer.data)


def test_refresh_rotates(world: World) -> None:
    first = tokens_of(world)
    second = _refresh(world, first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    assert second["patient"] == "p1"
    assert world.call("GET", "/fhir/Patient/p1", second["access_token"]).status_code == 200
    third = _refresh(world, second["refresh_token"])
    assert world.call("GET", "/fhir/Patient/p1", third["access_token"]).status_code == 200


def test_a_public_client_is_named_by_its_refresh_token(world: World) -> None:
    """SMART's own JavaScript library sends no client_id with it; whoever has a secret still has to show it."""
    assert "access_token" in _refresh(world, tokens_of(world)["refresh_token"], client_id=None)
    assert _refresh(world, "unknown", client_id=None)["error"] == "invalid_client"
    mine = tokens_of(world)["refresh_token"]
    world.store.authorization.save_client(replace(client_of(world), kind=ClientKind.SYMMETRIC, secret_hash="x"))
    assert _refresh(world, mine, client_id=None)["error"] == "invalid_client"


def test_refresh_reuse_revokes_the_family(world: World) -> None:
    first = tokens_of(world)
    second = _refresh(world, first["refresh_token"])
    assert _refresh(world, first["refresh_token"])["error"] == "invalid_grant"
    assert world.call("GET", "/fhir/Patient/p1", second["access_token"]).status_code == 401
    assert _refresh(world, second["refresh_token"])["error"] == "invalid_grant"


def test_refresh_with_fewer_scopes_keeps_the_rest_for_later(world: World) -> None:
    first = tokens_of(world)
    narrowed = _refresh(world, first["refresh_token"], scope="patient/*.rs online_access")
    assert narrowed["scope"] == "patient/*.rs online_access"
    whole = _refresh(world, narrowed["refresh_token"])
    assert whole["scope"] == first["scope"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"refresh_token": "wrong"}, "invalid_grant"),
        ({"refresh_token": None}, "invalid_request"),
        ({"client_id": "other-app"}, "invalid_grant"),
        ({"scope": "patient/*.cruds"}, "invalid_scope"),
        ({"scope": "user/*.rs"}, "invalid_scope"),
    ],
)
def test_wrong_refreshes(world: World, changes: dict[str, str | None], error: str) -> None:
    refresh = tokens_of(world)["refresh_token"]
    assert _refresh(world, refresh, **changes)["error"] == error


def test_refresh_tokens_expire_with_the_session_unless_offline(world: World) -> None:
    online = tokens_of(world)["refresh_token"]
    offline = tokens_of(world, scope="launch patient/*.rs offline_access")["refresh_token"]
    world.clock.move(hours=13)
    assert _refresh(world, online)["error"] == "invalid_grant"
    assert "access_token" in _refresh(world, offline)


def test_revocation_ends_access_and_refresh(world: World) -> None:
    token = tokens_of(world)
    answer = world.client.post("/oauth/revoke", data={"token": token["access_token"], "client_id": "public-app"})
    assert answer.status_code == 200
    assert world.call("GET", "/fhir/Patient/p1", token["access_token"]).status_code == 401
    assert _refresh(world, token["refresh_token"])["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"token": "unknown", "client_id": "public-app"}, 200),
        ({"client_id": "public-app"}, 400),
        ({"token": "unknown"}, 401),
        ({"token": "unknown", "client_id": "nobody"}, 400),
    ],
)
def test_revocation_of_nothing(world: World, data: dict[str, str], status: int) -> None:
    assert world.client.post("/oauth/revoke", data=data).status_code == status


def test_introspection_tells_the_client_about_its_own_tokens_only(world: World) -> None:
    token = tokens_of(world)

    def introspect(client_id: str, value: str) -> Any:
        return json.loads(world.client.post("/oauth/introspect", data={"token": value, "client_id": client_id}).data)

    told = introspect("public-app", token["access_token"])
    assert told["active"] is True
    assert told["client_id"] == "public-app"
    assert told["scope"] == token["scope"]
    assert told["exp"] == int(world.clock.now().timestamp()) + 3600
    assert (told["patient"], told["encounter"]) == ("p1", "e1")
    assert (told["iss"], told["sub"], told["fhirUser"]) == (BASE, DOCTOR, f"{BASE}/{DOCTOR}")
    assert introspect("public-app", token["refresh_token"])["active"] is True
    assert introspect("other-app", token["access_token"]) == {"active": False}
    assert introspect("public-app", "unknown") == {"active": False}
    world.clock.move(hours=2)
    assert introspect("public-app", token["access_token"]) == {"active": False}


def test_symmetric_clients_use_basic(world: World) -> None:
    values = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    answer = world.tokens({**values, "code": world.code("secret-app")}, Authorization=basic("secret-app", SECRET))
    assert answer.status_code == 200
    wrong = world.tokens({**values, "code": world.code("secret-app")}, Authorization=basic("secret-app", "wrong"))
    assert wrong.status_code == 401
    assert wrong.headers["WWW-Authenticate"].startswith("Basic")
    inside = {**values, "code": world.code("secret-app"), "client_id": "secret-app", "client_secret": SECRET}
    assert world.tokens(inside).status_code == 401


def test_cors_on_the_token_endpoint_is_for_registered_origins(world: World) -> None:
    known = world.tokens({}, Origin="http://localhost:8000")
    assert known.headers["Access-Control-Allow-Origin"] == "http://localhost:8000"
    assert "Access-Control-Allow-Origin" not in world.tokens({}, Origin="https://evil.example").headers
    preflight = world.client.options("/oauth/token", headers={"Origin": "http://localhost:8000"})
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
