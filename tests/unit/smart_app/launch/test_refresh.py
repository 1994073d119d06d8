"""Tokens ahead of their expiry: refreshed once whoever asks, kept when the server is down, given up when it says no."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from flask.testing import FlaskClient

from sesame_fhir.services.records import LaunchSession
from smart_app.ehr.client import EhrClient
from smart_app.errors import LaunchExpired
from smart_app.launch.tokens import LaunchTokens, access_token, client_for, unseal_tokens
from tests.unit.smart_app.launch.launch_ehr import Answer, LaunchEhr
from tests.unit.smart_app.launch.stage import Stage, launched

pytestmark = pytest.mark.network

TOKEN = "oauth/token"


def reread(stage: Stage, session: LaunchSession) -> LaunchSession:
    found = stage.deps.launches.get(session.launch_hash, stage.clock.now())
    assert found is not None
    return found


@pytest.mark.parametrize(("age", "refreshes"), [(0, 0), (230, 0), (245, 1), (299, 1), (900, 1)])
def test_a_token_is_refreshed_when_it_has_a_minute_left(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, age: int, refreshes: int
) -> None:
    _, session = launched(stage, browser, ehr)
    stage.clock.move(seconds=age)
    assert access_token(stage.deps, session) == ehr.live
    assert ehr.refreshes == refreshes


def test_many_at_once_refresh_once(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    stage.clock.move(seconds=250)
    gate = Barrier(8)

    def ask(_number: int) -> str:
        gate.wait()
        return access_token(stage.deps, session)

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(ask, range(8)))
    assert tokens == {ehr.live}
    assert ehr.refreshes == 1
    assert not ehr.revoked


def test_a_stale_session_finds_what_another_worker_refreshed(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr
) -> None:
    _, session = launched(stage, browser, ehr)
    stage.clock.move(seconds=250)
    access_token(stage.deps, session)
    assert access_token(stage.deps, session) == ehr.live
    assert ehr.refreshes == 1


def test_the_refresh_token_is_replaced(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    for round_number in range(1, 4):
        stage.clock.move(seconds=250)
        access_token(stage.deps, session)
        session = reread(stage, session)
        assert unseal_tokens(stage.deps.vault, session).refresh_token == ehr.refresh
        assert ehr.refreshes == round_number


def test_a_server_that_keeps_the_refresh_token(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    kept = ehr.refresh
    ehr.token = {"refresh_token": None, "scope": "patient/Patient.rs"}
    stage.clock.move(seconds=250)
    access_token(stage.deps, session)
    after = reread(stage, session)
    assert unseal_tokens(stage.deps.vault, after).refresh_token == kept
    assert after.granted_scopes == "patient/Patient.rs"


@pytest.mark.parametrize(
    "reply",
    [
        Answer(500, b"{}"),
        Answer(503, b"<html>", "text/html"),
        Answer(429, b"{}"),
        Answer(200, b"<html>", "text/html"),
        Answer(200, b"{}", delay=1.3),
        Answer(401, b'{"error": "invalid_client"}'),
    ],
    ids=["500", "503 html", "429", "html", "timeout", "invalid_client"],
)
def test_a_server_in_trouble_costs_nothing_while_the_token_lives(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr, reply: Answer
) -> None:
    _, session = launched(stage, browser, ehr)
    stage.clock.move(seconds=250)
    ehr.answers[TOKEN] = reply
    old = unseal_tokens(stage.deps.vault, session).access_token
    assert access_token(stage.deps, session) == old
    del ehr.answers[TOKEN]
    assert access_token(stage.deps, session) == ehr.live
    assert ehr.live != old


def test_a_server_in_trouble_after_the_expiry(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    stage.clock.move(seconds=400)
    ehr.answers[TOKEN] = Answer(500, b"{}")
    with pytest.raises(LaunchExpired):
        access_token(stage.deps, session)
    del ehr.answers[TOKEN]
    assert access_token(stage.deps, session) == ehr.live


def test_a_grant_that_is_over_is_not_asked_again(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    ehr.revoked = True
    stage.clock.move(seconds=250)
    asked = len(ehr.forms)
    old = unseal_tokens(stage.deps.vault, session).access_token
    assert access_token(stage.deps, session) == old
    stage.clock.move(seconds=60)
    with pytest.raises(LaunchExpired):
        access_token(stage.deps, session)
    assert len(ehr.forms) == asked + 1


def test_without_a_refresh_token_the_launch_ends_with_the_token(
    stage: Stage, browser: FlaskClient, ehr: LaunchEhr
) -> None:
    ehr.token = {"refresh_token": None}
    _, session = launched(stage, browser, ehr)
    stage.clock.move(seconds=290)
    assert access_token(stage.deps, session) == ehr.live
    stage.clock.move(seconds=20)
    with pytest.raises(LaunchExpired):
        access_token(stage.deps, session)


def test_a_rejected_token_is_renewed_once(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    ehr.live = "revoked-by-the-ehr"
    with client_for(stage.deps, session) as client:
        assert client.get("Patient/p-1").status == 200
    assert ehr.refreshes == 1


def test_a_rejected_token_without_successor(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    ehr.token = {"refresh_token": None}
    _, session = launched(stage, browser, ehr)
    ehr.live = "revoked-by-the-ehr"
    with client_for(stage.deps, session) as client, pytest.raises(LaunchExpired):
        client.get("Patient/p-1")


def test_many_rejected_at_once_refresh_once(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    old = ehr.live
    ehr.live = "revoked-by-the-ehr"
    gate = Barrier(6)

    def ask(_number: int) -> str:
        gate.wait()
        return LaunchTokens(stage.deps, session).renewed(old)

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(ask, range(6))) == {ehr.live}
    assert ehr.refreshes == 1


def test_a_closed_launch_has_no_token(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    stage.deps.launches.close(session.launch_hash, stage.clock.now())
    stage.clock.move(seconds=250)
    with pytest.raises(LaunchExpired):
        access_token(stage.deps, session)


def test_tokens_of_another_launch_do_not_open(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, one = launched(stage, browser, ehr)
    _, two = launched(stage, browser, ehr)
    with pytest.raises(LaunchExpired):
        access_token(stage.deps, replace(one, tokens=two.tokens))


def test_the_client_is_closed_with_its_context(stage: Stage, browser: FlaskClient, ehr: LaunchEhr) -> None:
    _, session = launched(stage, browser, ehr)
    with client_for(stage.deps, session) as client:
        assert isinstance(client, EhrClient)
        assert client.base_url == ehr.base
