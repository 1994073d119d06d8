"""A month to bill at two sites: one application per module, with two coordinators."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.billing_pages import Office, office


@pytest.fixture
def desk(empty_database: Path, tmp_path: Path) -> Iterator[Office]:
    """Today is 1 July 2026; June's sequences are recorded, nothing is prepared."""
    with office(empty_database, tmp_path) as opened:
        yield opened
