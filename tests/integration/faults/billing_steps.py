"""A month of billing as commands one after another, and everything that must be the same however often it was killed.

A step that is added to ``STEPS`` is killed like the others. Each may be asked for twice: that is what is tested.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.payments import read_payments
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.batches import approve, freeze, hold
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import ClaimQuery, SharePaid
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.billing.shares import pay_share
from sesame_fhir.services.billing.submitting import submit
from sesame_fhir.storage import Store
from tests.support.answered import accepted, answers, paid, payments, rejected
from tests.support.billing import FIRST_COORDINATOR, MONTH, NOW, SECOND_COORDINATOR, SITES, Lived, many
from tests.support.story import SITE

LIVES = tuple(many(6))
HELD, REJECTED, *ACCEPTED = LIVES
BATCH, AGAIN = "2026-06-article-51-operator-1", "2026-06-article-51-operator-2"
JUNE = Month.parse(MONTH)
ANSWERS = read_answers(answers(rejected(REJECTED.number), *(accepted(life.number) for life in ACCEPTED)), "answers.csv")
PAYMENTS = read_payments(payments(*(paid(life.number) for life in ACCEPTED)), "payments.csv")
SHARE = SharePaid("V-1", SITE, "operator", MONTH, Decimal("50.00"), date(2026, 7, 20), "coord-1")


@dataclass(frozen=True, slots=True)
class Step:
    """One command, and how long after the month was prepared for the first time it is given."""

    name: str
    run: Callable[[Billing, date], object]
    days: int = 0

    @property
    def now(self) -> datetime:
        """When it is given, the first time and again."""
        return NOW + timedelta(days=self.days)

    def __call__(self, billing: Billing) -> None:
        """Give the command."""
        self.run(billing, local_day(self.now))


STEPS = (
    Step("prepare", lambda billing, today: prepare(billing, FIRST_COORDINATOR, JUNE, today)),
    Step("hold", lambda billing, _: hold(billing, FIRST_COORDINATOR, BATCH, HELD.pathway_id, 1, why="à revoir")),
    Step("freeze", lambda billing, _: freeze(billing, FIRST_COORDINATOR, BATCH)),
    Step("approve", lambda billing, _: approve(billing, SECOND_COORDINATOR, BATCH)),
    Step("submit", lambda billing, today: submit(billing, FIRST_COORDINATOR, BATCH, today)),
    Step("answers", lambda billing, _: import_answers(billing, FIRST_COORDINATOR, ANSWERS, all_or_nothing=False), 20),
    Step("payments", lambda billing, _: reconcile(billing, FIRST_COORDINATOR, PAYMENTS), 21),
    Step("share", lambda billing, _: pay_share(billing, FIRST_COORDINATOR, SHARE), 22),
    Step("prepare again", lambda billing, today: prepare(billing, FIRST_COORDINATOR, JUNE, today), 23),
    Step("freeze again", lambda billing, _: freeze(billing, FIRST_COORDINATOR, AGAIN), 23),
    Step("approve again", lambda billing, _: approve(billing, SECOND_COORDINATOR, AGAIN), 23),
    Step("submit again", lambda billing, today: submit(billing, FIRST_COORDINATOR, AGAIN, today), 23),
)
"""Prepared to paid, and what was rejected or held submitted in a second batch."""


def state(store: Store) -> dict[str, list[str]]:
    """Everything that billing has left, in words; ids that are drawn anew each time are left out."""
    return {name: list(told) for name, told in _told(store)}


def _told(store: Store) -> Iterator[tuple[str, Iterator[str]]]:
    billing, claims = store.billing, store.billing.claims.claims(ClaimQuery(limit=1000))
    yield "events", (event for life in LIVES for event in _events(store, life))
    yield "claims", (f"{row}" for row in claims)
    yield "resources", (_published(store, row.claim.claim_id) for row in claims)
    batches = billing.batches.batches()
    yield "batches", (f"{replace(batch, edition=0)}" for batch in batches)
    yield "lines", (f"{line}" for batch in batches for line in billing.batches.lines(batch.batch_id))
    books = billing.ledger.postings(date(2026, 1, 1), date(2026, 12, 31), SITES)
    yield "books", iter(sorted(f"{replace(posting, posting_id='')}" for posting in books))
    yield "payments", (f"{payment}" for payment in billing.payments.payments())
    yield "shares", (f"{one}" for one in billing.payments.shares_paid())
    yield "imports", (f"{one.digest} {one.kind} {len(one.results)}" for one in billing.payments.imports())


def _events(store: Store, life: Lived) -> Iterator[str]:
    for event in store.pathways.history(life.pathway_id):
        yield f"{event.sequence} {event.occurred_at} {event.actor.actor_id} {event.command_id} {event.data}"


def _published(store: Store, claim_id: str) -> str:
    found = store.resources.read("Claim", claim_id)
    return f"{claim_id} {'' if found is None else found.version}"
