"""The share of the hosting centres: a running account of each centre with each biller, by month, from the books.

A statement names claims, never patients. A claim made in the month adds its share, one rejected or cancelled in the
month takes its share back, whatever month it was made in; what the centre was paid in the month is deducted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.ledger import Movement, Posting
from sesame_fhir.domain.billing.money import ZERO, is_euros
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import ClaimTerms
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.acting import Trace, trace
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.records import ClaimRow, LedgerSum, SharePaid
from sesame_fhir.services.billing.setting import Billing, Coordinator

_BEGINNING = date(2000, 1, 1)
_SIGNS = {Movement.SHARE_DUE: 1, Movement.SHARE_WITHDRAWN: -1, Movement.SHARE_PAID: -1}
"""What a movement does to what a centre is owed."""
_REFERENCE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A claim whose share became due, or was withdrawn, in the month. ``number``: from 1, in the statement.

    on: the day of it. ended: the sequence's last day. amount: euros claimed. share: euros, negative when withdrawn.
    status: of the claim now; ``paid``: euros the payer has paid for it so far.
    """

    number: int
    on: date
    claim_id: str
    rank: int
    ended: date
    amount: Decimal
    share: Decimal
    status: ClaimStatus
    paid: Decimal


@dataclass(frozen=True, slots=True)
class RankSum:
    """Claims made in the month for sequences of one rank: how many, euros claimed, euros of share."""

    rank: int
    claims: int
    amount: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """The centre's account with one biller over the month, in euros.

    carried: owed on the first day. earned, withdrawn, paid: in the month. due: owed on the last day. settled: payments
    that were made for this month, whenever. example: a claim of it was made with a scheme that is an example.
    """

    biller_id: str
    biller_name: str
    carried: Decimal
    earned: Decimal
    withdrawn: Decimal
    paid: Decimal
    ranks: tuple[RankSum, ...]
    lines: tuple[StatementLine, ...]
    settled: tuple[SharePaid, ...]
    example: bool

    @property
    def due(self) -> Decimal:
        """Owed to the centre on the month's last day; negative: it has had too much."""
        return self.carried + self.earned - self.withdrawn - self.paid


@dataclass(frozen=True, slots=True)
class Statement:
    """What a hosting centre is told of a month (``2025-03``), one account for each biller that claimed for it."""

    site: SiteId
    month: str
    start: date
    end: date
    accounts: tuple[Account, ...]

    @property
    def due(self) -> Decimal:
        """Owed to the centre on the month's last day, by all billers."""
        return sum((account.due for account in self.accounts), ZERO)


def statement(billing: Billing, who: Coordinator, site: SiteId, month: str) -> Statement:
    """The statement of a centre for a month.

    Raises:
        Refused: the role may not see billing, the site is out of reach, or the month is not written ``2025-03``.
    """
    who.may("view-billing", site)
    start, end = period_of(month)
    only = frozenset({site})
    before = billing.stores.ledger.sums(_BEGINNING, date.fromordinal(start.toordinal() - 1), only)
    within = billing.stores.ledger.sums(start, end, only)
    moved = [one for one in billing.stores.ledger.postings(start, end, only) if one.movement in _SIGNS]
    settled = [one for one in billing.stores.payments.shares_paid(month) if one.site == site]
    billers = sorted({one.biller_id for one in (*before, *within) if one.movement in _SIGNS})
    accounts = tuple(
        _account(
            billing,
            biller_id,
            [one for one in before if one.biller_id == biller_id],
            [one for one in moved if one.biller_id == biller_id],
            [one for one in settled if one.biller_id == biller_id],
        )
        for biller_id in billers
    )
    return Statement(site, month, start, end, accounts)


def period_of(month: str) -> tuple[date, date]:
    """First and last day of a month. Raises Refused when it is not written ``2025-03``."""
    try:
        parsed = Month.parse(month)
    except ValueError as error:
        raise Refused(Reason(ReasonCode.VALUE_NOT_UNDERSTOOD, month[:20])) from error
    return parsed.first, parsed.last


