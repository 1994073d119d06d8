"""Pages made from the scheme file's schema and from the example are what the code says now; a demo bills by it."""

from datetime import date
from pathlib import Path

import pytest

from sesame_fhir.server.billing.example import example_file
from sesame_fhir.server.billing.scheme_reference import documentation
from sesame_fhir.server.demo_billing import _months_before_last, begin_billing
from sesame_fhir.server.demo_cohort import load_cohort
from sesame_fhir.server.demo_ehr import demo_settings
from sesame_fhir.server.settings import load
from sesame_fhir.services.billing.records import BatchStatus, ClaimQuery
from sesame_fhir.storage import open_store
from tests.support.databases import VAULT_KEY, migrated

DOCS = Path(__file__).parents[4] / "docs"


def test_the_page_of_keys_is_the_one_made_from_the_schema() -> None:
    assert (DOCS / "reference" / "scheme-file.md").read_text(encoding="utf-8") == documentation(), "run `make docs`"


def test_the_example_of_the_pages_is_the_one_that_comes_with_the_software() -> None:
    assert (DOCS / "how-to" / "example-scheme.toml").read_text(encoding="utf-8") == example_file(), "run `make docs`"


def test_a_demo_bills_every_month_but_the_last_ones_once(tmp_path: Path) -> None:
    migrated(tmp_path / "sesame.db")
    settings = demo_settings(load(None, {}))
    with open_store(f"sqlite:///{tmp_path / 'sesame.db'}", VAULT_KEY) as store:
        load_cohort(settings, store, patients=6, seed=1, progress=lambda _done, _all: None)
        begin_billing(settings, store)
        made = store.billing.claims.claims(ClaimQuery())
        begin_billing(settings, store)
        batches = store.billing.batches.batches()
        standing = store.billing.schemes.history()
        assert store.billing.claims.claims(ClaimQuery()) == made
    assert made
    assert {one.status for one in batches} == {BatchStatus.SUBMITTED}
    assert all(one.frozen_by != one.approved_by for one in batches)
    assert [(one.revision, one.scheme.example, one.source) for one in standing] == [(1, True, example_file())] * 2


@pytest.mark.parametrize(
    ("today", "last"), [(date(2026, 11, 22), "2026-09"), (date(2026, 1, 31), "2025-11"), (date(2026, 2, 1), "2025-12")]
)
def test_last_month_stays_to_be_billed(today: date, last: str) -> None:
    months = [str(one) for one in _months_before_last(today)]
    assert (months == sorted(months), len(months), months[-1]) == (True, 24, last)
