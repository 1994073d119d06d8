"""A public sandbox: what is entered is forgotten while it serves, and the same beginning comes back."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from click.testing import CliRunner
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import Client, TestResponse

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.oauth.client_assertion import ASSERTION_TYPE
from sesame_fhir.cli import cli
from sesame_fhir.server.limits import Limits
from sesame_fhir.server.sandbox import Sandbox, ask_reset, sandbox_folder
from sesame_fhir.server.sandbox_clients import SERVICE
from sesame_fhir.server.serving import ServingError
from sesame_fhir.server.settings import Settings, load
from sesame_fhir.server.system import SystemClock, make_key
from sesame_fhir.services.authorization import TokenGrant
from tests.support.demo import environment
from tests.support.fakes import HandClock

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
TOKEN = "a-token-of-the-test"
EHR, APP = "http://127.0.0.1:8000", "http://localhost:8000"


@dataclass
class Strangers:
    """A sandbox with its clock, and what one does with it."""

    settings: Settings
    sandbox: Sandbox
    clock: HandClock

    def call(self, method: str, path: str, root: str = APP, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/fhir+json"}
        client = Client(self.sandbox.wsgi)
        return client.open(path, method=method, base_url=root, headers=headers, buffered=True, **more)

    def sign(self) -> None:
        """A token of the service, in the present generation."""
        now = SystemClock().now()
        until = now + timedelta(hours=1)
        grant = TokenGrant(secret_hash(TOKEN), None, "f", SERVICE, SERVICE, "system/*.cruds", {}, now, until, None)
        self.sandbox._current.sesame.store.authorization.save_grant(grant)

    def ids(self) -> list[str]:
        """Ids of the patients that SÉSAME knows."""
        bundle = json.loads(self.call("GET", "/fhir/Patient?_count=50").data)
        return sorted(entry["resource"]["id"] for entry in bundle["entry"])


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strangers]:
    folder = tmp_path_factory.mktemp("sandbox")
    more = {"SESAME_SANDBOX_PATIENTS": "3", "SESAME_SANDBOX_REQUESTS_PER_MINUTE": "100000"}
    settings = load(None, environment(folder, 8000, more))
    make_key(Path(settings.key_file))
    clock = HandClock()
    running = Sandbox(settings, clock)
    yield Strangers(settings, running, clock)
    running.close()
    assert not sandbox_folder(settings).exists()


def test_what_is_entered_is_forgotten_and_the_same_beginning_comes_back(strangers: Strangers) -> None:
    strangers.sign()
    beginning = strangers.ids()
    assert len(beginning) == 3
    made = strangers.call("POST", "/fhir/Patient", data=b'{"resourceType":"Patient","name":[{"family":"FICTIVE"}]}')
    assert made.status_code == 201
    assert len(strangers.ids()) == 4
    strangers.sandbox.reset()
    assert strangers.call("GET", "/fhir/Patient").status_code == 401
    strangers.sign()
    assert strangers.ids() == beginning


def test_nobody_is_refused_while_it_forgets(strangers: Strangers) -> None:
    """Both hosts are asked all the time; the reset is complete when it returns."""
    statuses: list[int] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            statuses.append(strangers.call("GET", "/fhir/metadata").status_code)
            statuses.append(strangers.call("GET", "/sign-in", EHR).status_code)

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask) for _ in range(2)]
        strangers.sandbox.reset()
        done.set()
        for one in asking:
            one.result()
    assert len(statuses) > 4
    assert set(statuses) == {200}


def test_a_request_under_way_ends_where_it_began(strangers: Strangers) -> None:
    before = strangers.sandbox._current
    open_answer = Client(strangers.sandbox.wsgi).get("/fhir/metadata", base_url=APP)
    strangers.sandbox.reset()
    assert before.folder.exists()
    open_answer.close()
    (retiring,) = (thread for thread, generation in strangers.sandbox._retiring if generation is before)
    retiring.join(timeout=20)
    assert not before.folder.exists()


def test_those_who_ask_at_once_share_one_reset(strangers: Strangers) -> None:
    count = strangers.sandbox._count
    with ThreadPoolExecutor(3) as pool:
        for one in [pool.submit(strangers.sandbox.reset) for _ in range(3)]:
            one.result()
    assert strangers.sandbox._count == count + 1


@pytest.mark.parametrize("why", ["time", "command", "size", "nothing"])
def test_when_it_forgets(strangers: Strangers, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    resets: list[str] = []
    monkeypatch.setattr(Sandbox, "reset", lambda _self: resets.append(why))
    minutes = 361 if why == "time" else 359
    strangers.clock.move(minutes=minutes)
    if why == "command":
        ask_reset(strangers.settings)
    elif why == "size":
        small = replace(strangers.settings.sandbox, largest_megabytes=0)
        monkeypatch.setattr(strangers.sandbox, "_settings", replace(strangers.settings, sandbox=small))
    strangers.sandbox.look()
    strangers.clock.move(minutes=-minutes)
    assert resets == [why] * (why != "nothing")
    assert not (sandbox_folder(strangers.settings) / "reset-asked").exists()


def test_the_command_asks_the_one_that_runs(strangers: Strangers, tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        cli, ["demo", "--reset"], env=environment(Path(strangers.settings.key_file).parent, 8000, {})
    )
    assert (ran.exit_code, (sandbox_folder(strangers.settings) / "reset-asked").exists()) == (0, True)
    (sandbox_folder(strangers.settings) / "reset-asked").unlink()
    ran = CliRunner().invoke(cli, ["demo", "--reset"], env=environment(tmp_path, 8000, {}))
    assert ran.exit_code == 1
    assert "sesame demo --sandbox" in ran.output


def test_it_needs_files(strangers: Strangers) -> None:
    with pytest.raises(ServingError, match="SQLite"):
        sandbox_folder(replace(strangers.settings, database_url="postgresql://x@y/z"))


def test_so_many_requests_and_no_more() -> None:
    now = [0.0]

    def served(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return []

    limited = Limits(served, per_minute=2, largest=1024, seconds=lambda: now[0])

    def ask(address: str = "10.0.0.1", body: bytes = b"") -> TestResponse:
        return Client(limited).post("/fhir/Patient", data=body, environ_base={"REMOTE_ADDR": address}, buffered=True)

    assert [ask().status_code for _ in range(3)] == [200, 200, 429]
    refused = ask()
    assert refused.headers["Retry-After"] == "30"
    assert json.loads(refused.data)["issue"][0]["code"] == "throttled"
    assert ask("10.0.0.2").status_code == 200
    assert ask("10.0.0.3", b"x" * 1025).status_code == 413
    now[0] = 30.0
    assert [ask().status_code for _ in range(2)] == [200, 429]


def test_the_published_key_is_the_one_that_it_knows(strangers: Strangers) -> None:
    """Whoever takes the key and the Bundle of the docs gets a token, and a pathway."""
    key = ECKey.import_key(json.loads((DOCS / "sandbox-key.json").read_text(encoding="utf-8")))
    claims = {"iss": SERVICE, "sub": SERVICE, "aud": f"{APP}/oauth/token", "jti": "once", "exp": int(time.time()) + 200}
    assertion = jwt.encode({"alg": "ES384", "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=["ES384"])
    form = {"grant_type": "client_credentials", "scope": "system/*.cruds", "client_assertion_type": ASSERTION_TYPE}
    asked = Client(strangers.sandbox.wsgi).post(
        "/oauth/token", data=form | {"client_assertion": assertion}, base_url=APP, buffered=True
    )
    assert asked.status_code == 200, asked.text
    headers = {"Authorization": f"Bearer {asked.get_json()['access_token']}", "Content-Type": "application/fhir+json"}
    body = (DOCS / "sandbox-bundle.json").read_bytes()
    for _ in range(2):
        sent = Client(strangers.sandbox.wsgi).post("/fhir", data=body, headers=headers, base_url=APP, buffered=True)
        assert sent.status_code == 200, sent.text
    found = Client(strangers.sandbox.wsgi).get(
        "/fhir/EpisodeOfCare?patient.identifier=290057505612384", headers=headers, base_url=APP, buffered=True
    )
    assert json.loads(found.data)["total"] == 1
