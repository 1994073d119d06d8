"""The books proved: debit equals credit, and what is booked equals what the claims and their events say.

The trial balance comes from the postings; what it should be is worked out again from the claims, by another way.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.ledger import Account, Posting
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.open_items import claims_of
from sesame_fhir.services.billing.proof import life_of
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow, LedgerSum
from sesame_fhir.services.billing.setting import Billing, Coordinator

BEGINNING = date(2000, 1, 1)
"""Before the first event of any deployment."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class AccountSum:
    """Euros on both sides of an account over a period."""

    account: Account
    debit: Decimal
    credit: Decimal

    @property
    def balance(self) -> Decimal:
        """Debit less credit."""
        return self.debit - self.credit


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Every account over a period, both days included, and the movements that it is made of."""

    start: date
    end: date
    accounts: tuple[AccountSum, ...]
    movements: tuple[LedgerSum, ...]

    @property
    def debit(self) -> Decimal:
        """All debits."""
        return sum((one.debit for one in self.accounts), ZERO)

    @property
    def credit(self) -> Decimal:
        """All credits."""
        return sum((one.credit for one in self.accounts), ZERO)


class BookCode(StrEnum):
    """What does not agree."""

    POSTING_WRONG = "posting-wrong"
    DEBIT_IS_NOT_CREDIT = "debit-is-not-credit"
    INCOME_DIFFERS = "income-differs"
    RECEIVABLE_DIFFERS = "receivable-differs"
    BANK_DIFFERS = "bank-differs"
    SHARE_DIFFERS = "share-differs"
    SHARE_DUE_DIFFERS = "share-due-differs"
    PAYMENT_OVERMATCHED = "payment-overmatched"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Books and claims disagree: euros as booked and as they should be; of one site and biller, empty for all."""

    code: BookCode
    booked: Decimal
    expected: Decimal
    site: str = ""
    biller_id: str = ""


def trial_balance(
    billing: Billing, who: Coordinator, start: date, end: date, sites: frozenset[SiteId] | None = None
) -> TrialBalance:
    """The books of a period, of all the coordinator's sites unless some are given.

    Raises:
        Refused: the role may not see billing, or a site is out of reach.
    """
    sums = billing.stores.ledger.sums(start, end, _reach(who, sites))
    accounts = (
        AccountSum(
            account,
            sum((one.amount for one in sums if one.debit is account), ZERO),
            sum((one.amount for one in sums if one.credit is account), ZERO),
        )
        for account in Account
    )
    return TrialBalance(start, end, tuple(accounts), sums)


def _reach(who: Coordinator, sites: frozenset[SiteId] | None) -> frozenset[SiteId]:
    who.may("view-billing", *sorted(sites or ()))
    return who.sites if sites is None else sites


Place = tuple[str, str]
"""A site and a biller."""


@dataclass(slots=True)
class _Books:
    """Balances (debit less credit) by place: over the period, and from the beginning to the end of the period."""

    period: dict[tuple[Account, Place], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    whole: dict[tuple[Account, Place], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))

    def move(self, place: Place, debit: Account, credit: Account, amount: Decimal, *, inside: bool) -> None:
        """One amount, from one account to another."""
        for books in (self.period, self.whole) if inside else (self.whole,):
            books[debit, place] += amount
            books[credit, place] -= amount


_OVER_PERIOD = {
    Account.INCOME: BookCode.INCOME_DIFFERS,
    Account.BANK: BookCode.BANK_DIFFERS,
    Account.HOSTING_COST: BookCode.SHARE_DIFFERS,
}
_AT_ITS_END = {Account.PAYER: BookCode.RECEIVABLE_DIFFERS, Account.HOSTING_DUE: BookCode.SHARE_DUE_DIFFERS}


