"""The events of the rules' examples as an EHR would write them: a resource to create, or a published one changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mappings.appointment import appointment
from mappings.code_systems import CALL_RESULTS, CONTACT_MODES, CONTACT_TASKS, DECISION_REASONS, FATES, SAFETY_ACTIONS
from mappings.consent import consent, consent_id
from mappings.datatypes import concept, instant, patient_reference, quantity
from mappings.encounter import encounter
from mappings.incoming.service_request import ELIGIBILITY, STATUS_REASON
from mappings.questionnaire_response import questionnaire_response
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.care import Consent, Contact
from sesame_fhir.domain.pathway import Pathway, Screening
from tests.contract.api.pathways import PathwayWorld
from tests.support.story import GP, NURSE, PATHWAY

SUBJECT = patient_reference(PATHWAY)
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Act:
    """What is asked, of whom, when."""

    world: PathwayWorld
    pathway: Pathway
    data: Any
    at: datetime


def _screening(act: Act) -> Body:
    d = act.data
    given = Screening(
        d.screening_id, d.instrument, d.instrument_version, dict(d.answers), d.total, d.safety_flag, act.at, GP
    )
    return questionnaire_response(given, SUBJECT, getattr(d, "contact_id", None))


def _corrected(act: Act) -> Body:
    return {**_screening(act), "status": "amended"}


def _task(act: Act, task_id: str, **changes: Any) -> Body:
    return {**act.world.read(f"Task/{task_id}"), **changes}


def _acknowledged(act: Act) -> Body:
    done = concept(SAFETY_ACTIONS.coding(act.data.action.value))
    output = [{"type": concept(text="Suite donnée"), "valueCodeableConcept": done}]
    return _task(act, f"{act.data.screening_id}-safety", status="completed", output=output)


def _referred(act: Act) -> Body:
    parts: list[Body] = []
    if act.data.override_reason:
        parts.append({"url": "overrideReason", "valueString": act.data.override_reason})
    return {
        "resourceType": "ServiceRequest",
        "id": act.data.referral_id,
        "status": "active",
        "intent": "order",
        "code": concept({"system": "https://sesame-fhir.fr/ig/CodeSystem/sesame-referral", "code": "referral"}),
        "subject": SUBJECT,
        "authoredOn": instant(act.at),
        **({"extension": [{"url": ELIGIBILITY, "extension": parts}]} if parts else {}),
    }


def _withdrawn(act: Act) -> Body:
    before = act.world.read(f"ServiceRequest/{act.data.referral_id}")
    if act.data.reason is ev.WithdrawReason.ENTERED_IN_ERROR:
        return {**before, "status": "entered-in-error"}
    why = {"url": STATUS_REASON, "valueCodeableConcept": concept(DECISION_REASONS.coding(act.data.reason.value))}
    return {**before, "status": "revoked", "extension": [why]}


def _called(act: Act) -> Body:
    referral = act.pathway.referral
    assert referral is not None
    noted = {"note": [{"text": act.data.note}]} if act.data.note else {}
    return _task(act, referral.referral_id, businessStatus=concept(CALL_RESULTS.coding(act.data.result.value)), **noted)


def _accepted(act: Act) -> Body:
    return _task(act, act.data.referral_id, status="accepted")


_ENDS = {ev.ReferralEnd.UNREACHABLE: "failed", ev.ReferralEnd.NOT_ELIGIBLE: "rejected"}


def _not_started(act: Act) -> Body:
    noted = {"note": [{"text": act.data.note}]} if act.data.note else {}
    why = concept(DECISION_REASONS.coding(act.data.reason.value))
    status = _ENDS.get(act.data.reason, "cancelled")
    return _task(act, act.data.referral_id, status=status, statusReason=why, **noted)


def _planned(act: Act) -> Body:
    d = act.data
    return appointment(Contact(d.contact_id, ev.ContactStatus.PLANNED, d.mode, d.task, d.planned_at), None, SUBJECT)


def _changed(act: Act, **changes: Any) -> Body:
    return {**act.world.read(f"Appointment/{act.data.contact_id}"), **changes}


def _moved(act: Act) -> Body:
    start = act.data.planned_at
    return _changed(act, status="booked", start=instant(start), end=instant(start + (start - start)))


def _cancelled(act: Act) -> Body:
    code = "pat" if act.data.by is ev.CancelledBy.PATIENT else "prov"
    system = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
    return _changed(act, status="cancelled", cancelationReason=concept({"system": system, "code": code}))


def _missed(act: Act) -> Body:
    return _changed(act, status="noshow")


def _held(act: Act) -> Body:
    d, known = act.data, act.pathway.contact(act.data.contact_id)
    planned_at = known.planned_at if known else None
    contact = Contact(d.contact_id, ev.ContactStatus.HELD, d.mode, d.task, planned_at, act.at, d.minutes, by=NURSE)
    body = encounter(contact, PATHWAY)
    if d.minutes < 0:
        body["period"] = {"start": instant(act.at)}
    return body


def _written_again(act: Act) -> Body:
    d = act.data
    before = act.world.read(f"Encounter/{d.contact_id}")
    kinds = [concept(CONTACT_TASKS.coding(d.task.value)), concept(CONTACT_MODES.coding(d.mode.value))]
    period = {"start": before["period"]["start"]}
    return {**before, "type": kinds, "period": period, "length": quantity(d.minutes, "min", "min")}


def _said(act: Act) -> Body:
    said = Consent(act.data.status, act.data.notice, act.at, GP)
    return {**consent(PATHWAY, act.data.purpose, said, SUBJECT), "id": consent_id(PATHWAY, act.data.purpose)}


def _decided(act: Act) -> Body:
    status = "rejected" if act.data.fate is ev.RecommendationFate.DECLINED else "accepted"
    reason = {"statusReason": {"text": act.data.reason}} if (act.data.reason or "").strip() else {}
    fate = concept(FATES.coding(act.data.fate.value))
    return _task(act, act.data.recommendation_id, status=status, businessStatus=fate, **reason)


SAID: dict[type, Callable[[Act], Body]] = {
    ev.ScreeningRecorded: _screening,
    ev.ScreeningCorrected: _corrected,
    ev.SafetyAcknowledged: _acknowledged,
    ev.PatientReferred: _referred,
    ev.ReferralWithdrawn: _withdrawn,
    ev.CallAttempted: _called,
    ev.ReferralAccepted: _accepted,
    ev.ReferralNotStarted: _not_started,
    ev.ContactPlanned: _planned,
    ev.ContactMoved: _moved,
    ev.ContactCancelled: _cancelled,
    ev.ContactMissed: _missed,
    ev.ContactHeld: _held,
    ev.ContactCorrected: _written_again,
    ev.ConsentRecorded: _said,
    ev.RecommendationDecided: _decided,
}
"""Event -> the resource, as it is to be sent to its address."""

TIMED = (ev.ScreeningRecorded, ev.ScreeningCorrected, ev.PatientReferred, ev.ContactHeld, ev.ConsentRecorded)
"""What carries its own time; anything else happens when it is written."""
