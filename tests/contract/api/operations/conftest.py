"""One facade with a whole pathway published, and our terminology."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mappings.conformance import load_conformance, load_terminology
from mappings.projector import PathwayProjector
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.fhir import search_index
from sesame_fhir.server.definitions import publish_definitions
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store, open_store
from tests.contract.api.conftest import KEY
from tests.contract.api.harness import World
from tests.contract.api.operations.asking import Asking
from tests.support.story import PATHWAY, SITE, START
from tests.unit.mappings.cases import steps

FEW = tuple(one for one in load_conformance() if one["id"] in ("sesame-phase", "phq-2", "started", "episode-summary"))
"""Definitions that are published as resources."""


@pytest.fixture(scope="session")
def told(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeded database with everything that a finished pathway has published, and a few definitions."""
    path = tmp_path_factory.mktemp("operations") / "told.db"
    shutil.copy(migrated, path)
    store = open_store(f"sqlite:///{path}", KEY)
    projector = PathwayProjector(search_index.index)
    for number, (before, after, happened) in enumerate(steps("left")):
        projections = projector(before, after, (happened,))
        command = CommandId(f"told-{number}")
        store.pathways.commit(Commit(PATHWAY, before.version, command, happened.recorded_at, (happened,), projections))
    publish_definitions(store.resources, FEW, SITE, START)
    store.close()
    return path


@pytest.fixture(scope="session")
def asking(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """A facade to ask operations of, shared by the tests that write no resource."""
    yield from _asking(told, tmp_path_factory.mktemp("asked") / "asked.db")


@pytest.fixture
def fresh(told: Path, tmp_path: Path) -> Iterator[Asking]:
    """The same for one test alone, which may write."""
    yield from _asking(told, tmp_path / "fresh.db")


def _asking(told: Path, path: Path) -> Iterator[Asking]:
    shutil.copy(told, path)
    store: Store = open_store(f"sqlite:///{path}", KEY)
    yield Asking(World(store, changes={"terminology": load_terminology()}))
    store.close()
