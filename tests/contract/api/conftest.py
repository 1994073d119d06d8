"""One migrated database for the run, copied for each test."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mappings.conformance import load_profile_checks
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import Store, open_store
from tests.contract.api.harness import World, seed
from tests.contract.api.pathways import PathwayWorld, enrol
from tests.contract.api.subscribing import ALL, Told
from tests.support.subscriber import Subscriber, listening

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
    """SÉSAME's own facade, with our profiles as in the product; a patient of the record has no pathway yet."""
    made = PathwayWorld(team_store, profile_checks=load_profile_checks())
    made.put_record({"resourceType": "Patient", "id": "px", "name": [{"family": "FICTIVE"}], "birthDate": "1984-12-07"})
    return made


@pytest.fixture
def heard() -> Iterator[Subscriber]:
    """A listener of a system that subscribes."""
    with listening() as subscriber:
        yield subscriber


@pytest.fixture
def told(store: Store, heard: Subscriber) -> Told:
    """The facade, with two systems that may be told of changes at that listener."""
    region = OAuthClient(
        "region", "Région", ClientKind.SYMMETRIC, (), None, (ALL,), "x", notify_origins=(heard.origin,)
    )
    store.authorization.save_client(region)
    store.authorization.save_client(replace(region, client_id="other"))
    return Told(store, changes={"subscriptions": store.subscriptions})
