"""A month to bill at two sites, with two coordinators; built anew for what changes, once for what only looks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support.billing_pages import Office, office


@pytest.fixture
def desk(empty_database: Path, tmp_path: Path) -> Iterator[Office]:
    """Today is 1 July 2026; June's sequences are recorded, nothing is prepared."""
    with office(empty_database, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def looked_at(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """June is submitted; the tests that share it change nothing."""
    with office(empty_database, tmp_path_factory.mktemp("looked-at")) as opened:
        opened.submitted()
        yield opened


@pytest.fixture(scope="module")
def desk_still(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Nothing is prepared, and the tests that share it change nothing."""
    with office(empty_database, tmp_path_factory.mktemp("still")) as opened:
        yield opened


@pytest.fixture(scope="module")
def french(desk_still: Office) -> Flask:
    """The application, for its words."""
    return desk_still.team.pages.app
