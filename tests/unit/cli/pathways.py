"""Pathways made as the app makes them, through the engine."""

from dataclasses import replace

from sesame_fhir.domain.events import ConsentStatus
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.ids import CommandId, PathwayId, ReferralId, ScreeningId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.services import referral, screening
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.referral import Criteria, ReferralRequest
from sesame_fhir.services.screening import PatientContext, RecordScreening
from tests.support.story import BINDING, GP, SITE, START, TRAITS, answered

_FINE = Criteria(psychiatric_follow_up=False, masters_french=True, common_mental_disorder=True)
_INS = ("2841276451089", "1840375001015", "1950633063037")


def refer_patients(engine: Engine, count: int) -> list[PathwayId]:
    """Screen and refer ``count`` different patients; returns their pathways, oldest first."""
    return [_refer(engine, number) for number in range(count)]


def _refer(engine: Engine, number: int) -> PathwayId:
    def command() -> Command:
        return Command(CommandId(engine.ids.new()), GP, SITE, START, None)

    traits = replace(TRAITS, given=f"Jeanne-{number}", ins=Ins(_INS[number], InsNature.TEST))
    patient = PatientContext(traits, replace(BINDING, patient=f"Patient/p{number}"))
    answers = answered(InstrumentId.PHQ_2, "33")
    recorded = RecordScreening(ScreeningId(f"screening-{number}"), InstrumentId.PHQ_2, answers)
    pathway_id = screening.record_screening(engine, command(), patient, recorded).pathway_id
    referral.confirm_eligibility(engine, command(), pathway_id, _FINE, ConsentStatus.GIVEN)
    referral.refer(engine, command(), pathway_id, ReferralRequest(ReferralId(f"referral-{number}")))
    return pathway_id
