"""A claim in a pathway's state: its terms, what the payer answered and paid, whether it still stands."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import CancelReason, ClaimAnswered, ClaimOutcome, ClaimPaid, ClaimTerms


class ClaimStatus(StrEnum):
    """How far a claim has come."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PARTLY_PAID = "partly-paid"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A claim taken back by the biller."""

    reason: CancelReason
    note: str | None
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim for one sequence; ``confirmed``: digests of later facts that the coordinator has seen and let stand."""

    claim_id: str
    rank: int
    terms: ClaimTerms | None
    billed_at: datetime
    by: Actor
    answers: tuple[ClaimAnswered, ...] = ()
    payments: tuple[ClaimPaid, ...] = ()
    cancelled: Cancellation | None = None
    confirmed: tuple[str, ...] = ()

    @property
    def amount(self) -> Decimal:
        """Euros claimed."""
        return ZERO if self.terms is None else self.terms.amount

    @property
    def paid(self) -> Decimal:
        """Euros received, less what was taken back."""
        return sum((payment.amount for payment in self.payments), ZERO)

    @property
    def outcome(self) -> ClaimOutcome | None:
        """The payer's last word."""
        return self.answers[-1].outcome if self.answers else None

    @property
    def live(self) -> bool:
        """True while it holds its sequence: neither rejected nor taken back."""
        return self.cancelled is None and self.outcome is not ClaimOutcome.REJECTED

    @property
    def status(self) -> ClaimStatus:
        """One word for all of it."""
        if self.cancelled is not None:
            return ClaimStatus.CANCELLED
        if self.outcome is ClaimOutcome.REJECTED:
            return ClaimStatus.REJECTED
        if self.payments and self.paid:
            return ClaimStatus.PAID if self.paid >= self.amount else ClaimStatus.PARTLY_PAID
        return ClaimStatus.ACCEPTED if self.outcome is ClaimOutcome.ACCEPTED else ClaimStatus.SUBMITTED

    @property
    def billed_on(self) -> date:
        """The day at the practice on which it was made: no answer and no money is of a day before."""
        return local_day(self.billed_at)


def claim_id_of(pathway_id: str, rank: int, attempt: int) -> str:
    """The one id that a sequence's claim can have: a second run cannot make a second one. At most 64 characters."""
    return f"{pathway_id}-claim-{rank}" + (f"-{attempt}" if attempt > 1 else "")
