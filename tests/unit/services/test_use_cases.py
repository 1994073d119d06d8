"""The first slice of use cases over a real store: a story per test, told in the GP's terms."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from mappings.projector import PathwayProjector
from sesame_fhir.domain.events import ConsentStatus, DeclineReason, SafetyAction, WithdrawReason
from sesame_fhir.domain.ids import CommandId, ReferralId, ScreeningId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway, ReferralStatus
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.domain.transitions import State
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services import referral, screening
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.errors import Conflict, NotFound
from sesame_fhir.services.ports import PathwayStore
from sesame_fhir.services.referral import Criteria, ReferralRequest
from sesame_fhir.services.screening import PatientContext, RecordScreening
from sesame_fhir.storage import Store, open_store
from tests.support.databases import VAULT_KEY, migrated
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import BINDING, GP, PATHWAY, SITE, START, TRAITS, answered

PATIENT = PatientContext(TRAITS, BINDING)
FINE = Criteria(psychiatric_follow_up=False, masters_french=True, common_mental_disorder=True)
GIVEN = ConsentStatus.GIVEN


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    migrated(tmp_path / "sesame.db")
    opened = open_store(f"sqlite:///{tmp_path / 'sesame.db'}", VAULT_KEY)
    yield opened
    opened.close()


@pytest.fixture
def engine(store: Store) -> Engine:
    return Engine(store.pathways, PathwayProjector(index), store.audit, HandClock(), CountingIds(), PathwayPolicy())


@pytest.fixture
def command() -> Callable[..., Command]:
    ids = CountingIds()

    def make(expected_version: int | None = None) -> Command:
        return Command(CommandId(ids.new()), GP, SITE, START, expected_version)

    return make


def phq2(weights: str, n: int = 1) -> RecordScreening:
    instrument = InstrumentId.PHQ_2 if len(weights) == 2 else InstrumentId.PHQ_9
    return RecordScreening(ScreeningId(f"screening-{n}"), instrument, answered(instrument, weights))


Make = Callable[..., Command]


def screen(engine: Engine, command: Make, weights: str = "33", n: int = 1) -> Pathway:
    return screening.record_screening(engine, command(), PATIENT, phq2(weights, n))


def refer(engine: Engine, command: Make, pathway: Pathway, reason: str | None = None) -> Pathway:
    return referral.refer(engine, command(), pathway.pathway_id, ReferralRequest(ReferralId("r-1"), reason))


def test_a_positive_screen_is_referred(engine: Engine, command: Make, store: Store) -> None:
    pathway = screen(engine, command)
    assert pathway.state is State.SCREENED
    assert (pathway.screenings[0].total, pathway.traits) == (6, TRAITS)
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, FINE, GIVEN)
    after = refer(engine, command, pathway)
    assert after.state is State.REFERRED
    assert engine.load(pathway.pathway_id) == after
    row = store.pathways.caseload_row(pathway.pathway_id)
    assert row is not None
    assert (row.state, row.last_phq2, row.family) == (State.REFERRED, 6, TRAITS.family)


def test_the_same_patient_is_found_again_by_ins_or_by_record(engine: Engine, command: Make) -> None:
    pathway = screen(engine, command)
    assert screening.find_pathway(engine, PATIENT) == pathway
    other_record = PatientContext(TRAITS, replace(BINDING, patient="Patient/other"))
    without_ins = PatientContext(replace(TRAITS, ins=None), BINDING)
    stranger = PatientContext(replace(TRAITS, ins=None), replace(BINDING, patient="Patient/other"))
    assert screening.find_pathway(engine, other_record) == pathway
    assert screening.find_pathway(engine, without_ins) == pathway
    assert screening.find_pathway(engine, stranger) is None
    assert screen(engine, command, "10", n=2).pathway_id == pathway.pathway_id


def test_a_command_sent_twice_acts_once(engine: Engine, command: Make) -> None:
    once = command()
    first = screening.record_screening(engine, once, PATIENT, phq2("33"))
    second = screening.record_screening(engine, once, PATIENT, phq2("33"))
    assert second == first
    assert len(second.screenings) == 1


class _Overtaken:
    """The pathways as a worker sees them whose command another worker finishes just before ``step``."""

    def __init__(self, pathways: PathwayStore, step: str, overtake: Callable[[], object]) -> None:
        self._pathways = pathways
        self._step = step
        self._overtake = [overtake]

    def __getattr__(self, name: str) -> Any:
        if name == self._step and self._overtake:
            self._overtake.pop()()
        return getattr(self._pathways, name)


@pytest.mark.parametrize("step", ["find_open", "history", "commit"])
@pytest.mark.parametrize("opened", [False, True])
def test_a_command_sent_twice_at_once_acts_once(engine: Engine, command: Make, step: str, *, opened: bool) -> None:
    """A double click reaches two workers: the second answer, the one that is shown, is the first one's."""
    seen = screen(engine, command).version if opened else None
    once = command(seen)

    def overtake() -> Pathway:
        return screening.record_screening(engine, once, PATIENT, phq2("33", 2))

    racing = replace(engine, pathways=cast("PathwayStore", _Overtaken(engine.pathways, step, overtake)))
    after = screening.record_screening(racing, once, PATIENT, phq2("33", 3))
    assert [s.screening_id for s in after.screenings] == [*(["screening-1"] if opened else []), "screening-2"]
    assert screening.find_pathway(engine, PATIENT) == after


