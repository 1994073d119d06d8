"""A database of the first release, with pathways in it: migrated and rebuilt, it is as if written today."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from alembic import command
from sqlalchemy import Connection, text

from mappings.projector import PathwayProjector
from sesame_fhir.domain.events import ConsentPurpose, ConsentRecorded, ConsentStatus
from sesame_fhir.domain.evolution import evolve, fold
from sesame_fhir.domain.ids import CommandId, PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.search_index import index
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store, open_store
from sesame_fhir.storage.migrator import _config, engine
from tests.contract.storage.projection_dump import dump
from tests.contract.storage.test_event_codec import WRITTEN_BY_0001
from tests.support.databases import VAULT_KEY, PostgresServer
from tests.support.story import event

PROJECTOR = PathwayProjector(index)
EVENTS: list[list[Any]] = WRITTEN_BY_0001["events"]


@pytest.fixture(params=["sqlite", "postgresql"])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database at the first revision, with the events that the first release wrote."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'old.db'}"
        _fill(url)
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE old")
    _fill(server.url("old"))
    yield server.url("old")
    server.drop(server.url("old"))


def _fill(url: str) -> None:
    with engine(url).begin() as connection:
        command.upgrade(_config(connection), "0001")
        for number, (pathway_id, rows) in enumerate(groupby(EVENTS, key=lambda row: row[0]), start=1):
            _fill_pathway(connection, number, pathway_id, list(rows))


def _fill_pathway(connection: Connection, key: int, pathway_id: str, rows: list[list[Any]]) -> None:
    def insert(table: str, **values: object) -> None:
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)  # noqa: S608  fixed names

    site, first = rows[0][6], rows[0][5]
    insert("pathway", pathway_id=pathway_id, site=site, version=len(rows), created_at=first)
    for name, of_command in groupby(rows, key=lambda row: row[7]):
        insert("command", command_id=name, pathway_key=key, recorded_at=next(of_command)[5])
    columns = ("sequence", "event_id", "kind", "occurred_at", "recorded_at", "site", "command_id")
    for row in rows:
        values = dict(zip(columns, row[1:8], strict=True))
        insert("event", pathway_key=key, body=orjson.dumps(row[8]), **values)
    insert(
        "caseload",
        pathway_key=key,
        pathway_id=pathway_id,
        site=site,
        state="screened",
        sex="female",
        family="FICTIVE",
        given="Jeanne",
        safety_open=False,
        updated_at=first,
    )


def _written_today(store: Store, old: Store) -> None:
    """The same events as commits of today's code."""
    for pathway_id in old.pathways.pathway_ids():
        before = Pathway(pathway_id)
        for command_id, group in groupby(old.pathways.history(pathway_id), key=lambda event: event.command_id):
            events = tuple(group)
            after = before
            for one in events:
                after = evolve(after, one)
            made = PROJECTOR(before, after, events)
            store.pathways.commit(Commit(pathway_id, before.version, command_id, events[0].recorded_at, events, made))
            before = after


def test_an_old_database_is_migrated_and_rebuilt(old_url: str, store: Store) -> None:
    with open_store(old_url, VAULT_KEY) as old:
        assert old.check() == ["schema-not-at-head"]
        old.migrate()
        assert old.check() == ["projections-outdated"]
        ids = [PathwayId(row[0]) for row in EVENTS if row[1] == 1]
        assert list(old.pathways.pathway_ids()) == ids
        assert [old.pathways.caseload_row(pathway_id) for pathway_id in ids] == [None, None]
        done: list[PathwayId] = []
        rebuild(old.pathways, PROJECTOR, done.append)
        assert done == ids
        assert old.check() == []
        _written_today(store, old)
        assert dump(old) == dump(store)


def test_work_goes_on_between_migration_and_rebuild(old_url: str, store: Store) -> None:
    """A command on a pathway that waits for its rebuild is in the caseload at once; the rebuild brings the rest."""
    pathway_id = PathwayId(EVENTS[0][0])
    with open_store(old_url, VAULT_KEY) as old:
        old.migrate()
        _written_today(store, old)
        before = fold(pathway_id, old.pathways.history(pathway_id))
        consent = ConsentRecorded(ConsentPurpose.SURVEY, ConsentStatus.REFUSED)
        new = replace(event(before.version + 1, consent), command_id=CommandId("between"))
        after = evolve(before, new)
        made = PROJECTOR(before, after, (new,))
        commit = Commit(pathway_id, before.version, new.command_id, new.recorded_at, (new,), made)
        for either in (old, store):
            # What this command does not change is not there yet in the old one: nothing to be sent can name it.
            wanted = made if either is store else replace(made, outbox=())
            assert either.pathways.commit(replace(commit, projections=wanted))
        assert old.pathways.caseload_row(pathway_id) == store.pathways.caseload_row(pathway_id)
        assert old.check() == ["projections-outdated"]
        rebuild(old.pathways, PROJECTOR, lambda _done: None)
        assert old.check() == []
        assert dump(old) == dump(store)