def prove(
    billing: Billing, who: Coordinator, start: date, end: date, sites: frozenset[SiteId] | None = None
) -> tuple[Discrepancy, ...]:
    """Everything in the books of a period that is not as it should be, by site and biller; empty when all agrees.

    Income of the period is its claims made, less those rejected and cancelled in it; the bank what came, less what was
    taken back and paid to the centres; at its end the payer owes what stands and is not paid, and the centres are owed
    their shares of what stands, less what they were paid. Raises Refused as ``trial_balance``.
    """
    reach = _reach(who, sites)
    found: list[Discrepancy] = []
    booked, expected = _Books(), _Books()
    for posting in billing.stores.ledger.postings(BEGINNING, end, reach):
        if posting.amount <= ZERO or posting.debit is posting.credit:
            found.append(Discrepancy(BookCode.POSTING_WRONG, posting.amount, ZERO, *_place(posting)))
        inside = posting.on >= start
        booked.move(_place(posting), posting.debit, posting.credit, posting.amount, inside=inside)
    for move in _moves(billing, reach):
        if move.on <= end:
            expected.move(move.place, move.debit, move.credit, move.amount, inside=move.on >= start)
    balance = trial_balance(billing, who, start, end, sites)
    if balance.debit != balance.credit:
        found.append(Discrepancy(BookCode.DEBIT_IS_NOT_CREDIT, balance.debit, balance.credit))
    found += _compared(_OVER_PERIOD, booked.period, expected.period)
    found += _compared(_AT_ITS_END, booked.whole, expected.whole)
    return (*found, *_overmatched(billing))


def _place(posting: Posting) -> Place:
    return posting.site, posting.biller_id


def _compared(
    codes: dict[Account, BookCode],
    booked: dict[tuple[Account, Place], Decimal],
    expected: dict[tuple[Account, Place], Decimal],
) -> Iterator[Discrepancy]:
    for account, place in sorted(booked.keys() | expected.keys()):
        there, wanted = booked.get((account, place), ZERO), expected.get((account, place), ZERO)
        if account in codes and there != wanted:
            yield Discrepancy(codes[account], there, wanted, *place)


@dataclass(frozen=True, slots=True)
class _Move:
    """What a claim, a payment or a share should have moved."""

    on: date
    place: Place
    debit: Account
    credit: Account
    amount: Decimal


def _moves(billing: Billing, sites: frozenset[SiteId]) -> Iterator[_Move]:
    for row in claims_of(billing, ClaimQuery(sites=sites, limit=_PAGE)):
        yield from _of_claim(billing, row)
    for paid in billing.stores.payments.shares_paid():
        if paid.site in sites:
            yield _Move(paid.on, (paid.site, paid.biller_id), Account.HOSTING_DUE, Account.BANK, paid.amount)


def _of_claim(billing: Billing, row: ClaimRow) -> Iterator[_Move]:
    claim, terms = row.claim, row.claim.terms
    if terms is None:
        return
    place = terms.site, terms.biller.biller_id
    yield _Move(claim.billed_on, place, Account.PAYER, Account.INCOME, terms.amount)
    yield _Move(claim.billed_on, place, Account.HOSTING_COST, Account.HOSTING_DUE, terms.share)
    if (gone := _gone_on(billing, row)) is not None:
        yield _Move(gone, place, Account.INCOME, Account.PAYER, terms.amount)
        yield _Move(gone, place, Account.HOSTING_DUE, Account.HOSTING_COST, terms.share)
    for payment in claim.payments:
        yield _Move(payment.on, place, Account.BANK, Account.PAYER, payment.amount)


def _gone_on(billing: Billing, row: ClaimRow) -> date | None:
    """The day on which a claim was cancelled, or its rejection came in; None while it stands."""
    if row.claim.cancelled is not None:
        return local_day(row.claim.cancelled.at)
    if row.claim.live:
        return None
    life = life_of(row.claim.claim_id, billing.engine.pathways.history(row.pathway_id))
    rejected = (e for e in life if isinstance(e.data, ev.ClaimAnswered) and e.data.outcome is ev.ClaimOutcome.REJECTED)
    return next((local_day(event.occurred_at) for event in rejected), None)


def _overmatched(billing: Billing) -> Iterator[Discrepancy]:
    """Payments of which claims received more than the bank did."""
    for payment in billing.stores.payments.payments(sys.maxsize):
        if abs(payment.matched) > abs(payment.amount):
            code = BookCode.PAYMENT_OVERMATCHED
            yield Discrepancy(code, payment.matched, payment.amount, "", payment.biller_id)
