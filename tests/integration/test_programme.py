"""The seeds' programme, billed month by month from November 2023 to March 2025 with an example tariff.

Every fifth patient in an ordinary run, all 1,145 and their 1,800 sequences with ``make programme`` (``PROGRAMME=1``).
"""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.decision import Verdict
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.assessing import assess
from sesame_fhir.services.billing.books import prove, trial_balance
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.records import BatchStatus, ClaimQuery, ClaimRow
from sesame_fhir.services.billing.shares import statement
from sesame_fhir.storage import open_store
from tests.programme import compared, independent, payer
from tests.programme.histories import pathway_id
from tests.programme.plan import SITES, deal
from tests.programme.run import Programme, months

WHOLE = os.environ.get("PROGRAMME") == "1"
_CENT = Decimal("0.01")


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programme]:
    folder = tmp_path_factory.mktemp("programme")
    with open_store(f"sqlite:///{folder / 'programme.db'}", bytes(32)) as store:
        store.migrate()
        billed = Programme(store, deal(1, 1 if WHOLE else 5))
        billed.run()
        yield billed


@pytest.fixture(scope="module")
def worked_out(programme: Programme) -> independent.Books:
    """The totals, from the events alone."""
    return independent.books(compared.lives(programme.store), compared.plain_scheme(), compared.plain_months())


def claims(programme: Programme, *statuses: ClaimStatus) -> list[ClaimRow]:
    found, after = list[ClaimRow](), None
    while page := programme.store.billing.claims.claims(ClaimQuery(statuses=frozenset(statuses), after=after)):
        found += page
        after = page[-1].claim.claim_id
    return found


def test_the_programme_has_the_size_of_the_seeds() -> None:
    dealt = deal(1)
    assert (len(dealt), sum(profile.sequences for profile in dealt)) == (1145, 1800)


@pytest.mark.parametrize("part", ["claimed", "claims", "rejected", "cancelled", "share", "live"])
def test_the_books_agree_to_the_cent_with_the_events(
    programme: Programme, worked_out: independent.Books, part: str
) -> None:
    product, ours = getattr(compared.books(programme.store), part), getattr(worked_out, part)
    assert {key: value for key, value in product.items() if value} == {k: v for k, v in ours.items() if v}
    assert sum(ours.values()) > 0 or part == "cancelled"


def test_what_stands_is_paid(programme: Programme, worked_out: independent.Books) -> None:
    assert sum(compared.paid(programme.store).values()) == sum(worked_out.live.values())
    assert {row.status for row in claims(programme)} <= {
        ClaimStatus.PAID,
        ClaimStatus.REJECTED,
        ClaimStatus.CANCELLED,
    }


def test_one_in_thirty_is_rejected_and_comes_back(programme: Programme) -> None:
    every = {row.claim.claim_id: row for row in claims(programme)}
    first = [row for row in every.values() if row.claim.terms is not None and row.claim.terms.attempt == 1]
    rejected = [row for row in first if payer.rejects(row.claim.claim_id)]
    assert 0.015 < len(rejected) / len(first) < 0.05
    last_day = max(on for _, on in months())
    replaced = {row.claim.terms.replaces for row in every.values() if row.claim.terms is not None}
    for row in rejected:
        assert row.status is ClaimStatus.REJECTED
        assert row.claim.claim_id in replaced or row.claim.billed_at.date() == last_day


def test_nothing_billable_is_forgotten(programme: Programme) -> None:
    month, on = list(months())[-1]
    left = [
        one
        for one in assess(programme.billing, programme.first, month.last, on)
        if one.decision.verdict is Verdict.BILLABLE
    ]
    # Rejected in the last month: they would be in the next batch.
    assert all(one.facts.claims for one in left)
    asked = {(row.pathway_id, row.claim.rank) for row in claims(programme)}
    finished = {(f.pathway_id, f.rank) for f in programme.store.billing.sequences.all_sequences(None) if f.end}
    against = {one.key: one.decision.verdict for one in assess(programme.billing, programme.first, month.last, on)}
    assert all(against[key] is not Verdict.BILLABLE for key in finished - asked)
    assert len(finished) == sum(profile.sequences for profile in deal(1, 1 if WHOLE else 5))
    assert pathway_id(0) in {key for key, _ in finished}


def test_every_batch_is_submitted_with_the_sums_it_was_frozen_with(programme: Programme) -> None:
    for batch in programme.batches:
        assert batch.status is BatchStatus.SUBMITTED
        made = [row for row in claims(programme) if row.claim.terms and row.claim.terms.batch_id == batch.batch_id]
        assert batch.frozen is not None
        assert len(made) == batch.frozen.lines
        assert sum((row.claim.amount for row in made), Decimal(0)) == batch.frozen.amount
        assert batch.frozen_by != batch.approved_by


def test_the_books_are_proved_over_every_month_and_the_whole(programme: Programme) -> None:
    periods = [(date(2023, 1, 1), date(2025, 12, 31))]
    # Postings of a month lie in the next one: the desk works on the 10th.
    periods += [(on.replace(day=1), Month.of(on).last) for _, on in list(months())[::6]]
    for start, end in periods:
        assert prove(programme.billing, programme.first, start, end) == ()
        balance = trial_balance(programme.billing, programme.first, start, end)
        assert balance.debit == balance.credit


def test_the_centres_are_owed_what_the_events_say(programme: Programme, worked_out: independent.Books) -> None:
    last = max(on for _, on in months())
    for site in SITES:
        owed = sum(cents for (_, where), cents in worked_out.share.items() if where == site)
        told = statement(programme.billing, programme.first, SiteId(site), str(Month.of(last + timedelta(days=1))))
        assert told.due == owed * _CENT
