"""What a whole batch says of itself: the same in every record and every file of an export."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import BillerId, ClaimTerms
from sesame_fhir.services.billing.records import Batch, BatchStatus, Totals


class NotExportable(ValueError):  # noqa: N818  named as the fact it reports
    """A draft changes until it is frozen: it has no files."""


@dataclass(frozen=True, slots=True)
class BatchHead:
    """A frozen batch, its biller, and the moment that its claims bear.

    preview: it has not been submitted, so nothing was claimed yet. dated: when it was submitted; of a preview, frozen.
    examples: versions of its scheme that say of themselves that they are examples.
    """

    batch: Batch
    biller: BillerId
    totals: Totals
    dated: datetime
    preview: bool
    examples: frozenset[str]

    @property
    def day(self) -> date:
        """The day at the practice on which it was submitted, or frozen."""
        return local_day(self.dated)

    def is_example(self, terms: ClaimTerms) -> bool:
        """True when the tariff of a claim is an example, never real money."""
        return terms.scheme_version in self.examples

    @property
    def name(self) -> str:
        """Name of the export: of its folder and of its ZIP."""
        return self.batch.batch_id + ("-preview" if self.preview else "")

    def file_name(self, name: str) -> str:
        """Name of a file of this export: a preview's says what it is."""
        return f"preview-{name}" if self.preview else name


def head_of(batch: Batch, biller: BillerId, totals: Totals, examples: Iterable[str] = ()) -> BatchHead:
    """Describe a batch.

    Raises:
        NotExportable: it is a draft.
    """
    dated = batch.submitted_at if batch.status is BatchStatus.SUBMITTED else batch.frozen_at
    if batch.status is BatchStatus.DRAFT or dated is None:
        raise NotExportable(batch.batch_id)
    return BatchHead(batch, biller, totals, dated, batch.status is not BatchStatus.SUBMITTED, frozenset(examples))
