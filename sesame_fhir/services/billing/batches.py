"""A batch on its way: lines held by hand, frozen, reopened, approved, dropped. Each step is in the audit log.

Who freezes vouches for the lines; who approves has looked at what somebody else vouched for. So the rule of four eyes
is: the account that approves is not the one that froze (where ``Billing.four_eyes`` asks for it). Who prepared may do
either: preparing only applies the rules. A person's right is asked for every site that has a line in the batch.

Each step may be repeated by whoever did it: it is done once. What is approved already stays as it was approved.
"""

from dataclasses import dataclass, replace

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.fingerprint import read_through
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.records import Batch, BatchStatus, Totals
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.records import AuditEntry

PREPARE, APPROVE, SUBMIT = "prepare-billing", "approve-billing", "submit-billing"
_ACTIONS = {
    **dict.fromkeys(("prepare", "hold", "release", "freeze", "reopen", "drop"), PREPARE),
    "approve": APPROVE,
    "submit": SUBMIT,
    "submitted": SUBMIT,
}
"""Each step, as the audit log tells it, and the action it is."""
_LONGEST = 200
_DRAFT, _FROZEN, _APPROVED = BatchStatus.DRAFT, BatchStatus.FROZEN, BatchStatus.APPROVED


def batch_of(billing: Billing, batch_id: str) -> Batch:
    """Find a batch. Raises Refused (``NO_SUCH_BATCH``)."""
    batch = billing.stores.batches.batch(batch_id)
    if batch is None:
        raise Refused(Reason(ReasonCode.NO_SUCH_BATCH, batch_id))
    return batch


@dataclass(frozen=True, slots=True)
class Listed:
    """A batch and what is in it now at the coordinator's sites, what is held left out."""

    batch: Batch
    totals: Totals


def listed(billing: Billing, who: Coordinator, month: Month | None = None) -> tuple[Listed, ...]:
    """Batches of a month, or all of them, newest month first. Raises Refused for another role than a coordinator."""
    who.may("view-billing")
    found = billing.stores.batches.batches(None if month is None else str(month))
    return tuple(Listed(batch, billing.stores.batches.totals(batch.batch_id, who.sites)) for batch in found)


def hold(billing: Billing, who: Coordinator, batch_id: str, pathway_id: PathwayId, rank: int, *, why: str) -> None:
    """Keep a line of a draft out of it, and say why; it stays out when the month is prepared again.

    Raises:
        NotFound: no such line.
        Refused: the batch is no draft, no reason given or one of more than 200 characters, the site is out of reach.
    """
    text = " ".join(why.split())
    if not text:
        raise Refused(Reason(ReasonCode.REASON_REQUIRED))
    if len(text) > _LONGEST:
        raise Refused(Reason(ReasonCode.TEXT_TOO_LONG, str(_LONGEST)))
    _held(billing, who, batch_id, pathway_id, rank, why=text)


def release(billing: Billing, who: Coordinator, batch_id: str, pathway_id: PathwayId, rank: int) -> None:
    """Put a line back that was held. Raises as ``hold``."""
    _held(billing, who, batch_id, pathway_id, rank, why=None)


def freeze(billing: Billing, who: Coordinator, batch_id: str) -> Batch:
    """Fix a draft: its totals, and one SHA-256 over its lines in their order; nothing of it changes from now on.

    Raises:
        Refused: no such batch, no draft, nothing in it to claim, changed while it was read, a site out of reach.
    """
    batch = batch_of(billing, batch_id)
    read = read_through(billing, batch_id)
    who.may(PREPARE, *read.sites)
    me = who.actor.actor_id
    if batch.status is _FROZEN and batch.frozen_by == me:
        return batch
    _expect(batch, _DRAFT, _closed(batch))
    if not read.totals.lines:
        raise Refused(Reason(ReasonCode.BATCH_EMPTY, batch_id))
    now = billing.engine.clock.now()
    frozen = replace(batch, status=_FROZEN, frozen=read.totals, digest=read.digest, frozen_at=now, frozen_by=me)
    return _step(billing, who, "freeze", batch, frozen)


