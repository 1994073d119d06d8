"""What leaves of a batch: who may take it out, its lines one after another, and the audit log's word of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sesame_fhir.domain.events.billing import BillerId
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.batches import batch_of
from sesame_fhir.services.billing.records import Batch, BatchLine, BatchStatus, Totals
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.records import AuditEntry

EXPORT = "export-billing"


@dataclass(frozen=True, slots=True)
class Exportable:
    """A batch that may leave. ``examples``: versions of its scheme that say of themselves that they are examples."""

    batch: Batch
    biller: BillerId
    totals: Totals
    examples: frozenset[str]


def exportable(billing: Billing, who: Coordinator, batch_id: str) -> Exportable:
    """Look at a batch that is to be exported.

    Raises:
        Refused: no such batch, a draft, nothing in it, or the role may not take billing out.
    """
    who.may(EXPORT)
    batch = batch_of(billing, batch_id)
    if batch.status is BatchStatus.DRAFT:
        raise Refused(Reason(ReasonCode.BATCH_NOT_FROZEN, batch.status))
    totals = billing.stores.batches.totals(batch_id)
    first = next(iter(billing.stores.batches.line_page(batch_id, 0, 1)), None)
    if first is None or not totals.lines:
        raise Refused(Reason(ReasonCode.BATCH_EMPTY, batch_id))
    versions = (one.scheme for one in billing.stores.schemes.history() if one.scheme.scheme_id == batch.scheme_id)
    examples = frozenset(scheme.version for scheme in versions if scheme.example)
    return Exportable(batch, first.terms.biller, totals, examples)


def export_lines(billing: Billing, who: Coordinator, batch_id: str) -> Iterator[BatchLine]:
    """The lines to export, page by page. Raises Refused at the first one of a site that is out of reach."""
    for line in billing.stores.batches.lines(batch_id, held=False):
        if line.terms.site not in who.sites:
            raise Refused(Reason(ReasonCode.OUT_OF_SCOPE, line.terms.site))
        yield line


def trace_export(
    billing: Billing, who: Coordinator, what: str, about: Mapping[str, str], patient: PathwayId | None = None
) -> None:
    """Say in the audit log that a file left: ``what`` it is (``batch``, ``statement``, ``dossier``) and about what."""
    billing.engine.audit.record(
        AuditEntry(
            at=billing.engine.clock.now(),
            actor_id=who.actor.actor_id,
            role=who.actor.role.value,
            action=EXPORT,
            outcome="done",
            patient=patient,
            detail=what,
            extra=dict(about),
        )
    )
