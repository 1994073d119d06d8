"""Double entry: what each event of a claim does to the books. One posting moves an amount from one account to another.

A posting names the account debited and the account credited, so it balances by itself, and so does any sum of them.
Amounts are positive. The sum of ``INCOME`` over a period is the sum of the claims made in it, less those rejected or
taken back in it. What a claim leaves on ``PAYER`` is what remains due (``amount - paid``) while it stands, and what has
to be given back (``-paid``) once it does not: a rejection or a cancellation takes back the claim, never the money.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain import events as ev
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
    """What an event does to the books; ``before`` is the pathway that it happened to.

    A claim, its rejection and its cancellation are of the day of their event, whatever day the payer's answer bears: a
    month that was closed does not change afterwards. Money is of the day on which it was on the bank's account.
    """
    data = event.data
    if isinstance(data, ev.SequenceBilled):
        return () if data.terms is None else _posted(event, data.claim_id, data.terms)
    if not isinstance(data, ev.ClaimAnswered | ev.ClaimPaid | ev.ClaimCancelled):
        return ()
    claim = before.claim(data.claim_id)
    # A claim without terms was made before this software kept the books: there is nothing in them to move.
    return () if claim is None or claim.terms is None else _posted(event, claim.claim_id, claim.terms)


def share_posting(reference: str, site: SiteId, biller_id: str, amount: Decimal, on: date) -> Posting:
    """What a share paid to its hosting centre does to the books; it is of no one claim or scheme, so these are empty.

    ``reference`` is the biller's own for the payment, once per centre. Raises ValueError unless ``amount`` is positive:
    what a centre received too much is kept back from its next payment.
    """
    if amount <= ZERO:
        raise ValueError("a centre is paid a positive amount")
    return Posting(
        # No code of a biller and no id of a site holds a slash: two payments never have the same id.
        f"share/{biller_id}/{site}/{reference}",
        on,
        Movement.SHARE_PAID,
        Account.HOSTING_DUE,
        Account.BANK,
        amount,
        claim_id="",
        site=site,
        biller_id=biller_id,
        scheme_id="",
    )


_Move = tuple[Movement, date, Account, Account, Decimal]


def _posted(event: ev.Event, claim_id: str, terms: ev.ClaimTerms) -> tuple[Posting, ...]:
    moves = (move for move in _moves(event, terms) if move[-1] != ZERO)
    return tuple(
        Posting(
            f"{event.event_id}-{number}",
            day,
            movement,
            debit,
            credit,
            amount,
            claim_id,
            terms.site,
            terms.biller.biller_id,
            terms.scheme_id,
        )
        for number, (movement, day, debit, credit, amount) in enumerate(moves, start=1)
    )


def _moves(event: ev.Event, terms: ev.ClaimTerms) -> Iterator[_Move]:
    day, data = local_day(event.occurred_at), event.data
    if isinstance(data, ev.SequenceBilled):
        yield Movement.CLAIMED, day, Account.PAYER, Account.INCOME, terms.amount
        yield Movement.SHARE_DUE, day, Account.HOSTING_COST, Account.HOSTING_DUE, terms.share
    elif isinstance(data, ev.ClaimPaid) and data.amount > ZERO:
        yield Movement.PAID, data.on, Account.BANK, Account.PAYER, data.amount
    elif isinstance(data, ev.ClaimPaid):
        yield Movement.TAKEN_BACK, data.on, Account.PAYER, Account.BANK, -data.amount
    elif isinstance(data, ev.ClaimCancelled):
        yield from _withdrawn(Movement.CANCELLED, day, terms)
    elif isinstance(data, ev.ClaimAnswered) and data.outcome is ev.ClaimOutcome.REJECTED:
        yield from _withdrawn(Movement.REJECTED, day, terms)


def _withdrawn(movement: Movement, day: date, terms: ev.ClaimTerms) -> Iterator[_Move]:
    yield movement, day, Account.INCOME, Account.PAYER, terms.amount
    yield Movement.SHARE_WITHDRAWN, day, Account.HOSTING_DUE, Account.HOSTING_COST, terms.share
