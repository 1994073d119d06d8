"""One migrated database per worker, copied for each test: a fresh application with an open launch."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.app_pages import Pages, build_pages, migrated_database


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_database(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def build(empty_database: Path, tmp_path: Path) -> Iterator[Callable[..., Pages]]:
    """Build an application with a launch of one's own choosing."""
    built: list[Pages] = []

    def make(**choices: Any) -> Pages:
        database = tmp_path / f"pages-{len(built)}.db"
        shutil.copy(empty_database, database)
        built.append(build_pages(database, **choices))
        return built[-1]

    yield make
    for pages in built:
        pages.store.close()


@pytest.fixture
def pages(build: Callable[..., Pages]) -> Pages:
    """A GP with one adult patient's record open, never screened."""
    return build()
