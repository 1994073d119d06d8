"""Values that must never be logged are sent through pages and facade, in success and failure, to a real process.

Afterwards its standard error and output hold none of them, while they do hold what helps: routes, codes, references.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.domain.ids import LaunchId
from sesame_fhir.services.authorization import OAuthClient, TokenGrant
from sesame_fhir.services.records import ClientKind, EhrRegistration, LaunchSession
from sesame_fhir.services.snapshot import snapshot_to_json
from sesame_fhir.storage import Store, open_store
from smart_app.launch.scopes import DEFAULT_SCOPES
from smart_app.session.cookies import SESSION_COOKIE, fingerprint
from tests.integration.conftest import Database
from tests.support.app_pages import record_of
from tests.support.databases import VAULT_KEY
from tests.support.serve import Served, running_serve
from tests.support.story import BINDING, EHR, GP, SITE, TRAITS

pytestmark = pytest.mark.network

MARKERS = {
    "family": "ZORGLUBNAME",
    "given": "Zorglubgiven",
    "phone": "0199007731",
    "answer": "zorglub-answer",
    "note": "zorglub-note",
    "launch": "zorglub-launch-7731",
    "broken launch": "zorglub-broken-7731",
    "cookie": "zorglub-cookie",
    "token": "zorglub-token",
    "resource id": "zorglub-resource",
    "search": "zorglub-search",
    "path": "zorglub-path",
    "code": "zorglub-code",
    "patient": "zorglub-patient",
}
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def _prepare(store: Store) -> None:
    """An EHR that does not answer, an open launch, one whose record is unreadable, and a token."""
    store.ehrs.add(
        EhrRegistration(EHR, "http://127.0.0.1:9/fhir", "app", ClientKind.PUBLIC, SITE, ("http://127.0.0.1:9",))
    )
    traits = replace(TRAITS, family=MARKERS["family"], given=MARKERS["given"], phone=MARKERS["phone"])
    good = snapshot_to_json(record_of(traits))
    broken = good | {"traits": {"family": MARKERS["family"]}}
    now = datetime.now(UTC)
    for launch, snapshot in ((MARKERS["launch"], good), (MARKERS["broken launch"], broken)):
        store.launches.open(
            LaunchSession(
                launch_id=LaunchId(fingerprint(launch)[:32]),
                launch_hash=fingerprint(launch),
                browser_hash=fingerprint(MARKERS["cookie"]),
                ehr_id=EHR,
                site=SITE,
                patient=f"Patient/{MARKERS['patient']}",
                encounter=None,
                actor=GP,
                granted_scopes=DEFAULT_SCOPES,
                requested_scopes=DEFAULT_SCOPES,
                tokens=b"",
                token_expires_at=now + timedelta(hours=1),
                context={"snapshot": snapshot},
                created_at=now,
                last_seen_at=now,
                expires_at=now + timedelta(hours=2),
                practitioner=BINDING.practitioner,
            )
        )
    store.authorization.save_client(OAuthClient("app", "App", ClientKind.PUBLIC, (), None, ("system/*.cruds",)))
    hashed, until = secret_hash(MARKERS["token"]), now + timedelta(hours=1)
    store.authorization.save_grant(
        TokenGrant(hashed, None, "f", "app", "service", "system/*.cruds", {}, now, until, None)
    )


@pytest.fixture
def served(sqlite_database: Database, tmp_path: Path) -> Iterator[Served]:
    with open_store(sqlite_database.url, VAULT_KEY) as store:
        _prepare(store)
    with running_serve(tmp_path, sqlite_database.settings | {"SESAME_SERVER_LOG_LEVEL": "debug"}) as running:
        yield running


def _page(served: Served, launch: str, path: str, data: Mapping[str, str] | None = None) -> requests.Response:
    """A page of a launch; with ``data``, its form is posted with the hidden fields of the page."""
    url = f"{served.url}/app/s/{launch}{path}"
    headers = {"Cookie": f"{SESSION_COOKIE}={MARKERS['cookie']}"}
    shown = requests.get(url, headers=headers, timeout=10)
    if data is None:
        return shown
    fields = dict(_HIDDEN.findall(shown.text)) | dict(data)
    return requests.post(url, fields, headers=headers, timeout=10, allow_redirects=False)


def _facade(served: Served, method: str, path: str, token: str, body: Any = None) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    data = None if body is None else json.dumps(body)
    return requests.request(method, f"{served.url}/fhir/{path}", headers=headers, data=data, timeout=10)


def _use_the_app(served: Served) -> list[int]:
    launch = MARKERS["launch"]
    form = "/form/phq-2"
    shown = _page(served, launch, form)
    weights = {f"q-{name}": value for name, value in re.findall(r'name="q-([^"]+)"[^>]*value="([^"]+)"', shown.text)}
    answers = [
        shown,
        _page(served, launch, "/"),
        _page(served, launch, form, dict.fromkeys(weights, MARKERS["answer"])),
        _page(served, launch, form, {**weights, "note": MARKERS["note"]}),
        _page(served, launch, f"/result/{MARKERS['path']}"),
        _page(served, MARKERS["path"], "/"),
        requests.get(f"{served.url}/app/{MARKERS['path']}?x={MARKERS['search']}", timeout=10),
        requests.get(f"{served.url}/app/callback?code={MARKERS['code']}&state={MARKERS['code']}", timeout=10),
        requests.get(f"{served.url}/app/launch?iss=https://{MARKERS['path']}.invalid&launch=x", timeout=10),
    ]
    return [answer.status_code for answer in answers]


def _use_the_facade(served: Served) -> list[int]:
    token = MARKERS["token"]
    good = {"resourceType": "Patient", "id": MARKERS["resource id"], "name": [{"family": MARKERS["family"]}]}
    answers = [
        _facade(served, "PUT", f"Patient/{MARKERS['resource id']}", token, good),
        _facade(served, "GET", f"Patient/{MARKERS['resource id']}", token),
        _facade(served, "GET", f"Patient?family={MARKERS['search']}", token),
        _facade(served, "GET", f"Patient?{MARKERS['search']}=x", token),
        _facade(served, "POST", "Patient", token, good | {"gender": MARKERS["note"]}),
        _facade(served, "GET", f"{MARKERS['path']}/1", token),
        _facade(served, "GET", f"Patient/{MARKERS['resource id']}", MARKERS["code"]),
        requests.post(
            f"{served.url}/oauth/token", {"code": MARKERS["code"], "grant_type": "authorization_code"}, timeout=10
        ),
    ]
    return [answer.status_code for answer in answers]


def _break(database: Database) -> None:
    """What no test of the database's absence meets: it is there, and a table is not."""
    with sqlite3.connect(database.url.removeprefix("sqlite:///")) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("ALTER TABLE resource_version RENAME TO lost")
    connection.close()


def test_nothing_of_a_patient_is_logged(served: Served, sqlite_database: Database) -> None:
    assert {200, 303, 404} <= set(_use_the_app(served))
    assert {200, 201, 400, 401, 404} <= set(_use_the_facade(served))
    page = _page(served, MARKERS["broken launch"], "/")
    _break(sqlite_database)
    outcome = _facade(served, "GET", f"Patient/{MARKERS['resource id']}/_history", MARKERS["token"])
    served.terminate()

    written = served.stderr + served.stdout
    assert [name for name, marker in MARKERS.items() if marker.lower() in written.lower()] == []
    assert "Traceback" not in written

    faults = served.events("unexpected-error")
    assert (page.status_code, outcome.status_code, len(faults)) == (500, 500, 2), faults
    assert faults[0]["correlation_id"] in page.text
    assert faults[1]["correlation_id"] in outcome.text
    requests_of = {line["correlation_id"]: line for line in served.events("request")}
    assert [requests_of[fault["correlation_id"]]["status"] for fault in faults] == [500, 500]
    assert {"refused", "delivery-failed"} <= {line["event"] for line in served.lines}
