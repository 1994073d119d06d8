"""The state machine: every (state, event) pair as written in words, then one whole pathway."""

from dataclasses import replace

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.evolution import evolve, fold
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import ReferralStatus
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.transitions import EVENT_NAMES, TRANSITIONS, State, event_name, next_state
from tests.specification.care import PLAN, RELAPSE_PLAN
from tests.specification.claim_situations import ACCEPTED_BY_PAYER, COVERED, KEPT_AS_IT_IS, PAID, TAKEN_BACK
from tests.specification.contacts import CANCELLED, CORRECTED, HELD, MISSED, MOVED, PLANNED
from tests.specification.course import BACK_TO_CARE, OTHER_PATHWAY, TRANSFER
from tests.specification.model import moment
from tests.specification.review import ACCEPT, REVIEW
from tests.specification.screening import ISI
from tests.specification.sequences import AGAIN, BILLED, FIRST, YEAR
from tests.specification.situations import (
    IDENTIFIED,
    R1,
    RELAPSE_PREVENTION,
    REMISSION,
    SUSPENDED,
    TEAM,
    finished,
)
from tests.support.story import AGREED, NURSE, PATHWAY, SITE, eligible, event, referred, screened, story

CORRECTION = ev.ScreeningCorrected(screened().screening_id, InstrumentId.PHQ_2, "1.0.0", {}, 0, safety_flag=False)
EXAMPLES: dict[str, ev.Payload] = {
    event_name(data): data
    for data in (
        IDENTIFIED,
        screened(),
        CORRECTION,
        ev.SafetyAcknowledged(screened().screening_id, ev.SafetyAction.SAFETY_PLAN),
        ISI,
        AGREED,
        eligible(),
        referred(),
        ev.ReferralDeclined(ev.DeclineReason.PATIENT_REFUSED),
        ev.ReferralWithdrawn(R1, ev.WithdrawReason.ENTERED_IN_ERROR),
        ev.CallAttempted(),
        ev.ReferralAccepted(R1),
        ev.ReferralNotStarted(R1, ev.ReferralEnd.UNREACHABLE),
        ev.AssessmentRecorded(),
        TEAM,
        PLAN,
        RELAPSE_PLAN,
        PLANNED,
        MOVED,
        CANCELLED,
        HELD,
        CORRECTED,
        MISSED,
        ev.MessageSent("m1", "Bonjour"),
        ev.MessageRead("m1"),
        ev.MarkedForReview(),
        ev.ReviewMarkRemoved(),
        REVIEW,
        ACCEPT,
        BACK_TO_CARE,
        RELAPSE_PREVENTION,
        FIRST,
        ev.SequenceExtended(1, FIRST.planned_end),
        AGAIN,
        finished(1, "2026-06-09"),
        COVERED,
        BILLED,
        ACCEPTED_BY_PAYER,
        PAID,
        TAKEN_BACK,
        KEPT_AS_IT_IS,
        SUSPENDED,
        ev.PathwayResumed(),
        TRANSFER,
        ev.RecordsMerged(OTHER_PATHWAY),
        ev.MergedInto(OTHER_PATHWAY),
        REMISSION,
        ev.SurveyAnswered(8),
        ev.ElementsKept("Appointment/c1", "{}"),
    )
}

