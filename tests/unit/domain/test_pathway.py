"""The state machine and the fold: every (state, event) pair, then whole stories."""

from dataclasses import replace
from datetime import date

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.guards import refusals
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.pathway import Pathway, ReferralStatus
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.domain.transitions import EVENT_NAMES, TRANSITIONS, State, event_name, next_state
from tests.support.story import (
    AGREED,
    BINDING,
    COORDINATOR,
    GP,
    NURSE,
    PATHWAY,
    TRAITS,
    answered,
    eligible,
    referred,
    screened,
    story,
)

IDENTIFIED = ev.PatientIdentified(TRAITS, BINDING)
POLICY = PathwayPolicy()
R1 = referred().referral_id
SEQUENCE_1 = ev.SequenceStarted(1, date(2026, 3, 10), date(2026, 6, 10))
SEQUENCE_1_END = ev.SequenceFinished(1, date(2026, 6, 10))

EXAMPLES: dict[str, ev.Payload] = {
    event_name(data): data
    for data in (
        IDENTIFIED,
        screened(),
        ev.ScreeningCorrected(screened().screening_id, InstrumentId.PHQ_2, "1.0.0", {}, 0, safety_flag=False),
        ev.SafetyAcknowledged(screened().screening_id, ev.SafetyAction.SAFETY_PLAN),
        AGREED,
        eligible(),
        referred(),
        ev.ReferralDeclined(ev.DeclineReason.PATIENT_REFUSED),
        ev.ReferralWithdrawn(R1, ev.WithdrawReason.ENTERED_IN_ERROR),
        ev.CallAttempted(),
        ev.ReferralAccepted(R1),
        ev.ReferralNotStarted(R1, ev.ReferralEnd.UNREACHABLE),
        ev.AssessmentRecorded(),
        ev.ContactHeld("c1", ev.ContactMode.PHONE, 20),
        ev.ContactMissed("c2"),
        ev.CaseReviewed("r1"),
        ev.RecommendationDecided("r1", ev.RecommendationFate.ACCEPTED),
        ev.PhaseChanged(ev.Phase.CARE),
        ev.PhaseChanged(ev.Phase.RELAPSE_PREVENTION),
        SEQUENCE_1,
        SEQUENCE_1_END,
        ev.SequenceBilled(1, "claim-1"),
        ev.PathwayInterrupted(),
        ev.PathwayResumed(),
        ev.PathwayExited(ev.ExitReason.REMISSION),
    )
}

# What each state accepts, in words; everything else is refused. S: stays.
ALWAYS = "ScreeningCorrected SafetyAcknowledged ConsentRecorded"
CARE_WORK = "PatientIdentified ContactHeld ContactMissed CaseReviewed RecommendationDecided"
SEQUENCES = "SequenceStarted SequenceFinished SequenceBilled"
ACCEPTED: dict[State, dict[str, str]] = {
    State.NEW: {"new": "PatientIdentified", "screened": "ScreeningRecorded"},
    State.SCREENED: {
        "screened": f"{ALWAYS} PatientIdentified ScreeningRecorded EligibilityChecked",
        "referred": "PatientReferred",
        "not-referred": "ReferralDeclined",
    },
    State.NOT_REFERRED: {
        "not-referred": f"{ALWAYS} PatientIdentified EligibilityChecked",
        "screened": "ScreeningRecorded",
        "referred": "PatientReferred",
    },
    State.REFERRED: {
        "referred": f"{ALWAYS} PatientIdentified ScreeningRecorded EligibilityChecked CallAttempted",
        "assessment": "ReferralAccepted",
        "not-started": "ReferralWithdrawn ReferralNotStarted",
    },
    State.NOT_STARTED: {
        "not-started": f"{ALWAYS} PatientIdentified EligibilityChecked",
        "screened": "ScreeningRecorded",
        "referred": "PatientReferred",
    },
    State.ASSESSMENT: {
        "assessment": f"{ALWAYS} {CARE_WORK} ScreeningRecorded",
        "care": "AssessmentRecorded",
        "not-started": "ReferralNotStarted",
        "exited": "PathwayExited",
    },
    State.CARE: {
        "care": f"{ALWAYS} {CARE_WORK} {SEQUENCES} ScreeningRecorded",
        "relapse-prevention": "PhaseChanged:relapse-prevention",
        "care-interrupted": "PathwayInterrupted",
        "exited": "PathwayExited",
    },
    State.RELAPSE_PREVENTION: {
        "relapse-prevention": f"{ALWAYS} {CARE_WORK} {SEQUENCES} ScreeningRecorded",
        "care": "PhaseChanged:care",
        "relapse-prevention-interrupted": "PathwayInterrupted",
        "exited": "PathwayExited",
    },
    State.CARE_INTERRUPTED: {
        "care-interrupted": f"{ALWAYS} PatientIdentified ScreeningRecorded RecommendationDecided SequenceFinished "
        "SequenceBilled",
        "care": "PathwayResumed",
        "exited": "PathwayExited",
    },
    State.RELAPSE_PREVENTION_INTERRUPTED: {
        "relapse-prevention-interrupted": f"{ALWAYS} PatientIdentified ScreeningRecorded RecommendationDecided "
        "SequenceFinished SequenceBilled",
        "relapse-prevention": "PathwayResumed",
        "exited": "PathwayExited",
    },
    State.EXITED: {"exited": f"{ALWAYS} SequenceFinished SequenceBilled"},
}


