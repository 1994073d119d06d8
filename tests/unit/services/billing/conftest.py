"""A store of its own for each test, and the use cases over it, with the example scheme."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.storage import Store, open_store
from tests.support.billing import billing_over
from tests.support.databases import VAULT_KEY, migrated


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    migrated(tmp_path / "sesame.db")
    with open_store(f"sqlite:///{tmp_path / 'sesame.db'}", VAULT_KEY) as opened:
        yield opened


@pytest.fixture
def billing(store: Store) -> Billing:
    return billing_over(store)
