"""One migrated database for the run, copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sesame_fhir.storage import Store, open_store
from tests.contract.api.harness import World, seed
from tests.contract.api.pathways import PathwayWorld, enrol

KEY = bytes(range(32))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and what every test needs: writing it once spares hundreds of durable commits."""
    path = tmp_path_factory.mktemp("api") / "template.db"
    store = open_store(f"sqlite:///{path}", KEY)
    store.migrate()
    seed(store)
    store.close()
    return path


@pytest.fixture
def store(migrated: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of its own for each test."""
    path = tmp_path / "record.db"
    shutil.copy(migrated, path)
    opened = open_store(f"sqlite:///{path}", KEY)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def staffed(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a care team, and systems that write for it."""
    path = Path(shutil.copy(migrated, tmp_path_factory.mktemp("staffed") / "template.db"))
    with open_store(f"sqlite:///{path}", KEY) as opened:
        enrol(opened)
    return path


@pytest.fixture
def team_store(staffed: Path, tmp_path: Path) -> Iterator[Store]:
    """A store of its own with the care team."""
    with open_store(f"sqlite:///{shutil.copy(staffed, tmp_path / 'team.db')}", KEY) as opened:
        yield opened


@pytest.fixture
def world(store: Store) -> World:
    """The facade with two synthetic patients."""
    return World(store)


@pytest.fixture
def pathways(team_store: Store) -> PathwayWorld:
    """SÉSAME's own facade; a patient of the record has no pathway yet."""
    made = PathwayWorld(team_store)
    made.put_record({"resourceType": "Patient", "id": "px", "name": [{"family": "FICTIVE"}], "birthDate": "1984-12-07"})
    return made
