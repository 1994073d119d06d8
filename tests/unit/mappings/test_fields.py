"""No domain field is forgotten in silence: mapped (and then it changes the resource) or left out with a reason."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Callable
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

import mappings
from mappings import caseload, consent, episode_of_care, flag, observation, patient, practitioner, service_request, task
from mappings import questionnaire as forms
from mappings import questionnaire_response as responses
from mappings.code_systems import LocalSystem, code_system
from mappings.datatypes import patient_reference
from mappings.fields import FieldMap
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.ids import PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.instruments import INSTRUMENTS, Answer, Band, Instrument, InstrumentId, Item
from sesame_fhir.domain.pathway import Pathway, Referral, ReferralStatus, Screening
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import State
from tests.support.story import GP, NURSE, PATHWAY, START, TRAITS
from tests.unit.mappings.cases import pathway

MAPS: list[tuple[str, FieldMap]] = [
    (module.name, fields)
    for module in pkgutil.iter_modules(mappings.__path__)
    for fields in getattr(importlib.import_module(f"mappings.{module.name}"), "FIELDS", ())
]
SUBJECT = patient_reference(PATHWAY)
PHQ_9 = INSTRUMENTS[InstrumentId.PHQ_9]
AUDIT_C = INSTRUMENTS[InstrumentId.AUDIT_C]
LATER = START + timedelta(days=3)

SCREENING = pathway("acknowledged").screenings[1]
REFERRAL = pathway("overridden").referral
IN_CARE = pathway("in-care")
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


Probe = tuple[Callable[[Any], object], object, dict[str, object]]

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
_PATHWAY_CHANGES: dict[str, object] = {
    "pathway_id": PathwayId("other"),
    "state": State.EXITED,
    "version": 99,
    "site": SiteId("other"),
    "opened_at": LATER,
    "updated_at": LATER,
    "traits": dataclasses.replace(TRAITS, family="AUTRE"),
    "ehr": None,
    "screenings": (),
    "consents": MappingProxyType({}),
    "eligibility": None,
    "referral": None,
    "sequences": (),
    "exit_reason": ev.ExitReason.OTHER,
    "state_since": ((State.SCREENED, LATER),),
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
    ("episode_of_care", Pathway): (episode_of_care.episode_of_care, IN_CARE, _PATHWAY_CHANGES),
    ("caseload", Pathway): (
        lambda state: caseload.caseload_row(state, policy=PathwayPolicy()),
        IN_CARE,
        _PATHWAY_CHANGES,
    ),
    ("consent", ev.ConsentRecorded): (
        lambda recorded: consent.consent(PATHWAY, recorded, START, SUBJECT),
        ev.ConsentRecorded(ev.ConsentPurpose.CARE_TEAM, ev.ConsentStatus.GIVEN),
        {"purpose": ev.ConsentPurpose.RESEARCH, "status": ev.ConsentStatus.REFUSED},
    ),
}

_IDS = [f"{name}-{fields.source.__name__}" for name, fields in MAPS]


@pytest.mark.parametrize(("name", "fields"), MAPS, ids=_IDS)
def test_every_field_is_mapped_or_left_out_with_a_reason(name: str, fields: FieldMap) -> None:
    assert dataclasses.is_dataclass(fields.source)
    known = {field.name for field in dataclasses.fields(fields.source)}
    assert set(fields.mapped) | set(fields.omitted) == known, name
    assert not set(fields.mapped) & set(fields.omitted)
    assert all(len(reason) > 15 for reason in fields.omitted.values())


@pytest.mark.parametrize(("name", "fields"), MAPS, ids=_IDS)
def test_a_mapped_field_changes_the_result_and_an_omitted_one_does_not(name: str, fields: FieldMap) -> None:
    build, sample, changes = PROBES[name, fields.source]
    assert set(changes) == set(fields.mapped) | set(fields.omitted)
    plain = build(sample)
    for field, other in changes.items():
        changed = build(dataclasses.replace(sample, **{field: other})) != plain  # type: ignore[type-var]
        assert changed is (field in fields.mapped), f"{name}: {field}"


def test_every_map_is_probed() -> None:
    assert {(name, fields.source) for name, fields in MAPS} == set(PROBES)