def test_an_acknowledgement_sent_twice_at_once_is_no_refusal(engine: Engine, command: Make) -> None:
    pathway = screen(engine, command, "333333331")
    once, flagged = command(), ScreeningId("screening-1")

    def overtake() -> Pathway:
        return screening.acknowledge_safety(engine, once, pathway.pathway_id, flagged, SafetyAction.SAFETY_PLAN)

    racing = replace(engine, pathways=cast("PathwayStore", _Overtaken(engine.pathways, "history", overtake)))
    after = screening.acknowledge_safety(racing, once, pathway.pathway_id, flagged, SafetyAction.SAFETY_PLAN)
    assert not after.unacknowledged


def test_the_second_of_two_people_gets_a_conflict_with_what_changed(engine: Engine, command: Make) -> None:
    pathway = screen(engine, command)
    referral.confirm_eligibility(engine, command(pathway.version), pathway.pathway_id, FINE, GIVEN)
    with pytest.raises(Conflict) as conflict:
        referral.decline(engine, command(pathway.version), pathway.pathway_id, DeclineReason.LATER)
    assert [event.kind for event in conflict.value.changes] == ["EligibilityChecked", "ConsentRecorded"]
    assert engine.load(pathway.pathway_id).state is State.SCREENED


# weights | birth date | criteria | consent | override | reasons (none: referred)
REFERRALS = [
    ("33", TRAITS.birth_date, FINE, GIVEN, None, []),
    ("11", TRAITS.birth_date, FINE, GIVEN, None, ["override-reason-required"]),
    ("11", TRAITS.birth_date, FINE, GIVEN, "Deuil récent, retrait", []),
    ("33", date(2010, 1, 1), FINE, GIVEN, "Demande des parents", ["override-not-allowed"]),
    ("33", None, FINE, GIVEN, None, ["override-not-allowed"]),
    ("33", TRAITS.birth_date, replace(FINE, psychiatric_follow_up=True), GIVEN, "x", ["override-not-allowed"]),
    ("33", TRAITS.birth_date, replace(FINE, masters_french=None), GIVEN, None, ["override-reason-required"]),
    ("33", TRAITS.birth_date, FINE, ConsentStatus.REFUSED, None, ["patient-refused"]),
]


@pytest.mark.parametrize(("weights", "born", "criteria", "consent", "override", "reasons"), REFERRALS)
def test_who_may_be_referred(
    engine: Engine,
    command: Make,
    weights: str,
    born: date | None,
    criteria: Criteria,
    consent: ConsentStatus,
    override: str | None,
    reasons: list[str],
) -> None:
    patient = PatientContext(replace(TRAITS, birth_date=born), BINDING)
    pathway = screening.record_screening(engine, command(), patient, phq2(weights))
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, criteria, consent)
    if not reasons:
        after = refer(engine, command, pathway, override)
        assert after.state is State.REFERRED
        assert after.referral is not None
        assert after.referral.override_reason == override
        return
    with pytest.raises(Refused) as refused:
        refer(engine, command, pathway, override)
    assert [reason.code.value for reason in refused.value.reasons] == reasons
    assert engine.load(pathway.pathway_id).state is State.SCREENED


