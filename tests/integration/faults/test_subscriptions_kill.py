"""``kill -9`` while a subscriber holds its answer: after a restart every event arrives, by its number, in order."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.subscriptions.canonical import CONTENT, SIGNING_KEY
from sesame_fhir.services.authorization import OAuthClient, TokenGrant
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import open_store
from tests.integration.conftest import Database
from tests.support.databases import VAULT_KEY
from tests.support.demo import free_port
from tests.support.serve import Served, running_serve
from tests.support.subscriber import Received, Subscriber, listening

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("faults")]

TOKEN = "a-token-of-the-test"
SCOPE = "system/*.cruds"
EVENTS = 6
HELD = 3
"""The event whose answer is held back when the server is killed."""


def known(url: str, origin: str) -> None:
    """A registered system whose subscriptions may notify this origin, and its token."""
    now = datetime.now(UTC)
    client = OAuthClient("region", "Région", ClientKind.PUBLIC, (), None, (SCOPE,), notify_origins=(origin,))
    until = now + timedelta(hours=1)
    grant = TokenGrant(secret_hash(TOKEN), None, "f", "region", "region", SCOPE, {}, now, until, None)
    with open_store(url, VAULT_KEY) as store:
        store.authorization.save_client(client)
        store.authorization.save_grant(grant)


def post(served: Served, resource: dict[str, Any]) -> str:
    """Create a resource; returns its id."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/fhir+json"}
    address = f"{served.url}/fhir/{resource['resourceType']}"
    answer = requests.post(address, json=resource, headers=headers, timeout=15)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def subscription(origin: str) -> dict[str, Any]:
    """Told of every new patient, one event after the other."""
    content = {"extension": [{"url": CONTENT, "valueCode": "id-only"}]}
    channel = {
        "type": "rest-hook",
        "endpoint": f"{origin}/hook",
        "payload": "application/fhir+json",
        "_payload": content,
        "extension": [{"url": SIGNING_KEY, "valueString": "k" * 32}],
    }
    return {
        "resourceType": "Subscription",
        "status": "requested",
        "reason": "Patients",
        "criteria": "Patient",
        "channel": channel,
    }


def wait(until: Callable[[], bool], served: Served) -> None:
    end = time.monotonic() + 20
    while not until():
        assert time.monotonic() < end, served.stderr
        time.sleep(0.02)


def told(heard: Subscriber) -> list[Received]:
    """Notifications with an event: the handshake has none."""
    return [one for one in heard.received if one.numbers]


def focus(one: Received) -> str:
    """Id of the resource that a notification is about."""
    return str(one.resource["entry"][1]["fullUrl"]).rpartition("/")[2]


def kill(served: Served) -> None:
    """The server and its workers at once, as a machine that loses its power."""
    os.killpg(served.process.pid, signal.SIGKILL)
    served.process.wait(timeout=5)


def lease_ends(url: str) -> None:
    """What was held by the process that was killed is free again: in life, 75 seconds later."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
        held = database.execute("UPDATE subscription SET leased_until = 0 WHERE leased_until > 0")
        assert held.rowcount == 1


def sent(url: str) -> int:
    """How many events the server knows to have arrived."""
    with open_store(url, VAULT_KEY) as store:
        return store.subscriptions.all()[0].sent


def begun(served: Served, heard: Subscriber) -> list[str]:
    """Subscribed, and as many patients as there are events; the answer to one is held back. Returns their ids."""
    post(served, subscription(heard.origin))
    wait(lambda: len(heard.received) == 1, served)
    made = [post(served, {"resourceType": "Patient"}) for _ in range(HELD - 1)]
    wait(lambda: len(told(heard)) == HELD - 1, served)
    heard.answering.clear()
    made += [post(served, {"resourceType": "Patient"}) for _ in range(EVENTS - len(made))]
    wait(lambda: len(told(heard)) == HELD, served)
    return made


def test_kill_9_while_an_answer_is_awaited(sqlite_database: Database, tmp_path: Path) -> None:
    port = free_port()
    settings = sqlite_database.settings | {"SESAME_OUTBOX_POLL_SECONDS": "0.1"}
    with listening() as heard:
        known(sqlite_database.url, heard.origin)
        with running_serve(tmp_path, settings, port) as served:
            made = begun(served, heard)
            kill(served)
        heard.answering.set()
        lease_ends(sqlite_database.url)
        with running_serve(tmp_path, settings, port) as again:
            wait(lambda: len(told(heard)) == EVENTS + 1, again)
            wait(lambda: sent(sqlite_database.url) == EVENTS, again)
    numbers = [number for one in told(heard) for number in one.numbers]
    assert numbers == ["1", "2", "3", "3", "4", "5", "6"]
    assert [focus(one) for one in told(heard)] == [*made[:HELD], *made[HELD - 1 :]]
