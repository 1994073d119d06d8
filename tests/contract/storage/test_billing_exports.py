"""An export does not tell which database it came from, nor when it was made."""

from pathlib import Path

from sesame_fhir.exports.billing.batch import ExportPlan
from sesame_fhir.exports.billing.manifest import verify
from sesame_fhir.exports.billing.taking_out import take_out
from sesame_fhir.storage import Store, open_store
from tests.contract.storage.conftest import sqlite_copy
from tests.support.billing import FIRST_COORDINATOR, billing_over, many, submitted_month, write_lives
from tests.support.databases import VAULT_KEY
from tests.support.fakes import HandClock

PLAN = ExportPlan("https://sesame.example/fhir", part_claims=4)


def exported(store: Store, folder: Path) -> dict[str, bytes]:
    write_lives(store, many(9))
    billing = billing_over(store)
    batch_id = submitted_month(billing).batch.batch_id
    clock = billing.engine.clock
    assert isinstance(clock, HandClock)
    clock.move(days=40)
    path = take_out(billing, FIRST_COORDINATOR, batch_id, folder, PLAN).path
    assert verify(path) == ()
    return {one.name: one.read_bytes() for one in path.iterdir()}


def test_the_same_batch_of_another_database_is_the_same_bytes(
    store: Store, sqlite_template: Path, tmp_path: Path
) -> None:
    with open_store(sqlite_copy(sqlite_template, tmp_path), VAULT_KEY) as other:
        assert exported(store, tmp_path / "one") == exported(other, tmp_path / "other")
