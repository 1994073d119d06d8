"""Sequences by the calendar, interruptions under each policy, and two records that become one."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.domain.transitions import State
from sesame_fhir.services import course
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.merging import merge
from sesame_fhir.services.ports import PathwayStore
from sesame_fhir.services.records import Commit
from tests.specification.course import OTHER_PATHWAY
from tests.specification.model import Situation, moment, on
from tests.specification.screening import AT_RISK
from tests.specification.sequences import AGAIN, STOP
from tests.specification.situations import CARE, CLOSE, EXITED, EXTEND, SEQUENCE, consent
from tests.support.fakes import CountingIds, HandClock
from tests.support.story import NURSE, PATHWAY, SITE, event


@dataclass
class Shelf:
    """Pathways in memory, as far as these use cases look at them."""

    events: dict[PathwayId, list[ev.Event]] = field(default_factory=dict)
    commands: dict[CommandId, PathwayId] = field(default_factory=dict)

    def put(self, situation: Situation, pathway_id: PathwayId = PATHWAY) -> "Shelf":
        steps = (*situation.steps, *situation.more)
        self.events[pathway_id] = [
            event(n, s.data, s.by, pathway_id, s.at, s.recorded_at) for n, s in enumerate(steps, start=1)
        ]
        return self

    def history(self, pathway_id: PathwayId) -> tuple[ev.Event, ...]:
        return tuple(self.events.get(pathway_id, ()))

    def applied(self, command_id: CommandId) -> PathwayId | None:
        return self.commands.get(command_id)

    def commit(self, commit: Commit) -> bool:
        self.events[commit.pathway_id].extend(commit.events)
        self.commands[commit.command_id] = commit.pathway_id
        return True


class Silent:
    def record(self, entry: object) -> None:
        pass


@dataclass
class Desk:
    """The nurse at work on one shelf, on a day that moves."""

    shelf: Shelf
    policy: PathwayPolicy = DEFAULT_POLICY

    def __post_init__(self) -> None:
        self.clock = HandClock(moment("2026-03-10"))
        projector = cast("Any", lambda *_: None)
        store = cast("PathwayStore", self.shelf)
        self.engine = Engine(store, projector, cast("Any", Silent()), self.clock, CountingIds(), self.policy)

    def on(self, day: str) -> Command:
        now = moment(day)
        self.clock.move(seconds=(now - self.clock.now()).total_seconds())
        return Command(CommandId(self.engine.ids.new()), NURSE, SITE, now, scope=Scope(frozenset({SITE})))

    def night(self, day: str) -> Pathway | None:
        self.on(day)
        return course.finish_due(self.engine, PATHWAY, moment(day))


def desk(situation: Situation, policy: PathwayPolicy = DEFAULT_POLICY) -> Desk:
    return Desk(Shelf().put(situation), policy)


def spans(pathway: Pathway | None) -> list[tuple[int, date, date, bool]]:
    assert pathway is not None
    return [(s.rank, s.start, s.end or s.planned_end, s.end is not None) for s in pathway.sequences]


FIRST = (1, date(2026, 3, 10), date(2026, 6, 9), True)


@pytest.mark.parametrize("day", ["2026-06-10 00:05", "2026-06-13"], ids=["the night after", "days later"])
def test_a_renewed_sequence_is_followed_without_a_gap_however_late_the_calendar_runs(day: str) -> None:
    at = desk(SEQUENCE.then(on("2026-05-10", AGAIN)))
    assert at.night("2026-06-09 23:55") is None
    after = at.night(day)
    assert spans(after) == [FIRST, (2, date(2026, 6, 10), date(2026, 9, 9), False)]
    assert at.night(day) is None


@pytest.mark.parametrize("decision", [(), (on("2026-05-10", STOP),)], ids=["undecided", "stop"])
def test_without_a_decision_to_go_on_nothing_follows(decision: tuple[Any, ...]) -> None:
    at = desk(SEQUENCE.then(*decision))
    assert spans(at.night("2026-06-10")) == [FIRST]
    later = course.start_sequence(at.engine, at.on("2026-06-15"), PATHWAY)
    assert spans(later) == [FIRST, (2, date(2026, 6, 15), date(2026, 9, 14), False)]


@pytest.mark.parametrize(
    ("policy", "resumed", "wanted"),
    [
        (DEFAULT_POLICY, "2026-05-10", [(1, date(2026, 3, 10), date(2026, 6, 9), False)]),
        (EXTEND, "2026-05-10", [(1, date(2026, 3, 10), date(2026, 6, 29), False)]),
        (EXTEND, "2026-04-20 15:00", [(1, date(2026, 3, 10), date(2026, 6, 9), False)]),
        (
            CLOSE,
            "2026-05-10",
            [(1, date(2026, 3, 10), date(2026, 4, 20), True), (2, date(2026, 5, 10), date(2026, 8, 9), False)],
        ),
        (CLOSE, "2026-04-20 15:00", [(1, date(2026, 3, 10), date(2026, 4, 20), True)]),
    ],
    ids=["keep", "extend", "extend, same day", "close", "close, same day"],
)
def test_an_interruption_does_to_the_sequence_what_the_policy_says(
    policy: PathwayPolicy, resumed: str, wanted: list[tuple[int, date, date, bool]]
) -> None:
    at = desk(SEQUENCE, policy)
    course.interrupt(at.engine, at.on("2026-04-20"), PATHWAY, "Hospitalisation")
    after = course.resume(at.engine, at.on(resumed), PATHWAY)
    assert after.state is State.CARE
    assert spans(after) == wanted


def test_a_sequence_that_will_be_extended_does_not_end_while_care_is_suspended() -> None:
    at = desk(SEQUENCE, EXTEND)
    course.interrupt(at.engine, at.on("2026-06-01"), PATHWAY, None)
    assert at.night("2026-06-10") is None
    after = course.resume(at.engine, at.on("2026-06-21"), PATHWAY)
    assert spans(after) == [(1, date(2026, 3, 10), date(2026, 6, 29), False)]


def test_a_suspended_patients_sequence_ends_and_the_next_one_waits_for_the_resumption() -> None:
    at = desk(SEQUENCE.then(on("2026-05-10", AGAIN)))
    course.interrupt(at.engine, at.on("2026-06-01"), PATHWAY, None)
    assert spans(at.night("2026-06-10")) == [FIRST]


def test_a_renewal_that_the_patient_no_longer_agrees_to_does_not_keep_the_sequence_open() -> None:
    no = on("2026-05-20", consent(ev.ConsentStatus.WITHDRAWN))
    at = desk(SEQUENCE.then(on("2026-05-10", AGAIN), no))
    assert spans(at.night("2026-06-10")) == [FIRST]


def test_the_sequence_ends_with_the_exit() -> None:
    at = desk(SEQUENCE)
    after = course.exit_pathway(at.engine, at.on("2026-05-04"), PATHWAY, ev.PathwayExited(ev.ExitReason.REMISSION))
    assert (after.state, after.sequences[0].end, after.sequences[0].interrupted) == (
        State.EXITED,
        date(2026, 5, 4),
        True,
    )


def two(first: Situation, second: Situation) -> Desk:
    return Desk(Shelf().put(first).put(second, OTHER_PATHWAY))


def test_two_records_become_one_and_the_closed_ones_sequence_ends_that_day() -> None:
    at = two(CARE, SEQUENCE)
    command = at.on("2026-05-04")
    after = merge(at.engine, command, PATHWAY, OTHER_PATHWAY)
    closed = at.engine.load(OTHER_PATHWAY)
    assert (after.state, after.absorbed) == (State.CARE, (OTHER_PATHWAY,))
    assert (closed.state, closed.merged_into, closed.open_sequence) == (State.MERGED, PATHWAY, None)
    assert closed.sequences[0].end == date(2026, 5, 4)
    assert merge(at.engine, command, PATHWAY, OTHER_PATHWAY) == after


@pytest.mark.parametrize(
    ("survivor", "absorbed", "reason"),
    [
        (EXITED, CARE, ReasonCode.EVENT_NOT_ALLOWED),
        (CARE, EXITED, ReasonCode.EVENT_NOT_ALLOWED),
        (CARE, CARE.then(on("2026-03-11", AT_RISK)), ReasonCode.SAFETY_NOT_ACKNOWLEDGED),
    ],
)
def test_a_merge_that_cannot_be_completed_changes_neither(
    survivor: Situation, absorbed: Situation, reason: ReasonCode
) -> None:
    at = two(survivor, absorbed)
    before = {pathway: len(history) for pathway, history in at.shelf.events.items()}
    with pytest.raises(Refused) as refused:
        merge(at.engine, at.on("2026-06-01"), PATHWAY, OTHER_PATHWAY)
    assert [r.code for r in refused.value.reasons] == [reason]
    assert {pathway: len(history) for pathway, history in at.shelf.events.items()} == before


def test_a_survivor_that_changed_meanwhile_stops_the_merge_before_anything_is_closed() -> None:
    at = two(CARE, CARE)
    stale = replace(at.on("2026-06-01"), expected_version=1)
    with pytest.raises(Conflict):
        merge(at.engine, stale, PATHWAY, OTHER_PATHWAY)
    assert at.engine.load(OTHER_PATHWAY).state is State.CARE


@pytest.mark.parametrize("same_command", [True, False])
def test_a_merge_that_stopped_half_way_is_completed_by_the_next_attempt(
    monkeypatch: pytest.MonkeyPatch, *, same_command: bool
) -> None:
    at = two(CARE, CARE)
    command, commit = at.on("2026-06-01"), at.shelf.commit
    with monkeypatch.context() as broken:
        broken.setattr(at.shelf, "commit", lambda c: c.pathway_id == OTHER_PATHWAY and commit(c))
        with pytest.raises(Conflict):
            merge(at.engine, command, PATHWAY, OTHER_PATHWAY)
    assert (at.engine.load(OTHER_PATHWAY).state, at.engine.load(PATHWAY).absorbed) == (State.MERGED, ())
    again = command if same_command else at.on("2026-06-02")
    assert merge(at.engine, again, PATHWAY, OTHER_PATHWAY).absorbed == (OTHER_PATHWAY,)
    assert len(at.shelf.events[OTHER_PATHWAY]) == at.engine.load(OTHER_PATHWAY).version


def test_the_records_of_a_pathway_that_absorbed_another_one_all_lead_to_the_survivor() -> None:
    third = PathwayId("01900000-0000-7000-8000-000000000033")
    at = two(CARE, CARE)
    at.shelf.put(CARE, third)
    merge(at.engine, at.on("2026-06-01"), OTHER_PATHWAY, third)
    middle = at.engine.load(OTHER_PATHWAY)
    after = merge(at.engine, at.on("2026-06-02"), PATHWAY, OTHER_PATHWAY)
    assert after.absorbed == (OTHER_PATHWAY, third)
    assert after.aliases == (middle.ehr, *middle.aliases)


def test_a_pathway_is_not_merged_with_itself_nor_out_of_reach() -> None:
    at = two(CARE, CARE)
    with pytest.raises(Refused, match="same-pathway"):
        merge(at.engine, at.on("2026-06-01"), PATHWAY, PATHWAY)
    far = replace(at.on("2026-06-01"), scope=Scope())
    with pytest.raises(Refused, match="out-of-scope"):
        merge(at.engine, far, PATHWAY, OTHER_PATHWAY)
