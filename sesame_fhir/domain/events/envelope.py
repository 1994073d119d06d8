"""The envelope of every event, and the list of what can be inside."""

from dataclasses import dataclass, field
from datetime import datetime

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.events.billing import (
    ClaimAnswered,
    ClaimCancelled,
    ClaimConfirmed,
    ClaimPaid,
    CoverageRecorded,
    SequenceBilled,
)
from sesame_fhir.domain.events.care import (
    AssessmentRecorded,
    CareTeamChanged,
    ContactCancelled,
    ContactCorrected,
    ContactHeld,
    ContactMissed,
    ContactMoved,
    ContactPlanned,
    MessageRead,
    MessageSent,
    PlanRecorded,
    RelapsePlanWritten,
)
from sesame_fhir.domain.events.course import (
    MergedInto,
    PathwayExited,
    PathwayInterrupted,
    PathwayResumed,
    PathwayTransferred,
    PhaseChanged,
    RecordsMerged,
    RenewalDecided,
    SequenceExtended,
    SequenceFinished,
    SequenceStarted,
    SurveyAnswered,
)
from sesame_fhir.domain.events.kept import ElementsKept
from sesame_fhir.domain.events.referral import (
    CallAttempted,
    EligibilityChecked,
    PatientReferred,
    ReferralAccepted,
    ReferralDeclined,
    ReferralNotStarted,
    ReferralWithdrawn,
)
from sesame_fhir.domain.events.review import (
    CaseReviewed,
    MarkedForReview,
    RecommendationDecided,
    ReviewMarkRemoved,
)
from sesame_fhir.domain.events.screening import (
    ConsentRecorded,
    PatientIdentified,
    SafetyAcknowledged,
    ScreeningCorrected,
    ScreeningRecorded,
    TotalRecorded,
)
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, SiteId

Payload = (
    PatientIdentified
    | ScreeningRecorded
    | ScreeningCorrected
    | SafetyAcknowledged
    | TotalRecorded
    | ConsentRecorded
    | EligibilityChecked
    | PatientReferred
    | ReferralDeclined
    | ReferralWithdrawn
    | CallAttempted
    | ReferralAccepted
    | ReferralNotStarted
    | AssessmentRecorded
    | CareTeamChanged
    | PlanRecorded
    | RelapsePlanWritten
    | ContactPlanned
    | ContactMoved
    | ContactCancelled
    | ContactHeld
    | ContactCorrected
    | ContactMissed
    | MessageSent
    | MessageRead
    | MarkedForReview
    | ReviewMarkRemoved
    | CaseReviewed
    | RecommendationDecided
    | PhaseChanged
    | SequenceStarted
    | SequenceExtended
    | RenewalDecided
    | SequenceFinished
    | CoverageRecorded
    | SequenceBilled
    | ClaimAnswered
    | ClaimPaid
    | ClaimCancelled
    | ClaimConfirmed
    | PathwayInterrupted
    | PathwayResumed
    | PathwayTransferred
    | RecordsMerged
    | MergedInto
    | PathwayExited
    | SurveyAnswered
    | ElementsKept
)

PAYLOADS: dict[str, type[Payload]] = {kind.__name__: kind for kind in Payload.__args__}
"""Kind (the class's name, as stored) -> payload class."""

COMMUTING = frozenset(
    {
        *("MessageSent", "MessageRead", "MarkedForReview", "ReviewMarkRemoved", "ElementsKept"),
        *("CoverageRecorded", "SequenceBilled", "ClaimAnswered", "ClaimPaid", "ClaimCancelled", "ClaimConfirmed"),
    }
)
"""Kinds that change nothing anybody else decides on: whoever did not see them yet is not in conflict with them."""


@dataclass(frozen=True, slots=True)
class Event:
    """One immutable fact of a pathway; ``sequence`` counts from 1 within the pathway."""

    event_id: EventId
    pathway_id: PathwayId
    sequence: int
    occurred_at: datetime
    recorded_at: datetime
    actor: Actor
    site: SiteId
    command_id: CommandId
    data: Payload = field(kw_only=True)

    @property
    def kind(self) -> str:
        """The payload's class name."""
        return type(self.data).__name__
