"""The agenda, sequences that are due, facts, review sessions, closed pathways found again, many commits at once."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from sesame_fhir.domain.events import ContactMode, ContactTask
from sesame_fhir.domain.ids import CommandId, PathwayId, SiteId
from sesame_fhir.domain.transitions import INTERRUPTED, State
from sesame_fhir.services.caseload import AgendaSlot, Bucket, ReviewSession
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store, open_store
from tests.contract.storage.conftest import sqlite_copy
from tests.contract.storage.projection_dump import dump
from tests.contract.storage.story import KEYS, Script
from tests.support.databases import VAULT_KEY
from tests.support.story import SITE, START

ELSEWHERE, NOWHERE = SiteId("elsewhere"), SiteId("nowhere")


def pathway(number: int, site: SiteId = SITE) -> Script:
    return Script(PathwayId(f"pathway-{number}"), patient=f"Patient/{number}", site=site)


def slot(pathway_id: PathwayId, contact: str, hours: int, nurse: str | None, site: SiteId = SITE) -> AgendaSlot:
    at = START + timedelta(hours=hours)
    return AgendaSlot(contact, pathway_id, site, nurse, "FICTIVE", "Jeanne", at, ContactMode.VIDEO, ContactTask.CRISIS)


def with_slots(number: int, *slots: tuple[str, int, str | None], site: SiteId = SITE) -> Commit:
    commit = pathway(number, site).screened()
    made = tuple(slot(commit.pathway_id, *one, site=site) for one in slots)
    return replace(commit, projections=replace(commit.projections, agenda=made))


@pytest.mark.parametrize(
    ("sites", "nurse", "hours", "limit", "expected"),
    [
        ([SITE], None, (0, 24), 50, ["a", "b", "c", "d"]),
        ([SITE, ELSEWHERE], None, (0, 24), 50, ["a", "e", "b", "c", "d"]),
        ([SITE, ELSEWHERE, SITE], None, (0, 24), 2, ["a", "e"]),
        ([SITE], None, (1, 3), 50, ["a", "b"]),
        ([SITE, ELSEWHERE], "n1", (0, 24), 50, ["a", "e", "d"]),
        ([SITE], "n2", (0, 24), 1, ["b"]),
        ([SITE], "n9", (0, 24), 50, []),
        ([NOWHERE], None, (0, 24), 50, []),
        ([], None, (0, 24), 50, []),
    ],
)
def test_the_agenda_is_soonest_first(
    store: Store, sites: list[SiteId], nurse: str | None, hours: tuple[int, int], limit: int, expected: list[str]
) -> None:
    commits = [
        with_slots(1, ("d", 5, "n1"), ("a", 1, "n1")),
        with_slots(2, ("c", 3, "n2"), ("b", 2, "n2"), ("f", 99, "n2")),
        with_slots(3, ("e", 1, "n1"), site=ELSEWHERE),
    ]
    store.pathways.commit_all(commits)
    start, end = (START + timedelta(hours=hour) for hour in hours)
    found = store.pathways.agenda(sites, nurse, start, end, limit)
    assert [one.contact_id for one in found] == expected
    slots = {one.contact_id: one for commit in commits for one in commit.projections.agenda}
    assert list(found) == [slots[contact] for contact in expected]


def test_a_moved_contact_is_in_the_agenda_once(store: Store) -> None:
    first = with_slots(1, ("a", 1, "n1"), ("b", 2, "n1"))
    store.pathways.commit(first)
    moved = (slot(first.pathway_id, "a", 7, "n2"), slot(first.pathway_id, "c", 3, "n1"))
    again = replace(first, expected_version=2, command_id=CommandId("again"), events=())
    store.pathways.commit(replace(again, projections=replace(first.projections, agenda=moved)))
    found = store.pathways.agenda([SITE], None, START, START + timedelta(days=1), 50)
    assert found == (moved[1], moved[0])


def test_sequences_that_are_due_come_longest_due_first(store: Store) -> None:
    ends = {1: date(2026, 6, 30), 2: date(2026, 5, 31), 3: None, 4: date(2026, 7, 1), 5: date(2026, 1, 1)}
    for number, end in ends.items():
        commit = pathway(number).screened()
        bucket = Bucket.CLOSED if number == 5 else Bucket.FOLLOWED
        row = replace(commit.projections.caseload, sequence_end=end, bucket=bucket)
        store.pathways.commit(replace(commit, projections=replace(commit.projections, caseload=row)))
    assert store.pathways.sequences_due(date(2026, 7, 1), 50) == ("pathway-2", "pathway-1")
    assert store.pathways.sequences_due(date(2026, 7, 1), 1) == ("pathway-2",)
    held_up = replace(pathway(2).screened(), expected_version=2, command_id=CommandId("interrupted"), events=())
    row = replace(held_up.projections.caseload, sequence_end=ends[2], state=State.CARE_INTERRUPTED)
    store.pathways.commit(replace(held_up, projections=replace(held_up.projections, caseload=row)))
    assert store.pathways.sequences_due(date(2026, 7, 1), 1, but=INTERRUPTED) == ("pathway-1",)
    assert store.pathways.sequences_due(date(2026, 5, 31), 50) == ()


def test_facts_are_walked_site_by_site(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesame_fhir.storage.pathways._PAGE", 2)
    scripts = [pathway(number, ELSEWHERE if number % 3 == 0 else SITE) for number in range(8)]
    commits = [script.screened() for script in scripts]
    store.pathways.commit_all(commits)
    assert [one.pathway_id for one in store.pathways.facts([SITE, ELSEWHERE, SITE])] == [
        *(f"pathway-{number}" for number in (0, 3, 6)),
        *(f"pathway-{number}" for number in (1, 2, 4, 5, 7)),
    ]
    later = scripts[1].referred()
    store.pathways.commit(later)
    facts = {one.pathway_id: one for one in store.pathways.facts([SITE])}
    assert facts[later.pathway_id] == later.projections.facts
    assert facts[commits[2].pathway_id] == commits[2].projections.facts
    assert list(store.pathways.facts([NOWHERE])) == []
    assert list(store.pathways.facts([])) == []


def test_a_closed_pathway_is_found_again_by_its_keys(store: Store) -> None:
    second = PathwayId("01900000-0000-7000-8000-000000000002")
    first, other = Script(), Script(second)
    store.pathways.commit(first.screened())
    assert store.pathways.find_previous(KEYS) is None
    store.pathways.commit(first.closed())
    assert store.pathways.find_previous(KEYS) == first.pathway.pathway_id
    assert store.pathways.find_previous(["nobody"]) is None
    assert store.pathways.find_previous([]) is None
    store.pathways.commit(other.screened(at=START + timedelta(days=1)))
    assert store.pathways.find_previous(KEYS) == first.pathway.pathway_id
    store.pathways.commit(replace(other.closed(), recorded_at=START + timedelta(days=2)))
    assert store.pathways.find_previous(["nobody", KEYS[1]]) == second


def test_what_happens_after_the_end_does_not_move_the_end(store: Store) -> None:
    """A correction in a pathway closed long ago does not make it the one that was closed last."""
    first, other = Script(), Script(PathwayId("01900000-0000-7000-8000-000000000002"))
    store.pathways.commit(first.screened())
    store.pathways.commit(first.closed())
    store.pathways.commit(other.screened(at=START + timedelta(days=1)))
    store.pathways.commit(replace(other.closed(), recorded_at=START + timedelta(days=2)))
    store.pathways.commit(replace(first.corrected("21"), recorded_at=START + timedelta(days=3)))
    assert store.pathways.find_previous(KEYS) == other.pathway.pathway_id


def session(number: int, site: SiteId = SITE, hours: int = 0) -> ReviewSession:
    at = START + timedelta(hours=hours)
    people, cases = ("nurse-1", "psy-1"), (PathwayId("pathway-1"), PathwayId("pathway-2"))
    return ReviewSession(f"session-{number}", site, at, 45, people, cases, "nurse-1")


def test_review_sessions_are_newest_first_and_logged_once(store: Store) -> None:
    logged = [session(1, hours=1), session(2, hours=3), session(3, ELSEWHERE, hours=2), session(4, hours=3)]
    for one in (*logged, logged[0]):
        store.review_sessions.record(one)
    store.review_sessions.record(replace(logged[1], minutes=99))
    assert store.review_sessions.at_sites([SITE, ELSEWHERE], 50) == (logged[3], logged[1], logged[2], logged[0])
    assert store.review_sessions.at_sites([SITE, SITE], 2) == (logged[3], logged[1])
    assert store.review_sessions.at_sites([SITE, ELSEWHERE], 2, logged[3].session_id) == (logged[1], logged[2])
    assert store.review_sessions.at_sites([SITE, ELSEWHERE], 2, logged[0].session_id) == ()
    assert store.review_sessions.at_sites([SITE], 50, "no such session") == ()
    assert store.review_sessions.at_sites([NOWHERE], 50) == ()
    assert store.review_sessions.at_sites([], 50) == ()
    for statement in ("DELETE FROM review_session", "UPDATE review_session SET minutes = 1"):
        with pytest.raises(Exception, match="append-only"):
            store._database.write(lambda writing, sql=statement: writing.run(sql))  # type: ignore[misc]


def stories() -> list[Commit]:
    """Three pathways, command by command in turn; the third takes over the first one's patient."""
    first, second = Script(), pathway(2)
    third = Script(PathwayId("01900000-0000-7000-8000-000000000003"))
    return [
        first.screened(),
        second.screened("21"),
        first.referred(),
        second.referred(),
        first.corrected("21"),
        first.closed(),
        third.screened(at=START + timedelta(days=1)),
        second.corrected("00"),
    ]


def test_many_commits_leave_what_one_by_one_leaves(store: Store, sqlite_template: Path, tmp_path: Path) -> None:
    with open_store(sqlite_copy(sqlite_template, tmp_path), VAULT_KEY) as alone:
        for commit in stories():
            assert alone.pathways.commit(commit)
        expected = dump(alone)
    assert store.pathways.commit_all(stories()) == 8
    assert dump(store) == expected
    assert store.pathways.commit_all(stories()) == 0
    assert dump(store) == expected


def test_one_conflict_undoes_all_of_them(store: Store) -> None:
    before = dump(store)
    with pytest.raises(Conflict):
        store.pathways.commit_all([*stories(), replace(stories()[0], command_id=CommandId("late"))])
    assert dump(store) == before
    assert list(store.pathways.pathway_ids()) == []
