"""Signing in by password and code: enrolled by a link, once; a failure says nothing; waiting; sessions that end."""

import re
from dataclasses import replace

import pyotp
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.accounts import issue_link, set_active
from sesame_fhir.services.enrolment import EnrolmentProblem
from sesame_fhir.services.sign_in import FREE_FAILURES
from smart_app.team.opening import ports_of
from smart_app.team.texts import ENROLMENT_PROBLEMS
from tests.support.team_pages import COOKIE, MEMBERS, Team

PASSWORD = "quatre mots simples a retenir"
NURSE, ADMIN = MEMBERS[Role.NURSE], MEMBERS[Role.ADMINISTRATOR]


def new_link(team: Team, staff_id: str = NURSE.staff_id) -> str:
    token = issue_link(ports_of(team.deps), team.deps.ids, ADMIN.actor, staff_id, team.deps.clock.now())
    return f"/app/team/enrol/{token}"


def secret_on(page: TestResponse) -> pyotp.TOTP:
    found = re.search(r'<code class="secret">([^<]+)</code>', page.text)
    assert found is not None, page.text
    return pyotp.TOTP(found[1].replace(" ", ""))


def enrol(team: Team, client: FlaskClient) -> pyotp.TOTP:
    """Enrol the nurse; returns her application."""
    link = new_link(team)
    app = secret_on(client.get(link))
    chosen = {"password": PASSWORD, "again": PASSWORD, "code": app.at(team.deps.clock.now())}
    answer = client.post(link, data=chosen)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/app/team/")
    return app


def typed(team: Team, app: pyotp.TOTP, **changes: str) -> dict[str, str]:
    return {"login": "Nurse", "password": PASSWORD, "code": app.at(team.deps.clock.now())} | changes


def test_from_a_link_to_a_session_and_out(team: Team) -> None:
    client = team.pages.app.test_client()
    app = enrol(team, client)
    assert client.get("/app/team/").status_code < 400, "enrolling signs in"
    out = client.post("/app/team/sign-out")
    assert out.headers["Location"] == "/app/team/sign-in"
    assert client.get("/app/team/").headers["Location"].startswith("/app/team/sign-in")
    team.pages.clock.move(seconds=60)
    answer = client.post("/app/team/sign-in", data=typed(team, app, next="/app/team/break-glass/x"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/app/team/break-glass/x")
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in (f"{COOKIE}=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    last = team.deps.audit.entries(1)[0]
    assert (last.action, last.outcome, last.actor_id, last.detail) == (
        "sign-in",
        "done",
        NURSE.actor.actor_id,
        "totp",
    )


def test_over_https_the_cookie_cannot_be_set_by_another_host(team: Team) -> None:
    client = team.pages.app.test_client()
    app = enrol(team, client)
    team.pages.clock.move(seconds=60)
    team.pages.app.extensions["sesame-app"] = replace(team.deps, app_url="https://localhost/app")
    answer = client.post("/app/team/sign-in", data=typed(team, app), base_url="https://localhost")
    assert answer.headers["Set-Cookie"].startswith(f"__Host-{COOKIE}=")
    assert "Domain" not in answer.headers["Set-Cookie"]


def test_a_code_works_once(team: Team) -> None:
    client = team.pages.app.test_client()
    app = enrol(team, client)
    assert client.post("/app/team/sign-in", data=typed(team, app)).status_code == 422, "used to enrol"
    team.pages.clock.move(seconds=30)
    assert client.post("/app/team/sign-in", data=typed(team, app)).status_code == 303
    assert client.post("/app/team/sign-in", data=typed(team, app)).status_code == 422


WRONG = [
    {"login": "nobody"},
    {"login": ""},
    {"login": "admin"},
    {"password": "not the password"},
    {"password": "x" * 100_000},
    {"code": "000000"},
    {"code": ""},
    {"code": "١٢٣٤٥٦"},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_failure_says_nothing(team: Team, wrong: dict[str, str]) -> None:
    client = team.pages.app.test_client()
    app = enrol(team, client)
    client.post("/app/team/sign-out")
    team.pages.clock.move(seconds=60)
    answer = client.post("/app/team/sign-in", data=typed(team, app, **wrong))
    assert answer.status_code == 422
    assert "Identifiant, mot de passe ou code incorrect." in answer.text
    assert "Set-Cookie" not in answer.headers
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("login", ["nurse", "nobody-of-ours"])
def test_a_login_that_fails_waits_whether_it_exists_or_not(team: Team, login: str) -> None:
    client = team.pages.app.test_client()
    wrong = {"login": login, "password": "wrong", "code": "000000"}
    answers = [client.post("/app/team/sign-in", data=wrong).status_code for _ in range(FREE_FAILURES + 1)]
    assert answers == [422] * FREE_FAILURES + [429]
    team.pages.clock.move(seconds=30)
    assert [client.post("/app/team/sign-in", data=wrong).status_code for _ in range(2)] == [422, 429]
    team.pages.clock.move(seconds=59)
    assert client.post("/app/team/sign-in", data=wrong).status_code == 429, "twice as long the second time"


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"password": "court", "again": "court"}, EnrolmentProblem.TOO_SHORT),
        ({"password": "x" * 201, "again": "x" * 201}, EnrolmentProblem.TOO_LONG),
        ({"again": "another password"}, EnrolmentProblem.DIFFER),
        ({"code": "000000"}, EnrolmentProblem.CODE_WRONG),
    ],
    ids=str,
)
def test_a_choice_that_is_refused_leaves_the_link(team: Team, wrong: dict[str, str], problem: EnrolmentProblem) -> None:
    client = team.pages.app.test_client()
    link = new_link(team)
    app = secret_on(client.get(link))
    chosen = {"password": PASSWORD, "again": PASSWORD, "code": app.at(team.deps.clock.now())}
    refused = client.post(link, data=chosen | wrong)
    assert refused.status_code == 422
    assert ENROLMENT_PROBLEMS[problem] in refused.text
    assert secret_on(refused).secret == app.secret, "the application needs no second visit"
    assert client.post(link, data=chosen).status_code == 303


