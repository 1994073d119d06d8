"""Use cases of screening: record an instrument, correct it, acknowledge its suicide-risk flag."""

from dataclasses import dataclass

from sesame_fhir.domain import scoring
from sesame_fhir.domain.events import (
    EhrBinding,
    PatientIdentified,
    PatientTraits,
    Payload,
    SafetyAcknowledged,
    SafetyAction,
    ScreeningCorrected,
    ScreeningRecorded,
)
from sesame_fhir.domain.ids import PathwayId, ScreeningId
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument, InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.scoring import Answers
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.patient_keys import patient_keys


@dataclass(frozen=True, slots=True)
class PatientContext:
    """The patient as the launch knows them: traits and the record they come from."""

    traits: PatientTraits
    ehr: EhrBinding | None


@dataclass(frozen=True, slots=True)
class RecordScreening:
    """A completed instrument to record; ``contact_id`` is the contact, noted before, in which it was taken."""

    screening_id: ScreeningId
    instrument: InstrumentId
    answers: Answers
    contact_id: str | None = None


def find_pathway(engine: Engine, patient: PatientContext) -> Pathway | None:
    """The patient's open pathway, if there is one."""
    found = engine.pathways.find_open(patient_keys(patient.traits, patient.ehr))
    return None if found is None else engine.load(found)


def record_for(engine: Engine, command: Command, pathway_id: PathwayId, screening: RecordScreening) -> Pathway:
    """Record a completed instrument in a pathway that is open already.

    Raises:
        Refused: unknown or missing answers, or a state that does not allow it.
    """
    return engine.run(pathway_id, command, "record-screening", lambda _pathway: (scored(screening),))


def record_screening(engine: Engine, command: Command, patient: PatientContext, screening: RecordScreening) -> Pathway:
    """Record a completed instrument; opens the patient's pathway when there is none.

    Raises:
        Refused: unknown or missing answers, or a screening that the pathway's state does not allow.
        Conflict: the pathway changed since the caller saw it.
    """
    try:
        return _record(engine, command, patient, screening)
    except Conflict:
        # Two tabs opened the same patient's first pathway at once: the second joins the first one's pathway.
        if command.expected_version is not None:
            raise
        return _record(engine, command, patient, screening)


def _record(engine: Engine, command: Command, patient: PatientContext, screening: RecordScreening) -> Pathway:
    keys = patient_keys(patient.traits, patient.ehr)
    found = engine.pathways.find_open(keys)
    pathway_id = found or PathwayId(engine.ids.new())

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        event = scored(screening)
        if _known(pathway, patient):
            return (event,)
        # Somebody who left comes back: a new pathway, linked to the old one.
        previous = None if pathway.version else engine.pathways.find_previous(keys)
        return (PatientIdentified(patient.traits, patient.ehr, previous), event)

    return engine.run(pathway_id, command, "record-screening", decide)


def _known(pathway: Pathway, patient: PatientContext) -> bool:
    return pathway.traits == patient.traits and (patient.ehr is None or pathway.ehr == patient.ehr)


def scored(screening: RecordScreening) -> ScreeningRecorded:
    """The event of a completed instrument. Raises Refused for unknown or missing answers."""
    instrument = INSTRUMENTS[screening.instrument]
    total = complete_total(instrument, screening.answers)
    return ScreeningRecorded(
        screening_id=screening.screening_id,
        instrument=instrument.id,
        instrument_version=instrument.version,
        answers=dict(screening.answers),
        total=total,
        safety_flag=scoring.raises_safety_flag(instrument, screening.answers),
        contact_id=screening.contact_id,
    )


def complete_total(instrument: Instrument, answers: Answers) -> int:
    """Total of a complete, valid set of answers.

    Raises:
        Refused: every unknown item, unknown answer and missing item, by linkId.
    """
    score = scoring.score(instrument, answers)
    problems = scoring.check_answers(instrument, answers)
    problems += tuple(Reason(ReasonCode.INCOMPLETE_ANSWERS, link_id) for link_id in score.missing)
    if problems or score.total is None:
        raise Refused(*problems)
    return score.total


def correct_screening(engine: Engine, command: Command, pathway_id: PathwayId, screening: RecordScreening) -> Pathway:
    """Replace the answers of a recorded screening; the history keeps the earlier ones.

    Raises:
        Refused: as ``record_screening``, or no such screening in this pathway.
        Conflict: the pathway changed since the caller saw it.
    """

    def decide(_pathway: Pathway) -> tuple[Payload, ...]:
        new = scored(screening)
        return (
            ScreeningCorrected(
                new.screening_id, new.instrument, new.instrument_version, new.answers, new.total, new.safety_flag
            ),
        )

    return engine.run(pathway_id, command, "correct-screening", decide)


def acknowledge_safety(
    engine: Engine, command: Command, pathway_id: PathwayId, screening_id: ScreeningId, action: SafetyAction
) -> Pathway:
    """A named clinician has seen the suicide-risk flag and says what was done (domain page, "Safety").

    Raises:
        Refused: not a clinician, no such screening, or nothing to acknowledge.
    """
    return engine.run(
        pathway_id, command, "acknowledge-safety", lambda _pathway: (SafetyAcknowledged(screening_id, action),)
    )
