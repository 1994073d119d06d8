"""Passkeys: made behind a link, used to sign in, and refused for each thing that a passkey must prove."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.accounts import issue_link, set_active
from smart_app.team.opening import ports_of
from tests.support.soft_passkey import SoftPasskey
from tests.support.team_pages import MEMBERS, Team

NURSE, ADMIN, PSYCHIATRIST = MEMBERS[Role.NURSE], MEMBERS[Role.ADMINISTRATOR], MEMBERS[Role.PSYCHIATRIST]
SIGN_IN = "/app/team/passkey"


def new_link(team: Team, staff_id: str = NURSE.staff_id) -> str:
    token = issue_link(ports_of(team.deps), team.deps.ids, ADMIN.actor, staff_id, team.deps.clock.now())
    return f"/app/team/enrol/{token}"


def enrol(team: Team, client: FlaskClient, passkey: SoftPasskey, link: str | None = None) -> int:
    """Make a passkey behind a link; returns the HTTP status."""
    link = link or new_link(team)
    asked = client.post(f"{link}/options").get_json()
    made = {"state": asked["state"], "credential": passkey.create(asked["options"])}
    return client.post(f"{link}/passkey", data=made).status_code


def sign_in(client: FlaskClient, passkey: SoftPasskey, **changes: str) -> int:
    asked = client.post(f"{SIGN_IN}/options").get_json()
    answer = {"state": asked["state"], "credential": passkey.get(asked["options"])}
    return client.post(SIGN_IN, data=answer | changes).status_code


@pytest.fixture
def passkey(team: Team) -> SoftPasskey:
    """The nurse's passkey."""
    made = SoftPasskey()
    assert enrol(team, team.pages.app.test_client(), made) == 303
    return made


def test_from_a_link_to_a_session(team: Team, passkey: SoftPasskey) -> None:
    client = team.pages.app.test_client()
    assert sign_in(client, passkey) == 303
    assert NURSE.name in client.get("/app/team/break-glass/x").text
    assert team.deps.audit.entries(10)[-1] is not None
    kept = team.deps.staff_access.credentials.passkeys(NURSE.staff_id)
    assert [one.sign_count for one in kept] == [0]


def test_a_counter_moves_on_and_never_back(team: Team) -> None:
    made, client = SoftPasskey(count=5), team.pages.app.test_client()
    assert enrol(team, client, made) == 303
    assert sign_in(client, made) == 303
    (kept,) = team.deps.staff_access.credentials.passkeys(NURSE.staff_id)
    assert kept.sign_count == made.count == 6
    copied = replace(made, count=2)
    assert sign_in(client, copied) == 422, "a copy of the authenticator"


@pytest.mark.parametrize(
    "spoilt",
    [{"origin": "https://evil.example"}, {"domain": "evil.example"}, {"verified": False}],
    ids=["another site", "another domain", "user not verified"],
)
def test_what_a_new_passkey_must_prove(team: Team, spoilt: dict[str, object]) -> None:
    client, link = team.pages.app.test_client(), new_link(team)
    assert enrol(team, client, SoftPasskey(**spoilt), link) == 422  # type: ignore[arg-type]
    assert team.deps.staff_access.credentials.passkeys(NURSE.staff_id) == ()
    assert enrol(team, client, SoftPasskey(), link) == 303, "the link still works"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"origin": "https://evil.example"},
        {"domain": "evil.example"},
        {"verified": False},
        {"user_handle": PSYCHIATRIST.staff_id.encode()},
        {"user_handle": b""},
        {"credential_id": b"never enrolled"},
        {"key": SoftPasskey().key},
    ],
    ids=["another site", "another domain", "not verified", "another person", "nobody", "unknown", "another key"],
)
def test_what_an_answer_must_prove(team: Team, passkey: SoftPasskey, spoilt: dict[str, object]) -> None:
    client = team.pages.app.test_client()
    assert sign_in(client, replace(passkey, **spoilt)) == 422  # type: ignore[arg-type]
    assert client.get("/app/team/").headers["Location"].startswith("/app/team/sign-in")


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "x" * 20_000, '{"id": 1}'])
def test_an_answer_that_is_none(team: Team, credential: str) -> None:
    client = team.pages.app.test_client()
    assert sign_in(client, SoftPasskey(), credential=credential) == 422
    assert enrol_raw(team, client, credential) == 422


def enrol_raw(team: Team, client: FlaskClient, credential: str) -> int:
    link = new_link(team)
    state = client.post(f"{link}/options").get_json()["state"]
    return client.post(f"{link}/passkey", data={"state": state, "credential": credential}).status_code


def test_a_challenge_works_once_in_its_browser_for_ten_minutes(team: Team, passkey: SoftPasskey) -> None:
    mine, other = team.pages.app.test_client(), team.pages.app.test_client()
    asked = mine.post(f"{SIGN_IN}/options").get_json()
    answer = {"state": asked["state"], "credential": passkey.get(asked["options"])}
    other.post(f"{SIGN_IN}/options")
    assert other.post(SIGN_IN, data=answer).status_code == 422, "begun in another browser"
    assert mine.post(SIGN_IN, data=answer).status_code == 422, "taken"
    asked = mine.post(f"{SIGN_IN}/options").get_json()
    answer = {"state": asked["state"], "credential": passkey.get(asked["options"])}
    assert [mine.post(SIGN_IN, data=answer).status_code for _ in range(2)] == [303, 422]
    asked = mine.post(f"{SIGN_IN}/options").get_json()
    team.pages.clock.move(minutes=10)
    answer = {"state": asked["state"], "credential": passkey.get(asked["options"])}
    assert mine.post(SIGN_IN, data=answer).status_code == 422, "too late"


def test_a_challenge_to_enrol_signs_nobody_in(team: Team, passkey: SoftPasskey) -> None:
    client, link = team.pages.app.test_client(), new_link(team, PSYCHIATRIST.staff_id)
    asked = client.post(f"{link}/options").get_json()
    answer = {"state": asked["state"], "credential": passkey.get(asked["options"])}
    assert client.post(SIGN_IN, data=answer).status_code == 422


def test_a_passkey_belongs_to_one_account(team: Team, passkey: SoftPasskey) -> None:
    client, link = team.pages.app.test_client(), new_link(team, PSYCHIATRIST.staff_id)
    assert enrol(team, client, passkey, link) == 422
    assert enrol(team, client, SoftPasskey(credential_id=b"her own"), link) == 303


def test_a_deactivated_account_has_no_passkey(team: Team, passkey: SoftPasskey) -> None:
    now = team.deps.clock.now()
    set_active(ports_of(team.deps), ADMIN.actor, NURSE.staff_id, active=False, now=now)
    set_active(ports_of(team.deps), ADMIN.actor, NURSE.staff_id, active=True, now=now)
    assert sign_in(team.pages.app.test_client(), passkey) == 422


def test_the_link_that_is_over_makes_no_passkey(team: Team) -> None:
    client, link = team.pages.app.test_client(), new_link(team)
    assert enrol(team, client, SoftPasskey(), link) == 303
    assert client.post(f"{link}/options").status_code == 410
    assert client.post(f"{link}/passkey", data={}).status_code == 410