def test_an_override_reason_given_without_need_is_not_an_override(engine: Engine, command: Make) -> None:
    pathway = screen(engine, command)
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, FINE, GIVEN)
    after = refer(engine, command, pathway, "par prudence")
    assert after.referral is not None
    assert (after.referral.overridden, after.referral.override_reason) == ((), None)


def test_the_day_at_the_practice_decides_the_age(engine: Engine, command: Make) -> None:
    """Born 3 March 2008: a minor until midnight in Paris, 23:00 UTC on 2 March 2026."""
    patient = PatientContext(replace(TRAITS, birth_date=date(2008, 3, 3)), BINDING)
    pathway = screening.record_screening(engine, command(), patient, phq2("33"))
    before = replace(command(), occurred_at=START.replace(hour=22, minute=59))
    after = replace(command(), occurred_at=START.replace(hour=23, minute=0))
    assert [r.code for r in referral.decide_eligibility(engine, before, pathway, FINE).reasons] == [ReasonCode.MINOR]
    assert referral.decide_eligibility(engine, after, pathway, FINE).eligible


def test_a_flag_blocks_the_referral_until_a_clinician_acknowledges_it(engine: Engine, command: Make) -> None:
    screen(engine, command)
    pathway = screen(engine, command, "333333331", n=2)
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, FINE, GIVEN)
    with pytest.raises(Refused) as refused:
        refer(engine, command, pathway)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.SAFETY_NOT_ACKNOWLEDGED]
    screening.acknowledge_safety(
        engine, command(), pathway.pathway_id, ScreeningId("screening-2"), SafetyAction.SAFETY_PLAN
    )
    assert refer(engine, command, pathway).state is State.REFERRED


@pytest.mark.parametrize(
    ("answers", "codes"),
    [
        ({}, ["incomplete-answers", "incomplete-answers"]),
        ({"44250-9": "LA6568-5"}, ["incomplete-answers"]),
        ({"44250-9": "LA6568-5", "44255-8": "nope"}, ["unknown-answer"]),
        ({"44250-9": "LA6568-5", "44255-8": "LA6568-5", "69725-0": "LA6568-5"}, ["unknown-item"]),
    ],
)
def test_answers_that_cannot_be_recorded(
    engine: Engine, command: Make, answers: dict[str, str], codes: list[str]
) -> None:
    wrong = RecordScreening(ScreeningId("s"), InstrumentId.PHQ_2, answers)
    with pytest.raises(Refused) as refused:
        screening.record_screening(engine, command(), PATIENT, wrong)
    assert [reason.code.value for reason in refused.value.reasons] == codes
    assert screening.find_pathway(engine, PATIENT) is None


def test_a_correction_replaces_the_answers_and_is_marked(engine: Engine, command: Make, store: Store) -> None:
    pathway = screen(engine, command, "33")
    after = screening.correct_screening(engine, command(), pathway.pathway_id, phq2("10"))
    assert [(s.total, s.amended) for s in after.screenings] == [(1, True)]
    published = store.resources.read("QuestionnaireResponse", "screening-1")
    assert published is not None
    assert published.body is not None
    assert (published.version, b'"amended"' in published.body) == (2, True)
    with pytest.raises(Refused):
        screening.correct_screening(engine, command(), pathway.pathway_id, phq2("10", n=7))


def test_a_referral_is_withdrawn_and_can_be_made_again(engine: Engine, command: Make) -> None:
    pathway = screen(engine, command)
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, FINE, GIVEN)
    refer(engine, command, pathway)
    after = referral.withdraw(engine, command(), pathway.pathway_id, WithdrawReason.ENTERED_IN_ERROR)
    assert after.referral is not None
    assert (after.state, after.referral.status) == (State.NOT_STARTED, ReferralStatus.WITHDRAWN)
    assert refer(engine, command, pathway).state is State.REFERRED


