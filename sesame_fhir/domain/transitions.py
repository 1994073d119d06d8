"""The state machine of the whole pathway, as one table: (state, event) -> state.

What is not in the table is refused with a coded reason. Guards that need more than the state (ranks of sequences, who
acknowledges a flag) are in ``domain.guards``. Source: domain page, "The pathway", steps 1 to 8 and "Séquence".
"""

from enum import StrEnum

from sesame_fhir.domain.events import Payload, Phase, PhaseChanged
from sesame_fhir.domain.reasons import Reason, ReasonCode


class State(StrEnum):
    """Where a patient stands in the pathway."""

    NEW = "new"
    SCREENED = "screened"
    NOT_REFERRED = "not-referred"
    REFERRED = "referred"
    NOT_STARTED = "not-started"
    ASSESSMENT = "assessment"
    CARE = "care"
    RELAPSE_PREVENTION = "relapse-prevention"
    CARE_INTERRUPTED = "care-interrupted"
    RELAPSE_PREVENTION_INTERRUPTED = "relapse-prevention-interrupted"
    EXITED = "exited"
    MERGED = "merged"


BEFORE_REFERRAL = frozenset({State.NEW, State.SCREENED, State.NOT_REFERRED, State.NOT_STARTED})
IN_CARE = frozenset({State.CARE, State.RELAPSE_PREVENTION})
INTERRUPTED = frozenset({State.CARE_INTERRUPTED, State.RELAPSE_PREVENTION_INTERRUPTED})
CLOSED = frozenset({State.EXITED, State.MERGED})
OPEN = frozenset(State) - CLOSED
FOLLOWED = IN_CARE | INTERRUPTED | {State.ASSESSMENT}
"""The nurse has taken the patient, who has not left."""

_S = State

# Events that never move the patient, and the states in which they may happen.
_BEGUN = frozenset(State) - {_S.NEW, _S.MERGED}
_WITH_NURSE = FOLLOWED | {_S.REFERRED}
_STAY: dict[str, frozenset[State]] = {
    "PatientIdentified": OPEN | {_S.EXITED},
    "ScreeningCorrected": _BEGUN,
    "SafetyAcknowledged": _BEGUN,
    "ConsentRecorded": _BEGUN,
    "TotalRecorded": FOLLOWED,
    "EligibilityChecked": frozenset({_S.SCREENED, _S.NOT_REFERRED, _S.NOT_STARTED, _S.REFERRED}),
    "CallAttempted": frozenset({_S.REFERRED, _S.ASSESSMENT}),
    "CareTeamChanged": FOLLOWED,
    "PlanRecorded": IN_CARE,
    "RelapsePlanWritten": IN_CARE,
    "ContactPlanned": IN_CARE | {_S.ASSESSMENT},
    "ContactMoved": FOLLOWED,
    "ContactCancelled": FOLLOWED,
    "ContactHeld": FOLLOWED | {_S.EXITED},
    "ContactCorrected": FOLLOWED | {_S.EXITED},
    "ContactMissed": FOLLOWED | {_S.EXITED},
    "MarkedForReview": FOLLOWED,
    "ReviewMarkRemoved": FOLLOWED,
    "CaseReviewed": FOLLOWED,
    "RecommendationDecided": FOLLOWED | {_S.EXITED},
    "MessageSent": _WITH_NURSE | {_S.EXITED, _S.NOT_STARTED},
    "MessageRead": _WITH_NURSE | {_S.EXITED, _S.NOT_STARTED},
    "SequenceStarted": IN_CARE,
    "SequenceExtended": IN_CARE | INTERRUPTED,
    "RenewalDecided": IN_CARE | INTERRUPTED,
    "SequenceFinished": IN_CARE | INTERRUPTED,
    "CoverageRecorded": _BEGUN | {_S.MERGED},
    "SequenceBilled": IN_CARE | INTERRUPTED | CLOSED,
    "ClaimAnswered": IN_CARE | INTERRUPTED | CLOSED,
    "ClaimPaid": IN_CARE | INTERRUPTED | CLOSED,
    "ClaimCancelled": IN_CARE | INTERRUPTED | CLOSED,
    "ClaimConfirmed": IN_CARE | INTERRUPTED | CLOSED,
    "PathwayTransferred": _WITH_NURSE,
    "SurveyAnswered": frozenset({_S.EXITED}),
    "RecordsMerged": OPEN - {_S.NEW},
    "ElementsKept": _BEGUN,
}

