"""``sesame doctor``: every finding when it is fine and when it is not, its exit code, and nothing secret."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from sesame_fhir.server import diagnosis
from sesame_fhir.services.records import AuditEntry
from tests.support.fakes import HandClock
from tests.support.story import SITE, START
from tests.unit.cli.conftest import Cli

SMART = '{"capabilities": ["launch-ehr", "client-public"]}'


@contextmanager
def ehr(status: int, body: str, drift: float = 0.0, location: str | None = None) -> Iterator[str]:
    """An EHR on loopback that answers every request alike; its FHIR base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(status)
            self.send_header("Date", format_datetime(datetime.now(UTC) + timedelta(seconds=drift), usegmt=True))
            self.send_header("Content-Length", str(len(body.encode())))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/fhir"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def findings(sesame: Cli, exit_code: int) -> dict[str, str]:
    """Subject -> its line, with the remedy."""
    result = sesame("doctor")
    assert result.exit_code == exit_code, result.output
    found: dict[str, str] = {}
    subject = ""
    for line in result.stdout.splitlines():
        if line.startswith(("ok", "WRONG")):
            subject = line.split()[1]
            found[subject] = line
        else:
            found[subject] += line
    wrong = [line for line in found.values() if line.startswith("WRONG")]
    assert bool(wrong) == bool(exit_code)
    assert all(" -> " in line for line in wrong)
    return found


def audited(sesame: Cli) -> None:
    with sesame.store() as store:
        for number in range(3):
            entry = AuditEntry(START, "gp-1", "gp", "read", "ok", f"p{number}", "Patient", SITE)
            store.audit.record(entry)


def test_all_is_well(sesame: Cli) -> None:
    audited(sesame)
    sesame.ok("keys", "rotate")
    found = findings(sesame, 0)
    assert set(found) == {"settings", "public_url", "clock", "documents", "key", "database", "audit", "outbox", "keys"}
    assert "3 entries, chain intact" in found["audit"]
    assert "2 active" in found["keys"]
    assert "sqlite" in found["database"]


def test_a_missing_key(sesame: Cli) -> None:
    sesame.key_file.unlink()
    found = findings(sesame, 1)
    assert "sesame migrate" in found["key"]
    assert "database" not in found


def test_a_key_of_another_database(sesame: Cli, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Cli(tmp_path_factory.mktemp("other"))
    other.ok("migrate")
    sesame.key_file.write_bytes(other.key_file.read_bytes())
    assert "restore the key file" in findings(sesame, 1)["database"]
    assert other.key_file.read_text(encoding="ascii").strip() not in sesame("doctor").output


def test_a_missing_database_is_not_made(sesame: Cli) -> None:
    sesame.database.unlink()
    assert "sesame migrate" in findings(sesame, 1)["database"]
    assert not sesame.database.exists()


@pytest.mark.parametrize(
    ("content", "remedy"), [(b"", "sesame migrate"), (b"\0garbage" * 1000, "storage.database_url")]
)
def test_a_database_that_is_not_ours(content: bytes, remedy: str, sesame: Cli) -> None:
    sesame.database.write_bytes(content)
    assert remedy in findings(sesame, 1)["database"]


@pytest.mark.network
def test_postgresql_that_does_not_answer(sesame: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesame_fhir.storage.postgresql._WAIT_SECONDS", 0.3)
    with ehr(200, "") as free:
        port = free.rpartition(":")[2].partition("/")[0]
    sesame.extra["SESAME_STORAGE_DATABASE_URL"] = f"postgresql://sesame:Zorglub@127.0.0.1:{port}/sesame"
    assert "that the database server runs" in findings(sesame, 1)["database"]
    result = sesame("doctor")
    assert "Zorglub" not in result.output
    assert "Traceback" not in result.output


def test_a_broken_audit_chain(sesame: Cli) -> None:
    audited(sesame)
    with sqlite3.connect(sesame.database) as connection:
        connection.execute("DROP TRIGGER IF EXISTS audit_no_update")
        assert connection.execute("UPDATE audit SET action = 'write' WHERE rowid = 2").rowcount == 1
    connection.close()
    assert "security officer" in findings(sesame, 1)["audit"]


def test_plain_http_outside_this_machine(sesame: Cli) -> None:
    sesame.extra["SESAME_SERVER_PUBLIC_URL"] = "http://sesame.example"
    assert "TLS proxy" in findings(sesame, 1)["public_url"]


def test_a_dead_clock(sesame: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "SystemClock", lambda: HandClock(datetime(1970, 1, 1, tzinfo=UTC)))
    assert "NTP" in findings(sesame, 1)["clock"]


@pytest.mark.network
@pytest.mark.parametrize(
    ("status", "body", "drift", "subject", "words"),
    [
        (200, SMART, 0, None, "2 SMART capabilities"),
        (200, SMART, 40, None, "2 SMART capabilities"),
        (200, SMART, 90, "clock", "differ by"),
        (200, SMART, -3600, "clock", "differ by"),
        (200, "<html>mot-de-passe</html>", 0, "ehr", "answers 200 without"),
        (200, "[]", 0, "ehr", "answers 200 without"),
        (200, '"text"', 0, "ehr", "answers 200 without"),
        (200, "{}", 0, "ehr", "answers 200 without"),
        (200, '{"capabilities": []}', 0, "ehr", "answers 200"),
        (200, '{"capabilities": 7}', 0, "ehr", "answers 200"),
        (401, "{}", 0, "ehr", "answers 401"),
        (404, "no", 0, "ehr", "answers 404"),
        (500, "mot-de-passe", 0, "ehr", "answers 500"),
        (302, "", 0, "ehr", "answers 302"),
    ],
)
def test_an_ehr(status: int, body: str, drift: float, subject: str | None, words: str, sesame: Cli) -> None:
    with ehr(status, body, drift, "https://elsewhere.invalid/" if status == 302 else None) as issuer:
        sesame.ok("ehr", "add", issuer, "--client-id", "sesame")
        found = findings(sesame, 1 if subject else 0)
    assert words in found[subject or "ehr"]
    assert "mot-de-passe" not in found[subject or "ehr"]


@pytest.mark.network
def test_an_ehr_that_is_off(sesame: Cli) -> None:
    with ehr(200, SMART) as issuer:
        sesame.ok("ehr", "add", issuer, "--client-id", "sesame")
    assert "does not answer" in findings(sesame, 1)["ehr"]


def test_a_machine_that_cannot_make_documents_is_told_what_to_install(
    sesame: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "can_render", lambda: False)
    assert "Pango" in findings(sesame, 1)["documents"]