def test_a_patient_who_changed_their_mind_is_asked_again(engine: Engine, command: Make) -> None:
    pathway = screen(engine, command)
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, FINE, GIVEN)
    refer(engine, command, pathway)
    referral.withdraw(engine, command(), pathway.pathway_id, WithdrawReason.PATIENT_CHANGED_MIND)
    with pytest.raises(Refused) as refused:
        refer(engine, command, pathway)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.PATIENT_REFUSED]
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, FINE, GIVEN)
    assert refer(engine, command, pathway).state is State.REFERRED


def test_a_referral_stands_on_the_depression_screen_and_not_on_what_came_after(engine: Engine, command: Make) -> None:
    pathway = screen(engine, command)
    anxiety = RecordScreening(ScreeningId("gad"), InstrumentId.GAD_7, answered(InstrumentId.GAD_7, "1111000"))
    screening.record_screening(engine, command(), PATIENT, anxiety)
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, FINE, GIVEN)
    after = refer(engine, command, pathway)
    assert after.referral is not None
    assert after.referral.screening_id == "screening-1"


def test_a_first_screening_from_two_tabs_is_a_conflict_and_not_two_screenings(engine: Engine, command: Make) -> None:
    screening.record_screening(engine, command(0), PATIENT, phq2("33"))
    with pytest.raises(Conflict) as conflict:
        screening.record_screening(engine, command(0), PATIENT, phq2("22", n=2))
    assert [event.kind for event in conflict.value.changes] == ["PatientIdentified", "ScreeningRecorded"]


# weights of the screening after eligibility was confirmed on a PHQ-2 of 6 | a correction of it | may be referred
AFTER_THE_CHECK = [("00", True, False), ("11", False, False), ("33", True, True), ("333333330", False, True)]


@pytest.mark.parametrize(("weights", "corrects", "allowed"), AFTER_THE_CHECK)
def test_eligibility_holds_only_for_the_screen_it_was_checked_on(
    engine: Engine, command: Make, weights: str, *, corrects: bool, allowed: bool
) -> None:
    pathway = screen(engine, command)
    referral.confirm_eligibility(engine, command(), pathway.pathway_id, FINE, GIVEN)
    if corrects:
        screening.correct_screening(engine, command(), pathway.pathway_id, phq2(weights))
    else:
        screen(engine, command, weights, n=2)
    if allowed:
        assert refer(engine, command, pathway).state is State.REFERRED
        return
    with pytest.raises(Refused) as refused:
        refer(engine, command, pathway)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.ELIGIBILITY_NOT_CHECKED]


# item 9 before | after the correction | the acknowledgement of the first answer stands
CORRECTED_FLAGS = [("1", "1", True), ("1", "3", False), ("3", "1", False)]


@pytest.mark.parametrize(("first", "then", "stands"), CORRECTED_FLAGS)
def test_another_answer_to_item_9_asks_for_another_acknowledgement(
    engine: Engine, command: Make, first: str, then: str, *, stands: bool
) -> None:
    pathway = screen(engine, command, "11111111" + first)
    flagged = pathway.screenings[0].screening_id
    screening.acknowledge_safety(engine, command(), pathway.pathway_id, flagged, SafetyAction.CRISIS_LINE)
    after = screening.correct_screening(engine, command(), pathway.pathway_id, phq2("21111111" + then))
    assert not after.unacknowledged if stands else [s.screening_id for s in after.unacknowledged] == [flagged]


def test_what_makes_no_sense_is_refused(engine: Engine, command: Make) -> None:
    with pytest.raises(NotFound):
        engine.load(PATHWAY)
    pathway = screen(engine, command)
    with pytest.raises(Refused):
        referral.withdraw(engine, command(), pathway.pathway_id, WithdrawReason.OTHER)
    referral.decline(engine, command(), pathway.pathway_id, DeclineReason.NOT_NEEDED)
    with pytest.raises(Refused):
        referral.decline(engine, command(), pathway.pathway_id, DeclineReason.NOT_NEEDED)
    with pytest.raises(Refused):
        referral.refer(engine, command(), PATHWAY, ReferralRequest(ReferralId("r")))
