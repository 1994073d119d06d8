"""What an event needs beyond the state: each guard returns the coded reasons that stand against it.

``refusals`` is the whole decision: the table first, then the event's guard. Sources: domain page, "Séquence" (three
months, rank 1 to 4, no overlap) and "Safety" (a named clinician acknowledges).
"""

from collections.abc import Callable
from typing import Any

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import CLINICIANS, Actor
from sesame_fhir.domain.eligibility import phq2_total
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import Reason, ReasonCode
from sesame_fhir.domain.transitions import next_state

Reasons = tuple[Reason, ...]


def refusals(pathway: Pathway, data: ev.Payload, actor: Actor, policy: PathwayPolicy) -> Reasons:
    """Every reason why ``data`` may not happen to ``pathway`` now; empty when it may."""
    target = next_state(pathway.state, data)
    if isinstance(target, Reason):
        return (target,)
    guard = _GUARDS.get(type(data))
    return () if guard is None else guard(pathway, data, actor, policy)


def _correction(p: Pathway, d: ev.ScreeningCorrected, _a: Actor, _c: PathwayPolicy) -> Reasons:
    known = p.screening(d.screening_id)
    if known is None or known.instrument is not d.instrument:
        return (Reason(ReasonCode.NO_SUCH_SCREENING, d.screening_id),)
    return ()


def _acknowledgement(p: Pathway, d: ev.SafetyAcknowledged, actor: Actor, _c: PathwayPolicy) -> Reasons:
    if actor.role not in CLINICIANS:
        return (Reason(ReasonCode.CLINICIAN_REQUIRED, actor.role.value),)
    screening = p.screening(d.screening_id)
    if screening is None:
        return (Reason(ReasonCode.NO_SUCH_SCREENING, d.screening_id),)
    return () if screening.needs_acknowledgement else (Reason(ReasonCode.SAFETY_NOTHING_TO_ACKNOWLEDGE),)


def _referral(p: Pathway, d: ev.PatientReferred, actor: Actor, policy: PathwayPolicy) -> Reasons:
    reasons: list[Reason] = []
    if actor.role not in CLINICIANS:
        reasons.append(Reason(ReasonCode.CLINICIAN_REQUIRED, actor.role.value))
    if p.screening(d.screening_id) is None:
        reasons.append(Reason(ReasonCode.NO_SUCH_SCREENING, d.screening_id))
    reasons.extend(Reason(ReasonCode.SAFETY_NOT_ACKNOWLEDGED, s.screening_id) for s in p.unacknowledged)
    reasons.extend(_consent(p))
    reasons.extend(_criteria(p, d, policy))
    return tuple(reasons)


def _consent(p: Pathway) -> Reasons:
    status = p.consents.get(ev.ConsentPurpose.CARE_TEAM)
    if status is ev.ConsentStatus.GIVEN:
        return ()
    refused = {ev.ConsentStatus.REFUSED, ev.ConsentStatus.OPPOSED, ev.ConsentStatus.WITHDRAWN}
    return (Reason(ReasonCode.PATIENT_REFUSED if status in refused else ReasonCode.PATIENT_NOT_INFORMED),)


def _criteria(p: Pathway, d: ev.PatientReferred, policy: PathwayPolicy) -> Reasons:
    # Answers given or corrected since then may have changed the screen: what was checked is not what would be sent.
    if p.eligibility is None or p.eligibility.phq2_total != phq2_total(p):
        return (Reason(ReasonCode.ELIGIBILITY_NOT_CHECKED),)
    standing = p.eligibility.reasons
    hard = tuple(
        Reason(ReasonCode.OVERRIDE_NOT_ALLOWED, code.value) for code in standing if code not in policy.overridable
    )
    if hard or not standing:
        return hard
    covered = set(standing) <= set(d.overridden) and bool((d.override_reason or "").strip())
    return () if covered else (Reason(ReasonCode.OVERRIDE_REASON_REQUIRED, standing[0].value),)


def _sequence_start(p: Pathway, d: ev.SequenceStarted, _a: Actor, policy: PathwayPolicy) -> Reasons:
    if p.open_sequence is not None:
        return (Reason(ReasonCode.SEQUENCE_ALREADY_OPEN, str(p.open_sequence.rank)),)
    if d.rank > policy.maximum_sequences:
        return (Reason(ReasonCode.MAXIMUM_SEQUENCES_REACHED, str(policy.maximum_sequences)),)
    last_end = p.sequences[-1].end if p.sequences else None
    if d.rank != len(p.sequences) + 1 or (last_end is not None and d.start < last_end):
        return (Reason(ReasonCode.SEQUENCE_RANK_OUT_OF_ORDER, str(d.rank)),)
    return ()


def _sequence_end(p: Pathway, d: ev.SequenceFinished, _a: Actor, _c: PathwayPolicy) -> Reasons:
    running = p.open_sequence
    return () if running is not None and running.rank == d.rank else (Reason(ReasonCode.NO_OPEN_SEQUENCE, str(d.rank)),)


def _sequence_billing(p: Pathway, d: ev.SequenceBilled, _a: Actor, _c: PathwayPolicy) -> Reasons:
    sequence = next((s for s in p.sequences if s.rank == d.rank), None)
    if sequence is None or sequence.end is None:
        return (Reason(ReasonCode.SEQUENCE_NOT_FINISHED, str(d.rank)),)
    return () if sequence.claim_id is None else (Reason(ReasonCode.SEQUENCE_ALREADY_BILLED, str(d.rank)),)


_GUARDS: dict[type, Callable[[Pathway, Any, Actor, PathwayPolicy], Reasons]] = {
    ev.ScreeningCorrected: _correction,
    ev.SafetyAcknowledged: _acknowledgement,
    ev.PatientReferred: _referral,
    ev.SequenceStarted: _sequence_start,
    ev.SequenceFinished: _sequence_end,
    ev.SequenceBilled: _sequence_billing,
}
