"""The words of the pathway: every code that an event can hold. Sources: domain page, "The pathway" and "Consent"."""

from enum import StrEnum


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
    """Why a referral did not become care (domain page, step 3)."""

    DECLINED_BY_PATIENT = "declined-by-patient"
    UNREACHABLE = "unreachable"
    NOT_ELIGIBLE = "not-eligible"
    OTHER = "other"


class CallResult(StrEnum):
    """What came of a call that did not reach the patient's agreement or refusal."""

    NO_ANSWER = "no-answer"
    LEFT_MESSAGE = "left-message"
    CALL_BACK_LATER = "call-back-later"
    WRONG_NUMBER = "wrong-number"


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
    """Exit of the pathway (domain page, step 8); death and move are the software's further codes."""

    REMISSION = "remission"
    CONCERTED_END = "concerted-end"
    SPECIALISED_CARE = "specialised-care"
    PATIENT_WISH = "patient-wish"
    LOST_TO_FOLLOW_UP = "lost-to-follow-up"
    MAXIMUM_DURATION = "maximum-duration"
    DEATH = "death"
    MOVED_AWAY = "moved-away"
    OTHER = "other"


class Orientation(StrEnum):
    """Where the patient is oriented at the exit (domain page, step 8: specialised orientation, or none)."""

    NONE = "none"
    PSYCHIATRY = "psychiatry"
    PSYCHOLOGIST = "psychologist"
    SOCIAL = "social"
    ADDICTION_CARE = "addiction-care"
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


class ContactTask(StrEnum):
    """What the nurse's time was spent on; the evaluation asks for the time per task (domain page)."""

    FIRST_CONTACT = "first-contact"
    ASSESSMENT = "assessment"
    FOLLOW_UP = "follow-up"
    RELAPSE_PREVENTION = "relapse-prevention"
    CRISIS = "crisis"
    COORDINATION = "coordination"


class ContactStatus(StrEnum):
    """Where a contact stands."""

    PLANNED = "planned"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


class CancelledBy(StrEnum):
    """Who called a planned contact off."""

    PATIENT = "patient"
    TEAM = "team"


class ActivityKind(StrEnum):
    """Activities of the plan of care."""

    CONTACTS = "contacts"
    INSTRUMENTS = "instruments"
    PSYCHOEDUCATION = "psychoeducation"
    BEHAVIOURAL_ACTIVATION = "behavioural-activation"
    TREATMENT_FOLLOW_UP = "treatment-follow-up"
    PSYCHOLOGIST = "psychologist"
    SOCIAL_RESOURCE = "social-resource"
    OTHER = "other"


class GoalStatus(StrEnum):
    """How a goal of the plan stands (FHIR lifecycleStatus)."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class RecommendationKind(StrEnum):
    """Kinds of advice of a case review."""

    MEDICATION = "medication"
    MONITORING = "monitoring"
    THERAPY = "therapy"
    ORIENTATION = "orientation"
    NO_CHANGE = "no-change"
    SEE_AGAIN = "see-again"


class ProblemSystem(StrEnum):
    """Classification of a provisional problem; a code is optional."""

    ICPC_2 = "cisp-2"
    ICD_10 = "cim-10"


class LicensedInstrument(StrEnum):
    """Instruments whose text may not be embedded: a clinician records the total only (domain page, "Instruments")."""

    ISI = "isi"
    WHODAS_12 = "whodas-12"
    C_SSRS = "c-ssrs"
    SF_12_PHYSICAL = "sf-12-physical"
    SF_12_MENTAL = "sf-12-mental"
    WSAS = "wsas"
