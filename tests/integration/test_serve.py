"""``sesame serve`` as it is run: real processes, both databases, signals, failures, and what it writes."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.services.authorization import OAuthClient, TokenGrant
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import Store, open_store
from tests.integration.conftest import Database
from tests.support.databases import VAULT_KEY
from tests.support.demo import free_port
from tests.support.serve import Served, running_serve

pytestmark = pytest.mark.network

TOKEN = "a-token-of-the-test"


def grant_token(store: Store) -> None:
    """An access token for everything, as the authorization server would have stored it for a service it knows."""
    now, all_of_it = datetime.now(UTC), "system/*.cruds"
    store.authorization.save_client(OAuthClient("service", "Service", ClientKind.PUBLIC, (), None, (all_of_it,)))
    store.authorization.save_grant(
        TokenGrant(
            secret_hash(TOKEN),
            None,
            "f",
            "service",
            "service",
            all_of_it,
            {},
            now,
            now + timedelta(hours=1),
            None,
        )
    )


def workers(served: Served) -> list[int]:
    """Process ids of the server's workers."""
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text(encoding="ascii")
    return [int(pid) for pid in children.split()]


def alive(pid: int) -> bool:
    """Still running; a process that ended but was not waited for is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_life(database: Database, tmp_path: Path) -> None:
    """Ready, not ready while the database is away, ready again, ended: and every line it wrote is one of ours."""
    count = 2 if database.url.startswith("postgresql") else 1
    with running_serve(tmp_path, database.settings | {"SESAME_SERVER_WORKERS": str(count)}) as served:
        assert served.status("/healthz") == 200
        assert len(workers(served)) == count
        database.leave()
        served.wait_for(503)
        assert served.status("/healthz") == 200
        database.come_back()
        served.wait_for(200)
        code, seconds = served.terminate()
    assert (code, seconds < 20) == (0, True), served.stderr
    assert served.stdout == ""
    assert [line["workers"] for line in served.events("started")] == [count]
    assert len(served.events("worker-started")) == len(served.events("worker-stopped")) == count
    assert len(served.events("stopped")) == 1
    assert {line["route"] for line in served.events("request")} == {"/readyz"}
    # Only the background work may have met the absence.
    faults = served.events("unexpected-error")
    assert [fault for fault in faults if not fault["where"].startswith("delivery ")] == []


@contextmanager
def slow_ehr(asked: threading.Event) -> Iterator[str]:
    """An EHR that takes a second to say that it cannot answer; its FHIR base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                asked.set()
                time.sleep(1.0)
                connection.sendall(b"HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/fhir"


def write_until_closed(served: Served, made: list[str]) -> None:
    """Create patients one after another until the port is closed; ``made`` are those that were answered."""
    with requests.Session() as session:
        session.headers.update({"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/fhir+json"})
        while True:
            try:
                answer = session.post(f"{served.url}/fhir/Patient", '{"resourceType":"Patient"}', timeout=20)
            except requests.ConnectionError:
                return
            assert answer.status_code == 201, answer.text
            made.append(answer.json()["id"])


def test_sigterm_ends_after_the_running_requests_and_loses_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    """A launch that waits for its EHR still gets its page; every write that was answered is there, and audited."""
    made: list[str] = []
    asked = threading.Event()
    with open_store(sqlite_database.url, VAULT_KEY) as store:
        grant_token(store)
    with slow_ehr(asked) as issuer:
        settings = sqlite_database.settings | {"SESAME_EHR": f'[{{"issuer": "{issuer}", "client_id": "x"}}]'}
        with running_serve(tmp_path, settings) as served, ThreadPoolExecutor(5) as pool:
            writers = [pool.submit(write_until_closed, served, made) for _ in range(4)]
            while len(made) < 20:
                assert not any(writer.done() for writer in writers), [writer.exception() for writer in writers]
                time.sleep(0.01)
            launch = {"iss": issuer, "launch": "x"}
            page = pool.submit(requests.get, f"{served.url}/app/launch", params=launch, timeout=20)
            assert asked.wait(10)
            code, seconds = served.terminate()
            assert page.result().status_code == 502
            for writer in writers:
                writer.result()
    assert (code, seconds < 20) == (0, True)
    with open_store(sqlite_database.url, VAULT_KEY) as store:
        assert all(store.resources.read("Patient", one) is not None for one in made)
        assert store.audit.verify() >= len(made)


def test_what_is_killed_is_replaced_or_started_again(sqlite_database: Database, tmp_path: Path) -> None:
    """A worker comes back by itself; without their main process workers end and leave the port."""
    port = free_port()
    with running_serve(tmp_path, sqlite_database.settings, port) as served:
        (first,) = workers(served)
        os.kill(first, signal.SIGKILL)
        wait_for_another_worker(served, first)
        assert [line["where"].partition(":")[0] for line in served.events("library")] == ["_granian"]
        orphans = workers(served)
        os.kill(served.process.pid, signal.SIGKILL)
        served.process.wait(timeout=5)
        # While one lives it answers on the port that the next server shares with it: what answers must be the next one.
        wait_for_their_end(orphans)
        with running_serve(tmp_path, sqlite_database.settings, port) as again:
            assert again.status() == 200
            assert again.terminate()[0] == 0


def wait_for_their_end(pids: Sequence[int]) -> None:
    end = time.monotonic() + 15
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < end, "workers outlive their main process"
        time.sleep(0.05)


def wait_for_another_worker(served: Served, lost: int) -> None:
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            if lost not in workers(served) and served.status() == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    raise AssertionError(served.stderr)
