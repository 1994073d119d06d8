"""The straight path of a launch, for every kind of client, and what it leaves behind."""

import pytest
from flask.testing import FlaskClient

from sesame_fhir.services.records import ClientKind
from sesame_fhir.services.snapshot import snapshot_from_json
from smart_app.launch.client_auth import seal_client_secret
from smart_app.launch.keys import public_jwks
from smart_app.launch.tokens import access_token
from tests.unit.smart_app.launch.launch_ehr import LaunchEhr
from tests.unit.smart_app.launch.stage import APP_URL, Stage, finish, launched, start

pytestmark = pytest.mark.network


def test_the_authorization_request_holds_all_that_smart_asks(browser: FlaskClient, ehr: LaunchEhr) -> None:
    params = start(browser, ehr)
    assert params["response_type"] == "code"
    assert params["client_id"] == "sesame"
    assert params["redirect_uri"] == f"{APP_URL}/callback"
    assert params["launch"] == "xyz"
    assert params["aud"] == ehr.base
    assert params["code_challenge_method"] == "S256"
    assert len(params["state"]) >= 43
    assert len(params["code_challenge"]) == 43
    assert len(params["nonce"]) >= 43


def test_two_launches_share_no_secret(browser: FlaskClient, ehr: LaunchEhr) -> None:
    first, second = start(browser, ehr), start(browser, ehr)
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]


def test_a_launch_opens_a_session_of_its_own(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    path, session = launched(stage, browser, ehr)
    assert session.patient == "Patient/p-1"
    assert session.encounter == "Encounter/e-1"
    assert session.actor.actor_id == "10003461034"
    assert session.practitioner == "Practitioner/gp-1"
    assert path.split("/")[3] not in session.launch_hash
    assert browser.get(path).text == "patient Patient/p-1"
    snapshot = snapshot_from_json(session.context["snapshot"])
    assert snapshot.traits.family == "TEST-DUBOIS"
    assert snapshot.traits.phone == "0600000000"


@pytest.mark.parametrize("kind", ["public", "symmetric", "ES384", "RS384"])
def test_every_kind_of_client(stage: Stage, browser: FlaskClient, ehr: LaunchEhr, kind: str) -> None:
    if kind == "symmetric":
        ehr.kind = ClientKind.SYMMETRIC
        sealed = seal_client_secret(stage.deps.vault, ehr.base, ehr.secret)
        stage.deps.ehrs.add(ehr.registration(secret=sealed))
    elif kind != "public":
        ehr.kind = ClientKind.ASYMMETRIC
        ehr.client_keys = public_jwks(stage.deps)
        stage.deps.ehrs.add(ehr.registration(algorithm=kind))
    _, session = launched(stage, browser, ehr)
    stage.clock.move(seconds=250)
    assert access_token(stage.deps, session) == ehr.live
    assert ehr.refreshes == 1
    with_client_id = ["client_id" in form for form in ehr.forms]
    assert with_client_id == [kind == "public"] * 2
    assert all((header is not None) == (kind == "symmetric") for header in ehr.auth_headers)


def test_a_standalone_launch_asks_for_the_patient(browser: FlaskClient, ehr: LaunchEhr) -> None:
    params = start(browser, ehr, launch=None)
    assert "launch" not in params
    assert {"launch/patient", "launch/encounter"} <= set(params["scope"].split())
    assert finish(browser, ehr, params).status_code == 303


def test_the_authorization_request_can_be_a_form(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    stage.deps.ehrs.add(ehr.registration(authorize_method="post"))
    page = browser.get("/app/launch", query_string={"iss": ehr.base, "launch": "xyz"})
    assert page.status_code == 200
    assert f'action="{ehr.base}/oauth/authorize"' in page.text
    assert '<button type="submit"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action 'self' {ehr.origin}" in policy
    assert f"frame-ancestors {ehr.origin}" in policy


def test_an_issuer_with_a_trailing_slash_is_the_same_ehr(browser: FlaskClient, ehr: LaunchEhr) -> None:
    assert start(browser, ehr, iss=f"{ehr.base}/")["aud"] == ehr.base


def test_cookies_survive_in_a_frame_and_stay_on_their_path(browser: FlaskClient, ehr: LaunchEhr) -> None:
    first = browser.get("/app/launch", query_string={"iss": ehr.base, "launch": "xyz"})
    binding = first.headers.getlist("Set-Cookie")
    opened = finish(browser, ehr, start(browser, ehr)).headers.getlist("Set-Cookie")
    session = [c for c in opened if c.startswith("sesame_launch=")]
    assert len(binding) == len(session) == 1
    for cookie in (binding[0], session[0]):
        for mark in ("Secure", "HttpOnly", "SameSite=None", "Partitioned"):
            assert mark in cookie
    assert "Path=/app/callback" in binding[0]
    assert "Path=/app/s/" in session[0]
    assert any(c.startswith("sesame_bind_") and "Max-Age=0" in c for c in opened)


def test_two_launches_in_one_browser_do_not_disturb_each_other(stage: Stage, ehr: LaunchEhr) -> None:
    browser = stage.browser()
    one, two = start(browser, ehr), start(browser, ehr)
    ehr.token = {"patient": "p-1"}
    first = finish(browser, ehr, one)
    ehr.record["Patient/p-2"] = {**ehr.record["Patient/p-1"], "id": "p-2"}
    ehr.token = {"patient": "p-2"}
    second = finish(browser, ehr, two)
    assert browser.get(first.headers["Location"]).text == "patient Patient/p-1"
    assert browser.get(second.headers["Location"]).text == "patient Patient/p-2"


def test_the_launch_is_audited_and_wakes_the_outbox(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    stage.store.audit.verify()
    entry = stage.deps.audit.entries(1)[0]
    assert (entry.action, entry.outcome, entry.patient) == ("launch", "done", f"{session.ehr_id}|Patient/p-1")
