"""Guards of billing. Source: domain page, "Billing": only finished sequences, each once."""

from collections.abc import Mapping

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import claim_id_of
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting, refused
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode


def _billing(p: Pathway, d: ev.SequenceBilled, _s: Setting) -> Reasons:
    sequence = next((s for s in p.sequences if s.rank == d.rank), None)
    if sequence is None or sequence.end is None:
        return refused(ReasonCode.SEQUENCE_NOT_FINISHED, str(d.rank))
    if sequence.claim_id is not None:
        return refused(ReasonCode.SEQUENCE_ALREADY_BILLED, str(d.rank))
    if d.terms is None:
        return ()
    wrong = d.claim_id != claim_id_of(p.pathway_id, d.rank, d.terms.attempt) or p.claim(d.claim_id) is not None
    return refused(ReasonCode.SEQUENCE_ALREADY_BILLED, d.claim_id, when=wrong)


def _answer(p: Pathway, d: ev.ClaimAnswered, s: Setting) -> Reasons:
    claim = p.claim(d.claim_id)
    if claim is None:
        return refused(ReasonCode.NO_SUCH_CLAIM, d.claim_id)
    return (
        *refused(ReasonCode.CLAIM_CLOSED, d.claim_id, when=not claim.live),
        *refused(ReasonCode.DATE_IN_FUTURE, d.on.isoformat(), when=d.on > s.today),
        *refused(
            ReasonCode.AMOUNT_DIFFERS,
            when=d.outcome is ev.ClaimOutcome.ACCEPTED and d.amount is not None and d.amount != claim.amount,
        ),
    )


def _payment(p: Pathway, d: ev.ClaimPaid, s: Setting) -> Reasons:
    claim = p.claim(d.claim_id)
    if claim is None:
        return refused(ReasonCode.NO_SUCH_CLAIM, d.claim_id)
    return (
        *refused(ReasonCode.PAYMENT_ALREADY_RECORDED, when=any(x.payment_id == d.payment_id for x in claim.payments)),
        *refused(ReasonCode.DATE_IN_FUTURE, d.on.isoformat(), when=d.on > s.today),
        *refused(ReasonCode.AMOUNT_DIFFERS, when=not d.amount or not 0 <= claim.paid + d.amount <= claim.amount),
    )


def _cancellation(p: Pathway, d: ev.ClaimCancelled, _s: Setting) -> Reasons:
    claim = p.claim(d.claim_id)
    if claim is None:
        return refused(ReasonCode.NO_SUCH_CLAIM, d.claim_id)
    return refused(ReasonCode.CLAIM_CLOSED, d.claim_id, when=not claim.live)


def _confirmation(p: Pathway, d: ev.ClaimConfirmed, _s: Setting) -> Reasons:
    claim = p.claim(d.claim_id)
    if claim is None:
        return refused(ReasonCode.NO_SUCH_CLAIM, d.claim_id)
    return refused(ReasonCode.CLAIM_CLOSED, d.claim_id, when=not claim.live)


GUARDS: Mapping[type, Guard] = {
    ev.SequenceBilled: _billing,
    ev.ClaimAnswered: _answer,
    ev.ClaimPaid: _payment,
    ev.ClaimCancelled: _cancellation,
    ev.ClaimConfirmed: _confirmation,
}
