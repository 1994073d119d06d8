"""Preparing a month: its drafts are made, or brought up to date with the facts, one per scheme and biller.

A month takes every unclaimed sequence that ended by its last day, whichever month that was, so that nothing is
forgotten; a sequence that is in another batch still to be submitted stays there. What was held by hand stays held.
Preparing again gives the same lines, stopped at any time and by whomever: each page is written whole, and a line is
known by its sequence.
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from sesame_fhir.domain.billing.claims import claim_id_of
from sesame_fhir.domain.billing.decision import Verdict, decide
from sesame_fhir.domain.billing.facts import SequenceFacts
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.billing.terms import terms_of
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.assessing import Assessed, assess, schemes_of
from sesame_fhir.services.billing.batches import PREPARE, trace
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.paging import pages
from sesame_fhir.services.billing.records import Batch, BatchLine, BatchStatus, batch_id_of
from sesame_fhir.services.billing.setting import Billing, Coordinator, Progress, unheard

_ATTEMPTS = 5

_Purse = tuple[str, str]
"""Scheme and biller: what a batch is of."""


def prepare(
    billing: Billing, who: Coordinator, month: Month, today: date, progress: Progress = unheard
) -> tuple[Batch, ...]:
    """Make or refresh the month's drafts for the coordinator's sites; returns every draft of the month.

    ``today`` is the day of billing: what has become too late by then is not taken.

    Raises:
        Refused: not a coordinator; the month has not begun.
    """
    who.may(PREPARE)
    if month.first > today:
        raise Refused(Reason(ReasonCode.DATE_IN_FUTURE, str(month)))
    work = _Work(billing, who, month, today, schemes_of(billing))
    for draft in _drafts(billing, month):
        work.take_out(draft)
    work.add(progress)
    for draft in _drafts(billing, month):
        if not billing.stores.batches.drop(draft.batch_id, only_empty=True) and draft.batch_id in work.changed:
            trace(billing, who, "prepare", draft.batch_id)
    return _drafts(billing, month)


def line_of(one: Assessed, batch_id: str) -> BatchLine:
    """The line of a sequence that is billable."""
    facts = one.facts
    claim_id = claim_id_of(facts.pathway_id, facts.rank, facts.attempt)
    return BatchLine(facts.pathway_id, facts.rank, claim_id, terms_of(facts, one.decision, batch_id))


def _drafts(billing: Billing, month: Month) -> tuple[Batch, ...]:
    batches = billing.stores.batches.batches(str(month))
    return tuple(batch for batch in batches if batch.status is BatchStatus.DRAFT)


@dataclass(slots=True)
class _Work:
    """One run: whose, for which month, under which schemes; the drafts met so far."""

    billing: Billing
    who: Coordinator
    month: Month
    today: date
    schemes: tuple[BillingScheme, ...]
    drafts: dict[_Purse, Batch] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def take_out(self, draft: Batch) -> None:
        """Take lines out whose sequence has no place in this draft any more.

        One that is held stays, whatever the rules say of it, until it is released or claimed: in another draft it would
        not be held any more.
        """
        mine = (line for line in self.billing.stores.batches.lines(draft.batch_id) if line.terms.site in self.who.sites)
        for page in pages(mine):
            keys = [(line.pathway_id, line.rank) for line in page]
            facts = self.billing.stores.sequences.sequences(keys)
            stay = {key for key, line in zip(keys, page, strict=True) if line.held and _unclaimed(facts.get(key))}
            gone = [k for k in keys if k not in stay and (k not in facts or not self._belongs(facts[k], draft))]
            if gone:
                try:
                    self.billing.stores.batches.put_lines(draft.batch_id, (), gone)
                except Refused:
                    return  # frozen or dropped meanwhile: it is what it was when that was decided
                self.changed.add(draft.batch_id)

    def add(self, progress: Progress) -> None:
        """Put every billable sequence into its draft, or bring its line up to date; in another open batch it stays."""
        done = 0
        for page in pages(assess(self.billing, self.who, self.month.last, self.today)):
            billable = sorted((one for one in page if one.decision.verdict is Verdict.BILLABLE), key=_purse)
            for purse, group in groupby(billable, key=_purse):
                self._put(purse, list(group))
            done += len(page)
            progress(done, None)

    def _belongs(self, facts: SequenceFacts, draft: Batch) -> bool:
        """True when the sequence, as the rules decide today, is one for this draft.

        One that was found to be another site's is left to that site's coordinator: its line could not be brought up to
        date from here, and would keep the whole batch back.
        """
        if facts.end is None or facts.end > self.month.last or facts.site not in self.who.sites:
            return False
        one = Assessed(facts, decide(facts, self.schemes, self.today))
        return one.decision.verdict is Verdict.BILLABLE and _purse(one) == (draft.scheme_id, draft.biller_id)

    def _put(self, purse: _Purse, group: list[Assessed]) -> None:
        """Write a page's lines into the draft there is; when it has just been frozen, into the next one."""
        for attempt in range(1, _ATTEMPTS + 1):
            draft = self._draft(purse)
            try:
                changed = self.billing.stores.batches.put_lines(
                    draft.batch_id, [line_of(one, draft.batch_id) for one in group], ()
                )
            except Refused:
                if attempt == _ATTEMPTS:
                    raise
                del self.drafts[purse]
            else:
                if changed:
                    self.changed.add(draft.batch_id)
                return

    def _draft(self, purse: _Purse) -> Batch:
        if purse not in self.drafts:
            month, number = str(self.month), 1
            made = Batch(
                batch_id_of(month, *purse, number),
                month,
                *purse,
                number,
                BatchStatus.DRAFT,
                created_at=self.billing.engine.clock.now(),
                created_by=self.who.actor.actor_id,
            )
            self.drafts[purse] = self.billing.stores.batches.open_draft(made)
        return self.drafts[purse]


def _unclaimed(facts: SequenceFacts | None) -> bool:
    return facts is not None and facts.live_claim is None


def _purse(one: Assessed) -> _Purse:
    scheme, biller = one.decision.scheme, one.decision.biller
    return ("" if scheme is None else scheme.scheme_id, "" if biller is None else biller.identity.biller_id)
