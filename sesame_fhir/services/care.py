"""Use cases of care: assessment, totals, plan, care team, relapse-prevention plan, phase, consents."""

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.domain.calendar import local_day, sequence_period
from sesame_fhir.domain.events import (
    AssessmentRecorded,
    CareTeamChanged,
    ConsentPurpose,
    ConsentRecorded,
    ConsentStatus,
    Payload,
    Phase,
    PhaseChanged,
    PlanRecorded,
    RelapsePlanWritten,
    SequenceStarted,
    TeamMember,
    TotalRecorded,
)
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.contacts import HoldContact, held_events
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.screening import RecordScreening, scored


def record_total(engine: Engine, command: Command, pathway_id: PathwayId, total: TotalRecorded) -> Pathway:
    """Record the total of a licensed instrument. Raises Refused for a total or a day that cannot be."""
    return engine.run(pathway_id, command, "record-total", lambda _pathway: (total,))


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured and arranged in the assessment's own interview: instruments answered, totals read, the contact.

    The instruments of ``contact`` are its own; ``screenings`` are those of an assessment without a contact.
    """

    screenings: Sequence[RecordScreening] = ()
    totals: Sequence[TotalRecorded] = ()
    contact: HoldContact | None = None


def record_assessment(
    engine: Engine,
    command: Command,
    pathway_id: PathwayId,
    assessment: AssessmentRecorded,
    measured: Measured | None = None,
) -> Pathway:
    """Complete the initial assessment: care begins, and with it the first sequence, on the day of the assessment.

    What was ``measured`` is recorded in the same act, all or nothing.

    Raises:
        Refused: no agreement of the patient, an impossible problem code, total or duration, answers missing or unknown,
            a state that does not allow it.
    """

    def decide(pathway: Pathway) -> tuple[Payload, ...]:
        period = sequence_period(pathway.sequences, local_day(command.occurred_at), engine.policy)
        started = SequenceStarted(len(pathway.sequences) + 1, period.start, period.end)
        return (*_measured(measured or Measured()), assessment, started)

    return engine.run(pathway_id, command, "record-assessment", decide)


def _measured(measured: Measured) -> tuple[Payload, ...]:
    contact = () if measured.contact is None else held_events(measured.contact)
    return (*(scored(s) for s in measured.screenings), *measured.totals, *contact)


def record_plan(engine: Engine, command: Command, pathway_id: PathwayId, plan: PlanRecorded) -> Pathway:
    """Record the plan of care, or its next version. Raises Refused for a plan without a goal or an activity."""
    return engine.run(pathway_id, command, "record-plan", lambda _pathway: (plan,))


def change_care_team(
    engine: Engine, command: Command, pathway_id: PathwayId, members: tuple[TeamMember, ...]
) -> Pathway:
    """Say who cares for the patient. Raises Refused for a team without its nurse or its GP."""
    return engine.run(pathway_id, command, "change-care-team", lambda _pathway: (CareTeamChanged(members),))


def write_relapse_plan(engine: Engine, command: Command, pathway_id: PathwayId, plan: RelapsePlanWritten) -> Pathway:
    """Write the relapse-prevention plan that the patient takes home. Raises Refused when a part of it is empty."""
    return engine.run(pathway_id, command, "write-relapse-plan", lambda _pathway: (plan,))


def change_phase(engine: Engine, command: Command, pathway_id: PathwayId, phase: Phase) -> Pathway:
    """Move to relapse prevention, or back to care."""
    return engine.run(pathway_id, command, "change-phase", lambda _pathway: (PhaseChanged(phase),))


def record_consent(
    engine: Engine,
    command: Command,
    pathway_id: PathwayId,
    purpose: ConsentPurpose,
    status: ConsentStatus,
    *,
    notice: str | None = None,
) -> Pathway:
    """Record what the patient says for one purpose, informed by the actor with this notice (None: the one in force).

    Raises:
        Refused: an answer that does not exist for this purpose.
    """
    recorded = ConsentRecorded(purpose, status, notice or engine.policy.notice)
    return engine.run(pathway_id, command, "record-consent", lambda _pathway: (recorded,))