def test_the_examples_are_every_event_of_the_table() -> None:
    assert sorted(EXAMPLES) == sorted(EVENT_NAMES)
    assert {type(data).__name__ for data in EXAMPLES.values()} == set(ev.PAYLOADS)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("name", EVENT_NAMES)
def test_every_pair_of_state_and_event_is_allowed_or_refused_as_written_above(state: State, name: str) -> None:
    expected = next((target for target, names in ACCEPTED[state].items() if name in names.split()), None)
    found = next_state(state, EXAMPLES[name])
    if expected is None:
        assert found == Reason(ReasonCode.EVENT_NOT_ALLOWED, f"{state.value}/{name}")
    else:
        assert found == State(expected)


def test_every_state_can_be_reached_and_only_exit_is_final() -> None:
    reached = {State.NEW} | {target for (source, _), target in TRANSITIONS.items() if target is not source}
    assert reached == set(State)
    leaving = {source for (source, _), target in TRANSITIONS.items() if target is not source}
    assert set(State) - leaving == {State.EXITED}


WHOLE_YEAR = story(
    IDENTIFIED,
    screened("33"),
    eligible(),
    AGREED,
    referred(),
    ev.CallAttempted(),
    ev.ReferralAccepted(R1),
    ev.AssessmentRecorded(),
    SEQUENCE_1,
    ev.ContactHeld("c1", ev.ContactMode.ON_SITE, 45),
    ev.CaseReviewed("r1", "increase"),
    ev.RecommendationDecided("r1", ev.RecommendationFate.ADAPTED),
    SEQUENCE_1_END,
    ev.SequenceBilled(1, "claim-1"),
    ev.SequenceStarted(2, date(2026, 6, 10), date(2026, 9, 10)),
    ev.PhaseChanged(ev.Phase.RELAPSE_PREVENTION),
    ev.PathwayInterrupted("hospital"),
    ev.PathwayResumed(),
    ev.PathwayExited(ev.ExitReason.REMISSION),
    ev.SequenceFinished(2, date(2026, 8, 1), interrupted=True),
)


def test_a_whole_pathway_from_screening_to_exit() -> None:
    pathway = fold(PATHWAY, WHOLE_YEAR)
    assert pathway.state is State.EXITED
    assert pathway.version == len(WHOLE_YEAR)
    assert pathway.exit_reason is ev.ExitReason.REMISSION
    assert [(s.rank, s.claim_id, s.interrupted) for s in pathway.sequences] == [(1, "claim-1", False), (2, None, True)]
    assert pathway.referral is not None
    assert pathway.referral.status == ReferralStatus.ACCEPTED
    assert [state.value for state, _ in pathway.state_since] == [
        "new",
        "screened",
        "referred",
        "assessment",
        "care",
        "relapse-prevention",
        "relapse-prevention-interrupted",
        "relapse-prevention",
        "exited",
    ]


def test_folding_a_foreign_list_of_events_is_refused() -> None:
    with pytest.raises(Refused):
        fold(PATHWAY, story(IDENTIFIED, ev.AssessmentRecorded()))


def at(*payloads: ev.Payload) -> Pathway:
    return fold(PATHWAY, story(IDENTIFIED, *payloads))


SUICIDAL = screened("330000001", InstrumentId.PHQ_9, n=9)
ACKNOWLEDGED = ev.SafetyAcknowledged(SUICIDAL.screening_id, ev.SafetyAction.SAFETY_PLAN)
BELOW = eligible(ReasonCode.BELOW_THRESHOLD, total=1)
IN_CARE = (screened(), eligible(), AGREED, referred(), ev.ReferralAccepted(R1), ev.AssessmentRecorded())
OVERRIDE = replace(referred(), overridden=(ReasonCode.BELOW_THRESHOLD,), override_reason="Deuil récent")

