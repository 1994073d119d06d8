"""What billing needs of the store. Claims and the books are written with the pathways' events; the rest is here."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.billing.ledger import Posting
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.services.billing.records import (
    Batch,
    BatchLine,
    BatchStatus,
    CandidateQuery,
    Candidates,
    ClaimQuery,
    ClaimRow,
    Import,
    LedgerSum,
    Payment,
    SharePaid,
    StoredScheme,
    Totals,
)


class SchemeStore(Protocol):
    """Schemes with their history."""

    def schemes(self) -> tuple[StoredScheme, ...]:
        """The revisions that stand, in the order in which their versions were first given."""
        ...

    def history(self) -> tuple[StoredScheme, ...]:
        """Every revision ever given, oldest first."""
        ...

    def add(self, scheme: StoredScheme) -> bool:
        """Keep a version, or a new revision of one that no claim and no frozen batch uses.

        False: it is there already, with the same digest. Raises ``Refused`` (``SCHEME_IN_USE``) when it is used.
        """
        ...


class SequenceStore(Protocol):
    """Facts of sequences, written with the pathways' events."""

    def candidates(self, query: CandidateQuery) -> Candidates:
        """One page of sequences that are not claimed, by pathway and rank."""
        ...

    def sequence(self, pathway_id: PathwayId, rank: int) -> SequenceFacts | None:
        """One sequence, claimed or not."""
        ...

    def sequences(self, keys: Sequence[tuple[PathwayId, int]]) -> dict[tuple[PathwayId, int], SequenceFacts]:
        """Sequences by pathway and rank, claimed or not, those that are there; at most a page (500) of keys."""
        ...

    def all_sequences(self, sites: frozenset[SiteId] | None) -> Iterator[SequenceFacts]:
        """Every sequence, claimed or not, fetched by pages; they may be walked while others write."""
        ...


class BatchStore(Protocol):
    """Batches and their lines. A sequence is in one batch that is not submitted at most (held by the database)."""

    def batches(self, month: str | None = None) -> tuple[Batch, ...]:
        """Batches of a month, or all of them, newest month first."""
        ...

    def batch(self, batch_id: str) -> Batch | None:
        """One batch."""
        ...

    def open_draft(self, draft: Batch) -> Batch:
        """The draft of this month, scheme and biller: the one there is, else ``draft`` with the next number."""
        ...

    def put_lines(self, batch_id: str, lines: Sequence[BatchLine], gone: Sequence[tuple[PathwayId, int]]) -> int:
        """Write lines of a draft and take out those ``gone``, in one transaction; how many are new or changed.

        What the coordinator held stays held. A sequence in another batch that is not submitted is left there. Raises
        ``Refused`` (``BATCH_NOT_OPEN``) when the batch is no draft any more.
        """
        ...

    def hold(self, batch_id: str, pathway_id: PathwayId, rank: int, why: str | None) -> bool:
        """Keep a line of a draft out, or (None) put it back; False when there is no such line. Raises as above."""
        ...

    def lines(self, batch_id: str, *, held: bool | None = None) -> Iterator[BatchLine]:
        """Lines by site, last day, pathway and rank, fetched by pages."""
        ...

    def line_page(self, batch_id: str, offset: int, limit: int) -> tuple[BatchLine, ...]:
        """Lines of one page, in the same order."""
        ...

    def totals(self, batch_id: str, sites: frozenset[SiteId] | None = None) -> Totals:
        """Lines and sums, what is held left out; of some sites, when they are given."""
        ...

    def unclaimed(self, batch_id: str, limit: int, after: BatchLine | None = None) -> tuple[BatchLine, ...]:
        """Lines not held whose claim has not been made yet and was not refused, in the same order.

        With ``after`` those that follow this line: without it, what has been claimed is looked through each time.
        """
        ...

    def refuse_line(self, batch_id: str, pathway_id: PathwayId, rank: int, why: str) -> None:
        """Keep a line out for good whose claim a rule refused while submitting."""
        ...

    def change(self, batch: Batch, expected: BatchStatus) -> bool:
        """Write a batch, as read and changed, that was in ``expected``; False when it is not there any more.

        False as well when lines of it were written since it was read. A draft again frees nothing. Raises ``Refused``
        (``OTHER_DRAFT_OPEN``, with the other's id) when it is to be a draft again and there is another draft already.
        """
        ...

    def drop(self, batch_id: str, *, only_empty: bool = False) -> bool:
        """Forget a draft and its lines; False when it is no draft, or has lines and is to go only without any."""
        ...


class ClaimStore(Protocol):
    """Claims as their pathways tell them."""

    def claim(self, claim_id: str) -> ClaimRow | None:
        """One claim."""
        ...

    def claims(self, query: ClaimQuery) -> tuple[ClaimRow, ...]:
        """A page of claims, by ``claim_id``; go on with ``after``."""
        ...

    def counts(self, sites: frozenset[SiteId] | None) -> dict[str, int]:
        """How many claims of each status, and under ``stale`` how many whose facts changed."""
        ...


class LedgerStore(Protocol):
    """The books."""

    def postings(self, start: date, end: date, sites: frozenset[SiteId] | None = None) -> Iterator[Posting]:
        """Postings from ``start`` to ``end``, both included, by day and id, fetched by pages."""
        ...

    def sums(self, start: date, end: date, sites: frozenset[SiteId] | None = None) -> tuple[LedgerSum, ...]:
        """Sums of the same postings."""
        ...


class PaymentStore(Protocol):
    """Payments of the payer, shares paid to the centres, files that came in."""

    def add_payment(self, payment: Payment) -> bool:
        """Keep a payment; False when its id is known. Raises ``Refused`` when it is known with other values."""
        ...

    def payments(self, limit: int = 100) -> tuple[Payment, ...]:
        """Payments, newest first, with what has been matched to claims."""
        ...

    def payment(self, payment_id: str) -> Payment | None:
        """One payment."""
        ...

    def add_share_paid(self, paid: SharePaid, paid_before: Decimal | None = None) -> bool:
        """Keep that a centre was paid, with its posting; False when it is known.

        False as well when the biller has paid the centre in all another sum than ``paid_before``, if that is given.
        """
        ...

    def shares_paid(self, month: str | None = None) -> tuple[SharePaid, ...]:
        """What centres were paid."""
        ...

    def imported(self, digest: str) -> Import | None:
        """A file with the same bytes that came in before."""
        ...

    def add_import(self, one: Import) -> None:
        """Keep what became of a file, in the place of what became of the same bytes before."""
        ...

    def imports(self, limit: int = 100, kind: str = "") -> tuple[Import, ...]:
        """Files that came in, newest first; those whose kind begins with ``kind`` (``answers``, ``payments``)."""
        ...


class Stores(Protocol):
    """Everything billing needs of the store."""

    schemes: SchemeStore
    sequences: SequenceStore
    batches: BatchStore
    claims: ClaimStore
    ledger: LedgerStore
    payments: PaymentStore
