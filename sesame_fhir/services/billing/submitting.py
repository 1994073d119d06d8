"""Submitting a batch: its lines are compared with the facts once more, then each becomes a claim in its pathway.

A line stands while the rules decide today, from the facts as they are now, what was approved: the same facts (their
digest), scheme, version, biller, amount and share, the same identity and the same fund. What is only quoted in the
claim (the team, the problem) may have changed since: the claim says what was approved. One line that does not stand
keeps the whole batch as it is.

Claims are made some hundreds at a time, each by one command with an id of its own: stopped anywhere and asked for
again, what was made stays made, and the rest follows with the same time of submission.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.billing.decision import Verdict, decide
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.billing.terms import terms_of
from sesame_fhir.domain.events import ClaimTerms, SequenceBilled
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.assessing import schemes_of
from sesame_fhir.services.billing.batches import SUBMIT, batch_of, trace
from sesame_fhir.services.billing.fingerprint import Read, read_through
from sesame_fhir.services.billing.paging import pages
from sesame_fhir.services.billing.records import Batch, BatchLine, BatchStatus
from sesame_fhir.services.billing.setting import Billing, Coordinator, Progress, unheard
from sesame_fhir.services.billing.together import Act, run_together
from sesame_fhir.services.engine import Command
from sesame_fhir.services.errors import Conflict

_AT_ONCE = 200
_TOLD = 20
"""Changed lines that a refusal names."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A batch whose claims are made: how many, and how many lines were kept out because a rule refused them."""

    batch: Batch
    claimed: int
    refused: int


def submit(billing: Billing, who: Coordinator, batch_id: str, today: date, progress: Progress = unheard) -> Submitted:
    """Make the claims of an approved batch, or go on making them; a submitted batch stays as it is.

    ``progress`` is called between two transactions: what it raises stops the work there, to go on later.

    Raises:
        Refused: no such batch, not approved, a site out of reach; ``BATCH_CHANGED`` with the claims whose lines are
            not what the rules say today (twenty at most): the batch is left as it was.
        Conflict: a pathway was being written all the while; the same command goes on.
    """
    batch = batch_of(billing, batch_id)
    if batch.status is BatchStatus.APPROVED:
        _compare(billing, who, batch, today)
        batch = _begun(billing, who, batch)
    else:
        who.may(SUBMIT, *read_through(billing, batch_id).sites)
    if batch.status is BatchStatus.SUBMITTING:
        _make_claims(billing, who, batch, progress)
        batch = _ended(billing, who, batch)
    if batch.status is not BatchStatus.SUBMITTED:
        raise Refused(Reason(ReasonCode.BATCH_NOT_APPROVED, batch.status))
    claimed = billing.stores.batches.totals(batch_id).lines
    return Submitted(batch, claimed, (claimed if batch.frozen is None else batch.frozen.lines) - claimed)


def _compare(billing: Billing, who: Coordinator, batch: Batch, today: date) -> None:
    read, changed = Read(), list[Reason]()
    for line, stands in _compared(billing, batch, today):
        read.add(line)
        if not stands and len(changed) < _TOLD:
            changed.append(Reason(ReasonCode.BATCH_CHANGED, line.claim_id))
    who.may(SUBMIT, *read.sites)
    if read.digest != batch.digest:
        changed.append(Reason(ReasonCode.BATCH_CHANGED, batch.batch_id))
    if changed:
        raise Refused(*changed)


def _compared(billing: Billing, batch: Batch, today: date) -> Iterator[tuple[BatchLine, bool]]:
    schemes = schemes_of(billing)
    for page in pages(billing.stores.batches.lines(batch.batch_id, held=False)):
        facts = billing.stores.sequences.sequences([(line.pathway_id, line.rank) for line in page])
        for line in page:
            yield line, _stands(line, facts.get((line.pathway_id, line.rank)), schemes, today)


def _stands(line: BatchLine, facts: SequenceFacts | None, schemes: tuple[BillingScheme, ...], today: date) -> bool:
    if facts is None:
        return False
    decision = decide(facts, schemes, today)
    if decision.verdict is not Verdict.BILLABLE:
        return False
    now, then = terms_of(facts, decision, line.terms.batch_id), line.terms
    return _binding(now) == _binding(then)


def _binding(terms: ClaimTerms) -> tuple[object, ...]:
    """What must be the same: the facts, the money, who claims by which scheme, for whom, and which fund is asked."""
    who, cover = terms.beneficiary, terms.coverage
    return (
        *(terms.digest, terms.amount, terms.share, terms.attempt),
        *(terms.scheme_id, terms.scheme_version, terms.biller),
        *(who.family, who.given, who.birth_date, who.sex, cover),
    )


def _begun(billing: Billing, who: Coordinator, batch: Batch) -> Batch:
    now = billing.engine.clock.now()
    begun = replace(batch, status=BatchStatus.SUBMITTING, submitted_at=now, submitted_by=who.actor.actor_id)
    if billing.stores.batches.change(begun, batch.status):
        trace(billing, who, "submit", batch.batch_id)
        return begun
    return batch_of(billing, batch.batch_id)  # reopened, or begun by somebody else, in the meantime


def _make_claims(billing: Billing, who: Coordinator, batch: Batch, progress: Progress) -> None:
    stores, last = billing.stores, None
    of = None if batch.frozen is None else batch.frozen.lines
    done = 0
    while page := stores.batches.unclaimed(batch.batch_id, _AT_ONCE, last):
        acts = [_act(who, batch, line, billing.engine.clock.now()) for line in page]
        for line, refused in zip(page, run_together(billing.engine, acts), strict=True):
            if refused is not None:
                why = ",".join(reason.code for reason in refused.reasons)
                stores.batches.refuse_line(batch.batch_id, line.pathway_id, line.rank, why)
        last = page[-1]
        done += len(page)
        progress(done, of)


def _act(who: Coordinator, batch: Batch, line: BatchLine, now: datetime) -> Act:
    """The command that makes one claim; it acts once, whoever sends it and however often."""
    billed = SequenceBilled(line.rank, line.claim_id, line.terms)
    command = Command(
        CommandId(f"bill-{line.claim_id}"),
        who.actor,
        line.terms.site,
        batch.submitted_at or now,
        scope=Scope(opened=frozenset({line.pathway_id})),
    )
    return Act(line.pathway_id, command, "bill-sequence", lambda _pathway: (billed,))


def _ended(billing: Billing, who: Coordinator, batch: Batch) -> Batch:
    stores = billing.stores
    if left := stores.batches.unclaimed(batch.batch_id, 1):
        raise Conflict(left[0].pathway_id)
    ended = replace(batch, status=BatchStatus.SUBMITTED)
    if not stores.batches.change(ended, batch.status):
        return batch_of(billing, batch.batch_id)
    trace(billing, who, "submitted", batch.batch_id)
    return ended
