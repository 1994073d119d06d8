"""What is still to come or to go: claims accepted and not paid, payments not matched, money to give back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import ClaimOutcome
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow, Payment
from sesame_fhir.services.billing.setting import Billing, Coordinator

_PAGE = 500


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A claim and the euros that are not where they should be, ``since`` the day on which they were due."""

    row: ClaimRow
    amount: Decimal
    since: date


def open_items(billing: Billing, who: Coordinator, older_than: int = 0) -> Iterator[OpenItem]:
    """Claims accepted more than ``older_than`` days ago and not paid, or not wholly, by claim.

    Raises:
        Refused: the role may not see billing.
    """
    who.may("view-billing")
    today = local_day(billing.engine.clock.now())
    waiting = frozenset({ClaimStatus.ACCEPTED, ClaimStatus.PARTLY_PAID})
    for row in claims_of(billing, ClaimQuery(sites=who.sites, statuses=waiting, limit=_PAGE)):
        said = [answer.on for answer in row.claim.answers if answer.outcome is ClaimOutcome.ACCEPTED]
        since = said[-1] if said else row.claim.billed_on
        if (today - since).days > older_than and row.claim.paid != row.claim.amount:
            yield OpenItem(row, row.claim.amount - row.claim.paid, since)


def to_give_back(billing: Billing, who: Coordinator) -> Iterator[OpenItem]:
    """Claims rejected or cancelled after they were paid: the payer will take its money back. Raises as above."""
    who.may("view-billing")
    gone = frozenset({ClaimStatus.REJECTED, ClaimStatus.CANCELLED})
    for row in claims_of(billing, ClaimQuery(sites=who.sites, statuses=gone, limit=_PAGE)):
        if row.claim.paid != ZERO:
            yield OpenItem(row, -row.claim.paid, row.claim.payments[-1].on)


def unmatched_payments(billing: Billing, who: Coordinator, limit: int = 1000) -> tuple[Payment, ...]:
    """Payments, of the last ``limit``, whose euros have not all found their claims. Raises as above."""
    who.may("view-billing")
    return tuple(one for one in billing.stores.payments.payments(limit) if one.matched != one.amount)


def claims_of(billing: Billing, query: ClaimQuery) -> Iterator[ClaimRow]:
    """Every claim that a query finds, fetched by pages."""
    while page := billing.stores.claims.claims(query):
        yield from page
        if len(page) < query.limit:
            return
        query = replace(query, after=page[-1].claim.claim_id)
