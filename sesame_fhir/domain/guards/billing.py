"""Guards of billing. Source: domain page, "Billing": only finished sequences, each once.

What the payer has told and what the bank has received are facts: money that comes for a claim which was rejected or
taken back in the meantime is recorded, and shows in the books as money to give back.
"""

from collections.abc import Mapping
from datetime import date

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import Claim, claim_id_of
from sesame_fhir.domain.billing.facts import digest, sequence_facts
from sesame_fhir.domain.billing.money import is_euros
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting, refused
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode

_DIGITS = (("regime", 2), ("fund", 3), ("centre", 4))


def _coverage(_p: Pathway, d: ev.CoverageRecorded, _s: Setting) -> Reasons:
    given = {"regime": d.regime, "fund": d.fund, "centre": d.centre}
    return tuple(
        Reason(ReasonCode.COVERAGE_CODE_WRONG, name)
        for name, digits in _DIGITS
        if (code := given[name]) is not None and not (len(code) == digits and code.isascii() and code.isdecimal())
    )


def _billing(p: Pathway, d: ev.SequenceBilled, _s: Setting) -> Reasons:
    sequence = next((s for s in p.sequences if s.rank == d.rank), None)
    if sequence is None or sequence.end is None:
        return refused(ReasonCode.SEQUENCE_NOT_FINISHED, str(d.rank))
    if sequence.claim_id is not None:
        return refused(ReasonCode.SEQUENCE_ALREADY_BILLED, str(d.rank))
    if p.claim(d.claim_id) is not None:
        return refused(ReasonCode.SEQUENCE_ALREADY_BILLED, d.claim_id)
    return () if d.terms is None else _terms(p, d, d.terms)


def _terms(p: Pathway, d: ev.SequenceBilled, terms: ev.ClaimTerms) -> Reasons:
    facts = next(facts for facts in sequence_facts(p) if facts.rank == d.rank)
    id_wrong = d.claim_id != claim_id_of(p.pathway_id, d.rank, terms.attempt) or terms.attempt != facts.attempt
    # Decided on a pathway that is not this one any more: the last look is the guard's own.
    return (
        *refused(ReasonCode.SEQUENCE_ALREADY_BILLED, d.claim_id, when=id_wrong),
        *refused(ReasonCode.BATCH_CHANGED, d.claim_id, when=terms.digest != digest(facts)),
    )


def _answer(p: Pathway, d: ev.ClaimAnswered, s: Setting) -> Reasons:
    claim = p.claim(d.claim_id)
    if claim is None:
        return refused(ReasonCode.NO_SUCH_CLAIM, d.claim_id)
    if any(answer.response_id == d.response_id for answer in claim.answers):
        return refused(ReasonCode.ANSWER_ALREADY_RECORDED, d.response_id)
    partial = d.outcome is ev.ClaimOutcome.ACCEPTED and d.amount is not None and d.amount != claim.amount
    return (
        *refused(ReasonCode.CLAIM_CLOSED, d.claim_id, when=not claim.live),
        *_timed(claim, d.on, s),
        *refused(ReasonCode.AMOUNT_DIFFERS, when=partial),
    )


def _payment(p: Pathway, d: ev.ClaimPaid, s: Setting) -> Reasons:
    claim = p.claim(d.claim_id)
    if claim is None:
        return refused(ReasonCode.NO_SUCH_CLAIM, d.claim_id)
    if any(payment.payment_id == d.payment_id for payment in claim.payments):
        return refused(ReasonCode.PAYMENT_ALREADY_RECORDED, d.payment_id)
    wrong = not (is_euros(d.amount) and d.amount and 0 <= claim.paid + d.amount <= claim.amount)
    return (*_timed(claim, d.on, s), *refused(ReasonCode.AMOUNT_DIFFERS, when=wrong))


def _cancellation(p: Pathway, d: ev.ClaimCancelled, _s: Setting) -> Reasons:
    return _standing(p, d.claim_id)


def _confirmation(p: Pathway, d: ev.ClaimConfirmed, _s: Setting) -> Reasons:
    return _standing(p, d.claim_id)


def _standing(p: Pathway, claim_id: str) -> Reasons:
    claim = p.claim(claim_id)
    if claim is None:
        return refused(ReasonCode.NO_SUCH_CLAIM, claim_id)
    return refused(ReasonCode.CLAIM_CLOSED, claim_id, when=not claim.live)


def _timed(claim: Claim, day: date, s: Setting) -> Reasons:
    return (
        *refused(ReasonCode.DATE_IN_FUTURE, day.isoformat(), when=day > s.today),
        *refused(ReasonCode.BEFORE_CLAIM, day.isoformat(), when=day < claim.billed_on),
    )


GUARDS: Mapping[type, Guard] = {
    ev.CoverageRecorded: _coverage,
    ev.SequenceBilled: _billing,
    ev.ClaimAnswered: _answer,
    ev.ClaimPaid: _payment,
    ev.ClaimCancelled: _cancellation,
    ev.ClaimConfirmed: _confirmation,
}
