"""As ``test_log_privacy``, for the team's pages: who signs in, what is written of a patient, and every secret address.

A nurse enrols, signs in, fails to, writes what must never be logged, and meets a fault, in a real process.
"""

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
import requests

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.accounts import issue_link
from sesame_fhir.services.sign_in import SignInPorts
from sesame_fhir.storage import open_store
from tests.integration.conftest import Database
from tests.support.databases import VAULT_KEY
from tests.support.serve import Served, running_serve
from tests.support.team_cases import followed_case
from tests.support.team_pages import MEMBERS, build_team

pytestmark = pytest.mark.network

NURSE = replace(MEMBERS[Role.NURSE], name="Zorglub Soignante", login="zorglub-login")
MARKERS = {
    "family": "ZORGLUBNAME",
    "note": "zorglub-note",
    "private note": "zorglub-private",
    "message": "zorglub-message",
    "question": "zorglub-question",
    "draft": "zorglub-draft",
    "search": "zorglub-search",
    "password": "zorglub-password-7731",
    "colleague": NURSE.name,
    "login": NURSE.login,
    "unknown login": "zorglub-nobody",
    "address": "zorglub-path",
    "code": "zorglub-code",
}
_FORM = re.compile(r"<form[^>]*>.*?</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


@dataclass
class Browser:
    """What a nurse's browser does; ``secrets`` are the values of its cookies and secret addresses."""

    served: Served
    cookie: str = ""
    secrets: list[str] = field(default_factory=list)

    def get(self, path: str) -> requests.Response:
        return requests.get(
            f"{self.served.url}/app/team{path}", headers={"Cookie": self.cookie}, timeout=10, allow_redirects=False
        )

    def post(self, path: str, data: Mapping[str, str], page: str | None = None) -> requests.Response:
        """Post a form, with the hidden fields that ``page`` has for it."""
        hidden = {} if page is None else self.hidden(page, path)
        answer = requests.post(
            f"{self.served.url}/app/team{path}",
            hidden | dict(data),
            headers={"Cookie": self.cookie},
            timeout=10,
            allow_redirects=False,
        )
        if "Set-Cookie" in answer.headers:
            self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
            self.secrets.append(self.cookie.partition("=")[2])
        return answer

    def hidden(self, page: str, path: str) -> dict[str, str]:
        forms = [form for form in _FORM.findall(self.get(page).text) if f'action="/app/team{path}"' in form]
        assert forms, f"no form for {path} on {page}"
        return dict(_HIDDEN.findall(forms[0]))


def _prepare(database: Database) -> tuple[str, str]:
    """A patient in care and a nurse's enrolment link; returns the pathway's address and the link's secret."""
    team = build_team(Path(database.url.removeprefix("sqlite:///")))
    try:
        case = followed_case(team)
        traits = replace(case.pathway.traits or pytest.fail("no traits"), family=MARKERS["family"])
        named = ev.PatientIdentified(traits, case.pathway.ehr)
        case.engine.run(case.pathway_id, case.command(Role.GP), "refer", lambda _: (named,))
    finally:
        team.pages.store.close()
    with open_store(database.url, VAULT_KEY) as store:
        store.staff.save(NURSE)
        ports = SignInPorts(store.staff, store.staff_access, store.vault, store.audit)
        token = issue_link(ports, SystemIds(), NURSE.actor, NURSE.staff_id, datetime.now(UTC))
    return f"/p/{case.pathway_id}", token


def _enrol(browser: Browser, token: str) -> list[int]:
    shown = browser.get(f"/enrol/{token}")
    found = re.search(r'<code class="secret">([^<]+)</code>', shown.text)
    assert found is not None, shown.text
    browser.secrets += [token, found[1], found[1].replace(" ", "")]
    chosen = {"password": MARKERS["password"], "again": MARKERS["password"]}
    wrong = browser.post(f"/enrol/{token}", chosen | {"code": MARKERS["code"]})
    right = pyotp.TOTP(found[1].replace(" ", "")).at(datetime.now(UTC))
    done = browser.post(f"/enrol/{token}", chosen | {"code": right})
    return [shown.status_code, wrong.status_code, done.status_code, browser.get(f"/enrol/{token}").status_code]


def _fail_to_sign_in(served: Served) -> list[int]:
    stranger, typed = Browser(served), {"password": MARKERS["password"], "code": MARKERS["code"]}
    answers = [
        stranger.post("/sign-in", typed | {"login": MARKERS["login"], "next": f"/app/team/{MARKERS['address']}"}),
        stranger.post("/sign-in", typed | {"login": MARKERS["unknown login"]}),
        stranger.post("/passkey", {"state": MARKERS["code"], "credential": MARKERS["code"]}),
        stranger.get(f"/enrol/{MARKERS['code']}"),
        stranger.get(f"/calendar/{MARKERS['code']}.ics"),
        stranger.get(f"/callback?state={MARKERS['code']}&code={MARKERS['code']}"),
        stranger.get(f"/p/{MARKERS['address']}"),
    ]
    return [answer.status_code for answer in answers]


def _write(browser: Browser, patient: str) -> list[int]:
    contact = f"{patient}/contact/{MARKERS['address']}"
    now = datetime.now(UTC)
    held = {"day": f"{now:%Y-%m-%d}", "time": "00:01", "mode": "phone", "minutes": "10", "next": "none"}
    notes = {"note": MARKERS["note"], "private": MARKERS["private note"]}
    answers = [
        browser.get(patient),
        browser.post(f"{contact}/draft", {"note": MARKERS["draft"]} | browser.hidden(contact, contact)),
        browser.post(contact, held | notes | {"minutes": "9999"}, contact),
        browser.post(contact, held | notes, contact),
        browser.post(f"{patient}/messages", {"text": MARKERS["message"], "to": "all"}, f"{patient}/messages"),
        browser.post(f"{patient}/mark", {"question": MARKERS["question"]}, f"{patient}/review"),
        browser.post("/caseload", {"name": MARKERS["search"]}, "/caseload"),
        browser.post("/caseload", {"name": MARKERS["family"]}, "/caseload"),
        browser.get("/caseload.csv"),
        browser.get(f"/p/{MARKERS['address']}"),
        browser.get(f"/caseload?cursor={MARKERS['search']}"),
    ]
    calendar = browser.post("/calendar", {}, "/calendar")
    found = re.search(r"/calendar/([^.]+)\.ics", calendar.text)
    assert found is not None, calendar.text
    browser.secrets.append(found[1])
    feed = browser.get(f"/calendar/{found[1]}.ics")
    assert MARKERS["family"] not in feed.text
    return [*(answer.status_code for answer in answers), feed.status_code]


def _break(database: Database) -> None:
    with sqlite3.connect(database.url.removeprefix("sqlite:///")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("ALTER TABLE caseload RENAME TO lost")
    connection.close()


def test_nothing_of_patient_or_colleague_is_logged(sqlite_database: Database, tmp_path: Path) -> None:
    patient, token = _prepare(sqlite_database)
    settings = sqlite_database.settings | {"SESAME_SERVER_LOG_LEVEL": "debug"}
    with running_serve(tmp_path, settings) as served:
        browser = Browser(served)
        assert _enrol(browser, token) == [200, 422, 303, 410]
        assert _fail_to_sign_in(served) == [422, 422, 422, 410, 404, 400, 303]
        assert _write(browser, patient) == [200, 204, 422, 303, 303, 303, 200, 200, 200, 404, 200, 200]
        _break(sqlite_database)
        fault = browser.post("/caseload", {"name": MARKERS["search"]}, None)
        broken = browser.get("/caseload")
        served.terminate()
        written = served.stderr + served.stdout
        assert [name for name, marker in MARKERS.items() if marker.lower() in written.lower()] == []
        assert [secret for secret in (*browser.secrets, patient) if secret in written] == []
        assert "Traceback" not in written
        assert (fault.status_code, broken.status_code) == (403, 500)
        (unexpected,) = served.events("unexpected-error")
        assert unexpected["correlation_id"] in broken.text
