"""Events and projections: one transaction, one winner, each command once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from sesame_fhir.domain.events import EhrBinding, PatientIdentified
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId
from sesame_fhir.services.caseload import Bucket, CaseloadQuery
from sesame_fhir.services.errors import AlreadyExists, Conflict
from sesame_fhir.services.records import DraftKey
from sesame_fhir.storage import Store
from tests.contract.storage.story import KEYS, Script, body_of, commit_of
from tests.support.story import EHR, SITE, START, TRAITS

WAITING = CaseloadQuery((SITE,), START.date(), buckets=(Bucket.REFERRAL,))
SECOND = PathwayId("01900000-0000-7000-8000-000000000002")


def test_history_gives_back_the_events(store: Store) -> None:
    script = Script()
    first, second = script.screened(), script.referred()
    assert store.pathways.commit(first)
    assert store.pathways.commit(second)
    history = store.pathways.history(first.pathway_id)
    assert history == (*first.events, *second.events)
    assert fold(first.pathway_id, history) == script.pathway
    assert store.pathways.history(SECOND) == ()


def test_the_same_command_acts_once(store: Store) -> None:
    script = Script()
    first = script.screened()
    assert store.pathways.applied(first.command_id) is None
    assert store.pathways.commit(first)
    assert not store.pathways.commit(first)
    assert store.pathways.applied(first.command_id) == first.pathway_id
    assert store.pathways.history(first.pathway_id) == first.events


def test_a_late_writer_gets_what_it_had_not_seen(store: Store) -> None:
    script = Script()
    first = script.screened()
    late = replace(script.referred(), command_id=CommandId("late"))
    store.pathways.commit(first)
    meanwhile = replace(late, command_id=CommandId("meanwhile"))
    store.pathways.commit(meanwhile)
    with pytest.raises(Conflict) as caught:
        store.pathways.commit(late)
    assert caught.value.changes == meanwhile.events
    assert store.pathways.applied(late.command_id) is None
    assert len(store.pathways.history(first.pathway_id)) == len(first.events) + len(meanwhile.events)


def test_finished_drafts_go_with_the_commit_and_only_with_it(store: Store) -> None:
    script = Script()
    note = DraftKey(EHR, "Patient/p1", "10003461034", "referral")
    criteria, colleague = replace(note, form="eligibility"), replace(note, author="nurse")
    for key in (note, criteria, colleague):
        store.launches.save_draft(key, {"of": key.form}, START)
    first, second = script.screened(), script.referred()
    store.pathways.commit(replace(first, finishes=(criteria,)))
    assert store.launches.draft(criteria) is None
    late = replace(second, command_id=CommandId("late"), expected_version=9, finishes=(note,))
    with pytest.raises(Conflict):
        store.pathways.commit(late)
    assert not store.pathways.commit(replace(first, finishes=(note,)))
    assert store.launches.draft(note) == {"of": "referral"}
    store.pathways.commit(replace(second, finishes=(note, criteria)))
    assert store.launches.draft(note) is None
    assert store.launches.draft(colleague) == {"of": "referral"}


def test_a_second_beginning_is_a_conflict(store: Store) -> None:
    first = Script().screened()
    store.pathways.commit(first)
    with pytest.raises(Conflict) as caught:
        store.pathways.commit(replace(first, command_id=CommandId("other")))
    assert caught.value.changes == first.events


def test_one_open_pathway_per_patient(store: Store) -> None:
    script, other = Script(), Script(SECOND)
    store.pathways.commit(script.screened())
    assert store.pathways.find_open(KEYS) == script.pathway.pathway_id
    assert store.pathways.find_open(["nobody", KEYS[1]]) == script.pathway.pathway_id
    assert store.pathways.find_open([]) is None
    with pytest.raises(Conflict) as caught:
        store.pathways.commit(other.screened())
    assert caught.value.pathway_id == script.pathway.pathway_id
    assert store.pathways.history(SECOND) == ()
    assert store.resources.read("EpisodeOfCare", SECOND) is None


def test_a_record_that_becomes_another_patient_s_does_not_block_the_first(store: Store) -> None:
    """Records merged in the EHR: the INS says who it is, the record's own key stays with whoever has it."""
    script, other = Script(), Script(SECOND, patient="Patient/p2")
    store.pathways.commit(script.screened())
    store.pathways.commit(other.screened())
    merged = PatientIdentified(TRAITS, EhrBinding(EHR, "Patient/p2"))
    store.pathways.commit(script.step(merged))
    assert store.pathways.find_open([KEYS[0], f"{EHR}|Patient/p2"]) == script.pathway.pathway_id
    assert store.pathways.find_open([f"{EHR}|Patient/p2"]) == SECOND


def test_keys_are_free_once_the_pathway_is_closed(store: Store) -> None:
    script, other = Script(), Script(SECOND)
    store.pathways.commit(script.screened())
    store.pathways.commit(script.closed())
    assert store.pathways.find_open(KEYS) is None
    store.pathways.commit(other.screened())
    assert store.pathways.find_open(KEYS) == SECOND


