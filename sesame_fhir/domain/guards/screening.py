"""Guards of screening, totals and consents. Sources: domain page, "Safety", "Instruments" and "Consent"."""

from collections.abc import Mapping

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import CLINICIANS
from sesame_fhir.domain.consents import STATUSES
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting, refused
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode


def _answers(p: Pathway, d: ev.ScreeningRecorded, _s: Setting) -> Reasons:
    known = None if d.contact_id is None else p.contact(d.contact_id)
    if d.contact_id is None or (known is not None and known.status is ev.ContactStatus.HELD):
        return ()
    return refused(ReasonCode.CONTACT_NOT_HELD) if known is not None else refused(ReasonCode.NO_SUCH_CONTACT)


def _correction(p: Pathway, d: ev.ScreeningCorrected, _s: Setting) -> Reasons:
    known = p.screening(d.screening_id)
    if known is None or known.instrument is not d.instrument:
        return (Reason(ReasonCode.NO_SUCH_SCREENING, d.screening_id),)
    return ()


def _acknowledgement(p: Pathway, d: ev.SafetyAcknowledged, s: Setting) -> Reasons:
    if s.actor.role not in CLINICIANS:
        return (Reason(ReasonCode.CLINICIAN_REQUIRED, s.actor.role.value),)
    screening = p.screening(d.screening_id)
    if screening is None:
        return (Reason(ReasonCode.NO_SUCH_SCREENING, d.screening_id),)
    return () if screening.needs_acknowledgement else (Reason(ReasonCode.SAFETY_NOTHING_TO_ACKNOWLEDGE),)


def _total(p: Pathway, d: ev.TotalRecorded, s: Setting) -> Reasons:
    limits = LICENSED[d.instrument]
    born = p.traits.birth_date if p.traits else None
    return (
        *refused(
            ReasonCode.VALUE_OUT_OF_RANGE,
            f"{limits.low}-{limits.high}",
            when=not limits.low <= d.total <= limits.high,
        ),
        *refused(ReasonCode.DATE_IN_FUTURE, d.on.isoformat(), when=d.on > s.today),
        *refused(ReasonCode.BEFORE_OPENING, d.on.isoformat(), when=born is not None and d.on < born),
    )


def _consent(_p: Pathway, d: ev.ConsentRecorded, _s: Setting) -> Reasons:
    return refused(ReasonCode.CONSENT_STATUS_WRONG, d.status.value, when=d.status not in STATUSES[d.purpose])


GUARDS: Mapping[type, Guard] = {
    ev.ScreeningRecorded: _answers,
    ev.ScreeningCorrected: _correction,
    ev.SafetyAcknowledged: _acknowledgement,
    ev.TotalRecorded: _total,
    ev.ConsentRecorded: _consent,
}
