"""Every parameter of the authorization server with hostile values: refused in the protocol's words, never a fault."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.contract.api.harness import SECRET, World, basic

HOSTILE = [
    "",
    " ",
    "é",
    "\x00",
    "a\nb",
    "'",
    '"><script>',
    "\ud800".encode("utf-16", "surrogatepass").decode("latin-1"),
    "x" * 10_000,
    "{}",
    "../..",
    "%00",
]
AUTHORIZE = ["response_type", "client_id", "redirect_uri", "scope", "state", "aud", "nonce", "code_challenge", "launch"]
TOKEN = ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret", "refresh_token", "scope"]


def quiet(send: Callable[[str], Any]) -> None:
    with capture_logs() as logs:
        for value in HOSTILE:
            assert send(value).status_code in (200, 302, 400, 401), value
    assert logs == []


@pytest.mark.parametrize("name", [*AUTHORIZE, "code_challenge_method", "q", "patient", "token"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_authorize(world: World, name: str, method: str) -> None:
    world.sign_in()
    launch = world.launch()
    quiet(lambda value: world.authorize(method, **{"launch": launch, name: value}))
    quiet(lambda value: world.authorize(method, **{"scope": "launch/patient patient/*.rs", name: value}))


@pytest.mark.parametrize("name", [*TOKEN, "client_assertion", "client_assertion_type"])
@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token", "client_credentials"])
def test_token(world: World, name: str, grant: str) -> None:
    values: dict[str, str | None] = {"grant_type": grant, "client_id": "public-app", "code": "x", "refresh_token": "x"}
    quiet(lambda value: world.tokens({**values, name: value}))


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
@pytest.mark.parametrize("name", ["token", "token_type_hint", "client_id"])
def test_token_endpoints(world: World, endpoint: str, name: str) -> None:
    values = {"token": "x", "client_id": "public-app"}
    quiet(lambda value: world.call("POST", f"/oauth/{endpoint}", data={**values, name: value}))


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic",
        "Basic ",
        "Basic é",
        "Basic ////",
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b"no-colon").decode(),
        basic("", ""),
        basic("public-app", ""),
        basic("public-app", SECRET),
        basic("secret-app", ""),
        basic("secret-app%ff", SECRET),
        basic("key-app", SECRET),
        "Bearer x",
        "\t",
    ],
)
def test_basic_authorization(world: World, authorization: str) -> None:
    with capture_logs() as logs:
        answer = world.tokens({"grant_type": "authorization_code", "code": "x"}, Authorization=authorization)
    assert answer.status_code in (400, 401)
    assert answer.get_json()["error"] == "invalid_client"
    assert logs == []


def test_the_client_id_beside_an_assertion_must_be_the_same(world: World) -> None:
    other = {**world.assertion(), "client_id": "public-app"}
    assert world.exchange(world.code("key-app"), **other).get_json()["error"] == "invalid_client"
    same = {**world.assertion(), "client_id": "key-app"}
    assert world.exchange(world.code("key-app"), **same).status_code == 200


HEADERS = [
    *("Accept", "Accept-Encoding", "Authorization", "Content-Type", "If-Match", "If-Modified-Since", "If-None-Exist"),
    *("If-None-Match", "Origin", "Prefer", "X-Request-Id"),
]


@pytest.mark.parametrize("name", HEADERS)
def test_headers_of_the_facade(world: World, name: str) -> None:
    token = world.token("user/*.cruds")
    body = {"resourceType": "Patient", "id": "p1"}
    with capture_logs() as logs:
        for value in (value for value in HOSTILE if "\n" not in value):
            for method, path in (("GET", "Patient/p1"), ("GET", "Patient"), ("PUT", "Patient/p1"), ("POST", "Patient")):
                given: dict[str, Any] = {} if method == "GET" else {"json": body}
                headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json", name: value}
                assert world.call(method, f"/fhir/{path}", headers=headers, **given).status_code < 500, (value, method)
    assert logs == []


@pytest.mark.parametrize("value", HOSTILE)
def test_addresses_and_parameters_of_the_facade(world: World, value: str) -> None:
    token = world.token("user/*.cruds")
    with capture_logs() as logs:
        for path in (f"Patient/{value}", f"Patient/{value}/_history", f"Patient/p1/_history/{value}", value):
            assert world.call("GET", f"/fhir/{path}", token).status_code < 500
        for name in ("name", "_id", "birthdate", "identifier", "_sort", "_count", "_cursor", "_profile", "name:exact"):
            asked: dict[str, Any] = {"query_string": {name: value}}
            assert world.call("GET", "/fhir/Patient", token, **asked).status_code in (200, 400)
        assert world.call("GET", "/fhir/Patient", token, query_string={value: "x"}).status_code in (200, 400)
    assert logs == []


@pytest.mark.parametrize("value", HOSTILE)
def test_other_addresses_and_parameters_of_the_facade(world: World, value: str) -> None:
    token = world.token("user/*.cruds")
    with capture_logs() as logs:
        for path in (f"Patient/{value}/Observation", f"Patient/{value}/*", "Patient/p1/*", "Patient/_history"):
            for name in ("_since", "_count", "_cursor", "_type", "_id", value):
                answer = world.call("GET", f"/fhir/{path}", token, query_string={name: value})
                assert answer.status_code < 500, (path, name)
        for path in (f"Observation/{value}", "Observation"):
            for method in ("DELETE", "PATCH"):
                options = {"query_string": {"code": value}, "headers": {"Content-Type": "application/json-patch+json"}}
                assert world.call(method, f"/fhir/{path}", token, data=b"[]", **options).status_code < 500
    assert logs == []


@pytest.mark.parametrize(
    "value", [*HOSTILE[:4], *HOSTILE[5:], "//", "?", "#", "%ED%A0%80", "Patient/p1?%", "Patient//p1"]
)
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_entries_of_bundles(world: World, kind: str, value: str) -> None:
    token = world.token("user/*.cruds")
    entry = {"request": {"method": "GET", "url": "Patient/p1"}}
    entries: list[dict[str, Any]] = [
        {"request": {"method": method, "url": value}} for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
    ]
    conditions = ("ifMatch", "ifNoneMatch", "ifModifiedSince", "ifNoneExist")
    entries += [{"request": {**entry["request"], name: value}} for name in conditions]
    entries += [{**entry, "fullUrl": value}, {**entry, "resource": {"resourceType": value}}]
    posted = {"method": "POST", "url": "Observation"}
    for found in ({"reference": value}, {"reference": f"Patient?identifier={value}"}, value):
        entries.append({"request": posted, "resource": {"resourceType": "Observation", "subject": found}})
    with capture_logs() as logs:
        for one in entries:
            bundle = {"resourceType": "Bundle", "type": kind, "entry": [one]}
            assert world.call("POST", "/fhir", token, json=bundle).status_code != 500, one
    assert logs == []


def test_a_leap_second_is_an_answer_too(world: World) -> None:
    since = {"method": "GET", "url": "Patient/p1", "ifModifiedSince": "2016-12-31T23:59:60Z"}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"request": since}]}
    assert world.call("POST", "/fhir", world.token("user/*.cruds"), json=bundle).status_code == 400
