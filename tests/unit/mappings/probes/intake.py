"""Probes of identity, instruments, screening and referral."""

import dataclasses
from datetime import date, timedelta

from mappings import flag, observation, patient, practitioner, service_request, task
from mappings import questionnaire as forms
from mappings import questionnaire_response as responses
from mappings.code_systems import LocalSystem, code_system
from mappings.datatypes import patient_reference
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.ids import ReferralId, ScreeningId
from sesame_fhir.domain.instruments import INSTRUMENTS, Answer, Band, Instrument, InstrumentId, Item
from sesame_fhir.domain.pathway import Referral, ReferralStatus, Screening
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode
from tests.support.story import GP, NURSE, PATHWAY, START, TRAITS
from tests.unit.mappings.cases import pathway
from tests.unit.mappings.probes.probe import Probe

SUBJECT = patient_reference(PATHWAY)
PHQ_9 = INSTRUMENTS[InstrumentId.PHQ_9]
AUDIT_C = INSTRUMENTS[InstrumentId.AUDIT_C]
LATER = START + timedelta(days=3)

SCREENING = pathway("acknowledged").screenings[1]
REFERRAL = pathway("overridden").referral
QUESTION = AUDIT_C.items[1]


def _with_item(item: Item) -> object:
    return forms.questionnaire(dataclasses.replace(AUDIT_C, items=(AUDIT_C.items[0], item)))


def _with_answer(answer: Answer) -> object:
    return _with_item(dataclasses.replace(QUESTION, answers=(*QUESTION.answers[:1], answer)))


def _with_band(band: Band) -> object:
    return code_system(LocalSystem("bands", "Tranches", {band.code: band.label}))


def _observed(screening: Screening) -> object:
    return observation.observation(screening, SUBJECT, policy=PathwayPolicy())


def _flagged(screening: Screening) -> object:
    return flag.flag(screening, SUBJECT), flag.acknowledgement_task(screening, SUBJECT)


_SCREENING_CHANGES: dict[str, object] = {
    "screening_id": ScreeningId("other"),
    "instrument": InstrumentId.PHQ_2,
    "instrument_version": "9.9.9",
    "answers": {},
    "total": 3,
    "safety_flag": False,
    "authored": LATER,
    "author": NURSE,
    "amended": True,
    "acknowledged_by": NURSE,
    "acknowledged_at": LATER,
    "acknowledged_action": ev.SafetyAction.EMERGENCY,
    "first_authored": LATER,
}
_REFERRAL_CHANGES: dict[str, object] = {
    "referral_id": ReferralId("other"),
    "screening_id": ScreeningId("other"),
    "referred_at": LATER,
    "referrer": NURSE,
    "status": ReferralStatus.WITHDRAWN,
    "overridden": (ReasonCode.NOT_COMMON_MENTAL_DISORDER,),
    "override_reason": "Autre motif",
    "note": "Autre note",
    "end_reason": ev.WithdrawReason.ENTERED_IN_ERROR.value,
    "changed_at": LATER,
    "end_note": "Rappeler après le déménagement.",
    "medications": ("Sertraline 50 mg",),
}
PROBES: dict[tuple[str, type], Probe] = {
    ("patient", ev.PatientTraits): (
        lambda traits: patient.patient(traits, "p"),
        TRAITS,
        {
            "family": "AUTRE",
            "given": "Autre",
            "birth_date": date(1990, 1, 1),
            "sex": ev.Sex.MALE,
            "ins": Ins("1841276451089", InsNature.TEST),
            "phone": "0199000000",
        },
    ),
    ("practitioner", Actor): (
        lambda actor: practitioner.practitioner(actor, "gp"),
        dataclasses.replace(GP, rpps=None),
        {"actor_id": "other", "role": Role.NURSE, "name": "Autre", "rpps": NURSE.rpps},
    ),
    ("questionnaire", Instrument): (
        forms.questionnaire,
        PHQ_9,
        {
            "id": InstrumentId.PHQ_2,
            "title": "Autre",
            "version": "9.9.9",
            "instruction": "Autre",
            "items": PHQ_9.items[:2],
            "bands": (),
            "panel_loinc": "0-0",
            "total_loinc": "0-1",
            "copyright": "Autre",
            "instruction_en": "Other",
        },
    ),
    ("questionnaire", Item): (
        _with_item,
        QUESTION,
        {
            "link_id": "other",
            "loinc": "0-0",
            "text": "Autre",
            "answers": QUESTION.answers[:2],
            "text_en": "Other",
            "scored": False,
            "required": False,
            "depends_on_any": True,
            "safety": True,
        },
    ),
    ("questionnaire", Answer): (
        _with_answer,
        QUESTION.answers[1],
        {"code": "LA0-0", "text": "Autre", "weight": 3, "text_en": "Other"},
    ),
    ("questionnaire", Band): (
        _with_band,
        PHQ_9.bands[1],
        {"code": "other", "low": 0, "high": 99, "label": "Autre"},
    ),
    ("questionnaire_response", Screening): (
        lambda screening: responses.questionnaire_response(screening, SUBJECT),
        SCREENING,
        _SCREENING_CHANGES,
    ),
    ("observation", Screening): (_observed, SCREENING, _SCREENING_CHANGES),
    ("flag", Screening): (_flagged, SCREENING, _SCREENING_CHANGES),
    ("service_request", Referral): (
        lambda referral: service_request.service_request(referral, pathway("overridden").screenings, SUBJECT),
        REFERRAL,
        _REFERRAL_CHANGES,
    ),
    ("task", Referral): (
        lambda referral: task.referral_task(referral, SUBJECT),
        dataclasses.replace(REFERRAL, status=ReferralStatus.NOT_STARTED) if REFERRAL else None,
        _REFERRAL_CHANGES,
    ),
}
