"""Events of care: the assessment, the plan, the care team, contacts and messages."""

from dataclasses import dataclass
from datetime import date, datetime

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events.vocabulary import (
    ActivityKind,
    CancelledBy,
    ContactMode,
    ContactTask,
    GoalStatus,
    ProblemSystem,
)
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.instruments import InstrumentId


@dataclass(frozen=True, slots=True)
class Treatment:
    """A current treatment, in words; ``from_record`` when the EHR's record named it."""

    text: str
    from_record: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A provisional problem in the clinician's words: a score never becomes a diagnosis by itself."""

    text: str
    system: ProblemSystem | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class AssessmentRecorded:
    """The nurse's initial assessment is complete; care begins. Texts are the clinician's, goals the patient's words."""

    summary: str | None = None
    history: str | None = None
    treatments: tuple[Treatment, ...] = ()
    social_situation: str | None = None
    resources: str | None = None
    preferences: str | None = None
    patient_goals: tuple[str, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody on the care team; ``actor_id`` as in ``Actor``. ``role`` None: outside SÉSAME (psychologist, family)."""

    actor_id: str
    name: str
    role: Role | None
    rpps: Rpps | None = None
    function: str | None = None


@dataclass(frozen=True, slots=True)
class CareTeamChanged:
    """Who cares for the patient from now on; the whole team each time."""

    members: tuple[TeamMember, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal of the plan; with ``instrument`` and ``target``, reached at or below that total."""

    goal_id: str
    text: str
    instrument: InstrumentId | None = None
    target: int | None = None
    due: date | None = None
    status: GoalStatus = GoalStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Activity:
    """What will be done. ``every_days`` is the rhythm; None for what has none or follows each contact."""

    kind: ActivityKind
    detail: str | None = None
    every_days: int | None = None


@dataclass(frozen=True, slots=True)
class PlanRecorded:
    """The plan of care as it stands from now on; each recording is its next version."""

    plan_id: str
    goals: tuple[Goal, ...]
    activities: tuple[Activity, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """Who the patient can call, as written in the relapse-prevention plan."""

    name: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class RelapsePlanWritten:
    """The written relapse-prevention plan (domain page, step 7): what helps, warning signs, who to call."""

    helps: tuple[str, ...]
    warning_signs: tuple[str, ...]
    who_to_call: tuple[Helper, ...]
    first_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactPlanned:
    """A contact is in the calendar."""

    contact_id: str
    planned_at: datetime
    mode: ContactMode
    task: ContactTask = ContactTask.FOLLOW_UP


@dataclass(frozen=True, slots=True)
class ContactMoved:
    """A planned contact has another time."""

    contact_id: str
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class ContactCancelled:
    """A planned contact will not take place."""

    contact_id: str
    by: CancelledBy
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ContactHeld:
    """A contact took place, planned before or not.

    ``minutes`` is its duration. ``note`` is shared with the care team and the GP's record; ``private_note`` is for its
    author alone and is never published.
    """

    contact_id: str
    mode: ContactMode
    minutes: int
    note: str | None = None
    task: ContactTask = ContactTask.FOLLOW_UP
    private_note: str | None = None
    screenings: tuple[ScreeningId, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactCorrected:
    """A held contact, written again; the first writing stays in the history."""

    contact_id: str
    mode: ContactMode
    minutes: int
    note: str | None = None
    task: ContactTask = ContactTask.FOLLOW_UP
    private_note: str | None = None


@dataclass(frozen=True, slots=True)
class ContactMissed:
    """The patient did not come or answer."""

    contact_id: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MessageSent:
    """A message within the care team, about this patient; ``to`` is a role of the team (None: everybody)."""

    message_id: str
    text: str
    to: Role | None = None


@dataclass(frozen=True, slots=True)
class MessageRead:
    """The event's actor has read a message."""

    message_id: str
