"""Every test of this folder that takes ``store`` or ``database_url`` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sesame_fhir.storage import Store, open_store
from tests.support.databases import MISSING, VAULT_KEY, PostgresServer, binaries, fast_folder, postgres_server, prepare
from tests.support.recycled import RecycledDatabases


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    if binaries() is None:
        pytest.skip(MISSING)
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    prepare(f"sqlite:///{path}")
    return path


def sqlite_copy(template: Path, folder: Path) -> str:
    return f"sqlite:///{shutil.copy(template, folder / 'sesame.db')}"


@pytest.fixture
def sqlite_url(sqlite_template: Path) -> Iterator[str]:
    with fast_folder() as folder:
        yield sqlite_copy(sqlite_template, folder)


@pytest.fixture(scope="session")
def recycled(postgres: PostgresServer) -> Iterator[RecycledDatabases]:
    databases = RecycledDatabases(postgres)
    yield databases
    databases.close()


@pytest.fixture
def postgresql_url(recycled: RecycledDatabases) -> Iterator[str]:
    url = recycled.take()
    yield url
    recycled.give_back(url)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for a whole module, for tests that only read it."""
    if request.param == "sqlite":
        url = sqlite_copy(request.getfixturevalue("sqlite_template"), tmp_path_factory.mktemp("shared"))
    else:
        url = request.getfixturevalue("postgres").clone()
    with open_store(url, VAULT_KEY) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with open_store(database_url, VAULT_KEY) as opened:
        yield opened
