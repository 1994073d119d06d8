"""The measured server: the product as ``sesame serve`` composes and runs it, plus two routes that are floors."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import psycopg
from flask import Flask, Response

from sesame_fhir.server import serving, wsgi
from sesame_fhir.server.hosts import PathDispatcher
from sesame_fhir.server.settings import load
from tests.bench.load import ask, request
from tests.support.demo import free_port

_DATABASE = "BENCH_DATABASE"
_FHIR = "application/fhir+json; charset=utf-8"
_START_SECONDS = 60
_STOP_SECONDS = 30
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_SELECT = """
SELECT b.content FROM resource r JOIN body b ON b.body_key = r.body_key
WHERE r.resource_type = ? AND r.fhir_id = ?"""
_PRAGMAS = ("PRAGMA query_only=ON", "PRAGMA mmap_size=268435456", "PRAGMA cache_size=-16000")

Read = Callable[[str, str], bytes]
"""(type, id) -> the stored bytes."""


def application() -> WSGIApplication:
    """WSGI factory of each worker."""
    read = reader(os.environ[_DATABASE])
    return PathDispatcher(wsgi.serve(), {"floor": floor(read), "bare": bare(read)})


def reader(url: str) -> Read:
    """One SELECT by key, by the database's driver: one connection for each thread."""
    local = threading.local()
    sql = _SELECT if url.startswith("sqlite") else _SELECT.replace("?", "%s")

    def read(resource_type: str, resource_id: str) -> bytes:
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = _connected(url)
        row = connection.execute(sql, (resource_type, resource_id)).fetchone()
        if row is None:
            raise LookupError(resource_id)
        return bytes(row[0])

    return read


def _connected(url: str) -> sqlite3.Connection | psycopg.Connection:
    if not url.startswith("sqlite"):
        return psycopg.connect(url, autocommit=True)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    return connection


def floor(read: Read) -> Flask:
    """What any read through Flask costs: the route, one SELECT, the stored bytes."""
    app = Flask("floor", static_folder=None)

    @app.get("/floor/<resource_type>/<resource_id>")
    def answer(resource_type: str, resource_id: str) -> Response:
        return Response(read(resource_type, resource_id), content_type=_FHIR)

    return app


def bare(read: Read) -> WSGIApplication:
    """What any read through WSGI costs: the path cut at its slashes, one SELECT, the stored bytes."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        _, _, resource_type, resource_id = environ["PATH_INFO"].split("/")
        body = read(resource_type, resource_id)
        start_response("200 OK", [("Content-Type", _FHIR), ("Content-Length", str(len(body)))])
        return [body]

    return answer


@dataclass(frozen=True, slots=True)
class Running:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float | None:
        """Processor time used so far by the server and its workers; None where there is no /proc."""
        return _cpu_seconds(self.process.pid)


@contextmanager
def running(database: Path, key_file: Path, workers: int, threads: int, url: str | None = None) -> Iterator[Running]:
    """Run the server on a free port until the block ends; on the SQLite file, or on ``url`` with its log beside it.

    Raises:
        RuntimeError: it did not become ready; the message holds what it said.
    """
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SESAME_", "COV_"))}
    environment = clean | {
        _DATABASE: url or f"sqlite:///{database}",
        "SESAME_SERVER_PORT": str(port),
        "SESAME_SERVER_WORKERS": str(workers),
        "SESAME_SERVER_THREADS": str(threads),
        "SESAME_STORAGE_DATABASE_URL": url or f"sqlite:///{database}",
        "SESAME_STORAGE_KEY_FILE": str(key_file),
    }
    log = database.with_suffix(".log")
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__], env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        _wait(port, process, log)
        yield Running(port, process)
    finally:
        _stop(process)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if ask(port, request("GET", "/readyz", {})).status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(_STOP_SECONDS)


def _cpu_seconds(pid: int) -> float | None:
    """Ticks of the process and of its children (the workers), as proc(5) numbers them: 4 ppid, 14 utime, 15 stime."""
    found = 0
    try:
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if pid in (int(stat.parent.name), int(fields[1])):
                found += int(fields[11]) + int(fields[12])
    except OSError:
        return None
    return found / _TICKS if found else None


if __name__ == "__main__":
    serving.run("tests.bench.server:application", load(None, os.environ))
