"""The pathway's events: what happened, when, when it was recorded, by whom, at which site. Immutable.

``Event`` is the envelope; its ``data`` is one of the payload classes, whose class names the event's kind (see
``PAYLOADS``). Dates and times are aware; texts are the clinician's own. Sources of the vocabulary: domain page,
"The pathway" and "Consent".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.identifiers import Ins
from sesame_fhir.domain.ids import CommandId, EhrId, EventId, PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.reasons import ReasonCode


class Sex(StrEnum):
    """Administrative sex, FHIR codes."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class Phase(StrEnum):
    """Phases of care (domain page, steps 5 and 7)."""

    CARE = "care"
    RELAPSE_PREVENTION = "relapse-prevention"


class ReferralEnd(StrEnum):
    """Why a referral did not become care (domain page, step 3), or why the GP took it back."""

    DECLINED_BY_PATIENT = "declined-by-patient"
    UNREACHABLE = "unreachable"
    NOT_ELIGIBLE = "not-eligible"


class DeclineReason(StrEnum):
    """Why a screened patient is not referred."""

    PATIENT_REFUSED = "patient-refused"
    NOT_NEEDED = "not-needed"
    FOLLOWED_ELSEWHERE = "followed-elsewhere"
    LATER = "later"
    OTHER = "other"


class WithdrawReason(StrEnum):
    """Why the GP takes a referral back."""

    PATIENT_CHANGED_MIND = "patient-changed-mind"
    ENTERED_IN_ERROR = "entered-in-error"
    FOLLOWED_ELSEWHERE = "followed-elsewhere"
    OTHER = "other"


class ExitReason(StrEnum):
    """Exit of the pathway (domain page, step 8)."""

    REMISSION = "remission"
    CONCERTED_END = "concerted-end"
    SPECIALISED_CARE = "specialised-care"
    PATIENT_WISH = "patient-wish"
    LOST_TO_FOLLOW_UP = "lost-to-follow-up"
    MAXIMUM_DURATION = "maximum-duration"
    OTHER = "other"


class ConsentPurpose(StrEnum):
    """The different consents, never mixed (domain page, "Consent")."""

    CARE_TEAM = "care-team"
    EVALUATION = "evaluation"
    RESEARCH = "research"
    SURVEY = "survey"


class ConsentStatus(StrEnum):
    """``informed`` is information without a decision; opposition and consent are different things."""

    INFORMED = "informed"
    GIVEN = "given"
    REFUSED = "refused"
    OPPOSED = "opposed"
    WITHDRAWN = "withdrawn"


class ContactMode(StrEnum):
    """How a contact was held."""

    ON_SITE = "on-site"
    PHONE = "phone"
    VIDEO = "video"


class SafetyAction(StrEnum):
    """What a named clinician did about a suicide-risk flag."""

    ASSESSED_NO_IMMEDIATE_RISK = "assessed-no-immediate-risk"
    SAFETY_PLAN = "safety-plan"
    CRISIS_LINE = "crisis-line-3114"
    EMERGENCY = "emergency-15"
    SPECIALIST_OPINION = "specialist-opinion"


class RecommendationFate(StrEnum):
    """What the GP did with a recommendation of the case review."""

    ACCEPTED = "accepted"
    ADAPTED = "adapted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class EhrBinding:
    """Where this patient's record lives: the registered EHR and the FHIR references there (``Patient/123``)."""

    ehr_id: EhrId
    patient: str
    encounter: str | None = None
    practitioner: str | None = None


@dataclass(frozen=True, slots=True)
class PatientTraits:
    """Identity as received; ``ins`` only when the source says it is qualified or carries a test/demo matricule."""

    family: str
    given: str
    birth_date: date | None
    sex: Sex
    ins: Ins | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class PatientIdentified:
    """The patient's identity and record as known from now on; the first event of every pathway."""

    traits: PatientTraits
    ehr: EhrBinding | None = None


@dataclass(frozen=True, slots=True)
class ScreeningRecorded:
    """A completed instrument. ``answers`` maps linkId to answer code; ``total`` is None only for an unscored set."""

    screening_id: ScreeningId
    instrument: InstrumentId
    instrument_version: str
    answers: Mapping[str, str]
    total: int | None
    safety_flag: bool


