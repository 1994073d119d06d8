"""What the SMART 2.2 server rows about apps ask for, each as a function that fails when it is not so."""

import json
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from sesame_fhir.api.oauth.style import STYLE
from tests.contract.api.harness import BASE, CHALLENGE, DOCTOR, HOST, ORIGIN, REDIRECT, VERIFIER, World, returned

FOREIGN = "https://any.example"


def token_of(world: World, client_id: str = "public-app", **changes: str | None) -> dict[str, Any]:
    """The token response of an EHR launch."""
    answer = world.exchange(world.code(client_id, **changes), client_id=client_id)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = json.loads(answer.data)
    return found


def refreshed(world: World, refresh: str, **changes: str | None) -> dict[str, Any]:
    values = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": "public-app", **changes}
    found: dict[str, Any] = json.loads(world.tokens(values).data)
    return found


def reads(world: World, token: str, path: str = "Patient/p1") -> int:
    return world.call("GET", f"/fhir/{path}", token).status_code


def pkce_s256_only(world: World) -> None:
    assert world.exchange(world.code()).status_code == 200
    world.sign_in()
    for method in ("plain", "S512", None):
        refused = world.authorize(launch=world.launch(), code_challenge_method=method)
        assert returned(refused)["error"] == "invalid_request", method


def verifier_is_checked(world: World) -> None:
    for verifier in (None, "", "w" * 64, CHALLENGE, VERIFIER[:-1], VERIFIER.upper()):
        answer = world.exchange(world.code(), code_verifier=verifier)
        assert (answer.status_code, json.loads(answer.data).get("access_token")) == (400, None), verifier


def cors_on_discovery(world: World) -> None:
    for path in ("/fhir/metadata", "/fhir/.well-known/smart-configuration"):
        assert world.call("GET", path, headers={"Origin": FOREIGN}).headers["Access-Control-Allow-Origin"] == "*"


def cors_for_registered_origins(world: World) -> None:
    registered = "https://viewer.example"
    client = world.store.authorization.client("public-app")
    assert client is not None
    token = world.token("user/*.rs")
    for origins, allowed in (((), None), ((registered,), registered)):
        world.register(client, origins=origins)
        for answer in (
            world.tokens({}, Origin=registered),
            world.call("GET", "/fhir/Patient/p1", token, headers={"Origin": registered}),
            world.call("OPTIONS", "/fhir/Patient/p1", headers={"Origin": registered}),
        ):
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    world.register(client, origins=(registered,), active=False)
    assert "Access-Control-Allow-Origin" not in world.tokens({}, Origin=registered).headers


def only_registered_addresses(world: World) -> None:
    world.sign_in()
    for changes in (
        {"redirect_uri": f"{REDIRECT}/x"},
        {"redirect_uri": "https://evil.example"},
        {"client_id": "nobody"},
    ):
        answer = world.authorize(launch=world.launch(), **changes)
        assert (answer.status_code, "Location" in answer.headers) == (400, False), changes


def authorize_by_get_and_post(world: World) -> None:
    world.sign_in()
    for method in ("GET", "POST"):
        back = returned(world.authorize(method, launch=world.launch(), state="st&te =é"))
        assert back["code"]
        assert back["state"] == "st&te =é"


def denials_are_told(world: World) -> None:
    world.sign_in()
    for changes, error in (
        ({"launch": world.launch(subject="Practitioner/gp2")}, "access_denied"),
        ({"launch": "unknown"}, "invalid_request"),
        ({"launch": world.launch(), "response_type": "token"}, "unsupported_response_type"),
        ({"launch": world.launch(), "scope": "system/*.rs"}, "invalid_scope"),
    ):
        back = returned(world.authorize(**changes))
        assert (back["error"], back["state"]) == (error, "state-of-the-test")


def token_response(world: World) -> None:
    answer = world.exchange(world.code())
    body = json.loads(answer.data)
    assert (answer.mimetype, answer.headers["Cache-Control"], answer.headers["Pragma"]) == (
        "application/json",
        "no-store",
        "no-cache",
    )
    assert isinstance(body["access_token"], str)
    assert body["access_token"].isascii()
    assert body["token_type"].lower() == "bearer"
    assert 0 < body["expires_in"] <= 3600
    assert body["scope"] == "launch openid fhirUser patient/*.rs online_access"
    assert json.loads(world.exchange("wrong").data)["error"] == "invalid_grant"


def refresh_only_when_asked(world: World) -> None:
    assert "refresh_token" not in token_of(world, scope="launch patient/*.rs")
    for wish in ("online_access", "offline_access"):
        assert "refresh_token" in token_of(world, scope=f"launch patient/*.rs {wish}")


def expiry_and_scope_are_checked(world: World) -> None:
    token = token_of(world, scope="launch patient/Observation.rs")["access_token"]
    assert reads(world, token, "Patient/p1") == 403
    assert reads(world, token, "Observation") == 200
    world.clock.move(seconds=3601)
    assert reads(world, token, "Observation") == 401
    assert reads(world, "unknown", "Observation") == 401
    assert world.call("GET", "/fhir/Patient/p1").status_code == 401


