"""Everything derived comes out of the events again, to the byte; what an EHR has taken stays taken."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import EhrId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.ports import Projector
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.services.records import Commit, Delivery, DeliveryReport, OutboxTarget, Projections
from sesame_fhir.storage import Store, open_store
from tests.contract.storage.projection_dump import dump
from tests.contract.storage.story import Script, project
from tests.support.databases import VAULT_KEY
from tests.support.story import AGREED, START

SECOND, THIRD = PathwayId("01900000-0000-7000-8000-000000000002"), PathwayId("01900000-0000-7000-8000-000000000003")
PROJECTORS: dict[str, Projector] = {"simple": project, "real": PathwayProjector(index)}
REBUILT = ("caseload", "entries", "facts", "keys", "former", "resources", "versions", "index_date", "outbox")


@pytest.fixture(params=sorted(PROJECTORS))
def projector(request: pytest.FixtureRequest) -> Projector:
    return PROJECTORS[request.param]


def nobody(_done: PathwayId) -> None:
    """Progress that nobody watches."""


def stories() -> list[Script]:
    """Three: one corrected, even after its end; one that took over the first one's patient then; one short."""
    first, second, third = Script(), Script(SECOND), Script(THIRD, patient="Patient/3")
    first.screened()
    first.step(AGREED)
    first.referred()
    first.corrected("21")
    first.closed()
    first.corrected("12")
    second.screened("10", at=START + timedelta(days=30, microseconds=1))
    third.screened()
    return [first, second, third]


def replay(store: Store, script: Script, projector: Projector) -> None:
    """Commit a script's events through a projector."""
    before = Pathway(script.pathway.pathway_id)
    for commit in script.commits:
        after = before
        for event in commit.events:
            after = evolve(after, event)
        store.pathways.commit(replace(commit, projections=_open(projector(before, after, commit.events), commit)))
        before = after


def _open(projections: Projections, commit: Commit) -> Projections:
    """Close where the script does: the real projector knows an exit only, which these short stories do not reach."""
    return replace(projections, open=commit.projections.open)


def as_written(projector: Projector) -> Projector:
    """The same projector, with the scripts' idea of when a pathway is closed."""

    def projected(before: Pathway, after: Pathway, events: Sequence[ev.Event]) -> Projections:
        return replace(projector(before, after, events), open=project(before, after, events).open)

    return projected


def fill(store: Store, projector: Projector) -> None:
    for script in stories():
        replay(store, script, projector)


def deliver(store: Store) -> None:
    """One taken, one in backoff, one waiting for a launch, the others untouched."""
    taken, slow, asleep, *_ = store.outbox.claim(START + timedelta(days=60), 60, 10)
    now = START + timedelta(days=60)
    store.outbox.report(taken, DeliveryReport(Delivery.SENT, "X/1"), now)
    store.outbox.report(slow, DeliveryReport(Delivery.PENDING, None, "throttled", now + timedelta(hours=1)), now)
    store.outbox.report(asleep, DeliveryReport(Delivery.NEEDS_LAUNCH, None, "no-launch"), now)


def test_rebuild_changes_nothing(store: Store, projector: Projector) -> None:
    fill(store, projector)
    deliver(store)
    before = dump(store)
    assert all(before[table] for table in REBUILT)
    assert len(before["bodies"]) == len(before["versions"])
    seen: list[PathwayId] = []
    assert rebuild(store.pathways, as_written(projector), seen.append) == 3
    assert seen == [script.pathway.pathway_id for script in stories()]
    assert dump(store) == before


def test_rebuild_of_what_is_right_writes_nothing(sqlite_url: str) -> None:
    with open_store(sqlite_url, VAULT_KEY) as store:
        fill(store, project)
        connection = store._database._write_session.connection  # type: ignore[attr-defined]
        before = connection.total_changes
        rebuild(store.pathways, as_written(project), nobody)
        assert connection.total_changes == before


