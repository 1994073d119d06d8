"""Databases for real processes: migrated, sealed with the key in the test's folder, and able to go away."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.support.databases import MISSING, VAULT_KEY, PostgresServer, binaries, postgres_server, prepare


@dataclass(frozen=True, slots=True)
class Database:
    """``settings`` of a process that uses it; ``leave`` and ``come_back`` as if its machine failed."""

    url: str
    settings: dict[str, str]
    leave: Callable[[], None]
    come_back: Callable[[], None]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL."""
    if binaries() is None:
        pytest.skip(MISSING)
    with postgres_server() as server:
        yield server


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    path = tmp_path / "sesame.db"
    url = f"sqlite:///{path}"
    prepare(url)
    away = tmp_path / "away.db"
    return Database(url, _settings(tmp_path, url), lambda: _move(path, away), lambda: _move(away, path))


@pytest.fixture
def postgresql_database(tmp_path: Path, postgres: PostgresServer) -> Iterator[Database]:
    url = postgres.clone()
    name = url.removeprefix("postgresql://postgres@/").partition("?")[0]

    def allow(allowed: str) -> None:
        with psycopg.connect(postgres.url("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}".encode())
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    yield Database(url, _settings(tmp_path, url), lambda: allow("false"), lambda: allow("true"))
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each of the two kinds."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


def _settings(folder: Path, url: str) -> dict[str, str]:
    key_file = folder / "sesame.key"
    key_file.write_text(base64.b64encode(VAULT_KEY).decode(), encoding="ascii")
    return {"SESAME_STORAGE_DATABASE_URL": url, "SESAME_STORAGE_KEY_FILE": str(key_file)}


def _move(here: Path, there: Path) -> None:
    """The file and what SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        if (part := here.with_name(here.name + suffix)).exists():
            part.replace(there.with_name(there.name + suffix))
