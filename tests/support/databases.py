"""Real databases for tests: SQLite files, and a PostgreSQL server that the test run starts by itself and ends.

``initdb`` refuses root, so privileges are dropped to the user ``postgres`` (or ``nobody``). One template database is
migrated once; each test gets a clone of it. Speed over durability: fsync is off.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path

import psycopg

from sesame_fhir.storage import open_store

VAULT_KEY = bytes(range(32))

MISSING = (
    "no PostgreSQL binaries found: install Debian's package `postgresql` (or put initdb and postgres on the PATH) "
    "to run the storage contract on PostgreSQL too"
)
_TEMPLATE = "template_sesame"
_START_SECONDS = 30
_PORT = 5432
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200")


def binaries() -> Path | None:
    """Folder of initdb and postgres, if any."""
    asked = shutil.which("pg_config")
    said = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=False).stdout if asked else ""
    on_path = shutil.which("initdb")
    candidates = [
        *([Path(said.strip())] if said.strip() else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *([Path(on_path).parent] if on_path else []),
    ]
    return next((c for c in candidates if (c / "initdb").exists() and (c / "postgres").exists()), None)


@dataclass
class PostgresServer:
    """A running server, reached through a Unix socket in its own folder."""

    folder: Path
    process: subprocess.Popen[bytes]
    port: int = _PORT
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """URL of one of its databases."""
        port = "" if self.port == _PORT else f"&port={self.port}"
        return f"postgresql://postgres@/{database}?host={self.folder}{port}"

    def clone(self) -> str:
        """Make a fresh database with the migrated schema; returns its URL."""
        name = f"clone_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy".encode())
        return self.url(name)

    def create(self, name: str) -> None:
        """Make an empty database."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())

    def analyze(self, name: str) -> None:
        """Let the planner know what has been put into a database."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute("ANALYZE")

    def drop(self, url: str) -> None:
        """Drop a clone."""
        name = url.removeprefix("postgresql://postgres@/").partition("?")[0]
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def prepare(url: str) -> None:
    """Make a database ready to be copied: migrated, and sealed with VAULT_KEY."""
    with open_store(url, VAULT_KEY) as store:
        store.migrate()


def migrated(path: Path, key: bytes = VAULT_KEY) -> None:
    """Put an empty, migrated SQLite database there, sealed with this key.

    Migrating takes longer than most tests: it is done once per process and key.
    """
    path.write_bytes(_migrated(key))


@cache
def _migrated(key: bytes) -> bytes:
    with fast_folder() as folder:
        path = folder / "migrated.db"
        with open_store(f"sqlite:///{path}", key) as store:
            store.migrate()
        return path.read_bytes()


@contextlib.contextmanager
def fast_folder() -> Iterator[Path]:
    """A temporary folder, in memory where the machine allows: tests start many databases and need none afterwards."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  a random name below it
    with tempfile.TemporaryDirectory(prefix="sesame-", dir=memory, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def durable_postgres_server(port: int) -> Iterator[PostgresServer]:
    """The same on the disk, with PostgreSQL's own settings, reached at 127.0.0.1 too: to measure it as it is used."""
    settings = ("listen_addresses=127.0.0.1", f"port={port}", "max_connections=200")
    with tempfile.TemporaryDirectory(prefix="sesame-", ignore_cleanup_errors=True) as folder:
        yield from _served(Path(folder), settings, port)


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server in a temporary folder and end it. Raises FileNotFoundError without binaries."""
    with fast_folder() as folder:
        yield from _served(folder, _SETTINGS, _PORT)


def _served(folder: Path, settings: tuple[str, ...], port: int) -> Iterator[PostgresServer]:
    programs = binaries()
    if programs is None:
        raise FileNotFoundError(MISSING)
    user = _unprivileged()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    process = _start(programs, folder, user, settings)
    try:
        server = PostgresServer(folder, process, port)
        _prepare(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: waits for no client
        process.wait(timeout=_START_SECONDS)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to become when root."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _start(
    programs: Path, folder: Path, user: pwd.struct_passwd | None, given: tuple[str, ...]
) -> subprocess.Popen[bytes]:
    owner, group, others = (None, None, None) if user is None else (user.pw_uid, user.pw_gid, list[int]())
    data = folder / "data"
    initdb = [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(
        [*initdb, "--locale=C.UTF-8"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
        user=owner,
        group=group,
        extra_groups=others,
    )
    settings = [part for setting in given for part in ("-c", setting)]
    return subprocess.Popen(
        [str(programs / "postgres"), "-D", str(data), "-k", str(folder), *settings],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        user=owner,
        group=group,
        extra_groups=others,
    )


def _prepare(server: PostgresServer) -> None:
    _wait(server)
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_TEMPLATE}".encode())
    prepare(server.url(_TEMPLATE))


def _wait(server: PostgresServer) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            psycopg.connect(server.url("postgres")).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline or server.process.poll() is not None:
                raise
            time.sleep(0.02)
        else:
            return