def test_rebuild_repairs_what_was_lost(store: Store, projector: Projector) -> None:
    fill(store, projector)
    before = dump(store)
    spoil = (
        "DELETE FROM caseload",
        "DELETE FROM caseload_entry WHERE rule IS NULL",
        "UPDATE caseload_entry SET name = 'x', until = 1",
        "UPDATE agenda_slot SET family = 'X'",
        "DELETE FROM pathway_facts",
        "DELETE FROM former_key",
        "DELETE FROM index_reference",
        "DELETE FROM patient_key",
        "DELETE FROM outbox",
        "DELETE FROM resource_version",
        "UPDATE resource SET version = 9, last_updated = 0",
        "UPDATE body SET content = content || content",
        "DELETE FROM index_date",
        "DELETE FROM index_string",
        "DELETE FROM index_token",
        "DELETE FROM index_uri",
        "DELETE FROM index_quantity",
        "DELETE FROM resource",
        "DELETE FROM body",
    )
    for statement in spoil:
        store._database.write(lambda session, sql=statement: session.run(sql))  # type: ignore[misc]
    assert dump(store) != before
    rebuild(store.pathways, as_written(projector), nobody)
    assert dump(store) == before


def test_rebuild_resumes_after_a_pathway(store: Store) -> None:
    fill(store, project)
    seen: list[PathwayId] = []
    assert rebuild(store.pathways, as_written(project), seen.append, after=SECOND) == 1
    assert seen == [THIRD]


def test_another_projector_is_sent_again(store: Store) -> None:
    """What comes out differently goes to the record again, to the same place; what is no longer made is forgotten."""
    fill(store, project)
    now = START + timedelta(days=60)
    for item in store.outbox.claim(now, 60, 100):
        store.outbox.report(item, DeliveryReport(Delivery.SENT, f"X/{item.item_id}"), now)

    def other(before: Pathway, after: Pathway, events: Sequence[ev.Event]) -> Projections:
        made = as_written(project)(before, after, events)
        changed = tuple(
            replace(r, body={**r.body, "language": "fr"}) if r.resource_type == "EpisodeOfCare" else r
            for r in made.resources
            if r.resource_type != "Observation"
        )
        kept = tuple(t for t in made.outbox if t.resource_type != "Observation")
        return replace(
            made, resources=changed, outbox=(*kept, OutboxTarget("Patient", kept[0].resource_id, *_where(kept)))
        )

    rebuild(store.pathways, other, nobody)
    items = store.outbox.of_pathway(SECOND)
    assert [(i.target.resource_type, i.status, i.sent_version) for i in items] == [
        ("EpisodeOfCare", Delivery.PENDING, 0),
        ("Patient", Delivery.PENDING, 0),
    ]
    assert items[0].location is not None
    rows = dump(store)
    assert {row[0] for row in rows["resources"]} == {"Patient", "EpisodeOfCare"}
    assert len(rows["bodies"]) == len(rows["versions"])


def _where(targets: Sequence[OutboxTarget]) -> tuple[EhrId, str]:
    return targets[0].ehr_id, targets[0].patient


def test_a_pathway_that_changes_meanwhile_is_replayed_again(store: Store) -> None:
    """The first time it is projected, somebody commits: the rebuild notices and starts over with the new event."""
    script = Script()
    store.pathways.commit(script.screened())
    late = script.referred()

    def interrupted(before: Pathway, after: Pathway, events: Sequence[ev.Event]) -> Projections:
        store.pathways.commit(late)
        return project(before, after, events)

    assert rebuild(store.pathways, interrupted, nobody) == 1
    assert store.pathways.history(script.pathway.pathway_id)[-1] == late.events[-1]
    assert store.pathways.caseload_row(script.pathway.pathway_id) == late.projections.caseload


@pytest.mark.parametrize("steps", [0, 2])
def test_steps_must_match_the_commands(store: Store, steps: int) -> None:
    commit = Script().screened()
    store.pathways.commit(commit)
    before = dump(store)
    with pytest.raises(Conflict):
        store.pathways.replace_projections(commit.pathway_id, [(commit.recorded_at, commit.projections)] * steps)
    with pytest.raises(Conflict):
        store.pathways.replace_projections(PathwayId("unknown"), [(commit.recorded_at, commit.projections)])
    assert dump(store) == before
