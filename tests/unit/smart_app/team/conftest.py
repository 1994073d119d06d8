"""One migrated database per worker, copied for each test: a fresh application with an account of every role."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sesame_fhir.services import passwords
from tests.support.app_pages import migrated_database
from tests.support.team_pages import Team, build_team


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_database(tmp_path_factory.mktemp("team"))


@pytest.fixture
def build(empty_database: Path, tmp_path: Path) -> Iterator[Callable[..., Team]]:
    """Build an application with choices of one's own."""
    built: list[Team] = []

    def make(**choices: Any) -> Team:
        database = tmp_path / f"team-{len(built)}.db"
        shutil.copy(empty_database, database)
        built.append(build_team(database, **choices))
        return built[-1]

    yield make
    for team in built:
        team.pages.store.close()


@pytest.fixture(scope="module")
def still(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """One application for a table of what is refused: nothing that a refusal changes, so nothing to build again."""
    database = tmp_path_factory.mktemp("still") / "team.db"
    shutil.copy(empty_database, database)
    team = build_team(database)
    yield team
    team.pages.store.close()


@pytest.fixture
def team(build: Callable[..., Team]) -> Team:
    """An application with an account of every role, and no patient yet."""
    return build()


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a password's hash is its point, and no test's."""
    monkeypatch.setattr(passwords, "_METHOD", "scrypt:1024:8:1")
    monkeypatch.setattr(passwords, "_NOBODY", f"scrypt:1024:8:1$nobody${'0' * 128}")
