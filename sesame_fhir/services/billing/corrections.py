"""Facts that changed after billing: what changed, what the rules say now, and the coordinator's choice.

Nothing changes by itself: a claim whose facts are no longer those it was decided on is listed until it is cancelled
(its sequence is then claimed anew, as a replacement) or confirmed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.decision import Decision
from sesame_fhir.domain.billing.facts import SequenceFacts, digest
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.acting import ACTIONS, Step, command, needed_claim, site_of
from sesame_fhir.services.billing.differences import Difference, differences
from sesame_fhir.services.billing.proof import facts_of, life_of
from sesame_fhir.services.billing.records import ClaimQuery, ClaimRow
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.billing.work_list import decision_now, facts_now
from sesame_fhir.services.errors import Conflict

MAX_NOTE = 500


@dataclass(frozen=True, slots=True)
class ToCorrect:
    """A claim whose facts changed. ``digest``: of the facts now, to be given back by whoever confirms the claim.

    ``differences``: between the facts when it was claimed and now. ``decision``: as if it were claimed today.
    """

    row: ClaimRow
    digest: str
    differences: tuple[Difference, ...]
    decision: Decision


@dataclass(frozen=True, slots=True)
class CorrectionPage:
    """Some of them, by claim; ``next`` is what to go on ``after``, None on the last page."""

    rows: tuple[ToCorrect, ...]
    next: str | None


def to_correct(billing: Billing, who: Coordinator, *, after: str | None = None, limit: int = 100) -> CorrectionPage:
    """Claims of the coordinator's sites whose facts changed since. Raises Refused when the role may not see billing."""
    who.may("view-billing")
    rows = billing.stores.claims.claims(ClaimQuery(sites=who.sites, stale=True, after=after, limit=limit))
    found = tuple(_to_correct(billing, row) for row in rows)
    return CorrectionPage(found, rows[-1].claim.claim_id if len(rows) == limit else None)


def correction_of(billing: Billing, who: Coordinator, claim_id: str) -> ToCorrect:
    """One claim with what changed since it was made; nothing may have. Raises NotFound, and Refused as above."""
    who.may("view-billing")
    return _to_correct(billing, needed_claim(billing, who, claim_id))


def _to_correct(billing: Billing, row: ClaimRow) -> ToCorrect:
    now = facts_now(billing, row)
    then = _as_claimed(billing.engine.pathways.history(row.pathway_id), row)
    changed = () if then is None else differences(then, now)
    return ToCorrect(row, digest(now), changed, decision_now(billing, row))


def _as_claimed(history: Sequence[ev.Event], row: ClaimRow) -> SequenceFacts | None:
    """The facts just before the event that made the claim."""
    life = life_of(row.claim.claim_id, history)
    before = fold(row.pathway_id, history[: life[0].sequence - 1]) if life else Pathway(row.pathway_id)
    return facts_of(before, row.claim.rank)


def cancel_claim(
    billing: Billing,
    who: Coordinator,
    claim_id: str,
    reason: ev.CancelReason,
    note: str | None = None,
    *,
    seen: str | None = None,
) -> Claim:
    """Take a claim back: its sequence is a candidate again, and the next claim says that it replaces this one.

    ``seen``: because of facts that changed; the digest of those that were looked at.

    Raises:
        NotFound: no such claim at the coordinator's sites.
        Refused: the claim was rejected, or the note is too long.
        Conflict: others kept writing to the pathway, the facts are others than those looked at, or somebody has let
            the claim stand with them.
    """
    row = needed_claim(billing, who, claim_id)
    cleaned = _checked_note(note)
    return _run(billing, who, row, ev.ClaimCancelled(claim_id, reason, cleaned or None), seen)


def confirm_claim(billing: Billing, who: Coordinator, claim_id: str, seen: str, note: str = "") -> Claim:
    """Let a claim stand as it is although facts changed: ``seen`` is the digest of the facts that were looked at.

    Raises:
        NotFound: no such claim at the coordinator's sites.
        Refused: the claim does not stand any more, or the note is too long.
        Conflict: the facts are others than those looked at.
    """
    row = needed_claim(billing, who, claim_id)
    return _run(billing, who, row, ev.ClaimConfirmed(claim_id, seen, _checked_note(note)), seen)


def _checked_note(note: str | None) -> str:
    cleaned = (note or "").strip()
    if len(cleaned) > MAX_NOTE:
        raise Refused(Reason(ReasonCode.TEXT_TOO_LONG, str(MAX_NOTE)))
    return cleaned


def _run(billing: Billing, who: Coordinator, row: ClaimRow, step: Step, seen: str | None) -> Claim:
    action = ACTIONS[type(step)]
    who.may(action, *(site for site in (site_of(row),) if site is not None))

    def decide(pathway: Pathway) -> tuple[Step, ...]:
        facts, claim = facts_of(pathway, row.claim.rank), pathway.claim(row.claim.claim_id)
        others = seen is not None and (facts is None or digest(facts) != seen)
        stands = isinstance(step, ev.ClaimCancelled) and claim is not None and seen in claim.confirmed
        if others or stands:
            raise Conflict(pathway.pathway_id)
        return (step,)

    after = billing.engine.run(row.pathway_id, command(billing, who, row, step, seen or ""), action, decide)
    claim = after.claim(row.claim.claim_id)
    assert claim is not None  # noqa: S101  it was there before
    return claim
