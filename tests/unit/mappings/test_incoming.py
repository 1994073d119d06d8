"""What is published reads back as what it was made of; what a use case cannot be made of is refused with its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mappings.incoming import appointment, consent, encounter, questionnaire_response, service_request, task
from mappings.incoming.elements import refuse_modifiers
from mappings.projector import PathwayProjector
from mappings.questionnaire_response import instrument_of
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.pathway import Pathway, ReferralStatus
from sesame_fhir.domain.reasons import Refused
from sesame_fhir.fhir.errors import UnprocessableResource
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.contacts import NextContact
from sesame_fhir.services.screening import RecordScreening
from tests.unit.mappings.cases import STORIES, pathway, published

PROJECTOR = PathwayProjector(index)
GOLDEN = Path(__file__).parent / "golden"
ENDS = {ev.ReferralEnd.UNREACHABLE.value, ev.ReferralEnd.NOT_ELIGIBLE.value, ev.ReferralEnd.DECLINED_BY_PATIENT.value}


@pytest.mark.parametrize("name", sorted(STORIES))
def test_whatever_is_published_of_a_story_reads_back(name: str) -> None:
    state, held = pathway(name), published(name, PROJECTOR)
    read = [_read_back(state, resource) for resource in held.values()]
    assert all(given == wanted for given, wanted in filter(None, read)), [r for r in read if r and r[0] != r[1]]
    assert any(read)


def _read_back(state: Pathway, resource: Json) -> tuple[object, object] | None:
    """What the resource says and what it was made of; None for one that no use case is made of."""
    read = READERS.get(resource["resourceType"])
    return None if read is None else read(state, resource)


def _answers(state: Pathway, resource: Json) -> tuple[object, object]:
    known = next(s for s in state.screenings if s.screening_id == resource["id"])
    asked = {item["linkId"] for item in resource["item"]}
    answers = {link: code for link, code in known.answers.items() if link in asked}
    wanted = RecordScreening(known.screening_id, known.instrument, answers)
    return questionnaire_response.screening(resource, resource["id"]), (wanted, known.authored)


def _task(state: Pathway, resource: Json) -> tuple[object, object] | None:
    if resource["id"].endswith("-safety"):
        flagged = next(s for s in state.screenings if f"{s.screening_id}-safety" == resource["id"])
        return task.safety_action(resource), flagged.acknowledged_action
    referral = state.referral
    if referral is None or referral.referral_id != resource["id"]:
        return None
    if referral.status == ReferralStatus.SENT:
        return task.referral_act(resource, resource), None
    before = {**resource, "status": "requested", "note": []}
    if referral.status == ReferralStatus.ACCEPTED and resource["status"] == "accepted":
        return task.referral_act(resource, before), task.Accepted()
    if referral.end_reason not in ENDS:
        return None
    return task.referral_act(resource, before), task.Ended(ev.ReferralEnd(referral.end_reason), referral.end_note)


def _appointment(state: Pathway, resource: Json) -> tuple[object, object] | None:
    known = state.contact(resource["id"])
    assert known is not None
    if resource["status"] == "booked":
        assert known.planned_at is not None
        wanted = NextContact(known.contact_id, known.planned_at, known.mode, known.task)
        return appointment.planned(resource, known.contact_id), wanted
    if known.status is ev.ContactStatus.CANCELLED:
        return appointment.outcome(resource), appointment.Cancelled(known.cancelled_by, known.note)  # type: ignore[arg-type]
    if known.status is ev.ContactStatus.MISSED:
        return appointment.outcome(resource), appointment.Missed(known.note)
    return None


def _encounter(state: Pathway, resource: Json) -> tuple[object, object]:
    known = state.contact(resource["id"])
    assert known is not None
    planned = known.contact_id if known.planned_at else None
    wanted = (known.at, known.minutes, known.mode, known.task, planned)
    held = encounter.held(resource)
    return (held.at, held.minutes, held.mode, held.task, held.appointment), wanted


def _request(state: Pathway, resource: Json) -> tuple[object, object] | None:
    if state.referral is None or state.referral.referral_id != resource["id"]:
        return None
    asked = service_request.referring(resource, resource["id"])
    return (asked.request.referral_id, asked.at), (state.referral.referral_id, state.referral.referred_at)


def _consent(state: Pathway, resource: Json) -> tuple[object, object]:
    said = consent.said(resource)
    known = state.consents[said.purpose]
    return (said.status, said.notice, said.at), (known.status, known.notice, known.at)


READERS: dict[str, Callable[[Pathway, Json], tuple[object, object] | None]] = {
    "QuestionnaireResponse": _answers,
    "ServiceRequest": _request,
    "Task": _task,
    "Appointment": _appointment,
    "Encounter": _encounter,
    "Consent": _consent,
}


def golden(name: str) -> Json:
    return dict(json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")))


def refused(read: Any, resource: Json) -> tuple[list[str], list[str]]:
    """Codes and places of what is refused."""
    try:
        read(resource)
    except Refused as refusal:
        return [reason.code.value for reason in refusal.reasons], []
    except UnprocessableResource as wrong:
        codes = [issue.details_code or issue.code.value for issue in wrong.issues]
        return codes, [where for issue in wrong.issues for where in issue.expression]
    raise AssertionError("nothing was refused")


def _screening(resource: Json) -> object:
    return questionnaire_response.screening(resource, "s1")


def _phq_2(**changes: Any) -> Json:
    return {**golden("QuestionnaireResponse.phq-2"), **changes}


def _with_total(value: object, kind: str = "valueInteger") -> Json:
    resource = golden("QuestionnaireResponse.phq-2")
    resource["item"][-1]["answer"] = [{kind: value}]
    return resource


def _planned(resource: Json) -> object:
    return appointment.planned(resource, "c1")


def _booked(**changes: Any) -> Json:
    return {**golden("Appointment.booked"), **changes}


def _held(**changes: Any) -> Json:
    return {**golden("Encounter.on-site-unplanned"), **changes}


def _said(**changes: Any) -> Json:
    return {**golden("Consent.given"), **changes}


def _referral_act(resource: Json) -> object:
    return task.referral_act(resource, golden("Task.requested"))


def _requested(**changes: Any) -> Json:
    return {**golden("Task.requested"), **changes}


# reader | resource | codes | places
REFUSED: list[tuple[Any, Json, list[str], list[str]]] = [
    (_screening, _phq_2(authored="2026-03-02"), ["required"], ["QuestionnaireResponse.authored"]),
    (_screening, _phq_2(authored="2026-03-02T10:00:00"), ["required"], ["QuestionnaireResponse.authored"]),
    (
        _screening,
        {k: v for k, v in _phq_2().items() if k != "authored"},
        ["required"],
        ["QuestionnaireResponse.authored"],
    ),
    (_screening, _with_total(6), ["total-contradicted"], ["QuestionnaireResponse.item[2].answer"]),
    (_screening, _with_total(0, "valueDecimal"), ["total-contradicted"], ["QuestionnaireResponse.item[2].answer"]),
    (
        _screening,
        _phq_2(questionnaire="https://example.org/x"),
        ["unknown-instrument"],
        ["QuestionnaireResponse.questionnaire"],
    ),
    (
        _screening,
        _phq_2(questionnaire="https://sesame-fhir.fr/ig/Questionnaire/phq-2|0.1"),
        ["unknown-instrument"],
        ["QuestionnaireResponse.questionnaire"],
    ),
    (_screening, _phq_2(item=[]), ["incomplete-answers", "incomplete-answers"], []),
    (_planned, _booked(status="noshow"), ["business-rule"], ["Appointment.status"]),
    (_planned, _booked(appointmentType={"text": "visio"}), ["required"], ["Appointment.appointmentType"]),
    (_planned, {k: v for k, v in _booked().items() if k != "start"}, ["required"], ["Appointment.start"]),
    (_planned, _booked(start="2026-03-25T10:00:00"), ["required"], ["Appointment.start"]),
    (appointment.outcome, _booked(status="fulfilled"), ["business-rule"], ["Appointment.status"]),
    (appointment.outcome, _booked(status="cancelled"), ["reason-required"], ["Appointment.cancelationReason"]),
    (
        appointment.outcome,
        _booked(status="cancelled", cancelationReason={"coding": [{"code": "maint"}]}),
        ["reason-required"],
        ["Appointment.cancelationReason"],
    ),
    (encounter.held, _held(period={}), ["required"], ["Encounter.period.start"]),
    (encounter.held, _held(period={"start": "2026-03-25"}), ["required"], ["Encounter.period.start"]),
    (encounter.held, _held(period={"start": "2026-03-25T10:00:00Z"}, length={}), ["required"], ["Encounter.length"]),
    (
        encounter.held,
        _held(length={"value": 1, "system": "http://unitsofmeasure.org", "code": "d"}),
        ["required"],
        ["Encounter.length"],
    ),
    (
        encounter.held,
        _held(length={"value": 5, "system": "http://unitsofmeasure.org", "code": "min"}),
        ["business-rule"],
        ["Encounter.length", "Encounter.period"],
    ),
    (encounter.held, _held(**{"class": {"code": "VR"}}), ["business-rule"], ["Encounter.class", "Encounter.type"]),
    (encounter.held, _held(type=[], **{"class": {"code": "VR"}}), ["required"], ["Encounter.type"]),
    (consent.said, _said(category=[]), ["required"], ["Consent.category"]),
    (consent.said, _said(status="entered-in-error"), ["business-rule"], ["Consent.status"]),
    (consent.said, _said(dateTime="2026-03-02"), ["required"], ["Consent.dateTime"]),
    (
        consent.said,
        _said(provision={"type": "deny"}),
        ["business-rule"],
        ["Consent.status", "Consent.provision.type"],
    ),
    (_referral_act, _requested(status="on-hold"), ["business-rule"], ["Task.status"]),
    (_referral_act, _requested(status="cancelled"), ["reason-required"], ["Task.statusReason"]),
    (_referral_act, _requested(note=[{"text": "Répondeur"}]), ["required"], ["Task.businessStatus"]),
    (task.safety_action, {"status": "completed"}, ["reason-required"], ["Task.output"]),
    (
        task.safety_action,
        {"status": "completed", "output": [{"valueString": "vu"}]},
        ["reason-required"],
        ["Task.output"],
    ),
    (refuse_modifiers, _phq_2(modifierExtension=[]), ["extension"], ["QuestionnaireResponse.modifierExtension"]),
    (refuse_modifiers, _phq_2(implicitRules="urn:x"), ["extension"], ["QuestionnaireResponse.implicitRules"]),
    (
        refuse_modifiers,
        _booked(participant=[{"modifierExtension": []}]),
        ["extension"],
        ["Appointment.participant[0].modifierExtension"],
    ),
]


@pytest.mark.parametrize(("read", "resource", "codes", "places"), REFUSED)
def test_refused_with_its_place(read: Any, resource: Json, codes: list[str], places: list[str]) -> None:
    assert refused(read, resource) == (codes, places)


def test_a_given_total_that_is_right_is_no_problem() -> None:
    given, _at = questionnaire_response.screening(_with_total(5), "s1")
    assert given.instrument is instrument_of(_phq_2()).id  # type: ignore[union-attr]


# purpose | status | regime given | what the patient said
ANSWERS = [
    ("care-team", "active", None, "given"),
    ("care-team", "rejected", None, "refused"),
    ("care-team", "inactive", None, "withdrawn"),
    ("evaluation", "active", None, "informed"),
    ("evaluation", "proposed", None, "informed"),
    ("evaluation", "rejected", None, "opposed"),
    ("evaluation", "inactive", None, "opposed"),
    ("research", "active", "OPTOUT", "informed"),
    ("evaluation", "active", "OPTIN", "given"),
]


@pytest.mark.parametrize(("purpose", "status", "regime", "said"), ANSWERS)
def test_a_consent_is_read_by_the_regime_of_its_purpose(
    purpose: str, status: str, regime: str | None, said: str
) -> None:
    resource: Json = {
        "resourceType": "Consent",
        "status": status,
        "category": [
            {"coding": [{"system": "https://sesame-fhir.fr/ig/CodeSystem/sesame-consent-purpose", "code": purpose}]}
        ],
        **({"policyRule": {"coding": [{"code": regime}]}} if regime else {}),
    }
    found = consent.said(resource)
    assert (found.purpose.value, found.status.value) == (purpose, said)
