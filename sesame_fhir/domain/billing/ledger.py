"""Double entry: what each event of a claim does to the books. One posting moves an amount from one account to another.

A posting names the account debited and the account credited, so it balances by itself, and so does any sum of them.
Amounts are positive. The sum of ``INCOME`` over a period is the sum of the claims made, less those taken back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.pathway import Pathway


class Account(StrEnum):
    """Accounts of the books."""

    PAYER = "payer"
    INCOME = "income"
    BANK = "bank"
    HOSTING_COST = "hosting-cost"
    HOSTING_DUE = "hosting-due"


class Movement(StrEnum):
    """Why an amount moved."""

    CLAIMED = "claimed"
    SHARE_DUE = "share-due"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SHARE_WITHDRAWN = "share-withdrawn"
    PAID = "paid"
    TAKEN_BACK = "taken-back"
    SHARE_PAID = "share-paid"


@dataclass(frozen=True, slots=True)
class Posting:
    """One movement of one claim. ``posting_id`` is made of the event and a number: the same event posts the same."""

    posting_id: str
    on: date
    movement: Movement
    debit: Account
    credit: Account
    amount: Decimal
    claim_id: str
    site: SiteId
    biller_id: str
    scheme_id: str


def postings(before: Pathway, event: ev.Event) -> tuple[Posting, ...]:
    """What an event does to the books; ``before`` is the pathway that it happened to."""
    claim = _claim(before, event.data)
    if claim is None or claim.terms is None:
        return ()
    return tuple(
        Posting(
            f"{event.event_id}-{number}",
            day,
            movement,
            debit,
            credit,
            amount,
            claim.claim_id,
            claim.terms.site,
            claim.terms.biller.biller_id,
            claim.terms.scheme_id,
        )
        for number, (movement, day, debit, credit, amount) in enumerate(_moves(claim, event), start=1)
        if amount != ZERO
    )


_Move = tuple[Movement, date, Account, Account, Decimal]


def _claim(before: Pathway, data: ev.Payload) -> Claim | None:
    if isinstance(data, ev.SequenceBilled):
        return None
    if isinstance(data, ev.ClaimAnswered | ev.ClaimPaid | ev.ClaimCancelled):
        return before.claim(data.claim_id)
    return None


def _moves(claim: Claim, event: ev.Event) -> Iterator[_Move]:
    day, data, terms = local_day(event.occurred_at), event.data, claim.terms
    if isinstance(data, ev.ClaimPaid):
        gained = data.amount > ZERO
        movement = Movement.PAID if gained else Movement.TAKEN_BACK
        accounts = (Account.BANK, Account.PAYER) if gained else (Account.PAYER, Account.BANK)
        yield movement, data.on, *accounts, abs(data.amount)
    elif terms is not None and isinstance(data, ev.ClaimCancelled):
        yield Movement.CANCELLED, day, Account.INCOME, Account.PAYER, terms.amount
        yield Movement.SHARE_WITHDRAWN, day, Account.HOSTING_DUE, Account.HOSTING_COST, terms.share
    elif terms is not None and isinstance(data, ev.ClaimAnswered) and data.outcome is ev.ClaimOutcome.REJECTED:
        yield Movement.REJECTED, data.on, Account.INCOME, Account.PAYER, terms.amount
        yield Movement.SHARE_WITHDRAWN, data.on, Account.HOSTING_DUE, Account.HOSTING_COST, terms.share
