"""Events of the course: phases, sequences, interruption, transfer, merge, exit."""

from dataclasses import dataclass
from datetime import date

from sesame_fhir.domain.events.care import TeamMember
from sesame_fhir.domain.events.screening import EhrBinding
from sesame_fhir.domain.events.vocabulary import ExitReason, Orientation, Phase
from sesame_fhir.domain.ids import PathwayId, SiteId


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The team moves the patient to another phase."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class SequenceStarted:
    """A three-month sequence begins; ``rank`` is 1 to 4. Both days belong to it (see ``domain.calendar``)."""

    rank: int
    start: date
    planned_end: date


@dataclass(frozen=True, slots=True)
class SequenceExtended:
    """The running sequence ends later, after an interruption (only where the policy says so)."""

    rank: int
    planned_end: date


@dataclass(frozen=True, slots=True)
class RenewalDecided:
    """The team's decision on the sequence after the running one: it starts by itself when that one has ended."""

    rank: int
    renew: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SequenceFinished:
    """A sequence ends; ``end`` is its last day. ``interrupted`` when it ended before its planned end."""

    rank: int
    end: date
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class PathwayInterrupted:
    """Care is suspended (hospital stay, absence)."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PathwayResumed:
    """Care goes on where it was suspended."""


@dataclass(frozen=True, slots=True)
class PathwayTransferred:
    """Another nurse or site takes over from now on; the event's own site is where it was decided."""

    from_site: SiteId
    to_site: SiteId
    nurse: TeamMember | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RecordsMerged:
    """A second pathway of the same patient was absorbed; ``ehr`` is where that one's record lived."""

    absorbed: PathwayId
    ehr: EhrBinding | None = None


@dataclass(frozen=True, slots=True)
class MergedInto:
    """This pathway was one of two of the same patient: ``survivor`` goes on, this one is closed."""

    survivor: PathwayId


@dataclass(frozen=True, slots=True)
class SurveyAnswered:
    """The satisfaction survey given at the exit came back; ``satisfaction`` is 0 to 10, None when not said."""

    satisfaction: int | None = None


@dataclass(frozen=True, slots=True)
class PathwayExited:
    """The patient leaves the pathway. ``note`` goes into the exit letter; ``survey``: the survey link was given."""

    reason: ExitReason
    note: str | None = None
    orientation: Orientation = Orientation.NONE
    survey: bool = False