# what has happened | what is asked | by whom | reasons against it
GUARDS = [
    ((screened(), eligible(), AGREED), referred(), GP, []),
    ((screened(), eligible(), AGREED), referred(), COORDINATOR, ["clinician-required"]),
    ((screened(), eligible()), referred(), GP, ["patient-not-informed"]),
    (
        (screened(), eligible(), replace(AGREED, status=ev.ConsentStatus.REFUSED)),
        referred(),
        GP,
        ["patient-refused"],
    ),
    ((screened(), AGREED), referred(), GP, ["eligibility-not-checked"]),
    ((screened("10"), eligible(), AGREED), referred(), GP, ["eligibility-not-checked"]),
    ((screened("10"), BELOW, AGREED), referred(), GP, ["override-reason-required"]),
    ((screened("10"), BELOW, AGREED), replace(OVERRIDE, override_reason="  "), GP, ["override-reason-required"]),
    ((screened("10"), BELOW, AGREED), OVERRIDE, GP, []),
    ((screened(), eligible(ReasonCode.MINOR), AGREED), OVERRIDE, GP, ["override-not-allowed"]),
    ((screened(), SUICIDAL, eligible(), AGREED), referred(), GP, ["safety-not-acknowledged"]),
    ((screened(), SUICIDAL, ACKNOWLEDGED, eligible(), AGREED), referred(), GP, []),
    ((screened(),), referred(n=2), GP, ["patient-not-informed", "eligibility-not-checked"]),
    ((screened(), SUICIDAL), ACKNOWLEDGED, NURSE, []),
    ((screened(), SUICIDAL), ACKNOWLEDGED, COORDINATOR, ["clinician-required"]),
    ((screened(), SUICIDAL, ACKNOWLEDGED), ACKNOWLEDGED, GP, ["safety-nothing-to-acknowledge"]),
    ((screened(),), ACKNOWLEDGED, GP, ["no-such-screening"]),
    ((screened(),), ev.ReferralWithdrawn(R1, ev.WithdrawReason.OTHER), GP, ["event-not-allowed"]),
    (IN_CARE, SEQUENCE_1, NURSE, []),
    (IN_CARE, replace(SEQUENCE_1, rank=2), NURSE, ["sequence-rank-out-of-order"]),
    (IN_CARE, replace(SEQUENCE_1, rank=5), NURSE, ["maximum-sequences-reached"]),
    ((*IN_CARE, SEQUENCE_1), replace(SEQUENCE_1, rank=2), NURSE, ["sequence-already-open"]),
    (
        (*IN_CARE, SEQUENCE_1, SEQUENCE_1_END),
        replace(SEQUENCE_1, rank=2, start=date(2026, 6, 9)),
        NURSE,
        ["sequence-rank-out-of-order"],
    ),
    ((*IN_CARE, SEQUENCE_1), ev.SequenceBilled(1, "c"), NURSE, ["sequence-not-finished"]),
    ((*IN_CARE, SEQUENCE_1), replace(SEQUENCE_1_END, rank=2), NURSE, ["no-open-sequence"]),
    (
        (*IN_CARE, SEQUENCE_1, SEQUENCE_1_END, ev.SequenceBilled(1, "c")),
        ev.SequenceBilled(1, "d"),
        NURSE,
        ["sequence-already-billed"],
    ),
]


@pytest.mark.parametrize(("done", "asked", "actor", "reasons"), GUARDS)
def test_guards(done: tuple[ev.Payload, ...], asked: ev.Payload, actor: Actor, reasons: list[str]) -> None:
    assert [reason.code.value for reason in refusals(at(*done), asked, actor, POLICY)] == reasons


def correction(*, flag: bool) -> ev.ScreeningCorrected:
    answers = answered(InstrumentId.PHQ_9, "120000001" if flag else "120000000")
    return ev.ScreeningCorrected(SUICIDAL.screening_id, InstrumentId.PHQ_9, "1.0.0", answers, 3, safety_flag=flag)


@pytest.mark.parametrize(
    ("done", "needs"),
    [
        ((SUICIDAL,), True),
        ((SUICIDAL, ACKNOWLEDGED), False),
        ((SUICIDAL, ACKNOWLEDGED, correction(flag=True)), False),
        ((SUICIDAL, correction(flag=False)), False),
        ((SUICIDAL, ACKNOWLEDGED, correction(flag=False), correction(flag=True)), True),
    ],
)
def test_a_correction_keeps_an_acknowledgement_only_while_the_flag_stands(
    done: tuple[ev.Payload, ...], *, needs: bool
) -> None:
    pathway = at(*done)
    assert bool(pathway.unacknowledged) is needs
    assert pathway.screenings[0].amended is any(isinstance(d, ev.ScreeningCorrected) for d in done)


def test_a_correction_names_a_screening_of_this_pathway_and_of_the_same_instrument() -> None:
    wrong = ev.ScreeningCorrected(screened().screening_id, InstrumentId.GAD_7, "1.0.0", {}, 3, safety_flag=False)
    assert refusals(at(screened()), wrong, GP, POLICY)[0].code is ReasonCode.NO_SUCH_SCREENING
