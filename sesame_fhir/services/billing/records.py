"""Values that pass between the use cases of billing and the store."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sesame_fhir.domain.billing.claims import Claim, ClaimStatus
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.billing.ledger import Account, Movement
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.events.billing import ClaimTerms
from sesame_fhir.domain.ids import PathwayId, SiteId


@dataclass(frozen=True, slots=True)
class StoredScheme:
    """A version of a scheme as it was configured: ``source`` is the file's text, ``digest`` its SHA-256.

    ``revision``: 1, more when the version was written anew before anything was claimed with it; the last one stands.
    ``used``: a claim was made with it, or a batch was frozen with it: it can only be superseded by another version.
    """

    scheme: BillingScheme
    source: str
    digest: str
    revision: int
    added_at: datetime
    added_by: str
    used: bool = False


class BatchStatus(StrEnum):
    """How far a batch has come. ``SUBMITTING``: claims are being made; the same command goes on where it stopped."""

    DRAFT = "draft"
    FROZEN = "frozen"
    APPROVED = "approved"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"


@dataclass(frozen=True, slots=True)
class Totals:
    """Lines and euros of a batch."""

    lines: int
    amount: Decimal
    share: Decimal


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent together: the sequences of one month (``2025-03``), scheme and biller.

    ``batch_id``: ``<month>-<scheme>-<biller>-<number>``; the number counts batches of the month, scheme and biller.
    ``frozen``, ``digest``: totals and SHA-256 of the lines as frozen. ``*_by`` are accounts' actor ids.
    ``edition``: how often lines were changed, so that a batch is frozen with the lines that were looked at.
    """

    batch_id: str
    month: str
    scheme_id: str
    biller_id: str
    number: int
    status: BatchStatus
    created_at: datetime
    created_by: str
    frozen: Totals | None = None
    digest: str | None = None
    frozen_at: datetime | None = None
    frozen_by: str | None = None
    approved_at: datetime | None = None
    approved_by: str | None = None
    submitted_at: datetime | None = None
    submitted_by: str | None = None
    edition: int = 0


def batch_id_of(month: str, scheme_id: str, biller_id: str, number: int) -> str:
    """The id of a batch."""
    return f"{month}-{scheme_id}-{biller_id}-{number}"


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One sequence of a batch, as decided when the batch was prepared: ``terms`` are those of the claim to make.

    ``held``: the coordinator keeps it out of this batch, and why; it is no part of totals, exports and claims.
    """

    pathway_id: PathwayId
    rank: int
    claim_id: str
    terms: ClaimTerms
    held: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim with where it belongs, as lists and exports need it. ``stale``: facts changed since it was made."""

    pathway_id: PathwayId
    claim: Claim
    status: ClaimStatus
    stale: bool


@dataclass(frozen=True, slots=True)
class ClaimQuery:
    """Which claims: every part that is given must hold. ``sites`` None: no limit. ``stale`` True: facts changed since.

    ``superseded`` False leaves out rejected and cancelled claims whose sequence has been claimed again.
    """

    sites: frozenset[SiteId] | None = None
    statuses: frozenset[ClaimStatus] = frozenset()
    batch_id: str | None = None
    payment_id: str | None = None
    stale: bool | None = None
    superseded: bool = True
    after: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class CandidateQuery:
    """Sequences without a live claim that ended by ``until``; ``after`` is the last key of the page before.

    ``unfinished``: those that still run as well, by their planned end.
    """

    sites: frozenset[SiteId] | None
    until: date
    unfinished: bool = False
    after: tuple[PathwayId, int] | None = None
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Candidates:
    """One page; ``next`` None: the last one."""

    facts: tuple[SequenceFacts, ...]
    next: tuple[PathwayId, int] | None


@dataclass(frozen=True, slots=True)
class LedgerSum:
    """Sum of one movement at one site, for one biller and scheme, over a period. ``count``: postings."""

    movement: Movement
    debit: Account
    credit: Account
    site: SiteId
    biller_id: str
    scheme_id: str
    amount: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment of the payer as the bank shows it. ``payment_id``: the payer's reference; ``matched``: to claims."""

    payment_id: str
    biller_id: str
    on: date
    amount: Decimal
    recorded_at: datetime
    recorded_by: str
    matched: Decimal


@dataclass(frozen=True, slots=True)
class SharePaid:
    """A hosting centre was paid its share for a month; ``reference`` is the biller's own, once per centre."""

    reference: str
    site: SiteId
    biller_id: str
    month: str
    amount: Decimal
    on: date
    recorded_by: str


class LineFate(StrEnum):
    """What became of one line of a file."""

    RECORDED = "recorded"
    KNOWN_ALREADY = "known-already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LineResult:
    """One line of a file that was read: ``reasons`` are codes, ``detail`` a column or a value that is no patient's."""

    number: int
    fate: LineFate
    claim_id: str | None = None
    reasons: tuple[str, ...] = ()
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """A file that came in: ``digest`` is its SHA-256; the same bytes again give the same results."""

    digest: str
    kind: str
    name: str
    imported_at: datetime
    imported_by: str
    results: tuple[LineResult, ...]