def pay_share(billing: Billing, who: Coordinator, paid: SharePaid) -> bool:
    """Keep that a centre was paid; False when it is known: the same reference to the same centre is one payment.

    Raises:
        Refused: the role may not, the site is out of reach, the month or the reference is not one, the day is to come,
            the amount is no positive number of euros or more than the centre is owed, or the reference is known with
            other values.
    """
    who.may("reconcile-payments", paid.site)
    period_of(paid.month)
    while True:
        so_far = [one for one in billing.stores.payments.shares_paid() if _place(one) == _place(paid)]
        known = next((one for one in so_far if one.reference == paid.reference), None)
        if known is not None:
            if (known.amount, known.on, known.month) != (paid.amount, paid.on, paid.month):
                raise Refused(Reason(ReasonCode.PAYMENT_ALREADY_RECORDED, paid.reference))
            return False
        if reasons := _against(billing, paid):
            raise Refused(*reasons)
        # Two who pay at once: the second looks again at what is owed.
        if billing.stores.payments.add_share_paid(paid, sum((one.amount for one in so_far), ZERO)):
            about = {"share": paid.reference, "month": paid.month}
            trace(billing, who, Trace("reconcile-payments", "share", about, paid.site))
            return True


def owed(billing: Billing, site: SiteId, biller_id: str) -> Decimal:
    """What a centre is owed by a biller, all that is in the books taken together."""
    sums = billing.stores.ledger.sums(_BEGINNING, date.max, frozenset({site}))
    return _sum(one for one in sums if one.biller_id == biller_id)


def _place(paid: SharePaid) -> tuple[str, str]:
    return paid.biller_id, paid.site


def _against(billing: Billing, paid: SharePaid) -> list[Reason]:
    reasons = []
    if not paid.reference.isprintable() or not 0 < len(paid.reference) <= _REFERENCE_LENGTH:
        reasons.append(Reason(ReasonCode.VALUE_NOT_UNDERSTOOD, "reference"))
    if paid.on > local_day(billing.engine.clock.now()):
        reasons.append(Reason(ReasonCode.DATE_IN_FUTURE, paid.on.isoformat()))
    due = owed(billing, paid.site, paid.biller_id)
    if not is_euros(paid.amount) or not ZERO < paid.amount <= due:
        reasons.append(Reason(ReasonCode.VALUE_OUT_OF_RANGE, f"{paid.amount}/{due}"))
    return reasons


def _sum(moves: Iterable[LedgerSum | Posting]) -> Decimal:
    return sum((_SIGNS[one.movement] * one.amount for one in moves if one.movement in _SIGNS), ZERO)


def _account(
    billing: Billing,
    biller_id: str,
    before: Sequence[LedgerSum],
    moved: Sequence[Posting],
    settled: Sequence[SharePaid],
) -> Account:
    of_claims = [one for one in moved if one.movement is not Movement.SHARE_PAID]
    claims = [_claimed(billing, one) for one in of_claims]
    found = [_line(number, one, *claims[number - 1]) for number, one in enumerate(of_claims, start=1)]
    return Account(
        biller_id=biller_id,
        biller_name=_name(billing, biller_id),
        carried=_sum(before),
        earned=_sum(one for one in moved if one.movement is Movement.SHARE_DUE),
        withdrawn=-_sum(one for one in moved if one.movement is Movement.SHARE_WITHDRAWN),
        paid=-_sum(one for one in moved if one.movement is Movement.SHARE_PAID),
        ranks=_ranks(found),
        lines=tuple(found),
        settled=tuple(settled),
        example=_example(billing, {(terms.scheme_id, terms.scheme_version) for _, terms in claims}),
    )


def _claimed(billing: Billing, posting: Posting) -> tuple[ClaimRow, ClaimTerms]:
    row = billing.stores.claims.claim(posting.claim_id)
    if row is None or row.claim.terms is None:
        raise LookupError(posting.claim_id)
    return row, row.claim.terms


def _line(number: int, posting: Posting, row: ClaimRow, terms: ClaimTerms) -> StatementLine:
    return StatementLine(
        number,
        posting.on,
        posting.claim_id,
        row.claim.rank,
        terms.end,
        terms.amount,
        _sum([posting]),
        row.status,
        row.claim.paid,
    )


def _ranks(lines: Sequence[StatementLine]) -> tuple[RankSum, ...]:
    made = [line for line in lines if line.share > ZERO]
    return tuple(
        RankSum(
            rank,
            sum(1 for line in made if line.rank == rank),
            sum((line.amount for line in made if line.rank == rank), ZERO),
            sum((line.share for line in made if line.rank == rank), ZERO),
        )
        for rank in sorted({line.rank for line in made})
    )


def _name(billing: Billing, biller_id: str) -> str:
    """The biller's name as it was configured last."""
    names = [
        biller.identity.name
        for stored in billing.stores.schemes.history()
        for biller in stored.scheme.billers
        if biller.identity.biller_id == biller_id
    ]
    return names[-1] if names else biller_id


def _example(billing: Billing, versions: set[tuple[str, str]]) -> bool:
    schemes = (one.scheme for one in billing.stores.schemes.schemes())
    return any(scheme.example for scheme in schemes if (scheme.scheme_id, scheme.version) in versions)
