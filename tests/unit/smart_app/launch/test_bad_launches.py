"""Everything that can be wrong with a launch: each case ends on a French page with its code, and opens nothing."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc.jwk import OctKey
from werkzeug.test import TestResponse

from smart_app.errors import APP_ERRORS
from smart_app.launch.tokens import access_token
from smart_app.session.cookies import fingerprint
from tests.unit.smart_app.launch.launch_ehr import EC_KEY, OTHER_KEY, SERVER_KEY, Answer, Json, LaunchEhr
from tests.unit.smart_app.launch.stage import Stage, finish, launch_url, launched, start

pytestmark = pytest.mark.network

HTML = Answer(200, b"<html><body>Maintenance</body></html>", "text/html")
DISCOVERY = ".well-known/smart-configuration"
TOKEN = "oauth/token"


def assert_error(answer: TestResponse, code: str) -> None:
    """One French page: the status and title of the table, the code, no session."""
    assert answer.status_code == APP_ERRORS[code].status, answer.text
    assert f"Code : {code}" in re.sub(r"<[^>]+>", "", answer.text)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert not [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("sesame_launch=")]
    assert "Traceback" not in answer.text


def test_every_code_says_what_to_do() -> None:
    for code, text in APP_ERRORS.items():
        assert re.fullmatch(r"[a-z-]+", code)
        assert 400 <= text.status < 600
        assert text.title
        assert len(text.advice) > 20


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "launch-malformed"),
        ("iss=", "launch-malformed"),
        ("launch=xyz", "launch-malformed"),
        ("iss={iss}&iss={iss}&launch=x", "launch-malformed"),
        ("iss={iss}&iss=https://other.example&launch=x", "launch-malformed"),
        ("iss={iss}&launch=", "launch-malformed"),
        ("iss={iss}&launch=a&launch=b", "launch-malformed"),
        ("iss={iss}&launch=a%0d%0ab", "launch-malformed"),
        ("iss={iss}%00&launch=a", "launch-malformed"),
        ("iss={iss}&launch=" + "a" * 5000, "launch-malformed"),
        ("iss=https%3A%2F%2Fevil.example%2Ffhir&launch=x", "issuer-unknown"),
        ("iss={iss}x&launch=x", "issuer-unknown"),
        ("iss={iss}%2F%2F&launch=x", "issuer-unknown"),
        ("iss={iss}%3Fa%3Db&launch=x", "issuer-unknown"),
        ("iss={iss}%2F..%2Ffhir&launch=x", "issuer-unknown"),
        ("iss=javascript%3Aalert(1)&launch=x", "issuer-unknown"),
        ("iss=not-a-url&launch=x", "issuer-unknown"),
        ("iss=http%3A%2F%2F169.254.169.254%2F&launch=x", "issuer-unknown"),
    ],
)
def test_a_bad_launch_request_asks_nobody(browser: FlaskClient, ehr: LaunchEhr, query: str, code: str) -> None:
    answer = browser.get("/app/launch?" + query.replace("{iss}", ehr.base))
    assert_error(answer, code)
    assert ehr.requests == []


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (HTML, "discovery-invalid"),
        (Answer(404, b"{}"), "discovery-invalid"),
        (Answer(500, b"oops", "text/plain"), "discovery-unreachable"),
        (Answer(302, b"", headers={"Location": "https://evil.example/"}), "discovery-invalid"),
        (Answer(200, b"[]"), "discovery-invalid"),
        (Answer(200, b'{"issuer": NaN}'), "discovery-invalid"),
        (Answer(200, b" " * 300_000), "discovery-invalid"),
        (Answer(200, b"{}", delay=1.3), "discovery-timeout"),
    ],
    ids=["html", "404", "500", "redirect", "array", "nan", "huge", "timeout"],
)
def test_a_discovery_that_fails(browser: FlaskClient, ehr: LaunchEhr, reply: Answer, code: str) -> None:
    ehr.answers[DISCOVERY] = reply
    assert_error(browser.get("/app/launch", query_string={"iss": ehr.base, "launch": "x"}), code)


@pytest.mark.parametrize(
    "change",
    [
        {"token_endpoint": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": 7},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"token_endpoint": "https://user:pw@evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://evil.example/authorize#x"},
        {"authorization_endpoint": "https:///authorize"},
        {"authorization_endpoint": "https://evil.example:99999/"},
        {"jwks_uri": "file:///etc/passwd"},
        {"token_endpoint": "https://evil.example/a b"},
    ],
)
def test_a_discovery_with_unusable_addresses(browser: FlaskClient, ehr: LaunchEhr, change: Json) -> None:
    ehr.discovery = change
    answer = browser.get("/app/launch", query_string={"iss": ehr.base, "launch": "x"})
    assert_error(answer, "discovery-invalid")


def test_an_ehr_that_is_down(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    gone = "http://127.0.0.1:9/gone/fhir"
    stage.deps.ehrs.add(ehr.registration(ehr_id="ehr-gone", issuer=gone))
    assert_error(browser.get("/app/launch", query_string={"iss": gone, "launch": "x"}), "discovery-unreachable")


Callback = Callable[[Stage, FlaskClient, LaunchEhr, dict[str, str]], TestResponse]


def replayed(_stage: Stage, browser: FlaskClient, ehr: LaunchEhr, params: dict[str, str]) -> TestResponse:
    assert finish(browser, ehr, params).status_code == 303
    return finish(browser, ehr, params)


def foreign(_stage: Stage, browser: FlaskClient, ehr: LaunchEhr, params: dict[str, str]) -> TestResponse:
    return finish(browser, ehr, params, state="A" * 43)


def expired(stage: Stage, browser: FlaskClient, ehr: LaunchEhr, params: dict[str, str]) -> TestResponse:
    stage.clock.move(seconds=601)
    return finish(browser, ehr, params)


def other_browser(stage: Stage, _browser: FlaskClient, ehr: LaunchEhr, params: dict[str, str]) -> TestResponse:
    return finish(stage.browser(), ehr, params)


def swapped_cookie(_stage: Stage, browser: FlaskClient, ehr: LaunchEhr, params: dict[str, str]) -> TestResponse:
    name = f"sesame_bind_{fingerprint(params['state'])[:16]}"
    assert browser.get_cookie(name, path="/app/callback") is not None
    browser.set_cookie(name, "A" * 43, path="/app/callback")
    return finish(browser, ehr, params)


def changed(**changes: Any) -> Callback:
    def send(_stage: Stage, browser: FlaskClient, ehr: LaunchEhr, params: dict[str, str]) -> TestResponse:
        return finish(browser, ehr, params, **changes)

    return send


@pytest.mark.parametrize(
    ("callback", "code"),
    [
        (replayed, "state-unknown"),
        (foreign, "state-unknown"),
        (expired, "state-unknown"),
        (other_browser, "cookie-missing"),
        (swapped_cookie, "cookie-wrong"),
        (changed(state=None), "state-missing"),
        (changed(state=""), "state-missing"),
        (changed(state=["A", "B"]), "state-missing"),
        (changed(code=None), "authorization-refused"),
        (changed(code=["a", "b"]), "authorization-refused"),
        (changed(code="never-issued"), "token-refused"),
        (changed(code=None, error="access_denied"), "access-denied"),
        (changed(error="access_denied"), "access-denied"),
        (changed(code=None, error="server_error", error_description="<script>x</script>"), "authorization-refused"),
        (changed(iss="https://evil.example"), "issuer-mismatch"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", "?"),
)
def test_a_bad_answer(stage: Stage, browser: FlaskClient, ehr: LaunchEhr, callback: Callback, code: str) -> None:
    answer = callback(stage, browser, ehr, start(browser, ehr))
    assert_error(answer, code)
    assert "<script>x" not in answer.text


def test_a_lost_cookie_offers_a_new_tab_and_keeps_the_binding(stage: Stage, ehr: LaunchEhr) -> None:
    params = start(stage.browser(), ehr)
    page = finish(stage.browser(), ehr, params)
    assert f'href="{launch_url(ehr.base)}"' in page.text
    assert 'target="_blank"' in page.text
    assert ehr.forms == []
    assert_error(finish(stage.browser(), ehr, params), "state-unknown")


def test_an_answer_must_name_its_server_where_the_server_promises_it(browser: FlaskClient, ehr: LaunchEhr) -> None:
    ehr.discovery = {"authorization_response_iss_parameter_supported": True}
    assert_error(finish(browser, ehr, start(browser, ehr)), "issuer-mismatch")
    assert finish(browser, ehr, start(browser, ehr), iss=ehr.base).status_code == 303


@dataclass(frozen=True)
class Spoilt:
    """What the EHR does wrong, and the page that follows."""

    code: str
    token: Json = field(default_factory=dict)
    claims: Json = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    more: Json = field(default_factory=dict)


PUBLIC_AS_SECRET = OctKey.import_key({"kty": "oct", "k": str(SERVER_KEY.as_dict(private=False)["n"])})
SPOILT = {
    "token 400": Spoilt("token-refused", answers={TOKEN: Answer(400, b'{"error": "invalid_grant"}')}),
    "token 400 unknown error": Spoilt("token-refused", answers={TOKEN: Answer(400, b'{"error": "secret stuff"}')}),
    "token 401": Spoilt("token-refused", answers={TOKEN: Answer(401, b'{"error": "invalid_client"}')}),
    "token 200 with error": Spoilt("token-refused", answers={TOKEN: Answer(200, b'{"error": "invalid_grant"}')}),
    "token 400 html": Spoilt("token-invalid", answers={TOKEN: Answer(400, b"<html>", "text/html")}),
    "token 429": Spoilt("token-unavailable", answers={TOKEN: Answer(429, b"{}")}),
    "token 500": Spoilt("token-unavailable", answers={TOKEN: Answer(500, b"{}")}),
    "token 500 html": Spoilt("token-unavailable", answers={TOKEN: Answer(503, b"<html>", "text/html")}),
    "token html": Spoilt("token-invalid", answers={TOKEN: HTML}),
    "token redirect": Spoilt("token-invalid", answers={TOKEN: Answer(307, b"", headers={"Location": "https://e.x/"})}),
    "token timeout": Spoilt("token-unavailable", answers={TOKEN: Answer(200, b"{}", delay=1.3)}),
    "token huge": Spoilt("token-unavailable", answers={TOKEN: Answer(200, b" " * 400_000)}),
    "no access token": Spoilt("token-invalid", token={"access_token": None}),
    "access token with newline": Spoilt("token-invalid", token={"access_token": "a\nb"}),
    "access token not text": Spoilt("token-invalid", token={"access_token": 7}),
    "mac token": Spoilt("token-invalid", token={"token_type": "mac"}),
    "no token type": Spoilt("token-invalid", token={"token_type": None}),
    "no id_token": Spoilt("identity-missing", token={"id_token": None}),
    "id_token not a jwt": Spoilt("identity-invalid", token={"id_token": "abc"}),
    "id_token huge": Spoilt("identity-invalid", token={"id_token": "a" * 20_000}),
    "wrong issuer": Spoilt("identity-invalid", claims={"iss": "https://evil.example"}),
    "no issuer": Spoilt("identity-invalid", claims={"iss": None}),
    "wrong audience": Spoilt("identity-invalid", claims={"aud": "other-app"}),
    "made for another party": Spoilt("identity-invalid", claims={"azp": "other-app"}),
    "two audiences, no azp": Spoilt("identity-invalid", claims={"aud": ["sesame", "other"]}),
    "expired": Spoilt("identity-invalid", claims={"exp": 1_000_000_000}),
    "no expiry": Spoilt("identity-invalid", claims={"exp": None}),
    "expiry as text": Spoilt("identity-invalid", claims={"exp": "4000000000"}),
    "issued tomorrow": Spoilt("identity-invalid", claims={"iat": 4_000_000_000}),
    "wrong nonce": Spoilt("identity-invalid", claims={"nonce": "other"}),
    "no nonce": Spoilt("identity-invalid", claims={"nonce": None}),
    "no subject": Spoilt("identity-invalid", claims={"sub": None}),
    "other key, same kid": Spoilt("identity-invalid", more={"signing_key": OTHER_KEY}),
    "unknown kid": Spoilt("identity-invalid", more={"header": {"kid": "nobody"}}),
    "HS256 with the public key": Spoilt(
        "identity-invalid",
        more={"signing_key": PUBLIC_AS_SECRET, "algorithm": "HS256"},
    ),
    "alg none": Spoilt("identity-invalid", token={"id_token": "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJpc3MiOiJ4In0."}),
    "keys unreachable": Spoilt("identity-invalid", answers={"jwks": Answer(500, b"")}),
    "keys html": Spoilt("identity-invalid", answers={"jwks": HTML}),
    "no keys": Spoilt("identity-invalid", answers={"jwks": Answer(200, b'{"keys": []}')}),
    "keys nonsense": Spoilt("identity-invalid", answers={"jwks": Answer(200, b'{"keys": ["a", 7]}')}),
    "keys broken": Spoilt("identity-invalid", answers={"jwks": Answer(200, b'{"keys": [{"kty": "RSA", "n": "!"}]}')}),
    "user is a patient": Spoilt("not-a-professional", claims={"fhirUser": "Patient/p-1"}),
    "user is a relative, absolute": Spoilt(
        "not-a-professional", claims={"fhirUser": "https://ehr.example/fhir/RelatedPerson/1"}
    ),
    "no patient": Spoilt("no-patient", token={"patient": None}),
    "empty patient": Spoilt("no-patient", token={"patient": ""}),
    "patient not an id": Spoilt("no-patient", token={"patient": "../Practitioner/1"}),
    "patient not text": Spoilt("no-patient", token={"patient": ["p-1"]}),
    "patient unknown": Spoilt("patient-unreadable", token={"patient": "p-9"}),
    "patient is another": Spoilt("patient-unreadable", token={"patient": "p-swapped"}),
    "patient refused": Spoilt("patient-unreadable", answers={"Patient/p-1": Answer(403, b"{}")}),
    "patient html": Spoilt("patient-unreadable", answers={"Patient/p-1": HTML}),
}


@pytest.mark.parametrize("case", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_connection(browser: FlaskClient, ehr: LaunchEhr, case: Spoilt) -> None:
    ehr.record["Patient/p-swapped"] = ehr.record["Patient/p-1"]
    ehr.token, ehr.claims = case.token, case.claims
    ehr.answers |= case.answers
    for name, value in case.more.items():
        setattr(ehr, name, value)
    assert_error(finish(browser, ehr, start(browser, ehr)), case.code)


@pytest.mark.parametrize(
    ("claims", "more"),
    [
        ({"aud": ["sesame"]}, {}),
        ({"aud": ["sesame", "other"], "azp": "sesame"}, {}),
        ({"fhirUser": None}, {}),
        ({}, {"header": {}}),
        ({}, {"signing_key": EC_KEY, "algorithm": "ES256", "header": {"kid": "server-ec"}}),
    ],
    ids=["aud list", "azp", "no fhirUser", "no kid", "ES256"],
)
def test_unusual_but_valid_identities(browser: FlaskClient, ehr: LaunchEhr, claims: Json, more: Json) -> None:
    ehr.claims = claims
    for name, value in more.items():
        setattr(ehr, name, value)
    assert finish(browser, ehr, start(browser, ehr)).status_code == 303


@pytest.mark.parametrize(
    ("missing", "document", "status"),
    [
        ({"issuer": None, "jwks_uri": None}, {"issuer": "{base}", "jwks_uri": "{base}/jwks"}, 303),
        ({"jwks_uri": None}, {"issuer": "{base}", "jwks_uri": "{base}/jwks"}, 303),
        ({"jwks_uri": None}, {"issuer": "{base}", "jwks_uri": "jwks"}, 303),
        ({"jwks_uri": None}, {"issuer": "https://evil.example", "jwks_uri": "{base}/jwks"}, 403),
        ({"jwks_uri": None}, {"issuer": "{base}", "jwks_uri": "http://evil.example/jwks"}, 502),
        ({"jwks_uri": None}, {"issuer": "{base}"}, 502),
        ({"issuer": "https://evil.example"}, {}, 403),
    ],
)
def test_keys_by_openid_discovery(
    browser: FlaskClient, ehr: LaunchEhr, missing: Json, document: Json, status: int
) -> None:
    ehr.discovery = missing
    written = json.dumps(document).replace("{base}", ehr.base)
    ehr.answers[".well-known/openid-configuration"] = Answer(200, written.encode())
    assert finish(browser, ehr, start(browser, ehr)).status_code == status


def test_a_user_elsewhere_is_not_read_with_the_token(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    ehr.claims = {"fhirUser": "http://127.0.0.1:9/fhir/Practitioner/gp-1"}
    _, session = launched(stage, browser, ehr)
    assert session.practitioner is None
    assert session.actor.actor_id == f"{session.ehr_id}|dr-1"
    assert session.actor.name == "Dr Test"


def test_a_shorter_grant_is_kept_as_granted(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    ehr.token = {"scope": "patient/Patient.rs openid fhirUser launch"}
    _, session = launched(stage, browser, ehr)
    assert session.granted_scopes == ehr.token["scope"]
    assert "patient/Observation" in session.requested_scopes


def test_a_grant_without_scope_is_what_was_asked(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    ehr.token = {"scope": None}
    _, session = launched(stage, browser, ehr)
    assert session.granted_scopes == session.requested_scopes


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [(120, 120), ("120", 120), (None, 3600), (0, 3600), (-5, 3600), (True, 3600), (1e9, 86400)],
)
def test_the_lifetime_of_the_token(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, expires_in: object, seconds: int
) -> None:
    ehr.token = {"expires_in": expires_in}
    _, session = launched(stage, browser, ehr)
    lifetime = (session.token_expires_at - session.created_at).total_seconds()
    assert seconds - 2 < lifetime <= seconds


def test_nothing_secret_in_logs_or_urls(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    ehr.access_prefix = "MARKER-TOKEN"
    path, session = launched(stage, browser, ehr)
    stage.clock.move(seconds=290)
    access_token(stage.deps, session)
    browser.get(path)
    ehr.answers["Patient/p-1"] = Answer(500, b"MARKER-BODY")
    refused = finish(browser, ehr, start(browser, ehr))
    said = caplog.text + " ".join(ehr.requests) + path + refused.text
    for marker in ("MARKER-TOKEN", "MARKER-BODY", ehr.refresh, "TEST-DUBOIS", "Marie", "2800175116023", "0600000000"):
        assert marker not in said
    stored = session.tokens
    assert b"MARKER-TOKEN" not in stored