def test_two_writers_one_winner(store: Store) -> None:
    script = Script()
    store.pathways.commit(script.screened())
    step = script.referred()
    racers = [
        replace(
            step,
            command_id=CommandId(f"racer-{n}"),
            events=tuple(replace(e, event_id=EventId(f"{n}-{e.sequence}")) for e in step.events),
        )
        for n in range(8)
    ]

    def race(racer: int) -> str:
        try:
            return "won" if store.pathways.commit(racers[racer]) else "again"
        except Conflict as conflict:
            return f"lost to {len(conflict.changes)}"

    with ThreadPoolExecutor(8) as pool:
        results = sorted(pool.map(race, range(8)))
    assert results == ["lost to 2"] * 7 + ["won"]


def test_the_same_command_at_once_acts_once(store: Store) -> None:
    first = Script().screened()
    with ThreadPoolExecutor(8) as pool:
        results = sorted(pool.map(lambda _: store.pathways.commit(first), range(8)))
    assert results == [False] * 7 + [True]


def test_sixteen_threads(store: Store) -> None:
    scripts = [Script(PathwayId(f"01900000-0000-7000-8000-0000000{n:05x}"), patient=f"Patient/{n}") for n in range(96)]

    def work(script: Script) -> int:
        store.pathways.commit(script.screened())
        store.pathways.commit(script.referred())
        return len(store.pathways.history(script.pathway.pathway_id))

    with ThreadPoolExecutor(16) as pool:
        lengths = set(pool.map(work, scripts))
    assert lengths == {scripts[0].pathway.version}
    assert len(list(store.pathways.pathway_ids())) == 96
    assert store.pathways.caseload_count(WAITING, 1_000) == 96


def test_a_failing_job_does_not_take_the_others(store: Store) -> None:
    """A commit whose outbox names an unpublished resource fails alone, and leaves nothing behind."""

    def commit(n: int) -> str:
        script = Script(PathwayId(f"pathway-{n}"), patient=f"Patient/{n}")
        step = script.screened()
        if n % 3 == 0:
            step = replace(step, projections=replace(step.projections, resources=()))
        try:
            return str(store.pathways.commit(step))
        except LookupError:
            return "failed"

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(commit, range(60)))
    assert results == ["failed" if n % 3 == 0 else "True" for n in range(60)]
    assert len(list(store.pathways.pathway_ids())) == 40
    assert store.pathways.history(PathwayId("pathway-0")) == ()


def test_versions_move_only_with_the_body(store: Store) -> None:
    script = Script()
    first = script.screened()
    store.pathways.commit(first)
    episode = store.resources.read("EpisodeOfCare", first.pathway_id)
    assert episode is not None
    assert (episode.version, episode.last_updated) == (1, first.recorded_at)
    patient = store.resources.read("Patient", first.pathway_id)
    second = script.referred()
    store.pathways.commit(second)
    assert store.resources.read("Patient", first.pathway_id) == patient
    moved = store.resources.read("EpisodeOfCare", first.pathway_id)
    assert moved is not None
    assert (moved.version, moved.last_updated) == (2, second.recorded_at)
    assert body_of(moved)["meta"] == {"versionId": "2", "lastUpdated": "2026-03-02T11:00:00.000Z", "profile": ["p"]}
    assert [v.version for v in store.resources.history("EpisodeOfCare", first.pathway_id)] == [2, 1]


def test_caseload_row_round_trips(store: Store) -> None:
    commit = Script().screened()
    store.pathways.commit(commit)
    assert store.pathways.caseload_row(commit.pathway_id) == commit.projections.caseload
    assert store.pathways.caseload_row(SECOND) is None
    assert store.pathways.caseload_row(PathwayId("a\0b")) is None


def test_pathway_ids_are_oldest_first_while_others_are_added(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesame_fhir.storage.pathways._PAGE", 3)
    make: Callable[[int], bool] = lambda n: store.pathways.commit(  # noqa: E731  one line, used here only
        commit_of(Script(PathwayId(f"pathway-{n}"), patient=f"Patient/{n}"))
    )
    for n in range(7):
        make(n)
    walk = store.pathways.pathway_ids()
    seen = [next(walk)]
    make(7)
    assert [*seen, *walk] == [f"pathway-{n}" for n in range(8)]


def test_nothing_crosses_to_another_pathways_resources(store: Store) -> None:
    first, other = Script().screened(), Script(SECOND, patient="Patient/2").screened()
    store.pathways.commit(first)
    foreign = replace(other.projections, resources=first.projections.resources, outbox=())
    with pytest.raises(AlreadyExists):
        store.pathways.commit(replace(other, projections=foreign))
    assert store.pathways.history(SECOND) == ()
    assert store.resources.history("Patient", first.pathway_id)[0].version == 1