# What each state accepts, in words; everything else is refused. The key of an inner table is the state it leads to.
ALWAYS = "ScreeningCorrected SafetyAcknowledged ConsentRecorded CoverageRecorded ElementsKept PatientIdentified"
OPEN = f"{ALWAYS} RecordsMerged"
MESSAGES = "MessageSent MessageRead"
REVIEWS = "MarkedForReview ReviewMarkRemoved CaseReviewed RecommendationDecided"
FOLLOWED = (
    f"{OPEN} {MESSAGES} {REVIEWS} ScreeningRecorded TotalRecorded CareTeamChanged ContactMoved ContactCancelled "
    "ContactCorrected PathwayTransferred"
)
LATE_CONTACTS = "ContactHeld ContactMissed"
CONTACTS = f"{LATE_CONTACTS} ContactPlanned"
CLAIMS = "SequenceBilled ClaimAnswered ClaimPaid ClaimCancelled ClaimConfirmed"
SEQUENCES = f"SequenceExtended RenewalDecided SequenceFinished {CLAIMS}"
IN_CARE = f"{FOLLOWED} {CONTACTS} {SEQUENCES} SequenceStarted PlanRecorded RelapsePlanWritten"
ACCEPTED: dict[State, dict[str, str]] = {
    State.NEW: {"new": "PatientIdentified", "screened": "ScreeningRecorded"},
    State.SCREENED: {
        "screened": f"{OPEN} ScreeningRecorded EligibilityChecked",
        "referred": "PatientReferred",
        "not-referred": "ReferralDeclined",
        "merged": "MergedInto",
    },
    State.NOT_REFERRED: {
        "not-referred": f"{OPEN} EligibilityChecked",
        "screened": "ScreeningRecorded",
        "referred": "PatientReferred",
        "merged": "MergedInto",
    },
    State.REFERRED: {
        "referred": f"{OPEN} {MESSAGES} ScreeningRecorded EligibilityChecked CallAttempted PathwayTransferred",
        "assessment": "ReferralAccepted",
        "not-started": "ReferralWithdrawn ReferralNotStarted",
        "merged": "MergedInto",
    },
    State.NOT_STARTED: {
        "not-started": f"{OPEN} {MESSAGES} EligibilityChecked",
        "screened": "ScreeningRecorded",
        "referred": "PatientReferred",
        "merged": "MergedInto",
    },
    State.ASSESSMENT: {
        "assessment": f"{FOLLOWED} {CONTACTS} CallAttempted",
        "care": "AssessmentRecorded",
        "not-started": "ReferralNotStarted",
        "exited": "PathwayExited",
        "merged": "MergedInto",
    },
    State.CARE: {
        "care": IN_CARE,
        "relapse-prevention": "PhaseChanged:relapse-prevention",
        "care-interrupted": "PathwayInterrupted",
        "exited": "PathwayExited",
        "merged": "MergedInto",
    },
    State.RELAPSE_PREVENTION: {
        "relapse-prevention": IN_CARE,
        "care": "PhaseChanged:care",
        "relapse-prevention-interrupted": "PathwayInterrupted",
        "exited": "PathwayExited",
        "merged": "MergedInto",
    },
    State.CARE_INTERRUPTED: {
        "care-interrupted": f"{FOLLOWED} {LATE_CONTACTS} {SEQUENCES}",
        "care": "PathwayResumed",
        "exited": "PathwayExited",
        "merged": "MergedInto",
    },
    State.RELAPSE_PREVENTION_INTERRUPTED: {
        "relapse-prevention-interrupted": f"{FOLLOWED} {LATE_CONTACTS} {SEQUENCES}",
        "relapse-prevention": "PathwayResumed",
        "exited": "PathwayExited",
        "merged": "MergedInto",
    },
    State.EXITED: {
        "exited": f"{ALWAYS} {MESSAGES} {LATE_CONTACTS} {CLAIMS} ContactCorrected RecommendationDecided SurveyAnswered",
    },
    State.MERGED: {"merged": f"{CLAIMS} CoverageRecorded"},
}


def test_the_examples_are_every_event_of_the_table() -> None:
    assert sorted(EXAMPLES) == sorted(EVENT_NAMES)
    assert {type(data).__name__ for data in EXAMPLES.values()} == set(ev.PAYLOADS)
    assert set(ACCEPTED) == set(State)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", EVENT_NAMES)
def test_every_pair_of_state_and_event_is_allowed_or_refused_as_written_above(state: State, name: str) -> None:
    wanted = next((target for target, names in ACCEPTED[state].items() if name in names.split()), None)
    found = next_state(state, EXAMPLES[name])
    if wanted is None:
        assert found == Reason(ReasonCode.EVENT_NOT_ALLOWED, f"{state.value}/{name}")
    else:
        assert found == State(wanted)


def test_every_state_can_be_reached_and_only_exit_and_merge_are_final() -> None:
    moves = {(source, target) for (source, _), target in TRANSITIONS.items() if target is not source}
    assert {State.NEW} | {target for _, target in moves} == set(State)
    assert set(State) - {source for source, _ in moves} == {State.EXITED, State.MERGED}


def test_folding_a_foreign_list_of_events_is_refused() -> None:
    with pytest.raises(Refused):
        fold(PATHWAY, story(IDENTIFIED, ev.AssessmentRecorded()))


def test_a_whole_year_from_screening_to_exit() -> None:
    pathway = YEAR.pathway
    for day, data in (
        ("2027-03-10", RELAPSE_PREVENTION),
        ("2027-03-12", SUSPENDED),
        ("2027-03-20", ev.PathwayResumed()),
    ):
        pathway = evolve(pathway, event(pathway.version + 1, data, NURSE, occurred_at=moment(day)))
    pathway = evolve(pathway, event(pathway.version + 1, REMISSION, NURSE, occurred_at=moment("2027-04-01")))
    assert pathway.exit is not None
    assert pathway.exit.reason is ev.ExitReason.REMISSION
    assert pathway.referral is not None
    assert pathway.referral.status == ReferralStatus.ACCEPTED
    assert [(s.rank, s.end == s.planned_end) for s in pathway.sequences] == [(n, True) for n in (1, 2, 3, 4)]
    assert [state for state, _ in pathway.state_since] == [
        State.NEW,
        State.SCREENED,
        State.REFERRED,
        State.ASSESSMENT,
        State.CARE,
        State.RELAPSE_PREVENTION,
        State.RELAPSE_PREVENTION_INTERRUPTED,
        State.RELAPSE_PREVENTION,
        State.EXITED,
    ]
    assert pathway.site == SITE


def test_a_state_never_begins_before_the_one_that_it_follows() -> None:
    """Two servers' clocks may differ by minutes; the published history of states has no negative period."""
    opened = fold(PATHWAY, story(IDENTIFIED))
    early = replace(event(2, screened()), occurred_at=event(1, IDENTIFIED).occurred_at.replace(year=2025))
    (_, first), (state, second) = evolve(opened, early).state_since
    assert (state, second) == (State.SCREENED, first)