def aud_is_this_server(world: World) -> None:
    world.sign_in()
    for aud in (None, f"{BASE}/", f"{HOST}/other", "https://evil.example/fhir"):
        assert returned(world.authorize(launch=world.launch(), aud=aud))["error"] == "invalid_request", aud


def online_and_offline(world: World) -> None:
    online = token_of(world)["refresh_token"]
    offline = token_of(world, scope="launch patient/*.rs offline_access")["refresh_token"]
    world.clock.move(hours=11)
    assert "access_token" in refreshed(world, online)
    world.clock.move(days=20)
    assert "access_token" in refreshed(world, offline)


def refresh_is_bound_to_the_client(world: World) -> None:
    for client_id in ("other-app", "nobody"):
        assert "error" in refreshed(world, token_of(world)["refresh_token"], client_id=client_id), client_id
    # The request has no client_id of its own (SMART 2.2, request-7): the token names the client it is bound to.
    assert "access_token" in refreshed(world, token_of(world)["refresh_token"], client_id=None)


def refresh_narrows_never_widens(world: World) -> None:
    refresh = token_of(world, scope="launch patient/*.rs online_access")["refresh_token"]
    for wider in ("patient/*.cruds", "user/*.rs", "openid", "offline_access"):
        assert refreshed(world, refresh, scope=wider)["error"] == "invalid_scope", wider
    assert refreshed(world, refresh, scope="patient/*.rs")["scope"] == "patient/*.rs"


def refresh_without_scope(world: World) -> None:
    first = token_of(world)
    answer = refreshed(world, first["refresh_token"])
    assert (answer["scope"], answer["token_type"].lower()) == (first["scope"], "bearer")
    assert isinstance(answer["expires_in"], int)
    assert reads(world, answer["access_token"]) == 200
    assert answer["patient"] == "p1"


def refresh_reuse_is_detected(world: World) -> None:
    first = token_of(world)["refresh_token"]
    second = refreshed(world, first)
    assert refreshed(world, first)["error"] == "invalid_grant"
    assert refreshed(world, second["refresh_token"])["error"] == "invalid_grant"
    assert reads(world, second["access_token"]) == 401


def update_may_create(world: World) -> None:
    body = {"resourceType": "Patient", "id": "p9", "name": [{"family": "NOUVEAU"}]}
    assert world.call("PUT", "/fhir/Patient/p9", world.token("user/Patient.u"), json=body).status_code == 201
    assert (
        world.call("PUT", "/fhir/Patient/p8", world.token("user/Patient.c"), json={**body, "id": "p8"}).status_code
        == 403
    )


def batch_is_judged_entry_by_entry(world: World) -> None:
    wanted = ["Patient/p1", "Patient/p2", "Practitioner/gp1", "Observation"]
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": url}} for url in wanted],
    }
    answer = world.call("POST", "/fhir", world.token("patient/Patient.r patient/Practitioner.r", "p1"), json=bundle)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    statuses = [entry["response"]["status"][:3] for entry in json.loads(answer.data)["entry"]]
    assert statuses == ["200", "404", "200", "403"]


def patient_scopes_are_one_patient_s(world: World) -> None:
    token = token_of(world, scope="launch patient/Patient.rs")["access_token"]
    assert (reads(world, token, "Patient/p1"), reads(world, token, "Patient/p2")) == (200, 404)
    assert json.loads(world.call("GET", "/fhir/Patient", token).data)["total"] == 1


def user_scopes_are_the_user_s(world: World) -> None:
    token = world.token("user/Patient.rs")
    assert json.loads(world.call("GET", "/fhir/Patient", token).data)["total"] == 2


def wildcards_are_all_types(world: World) -> None:
    token = world.token("user/*.rs")
    for path in ("Patient", "Observation", "Practitioner", "CarePlan"):
        assert reads(world, token, path) == 200


def granular_scopes_hold(world: World) -> None:
    survey = "http://terminology.hl7.org/CodeSystem/observation-category"
    for number, (category, code) in enumerate((("survey", "44261-6"), ("survey", "other"), ("laboratory", "44261-6"))):
        world.put(
            {
                "resourceType": "Observation",
                "id": f"o{number}",
                "status": "final",
                "category": [{"coding": [{"system": survey, "code": category}]}],
                "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                "subject": {"reference": "Patient/p1"},
            }
        )
    for scope, seen in (
        (f"patient/Observation.rs?category={survey}|survey", "01"),
        ("patient/Observation.rs?code=http://loinc.org|44261-6", "02"),
        (f"patient/Observation.rs?category={survey}|survey&code=http://loinc.org|44261-6", "0"),
        ("patient/Observation.rs?code=other patient/Observation.rs?category=laboratory", "12"),
    ):
        token = token_of(world, scope=f"launch {scope}")["access_token"]
        found = json.loads(world.call("GET", "/fhir/Observation", token).data)
        assert {entry["resource"]["id"] for entry in found.get("entry", [])} == {f"o{n}" for n in seen}, scope
        assert [reads(world, token, f"Observation/o{n}") for n in range(3)] == [
            200 if str(n) in seen else 404 for n in range(3)
        ]