_MOVE: dict[tuple[State, str], State] = {
    (_S.NEW, "ScreeningRecorded"): _S.SCREENED,
    (_S.SCREENED, "ScreeningRecorded"): _S.SCREENED,
    (_S.NOT_REFERRED, "ScreeningRecorded"): _S.SCREENED,
    (_S.NOT_STARTED, "ScreeningRecorded"): _S.SCREENED,
    (_S.REFERRED, "ScreeningRecorded"): _S.REFERRED,
    (_S.ASSESSMENT, "ScreeningRecorded"): _S.ASSESSMENT,
    (_S.CARE, "ScreeningRecorded"): _S.CARE,
    (_S.RELAPSE_PREVENTION, "ScreeningRecorded"): _S.RELAPSE_PREVENTION,
    (_S.CARE_INTERRUPTED, "ScreeningRecorded"): _S.CARE_INTERRUPTED,
    (_S.RELAPSE_PREVENTION_INTERRUPTED, "ScreeningRecorded"): _S.RELAPSE_PREVENTION_INTERRUPTED,
    (_S.SCREENED, "PatientReferred"): _S.REFERRED,
    (_S.NOT_REFERRED, "PatientReferred"): _S.REFERRED,
    (_S.NOT_STARTED, "PatientReferred"): _S.REFERRED,
    (_S.SCREENED, "ReferralDeclined"): _S.NOT_REFERRED,
    (_S.REFERRED, "ReferralWithdrawn"): _S.NOT_STARTED,
    (_S.REFERRED, "ReferralNotStarted"): _S.NOT_STARTED,
    (_S.REFERRED, "ReferralAccepted"): _S.ASSESSMENT,
    (_S.ASSESSMENT, "ReferralNotStarted"): _S.NOT_STARTED,
    (_S.ASSESSMENT, "AssessmentRecorded"): _S.CARE,
    (_S.CARE, "PhaseChanged:relapse-prevention"): _S.RELAPSE_PREVENTION,
    (_S.RELAPSE_PREVENTION, "PhaseChanged:care"): _S.CARE,
    (_S.CARE, "PathwayInterrupted"): _S.CARE_INTERRUPTED,
    (_S.RELAPSE_PREVENTION, "PathwayInterrupted"): _S.RELAPSE_PREVENTION_INTERRUPTED,
    (_S.CARE_INTERRUPTED, "PathwayResumed"): _S.CARE,
    (_S.RELAPSE_PREVENTION_INTERRUPTED, "PathwayResumed"): _S.RELAPSE_PREVENTION,
    (_S.ASSESSMENT, "PathwayExited"): _S.EXITED,
    (_S.CARE, "PathwayExited"): _S.EXITED,
    (_S.RELAPSE_PREVENTION, "PathwayExited"): _S.EXITED,
    (_S.CARE_INTERRUPTED, "PathwayExited"): _S.EXITED,
    (_S.RELAPSE_PREVENTION_INTERRUPTED, "PathwayExited"): _S.EXITED,
}

TRANSITIONS: dict[tuple[State, str], State] = {
    **_MOVE,
    **{(state, "MergedInto"): _S.MERGED for state in OPEN - {_S.NEW}},
    **{(state, name): state for name, states in _STAY.items() for state in states},
}
"""The whole machine. A key's event name is ``event_name(payload)``."""

EVENT_NAMES: tuple[str, ...] = tuple(sorted({name for _, name in TRANSITIONS}))


def event_name(data: Payload) -> str:
    """Name of an event in the table: its kind, and for PhaseChanged the phase it leads to."""
    if isinstance(data, PhaseChanged):
        return f"PhaseChanged:{Phase(data.phase).value}"
    return type(data).__name__


def next_state(state: State, data: Payload) -> State | Reason:
    """Return where the event leads, or the coded reason why it is not allowed in this state."""
    name = event_name(data)
    target = TRANSITIONS.get((state, name))
    return Reason(ReasonCode.EVENT_NOT_ALLOWED, f"{state.value}/{name}") if target is None else target
