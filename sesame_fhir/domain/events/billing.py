"""Events of billing: what a sequence was claimed with, what the payer answered and paid, what was taken back.

A claim's whole life is in its patient's pathway, so that its proof, its resources and the books all come from one list.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain.events.care import Problem, TeamMember
from sesame_fhir.domain.events.screening import PatientTraits
from sesame_fhir.domain.ids import SiteId


@dataclass(frozen=True, slots=True)
class CoverageRecorded:
    """The patient's compulsory health insurance (AMO), as read from the record or the card; the last one stands.

    ``regime``: code of the scheme of insurance, 2 digits; ``fund``: of the caisse, 3 digits; ``centre``: 4 digits, as
    the national numbering writes them. ``full``: care is covered at 100 %; None: not known.
    """

    regime: str | None = None
    fund: str | None = None
    centre: str | None = None
    full: bool | None = None

    @property
    def known(self) -> bool:
        """True when it says who pays: scheme of insurance and fund."""
        return self.regime is not None and self.fund is not None


class EvidenceKind(StrEnum):
    """What may prove a sequence."""

    CONTACT = "contact"
    INSTRUMENT = "instrument"
    REVIEW = "review"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that proves a sequence. ``reference`` is its id in the pathway: contact, screening, review or purpose.

    ``code``: the contact's task, the instrument, the consent's status. No clinical text, no score.
    """

    kind: EvidenceKind
    reference: str
    on: date
    code: str | None = None


@dataclass(frozen=True, slots=True)
class BillerId:
    """Who claims: ``system`` and ``value`` are its identifier (FINESS, SIRET), as configured."""

    biller_id: str
    name: str
    system: str
    value: str


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """Everything that was decided when a sequence was claimed, as it was then: a later change does not reach it.

    amount: euros claimed; share: of them, due to the hosting centre ``site``. tariff: euros of a whole sequence.
    attempt: 1, more after a rejection or a correction; ``replaces`` is then the claim before.
    reasons: coded reasons for, with their details (``enough-contacts:6``). rule_version: of the rules that decided.
    digest: of the facts that were decided on (``domain.billing.facts.digest``).
    """

    scheme_id: str
    scheme_version: str
    biller: BillerId
    batch_id: str
    attempt: int
    site: SiteId
    start: date
    planned_end: date
    end: date
    interrupted: bool
    tariff: Decimal
    amount: Decimal
    share: Decimal
    reasons: tuple[str, ...]
    rule_version: str
    digest: str
    beneficiary: PatientTraits
    evidence: tuple[Evidence, ...] = ()
    team: tuple[TeamMember, ...] = ()
    problem: Problem | None = None
    coverage: CoverageRecorded | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class SequenceBilled:
    """A finished sequence has been claimed. ``terms`` None: recorded before this software made the claims itself."""

    rank: int
    claim_id: str
    terms: ClaimTerms | None = None


class ClaimOutcome(StrEnum):
    """What the payer said."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class RejectionReason:
    """Why the payer rejected, in the payer's own code and words."""

    code: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimAnswered:
    """The payer's answer to a claim. ``response_id`` is the payer's, ``on`` its day, ``amount`` what was accepted."""

    claim_id: str
    response_id: str
    outcome: ClaimOutcome
    on: date
    amount: Decimal | None = None
    reasons: tuple[RejectionReason, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimPaid:
    """Money for a claim reached the bank on ``on``, as part of the payment ``payment_id``; negative: taken back."""

    claim_id: str
    payment_id: str
    amount: Decimal
    on: date


class CancelReason(StrEnum):
    """Why a claim was taken back by the biller."""

    CORRECTED = "corrected"
    MISTAKE = "mistake"
    PATIENT_REQUEST = "patient-request"


@dataclass(frozen=True, slots=True)
class ClaimCancelled:
    """The biller takes a claim back; the sequence may be claimed again."""

    claim_id: str
    reason: CancelReason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimConfirmed:
    """Facts changed after billing, and the coordinator keeps the claim as it is: ``digest`` is of the facts seen."""

    claim_id: str
    digest: str
    note: str = field(default="")