def v1_scopes_hold(world: World) -> None:
    token = token_of(world, scope="launch patient/Patient.read")
    assert token["scope"] == "launch patient/Patient.read"
    assert reads(world, token["access_token"]) == 200
    body = {"resourceType": "Patient", "id": "p1"}
    assert world.call("PUT", "/fhir/Patient/p1", token["access_token"], json=body).status_code == 403


def a_patient_or_no_patient_scope(world: World) -> None:
    world.sign_in()
    assert returned(world.authorize(scope="patient/*.rs"))["error"] == "invalid_scope"
    assert "Choisir le patient" in world.authorize(scope="launch/patient patient/*.rs").get_data(as_text=True)


def launch_context(world: World) -> None:
    context: dict[str, Any] = {
        "patient": "p1",
        "encounter": "e1",
        "fhirContext": [{"reference": "EpisodeOfCare/p1"}, {"reference": "CarePlan/p1"}],
        "need_patient_banner": True,
        "intent": "sesame-patient",
        "smart_style_url": f"{HOST}/oauth/style-1.json",
        "tenant": "site-argenteuil",
    }
    world.sign_in()
    launch = world.launch(**context)
    scope = "launch launch/patient launch/encounter patient/*.rs"
    token = json.loads(world.exchange(returned(world.authorize(launch=launch, scope=scope))["code"]).data)
    assert {name: token[name] for name in context} == context
    assert isinstance(token["need_patient_banner"], bool)
    assert all({"reference", "canonical", "identifier"} & one.keys() for one in token["fhirContext"])


def style_is_there(world: World) -> None:
    answer = world.client.get("/oauth/style-1.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(answer.data) == STYLE


def fhir_user_is_readable(world: World) -> None:
    token = token_of(world, scope="launch openid fhirUser user/Practitioner.r")
    claims = decoded(world, token["id_token"])
    assert claims["fhirUser"] == f"{BASE}/{DOCTOR}"
    assert reads(world, token["access_token"], DOCTOR) == 200


def id_token_by_openid_connect(world: World) -> None:
    token = token_of(world, scope="launch openid fhirUser patient/*.rs")
    claims = decoded(world, token["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (BASE, "public-app", "nonce-of-the-test")
    assert claims["exp"] > claims["iat"]
    assert len(claims["sub"]) < 256
    assert "fhirUser" not in decoded(world, token_of(world, scope="launch openid patient/*.rs")["id_token"])
    assert "id_token" not in token_of(world, scope="launch patient/*.rs")


def decoded(world: World, id_token: str) -> dict[str, Any]:
    """The claims, checked with the published keys, which are bare RSA keys."""
    published = json.loads(world.client.get("/oauth/jwks.json").data)
    assert all(key["kty"] == "RSA" and not {"d", "x5c"} & key.keys() for key in published["keys"])
    found = jwt.decode(id_token, KeySet.import_key_set(published), ["RS256"])
    assert found.header["alg"] == "RS256"
    claims: dict[str, Any] = found.claims
    return claims


def revocation_ends_everything(world: World) -> None:
    token = token_of(world)
    world.client.post("/oauth/revoke", data={"token": token["refresh_token"], "client_id": "public-app"})
    assert reads(world, token["access_token"]) == 401
    assert refreshed(world, token["refresh_token"])["error"] == "invalid_grant"


def configuration(world: World, accept: str = "application/json") -> dict[str, Any]:
    answer = world.call("GET", "/fhir/.well-known/smart-configuration", headers={"Accept": accept, "Origin": ORIGIN})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    found: dict[str, Any] = json.loads(answer.data)
    return found


def configuration_is_complete(world: World) -> None:
    for accept in ("application/json", "application/fhir+xml", "text/html", "*/*"):
        said = configuration(world, accept)
    assert {"authorization_code", "client_credentials"} <= set(said["grant_types_supported"])
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["issuer"] == BASE
    addresses = [value for name, value in said.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) >= 5
    assert all(urlsplit(address).scheme and urlsplit(address).netloc for address in addresses)


def what_is_claimed(*capabilities: str) -> Any:
    """A check that these are claimed; what they promise is shown by the other rows."""

    def check(world: World) -> None:
        assert set(capabilities) <= set(configuration(world)["capabilities"])

    return check


def nothing_else_is_claimed(world: World) -> None:
    unclaimed = {"context-standalone-encounter", "smart-app-state"}
    assert not unclaimed & set(configuration(world)["capabilities"])
