"""No question of billing walks or sorts a whole table: SQLite's own plan says so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.records import Batch, BatchStatus, CandidateQuery, ClaimQuery
from sesame_fhir.storage import open_store
from sesame_fhir.storage.billing import batch_lines, claims, ledger, sequences
from tests.contract.storage.billing_lives import Billed
from tests.contract.storage.conftest import sqlite_copy
from tests.contract.storage.plans import PlanSession, planning
from tests.contract.storage.test_caseload_plans import check
from tests.support.billed import lines
from tests.support.billing import SITES, many, write_lives
from tests.support.databases import VAULT_KEY
from tests.support.story import SITE

JUNE = date(2026, 6, 30)
DRAFT = Batch("", "2026-06", "s", "b", 0, BatchStatus.DRAFT, datetime(2026, 7, 1, tzinfo=UTC), "coord-1")
BATCH_ID = "2026-06-s-b-1"
WAITING = frozenset({ClaimStatus.SUBMITTED})
LAST = next(lines(1))

QUERIES = {
    "all": ClaimQuery(),
    "by site": ClaimQuery(sites=SITES),
    "by status": ClaimQuery(statuses=WAITING),
    "by statuses": ClaimQuery(statuses=WAITING | {ClaimStatus.PAID}, sites=SITES),
    "of a batch": ClaimQuery(batch_id=BATCH_ID, statuses=WAITING),
    "of a payment": ClaimQuery(payment_id="P1", statuses=WAITING, sites=SITES),
    "stale": ClaimQuery(stale=True, statuses=WAITING, superseded=False),
    "not stale": ClaimQuery(stale=False, superseded=False),
}


@pytest.fixture(scope="module")
def filled_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = sqlite_copy(sqlite_template, tmp_path_factory.mktemp("plans"))
    with open_store(url, VAULT_KEY) as store:
        write_lives(store, many(6))
        for life in many(4, first=10):
            one = Billed(store, life)
            one.bill(BATCH_ID)
            one.pay("P1", "1.00")
        store.billing.batches.open_draft(DRAFT)
        store.billing.batches.put_lines(BATCH_ID, list(lines(6)), ())
    return url


@pytest.fixture
def session(filled_url: str) -> Iterator[PlanSession]:
    with planning(filled_url) as opened:
        yield opened


@pytest.mark.parametrize("unfinished", [False, True])
@pytest.mark.parametrize("sites", [None, SITES], ids=["everywhere", "sites"])
def test_candidates(session: PlanSession, sites: frozenset[SiteId] | None, *, unfinished: bool) -> None:
    query = CandidateQuery(sites, JUNE, unfinished, limit=2)
    first = sequences.free(session, query)
    assert sequences.free(session, replace(query, after=(first[1][0], first[1][1])))
    check(session)
    assert all("USING INDEX ix_billing_sequence_free" in step for step in session.steps if step.startswith("SEARCH"))


@pytest.mark.parametrize("name", QUERIES)
def test_claims(session: PlanSession, name: str) -> None:
    for after in (None, "0"):
        claims.page(session, replace(QUERIES[name], after=after, limit=2))
    check(session)


@pytest.mark.parametrize("sites", [None, frozenset({SITE}), SITES], ids=["everywhere", "a site", "sites"])
def test_postings(session: PlanSession, sites: frozenset[SiteId] | None) -> None:
    assert ledger.page(session, ("2026-07-01", ""), date(2026, 7, 31), sites)
    check(session)


@pytest.mark.parametrize("sites", [None, SITES], ids=["everywhere", "sites"])
def test_sums(session: PlanSession, sites: frozenset[SiteId] | None) -> None:
    """They are grouped after they were found, along an index."""
    assert ledger.sums(session, date(2026, 7, 1), date(2026, 7, 31), sites)
    assert [step.partition(" USING INDEX")[0] for step in session.steps] == [
        "SEARCH ledger_posting",
        "USE TEMP B-TREE FOR GROUP BY",
    ]


def test_lines(session: PlanSession) -> None:
    for held in (None, True, False):
        rows = batch_lines.after(session, BATCH_ID, None, held=held)
        batch_lines.after(session, BATCH_ID, rows[0] if rows else None, held=held)
    batch_lines.page(session, BATCH_ID, 2, 2)
    everywhere = batch_lines.totals(session, BATCH_ID, None)
    assert 0 < batch_lines.totals(session, BATCH_ID, frozenset({LAST.terms.site})).lines < everywhere.lines
    for last in (None, LAST):
        batch_lines.unclaimed(session, BATCH_ID, 2, last)
    check(session)
    assert sum("USING COVERING INDEX ix_billing_batch_line_counted" in step for step in session.steps) == 2