def reopen(billing: Billing, who: Coordinator, batch_id: str) -> Batch:
    """Make a frozen or approved batch a draft again; its claims have not been made yet.

    Raises:
        Refused: no such batch; claims are being or have been made; another draft of the same month, scheme and biller
            is open (its id is the detail); a site out of reach.
    """
    batch = batch_of(billing, batch_id)
    who.may(PREPARE, *read_through(billing, batch_id).sites)
    if batch.status is _DRAFT:
        return batch
    if batch.status not in {_FROZEN, _APPROVED}:
        raise Refused(Reason(ReasonCode.BATCH_SUBMITTED, batch.status))
    draft = replace(
        batch,
        status=_DRAFT,
        frozen=None,
        digest=None,
        frozen_at=None,
        frozen_by=None,
        approved_at=None,
        approved_by=None,
    )
    return _step(billing, who, "reopen", batch, draft)


def approve(billing: Billing, who: Coordinator, batch_id: str) -> Batch:
    """Approve a frozen batch, after its lines have been compared with what was frozen.

    Raises:
        Refused: no such batch, not frozen, frozen by the same account (``SECOND_PERSON_REQUIRED``), its lines are not
            those that were frozen (``BATCH_CHANGED``), a site out of reach.
    """
    batch = batch_of(billing, batch_id)
    read = read_through(billing, batch_id)
    who.may(APPROVE, *read.sites)
    me = who.actor.actor_id
    if batch.status is _APPROVED:
        return batch
    _expect(batch, _FROZEN, ReasonCode.BATCH_NOT_FROZEN if batch.status is _DRAFT else _closed(batch))
    if billing.four_eyes and batch.frozen_by == me:
        raise Refused(Reason(ReasonCode.SECOND_PERSON_REQUIRED))
    if read.digest != batch.digest:
        raise Refused(Reason(ReasonCode.BATCH_CHANGED, batch_id))
    approved = replace(batch, status=_APPROVED, approved_at=billing.engine.clock.now(), approved_by=me)
    return _step(billing, who, "approve", batch, approved)


def drop(billing: Billing, who: Coordinator, batch_id: str) -> None:
    """Forget a draft; its sequences are candidates as before, and what was held by hand in it is forgotten.

    Raises:
        Refused: no such batch, no draft, a site out of reach.
    """
    batch = batch_of(billing, batch_id)
    who.may(PREPARE, *{line.terms.site for line in billing.stores.batches.lines(batch_id)})
    if not billing.stores.batches.drop(batch_id):
        raise Refused(Reason(_closed(batch), batch.status))
    trace(billing, who, "drop", batch_id)


def trace(billing: Billing, who: Coordinator, what: str, batch_id: str) -> None:
    """Say in the audit log who did which step of a batch."""
    actor = who.actor
    billing.engine.audit.record(
        AuditEntry(
            at=billing.engine.clock.now(),
            actor_id=actor.actor_id,
            role=actor.role.value,
            action=_ACTIONS[what],
            outcome="done",
            detail=what,
            extra={"batch": batch_id},
        )
    )


def _held(
    billing: Billing, who: Coordinator, batch_id: str, pathway_id: PathwayId, rank: int, *, why: str | None
) -> None:
    facts = billing.stores.sequences.sequence(pathway_id, rank)
    if facts is None:
        raise NotFound(pathway_id)
    who.may(PREPARE, facts.site)
    batch_of(billing, batch_id)
    if not billing.stores.batches.hold(batch_id, pathway_id, rank, why):
        raise NotFound(pathway_id)
    trace(billing, who, "release" if why is None else "hold", batch_id)


def _closed(batch: Batch) -> ReasonCode:
    """Why a batch that is no draft does not change: it can still be reopened, or its claims are made."""
    return ReasonCode.BATCH_NOT_OPEN if batch.status in {_FROZEN, _APPROVED} else ReasonCode.BATCH_SUBMITTED


def _expect(batch: Batch, status: BatchStatus, otherwise: ReasonCode) -> None:
    if batch.status is not status:
        raise Refused(Reason(otherwise, batch.status))


def _step(billing: Billing, who: Coordinator, what: str, before: Batch, after: Batch) -> Batch:
    if not billing.stores.batches.change(after, before.status):
        raise Refused(Reason(ReasonCode.BATCH_CHANGED, before.batch_id))
    trace(billing, who, what, before.batch_id)
    return after
