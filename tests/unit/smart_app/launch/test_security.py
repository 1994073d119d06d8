"""Headers of every answer under /app: who may frame it, what may run, nothing kept."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from sesame_fhir.services.records import ClientKind
from smart_app.deps import bind_deps
from smart_app.security import secure_app
from tests.unit.smart_app.launch.launch_ehr import LaunchEhr
from tests.unit.smart_app.launch.stage import Stage, finish, launched, start

pytestmark = pytest.mark.network


def directive(policy: str, name: str) -> list[str]:
    found = [part.split()[1:] for part in policy.split("; ") if part.split()[0] == name]
    assert len(found) == 1, policy
    return found[0]


def test_a_page_may_be_framed_by_its_own_ehr_only(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    stage.deps.ehrs.add(
        ehr.registration(ehr_id="ehr-other", issuer="https://other.example", frame_origins=("https://other.example",))
    )
    path, _ = launched(stage, browser, ehr)
    headers = browser.get(path).headers
    assert directive(headers["Content-Security-Policy"], "frame-ancestors") == [ehr.origin]
    assert "X-Frame-Options" not in headers


def test_an_error_page_may_show_in_any_registered_ehr(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    answer = browser.get("/app/launch", query_string={"iss": "https://unknown.example"})
    ancestors = directive(answer.headers["Content-Security-Policy"], "frame-ancestors")
    assert ehr.origin in ancestors
    assert "https://unknown.example" not in ancestors
    assert set(ancestors) == {origin for known in stage.deps.ehrs.all() for origin in known.frame_origins}


def test_what_runs_carries_a_nonce_of_its_own(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    path, _ = launched(stage, browser, ehr)
    nonces = set()
    for _again in range(3):
        policy = browser.get(path).headers["Content-Security-Policy"]
        assert directive(policy, "default-src") == ["'none'"]
        assert directive(policy, "base-uri") == ["'none'"]
        assert directive(policy, "form-action") == ["'self'"]
        assert "unsafe" not in policy
        source = directive(policy, "script-src")
        assert source[0] == "'self'"
        assert re.fullmatch(r"'nonce-[\w-]{43}'", source[1])
        nonces.add(source[1])
    assert len(nonces) == 3


def test_nothing_is_kept_nor_told(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    path, _ = launched(stage, browser, ehr)
    outgoing = browser.get("/app/launch", query_string={"iss": ehr.base, "launch": "x"})
    back = finish(browser, ehr, start(browser, ehr))
    for answer in (browser.get(path), outgoing, back, browser.get("/app/callback")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Strict-Transport-Security" not in answer.headers
        assert "frame-ancestors" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("destination", "policy"), [("document", "same-origin"), ("iframe", None), (None, None)])
def test_the_opener_policy_stays_out_of_frames(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, destination: str | None, policy: str | None
) -> None:
    path, _ = launched(stage, browser, ehr)
    headers = {"Sec-Fetch-Dest": destination} if destination else {}
    assert browser.get(path, headers=headers).headers.get("Cross-Origin-Opener-Policy") == policy


def test_our_keys_may_be_cached_and_show_no_private_part(browser: FlaskClient) -> None:
    answer = browser.get("/app/jwks.json")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    keys = answer.get_json()["keys"]
    assert {key["alg"] for key in keys} >= {"ES384", "RS384"}
    for key in keys:
        needed = {"n", "e"} if key["kty"] == "RSA" else {"crv", "x", "y"}
        assert needed | {"kty", "kid", "use"} <= set(key)
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & set(key)


@pytest.mark.parametrize("address", ["/app/nowhere", "/app/launch/x", "/", "/elsewhere"])
def test_an_unknown_address_is_a_page(browser: FlaskClient, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 404
    assert "page-unknown" in answer.text


@pytest.mark.parametrize(
    ("method", "address", "status", "code", "allowed"),
    [
        ("POST", "/app/jwks.json", 405, "address-not-for-this", {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/app/callback", 405, "address-not-for-this", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/app/nowhere", 404, "page-unknown", set()),
    ],
)
def test_a_wrong_method_is_a_page_that_names_the_right_ones(
    browser: FlaskClient, method: str, address: str, status: int, code: str, allowed: set[str]
) -> None:
    answer = browser.open(address, method=method)
    assert (answer.status_code, set(answer.allow)) == (status, allowed)
    assert code in answer.text


def test_an_internal_fault_shows_a_reference_that_the_log_explains(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr
) -> None:
    stage.deps.ehrs.add(ehr.registration(kind=ClientKind.SYMMETRIC, secret=b"not sealed by us"))
    # Captured before it is written: where the log of the process goes is what another test may have set.
    with capture_logs() as logs:
        answer = finish(browser, ehr, start(browser, ehr))
    assert answer.status_code == 500
    assert "internal" in answer.text
    assert "VaultError" not in answer.text
    reference = re.search(r"internal (\S+?)<", answer.text)
    assert reference is not None
    (entry,) = [entry for entry in logs if entry.get("correlation_id") == reference[1]]
    assert entry["error_type"] == "VaultError"


def test_under_https_the_browser_is_told_to_stay_there(stage: Stage) -> None:
    app = Flask("secure")
    deps = replace(stage.deps, app_url="https://sesame.example/app")
    bind_deps(app, deps)
    secure_app(app)
    app.add_url_rule("/app/x", "x", lambda: "x")
    app.add_url_rule("/other", "other", lambda: "y")
    assert "max-age=63072000" in app.test_client().get("/app/x").headers["Strict-Transport-Security"]
    assert "Content-Security-Policy" in app.test_client().get("/other").headers


def test_a_page_of_no_launch_is_framed_by_nobody(stage: Stage) -> None:
    app = Flask("plain")
    bind_deps(app, stage.deps)
    secure_app(app)
    app.add_url_rule("/app/x", "x", lambda: "x")
    policy = app.test_client().get("/app/x").headers["Content-Security-Policy"]
    assert directive(policy, "frame-ancestors") == ["'none'"]