def test_a_password_is_not_the_login(team: Team) -> None:
    login = "a-login-of-twelve"
    team.deps.staff.save(replace(NURSE, login=login))
    client, link = team.pages.app.test_client(), new_link(team)
    code = secret_on(client.get(link)).at(team.deps.clock.now())
    refused = client.post(link, data={"password": login.upper(), "again": login.upper(), "code": code})
    assert (refused.status_code, "ne peut pas être l'identifiant" in refused.text) == (422, True)


def test_a_link_ends_when_it_is_used_replaced_or_old(team: Team) -> None:
    client = team.pages.app.test_client()
    first = new_link(team)
    second = new_link(team)
    assert client.get(first).status_code == 410
    assert "Demandez un nouveau lien" in client.get(first).text
    assert client.get("/app/team/enrol/never-given").status_code == 410
    team.pages.clock.move(hours=72)
    assert client.get(second).status_code == 410
    used = new_link(team)
    app = secret_on(client.get(used))
    chosen = {"password": PASSWORD, "again": PASSWORD, "code": app.at(team.deps.clock.now())}
    assert [client.post(used, data=chosen).status_code for _ in range(2)] == [303, 410]


def test_a_new_link_replaces_what_was_there(team: Team) -> None:
    client, other = team.pages.app.test_client(), team.pages.app.test_client()
    old = enrol(team, client)
    team.pages.clock.move(minutes=1)
    enrol(team, other)
    assert client.get("/app/team/").headers["Location"].startswith("/app/team/sign-in"), "signed out everywhere"
    team.pages.clock.move(minutes=1)
    assert client.post("/app/team/sign-in", data=typed(team, old)).status_code == 422


def test_a_session_ends_idle_or_after_a_day_of_work(team: Team) -> None:
    browser = team.browser(Role.NURSE)
    for _ in range(5):
        team.pages.clock.move(minutes=29)
        assert browser.get("/break-glass/x").status_code == 404, "still signed in"
    team.pages.clock.move(minutes=31)
    assert browser.get("/").headers["Location"].startswith("/app/team/sign-in")
    busy = team.browser(Role.NURSE)
    answers = []
    for _ in range(27):
        team.pages.clock.move(minutes=28)
        answers.append(busy.get("/break-glass/x").status_code)
    assert answers == [404] * 25 + [303] * 2, "twelve hours, however busy"


def test_a_deactivated_account_is_out_at_once(team: Team) -> None:
    client = team.pages.app.test_client()
    app = enrol(team, client)
    now, unused = team.deps.clock.now(), new_link(team)
    set_active(ports_of(team.deps), ADMIN.actor, NURSE.staff_id, active=False, now=now)
    assert client.get("/app/team/").headers["Location"].startswith("/app/team/sign-in")
    team.pages.clock.move(minutes=1)
    assert client.post("/app/team/sign-in", data=typed(team, app)).status_code == 422
    set_active(ports_of(team.deps), ADMIN.actor, NURSE.staff_id, active=True, now=now)
    assert client.get(unused).status_code == 410, "opened again, the account gets a link of its own"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/app/team/../s/x", "/app/team//evil", "/app/s/launch"]
)
def test_signing_in_leads_to_our_own_pages_only(team: Team, elsewhere: str) -> None:
    client = team.pages.app.test_client()
    app = enrol(team, client)
    team.pages.clock.move(minutes=1)
    assert elsewhere not in client.get("/app/team/sign-in", query_string={"next": elsewhere}).text
    answer = client.post("/app/team/sign-in", data=typed(team, app, next=elsewhere))
    assert answer.headers["Location"] == "/app/team/"


@pytest.mark.parametrize("path", ["/sign-in", "/passkey/options", "/passkey", "/sign-out"])
def test_nobody_signs_in_from_another_site(team: Team, path: str) -> None:
    answer = team.pages.app.test_client().post(f"/app/team{path}", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, "plus valable" in answer.text) == (403, True)


@pytest.mark.parametrize("field", ["login", "password", "code", "next"])
def test_a_null_character_is_refused_at_the_door(team: Team, field: str) -> None:
    answer = team.pages.app.test_client().post("/app/team/sign-in", data={field: "a\x00b"})
    assert (answer.status_code, "n'a pas été comprise" in answer.text) == (400, True)