@dataclass(frozen=True, slots=True)
class ScreeningCorrected:
    """New answers for a screening already recorded; the earlier ones stay in the history."""

    screening_id: ScreeningId
    instrument: InstrumentId
    instrument_version: str
    answers: Mapping[str, str]
    total: int | None
    safety_flag: bool


@dataclass(frozen=True, slots=True)
class SafetyAcknowledged:
    """A named clinician has seen the suicide-risk flag and says what was done."""

    screening_id: ScreeningId
    action: SafetyAction


@dataclass(frozen=True, slots=True)
class ConsentRecorded:
    """A consent, an information or an opposition, for one purpose."""

    purpose: ConsentPurpose
    status: ConsentStatus


@dataclass(frozen=True, slots=True)
class EligibilityChecked:
    """The GP's answers to the criteria and the reasons found (codes with their detail)."""

    phq2_total: int | None
    psychiatric_follow_up: bool | None
    masters_french: bool | None
    common_mental_disorder: bool | None
    reasons: tuple[ReasonCode, ...]


@dataclass(frozen=True, slots=True)
class PatientReferred:
    """Adressage, GP -> nurse. ``override_reason`` is the GP's text when a criterion was overridden."""

    referral_id: ReferralId
    screening_id: ScreeningId
    overridden: tuple[ReasonCode, ...] = ()
    override_reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReferralDeclined:
    """The GP does not refer this screened patient."""

    reason: DeclineReason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReferralWithdrawn:
    """The GP takes the referral back before the nurse has started."""

    referral_id: ReferralId
    reason: WithdrawReason
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CallAttempted:
    """The nurse tried to reach a referred patient, without success."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReferralAccepted:
    """The nurse takes the patient: the initial assessment follows."""

    referral_id: ReferralId


@dataclass(frozen=True, slots=True)
class ReferralNotStarted:
    """The referral ends without care."""

    referral_id: ReferralId
    reason: ReferralEnd
    note: str | None = None


@dataclass(frozen=True, slots=True)
class AssessmentRecorded:
    """The nurse's initial assessment is complete; care begins."""

    summary: str | None = None


@dataclass(frozen=True, slots=True)
class ContactHeld:
    """A follow-up contact took place."""

    contact_id: str
    mode: ContactMode
    minutes: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ContactMissed:
    """The patient did not come or answer."""

    contact_id: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CaseReviewed:
    """Nurse and psychiatrist reviewed the case; ``recommendation`` is None when nothing changes."""

    review_id: str
    recommendation: str | None = None


@dataclass(frozen=True, slots=True)
class RecommendationDecided:
    """The GP's decision on a recommendation."""

    review_id: str
    fate: RecommendationFate
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PhaseChanged:
    """The team moves the patient to another phase."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class SequenceStarted:
    """A three-month sequence begins; ``rank`` is 1 to 4."""

    rank: int
    start: date
    planned_end: date


@dataclass(frozen=True, slots=True)
class SequenceFinished:
    """A sequence ends. ``interrupted`` when it ended before its planned end."""

    rank: int
    end: date
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class SequenceBilled:
    """A finished sequence has been claimed."""

    rank: int
    claim_id: str


@dataclass(frozen=True, slots=True)
class PathwayInterrupted:
    """Care is suspended (hospital stay, absence)."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PathwayResumed:
    """Care goes on where it was suspended."""


@dataclass(frozen=True, slots=True)
class PathwayExited:
    """The patient leaves the pathway."""

    reason: ExitReason
    note: str | None = None


Payload = (
    PatientIdentified
    | ScreeningRecorded
    | ScreeningCorrected
    | SafetyAcknowledged
    | ConsentRecorded
    | EligibilityChecked
    | PatientReferred
    | ReferralDeclined
    | ReferralWithdrawn
    | CallAttempted
    | ReferralAccepted
    | ReferralNotStarted
    | AssessmentRecorded
    | ContactHeld
    | ContactMissed
    | CaseReviewed
    | RecommendationDecided
    | PhaseChanged
    | SequenceStarted
    | SequenceFinished
    | SequenceBilled
    | PathwayInterrupted
    | PathwayResumed
    | PathwayExited
)

PAYLOADS: dict[str, type[Payload]] = {kind.__name__: kind for kind in Payload.__args__}
"""Kind (the class's name, as stored) -> payload class."""


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
