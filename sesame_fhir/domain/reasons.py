"""Coded reasons: why a rule refused, flagged or could not decide. Never a bare boolean.

The code is stable and is what the interface, the facade and the exports translate; ``detail`` names the
value concerned when that helps and is never clinical free text.
"""

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Every reason the pathway's rules can give."""

    # state machine and concurrency
    EVENT_NOT_ALLOWED = "event-not-allowed"
    # screening
    INCOMPLETE_ANSWERS = "incomplete-answers"
    UNKNOWN_ITEM = "unknown-item"
    UNKNOWN_ANSWER = "unknown-answer"
    UNKNOWN_INSTRUMENT = "unknown-instrument"
    NO_SUCH_SCREENING = "no-such-screening"
    TOTAL_CONTRADICTED = "total-contradicted"
    SAFETY_NOT_ACKNOWLEDGED = "safety-not-acknowledged"
    SAFETY_NOTHING_TO_ACKNOWLEDGE = "safety-nothing-to-acknowledge"
    CLINICIAN_REQUIRED = "clinician-required"
    # eligibility (domain page, pathway step 2)
    MINOR = "minor"
    AGE_UNKNOWN = "age-unknown"
    BELOW_THRESHOLD = "below-threshold"
    NOT_SCREENED = "not-screened"
    PSYCHIATRIC_FOLLOW_UP = "psychiatric-follow-up"
    FRENCH_NOT_MASTERED = "french-not-mastered"
    NOT_COMMON_MENTAL_DISORDER = "not-common-mental-disorder"
    CRITERION_UNKNOWN = "criterion-unknown"
    # referral
    PATIENT_NOT_INFORMED = "patient-not-informed"
    PATIENT_REFUSED = "patient-refused"
    OVERRIDE_REASON_REQUIRED = "override-reason-required"
    OVERRIDE_NOT_ALLOWED = "override-not-allowed"
    ELIGIBILITY_NOT_CHECKED = "eligibility-not-checked"
    REASON_REQUIRED = "reason-required"
    # sequences (domain page: 3 months, rank 1 to 4, at most one year)
    SEQUENCE_ALREADY_OPEN = "sequence-already-open"
    NO_OPEN_SEQUENCE = "no-open-sequence"
    SEQUENCE_RANK_OUT_OF_ORDER = "sequence-rank-out-of-order"
    MAXIMUM_SEQUENCES_REACHED = "maximum-sequences-reached"
    SEQUENCE_NOT_FINISHED = "sequence-not-finished"
    SEQUENCE_ALREADY_BILLED = "sequence-already-billed"
    SEQUENCE_STILL_RUNNING = "sequence-still-running"
    SEQUENCE_PERIOD_WRONG = "sequence-period-wrong"
    RENEWAL_TOO_EARLY = "renewal-too-early"
    # billing (domain page: only finished sequences are billed, each once)
    NO_SUCH_CLAIM = "no-such-claim"
    CLAIM_CLOSED = "claim-closed"
    AMOUNT_DIFFERS = "amount-differs"
    PAYMENT_ALREADY_RECORDED = "payment-already-recorded"
    ANSWER_ALREADY_RECORDED = "answer-already-recorded"
    BEFORE_CLAIM = "before-claim"
    COVERAGE_CODE_WRONG = "coverage-code-wrong"
    BATCH_NOT_OPEN = "batch-not-open"
    BATCH_SUBMITTED = "batch-submitted"
    OTHER_DRAFT_OPEN = "other-draft-open"
    BATCH_NOT_FROZEN = "batch-not-frozen"
    BATCH_NOT_APPROVED = "batch-not-approved"
    BATCH_EMPTY = "batch-empty"
    LINE_DOES_NOT_FIT = "line-does-not-fit"
    BATCH_CHANGED = "batch-changed"
    NO_SUCH_BATCH = "no-such-batch"
    SECOND_PERSON_REQUIRED = "second-person-required"
    SCHEME_IN_USE = "scheme-in-use"
    # dates and clocks
    DATE_IN_FUTURE = "date-in-future"
    BEFORE_REFERRAL = "before-referral"
    BEFORE_OPENING = "before-opening"
    BEFORE_LAST_STEP = "before-last-step"
    CLOCK_WENT_BACK = "clock-went-back"
    PLANNED_IN_PAST = "planned-in-past"
    # referral handled by the nurse
    ATTEMPTS_MISSING = "attempts-missing"
    # plan of care, assessment, contacts
    GOAL_REQUIRED = "goal-required"
    ACTIVITY_REQUIRED = "activity-required"
    TEXT_REQUIRED = "text-required"
    VALUE_OUT_OF_RANGE = "value-out-of-range"
    VALUE_NOT_UNDERSTOOD = "value-not-understood"
    TEXT_TOO_LONG = "text-too-long"
    NO_SUCH_CONTACT = "no-such-contact"
    CONTACT_ALREADY_CLOSED = "contact-already-closed"
    CONTACT_NOT_HELD = "contact-not-held"
    CONTACT_ID_TAKEN = "contact-id-taken"
    DURATION_OUT_OF_RANGE = "duration-out-of-range"
    # care team, case review, messages
    NOT_ON_CARE_TEAM = "not-on-care-team"
    CARE_TEAM_INCOMPLETE = "care-team-incomplete"
    PSYCHIATRIST_REQUIRED = "psychiatrist-required"
    RECOMMENDATION_REQUIRED = "recommendation-required"
    NO_SUCH_RECOMMENDATION = "no-such-recommendation"
    ALREADY_DECIDED = "already-decided"
    NO_SUCH_MESSAGE = "no-such-message"
    # exit, transfer, merge
    SAME_SITE_AND_NURSE = "same-site-and-nurse"
    SAME_PATHWAY = "same-pathway"
    SURVEY_NOT_AGREED = "survey-not-agreed"
    CONSENT_STATUS_WRONG = "consent-status-wrong"
    # roles, sites and accounts
    ROLE_NOT_ALLOWED = "role-not-allowed"
    OUT_OF_SCOPE = "out-of-scope"
    NOT_OWN_PATIENT = "not-own-patient"
    NOT_PUT_TO_REVIEW = "not-put-to-review"
    # identity
    INS_INVALID = "ins-invalid"
    INS_DISAGREES = "ins-disagrees"
    INS_KNOWN_ALREADY = "ins-known-already"
    PATIENT_MISMATCH = "patient-mismatch"
    PATIENT_UNKNOWN = "patient-unknown"
    PROFESSIONAL_UNKNOWN = "professional-unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One coded reason; ``detail`` is a code or a number (an item's linkId, an age), never free text."""

    code: ReasonCode
    detail: str | None = None


class Refused(Exception):  # noqa: N818  a refusal is an answer of the domain, not an error
    """A rule refused; carries every reason found, at least one."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(", ".join(r.code for r in reasons))
        self.reasons = reasons
