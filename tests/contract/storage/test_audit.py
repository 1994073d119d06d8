"""The audit log: nobody waits for it, nothing is lost, and a change by hand shows."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta

import psycopg
import pytest

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.errors import AuditBroken
from sesame_fhir.services.records import AuditEntry
from sesame_fhir.storage import Store, open_store
from sesame_fhir.storage.session import Session
from sesame_fhir.storage.writer import GroupWriter
from tests.contract.storage.story import Script
from tests.support.databases import VAULT_KEY
from tests.support.story import SITE, START

_ALLOW = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("ALTER TABLE audit DISABLE TRIGGER ALL",),
}


def entry(n: int) -> AuditEntry:
    return AuditEntry(
        START + timedelta(seconds=n), "gp", "gp", f"read-{n}", "done", "pathway", "Patient", SITE, {"n": "1"}
    )


def tamper(store: Store, sql: str) -> None:
    """What somebody with the database's password could do."""
    dialect = "sqlite" if store._database.url.startswith("sqlite") else "postgresql"
    for statement in (*_ALLOW[dialect], sql):
        _run(store, statement)


def _run(store: Store, sql: str) -> None:
    store._database.write(lambda session: session.run(sql))


def test_entries_come_back_newest_first(store: Store) -> None:
    bare = AuditEntry(START, "system", "system", "start", "done")
    for one in (bare, entry(1), entry(2)):
        store.audit.record(one)
    assert store.audit.entries(10) == (entry(2), entry(1), bare)
    assert store.audit.entries(2) == (entry(2), entry(1))
    assert store.audit.verify() == 3


def test_an_empty_log_is_whole(store: Store) -> None:
    assert store.audit.verify() == 0
    assert store.audit.entries(5) == ()


def test_many_threads_make_one_chain(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: store.audit.record(entry(n)), range(400)))
    assert store.audit.verify() == 400
    assert {e.action for e in store.audit.entries(1000)} == {f"read-{n}" for n in range(400)}


def test_two_processes_make_one_chain(store: Store, database_url: str) -> None:
    with open_store(database_url, VAULT_KEY) as other, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: (store, other)[n % 2].audit.record(entry(n)), range(200)))
        other.audit.verify()
        assert store.audit.verify() == 200


def test_close_writes_what_is_queued(store: Store, database_url: str) -> None:
    with open_store(database_url, VAULT_KEY) as other:
        for n in range(300):
            other.audit.record(entry(n))
    assert store.audit.verify() == 300


@pytest.mark.parametrize(
    ("sql", "bad"),
    [
        ("UPDATE audit SET action = 'x' WHERE entry_id = 3", 3),
        ("UPDATE audit SET outcome = 'refused' WHERE entry_id = 1", 1),
        ("UPDATE audit SET patient = NULL WHERE entry_id = 5", 5),
        ("UPDATE audit SET at = at + 1 WHERE entry_id = 2", 2),
        ("UPDATE audit SET extra = '{}' WHERE entry_id = 4", 4),
        ("UPDATE audit SET hash = (SELECT hash FROM audit WHERE entry_id = 1) WHERE entry_id = 2", 2),
        ("DELETE FROM audit WHERE entry_id = 1", 1),
        ("DELETE FROM audit WHERE entry_id = 3", 3),
        ("UPDATE audit SET entry_id = 9 WHERE entry_id = 5", 5),
    ],
)
def test_a_change_by_hand_is_found(store: Store, sql: str, bad: int) -> None:
    for n in range(5):
        store.audit.record(entry(n))
    assert store.audit.verify() == 5
    tamper(store, sql)
    with pytest.raises(AuditBroken) as caught:
        store.audit.verify()
    assert caught.value.entry_id == bad


@pytest.mark.parametrize("table", ["audit", "event"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET site = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_change(store: Store, table: str, verb: str) -> None:
    store.audit.record(entry(1))
    store.pathways.commit(Script(site=SiteId("s")).screened())
    store.audit.verify()
    with pytest.raises((sqlite3.Error, psycopg.Error)):
        _run(store, verb.format(table))
    assert store.audit.verify() == 1


def test_what_could_not_be_written_is_written_with_the_next(store: Store) -> None:
    """The table is away for a moment (a failed disk, a lost server): the entries wait and keep their order."""
    _run(store, "ALTER TABLE audit RENAME TO gone")
    store.audit.record(entry(1))
    store.audit.record(entry(2))
    store._database.flush()
    assert store.audit.unwritten == 2
    assert store.check() == ["audit-not-written"]
    _run(store, "ALTER TABLE gone RENAME TO audit")
    store.audit.record(entry(3))
    assert store.audit.entries(5) == (entry(3), entry(2), entry(1))
    assert store.audit.verify() == 3
    assert store.check() == []


def test_a_database_that_cannot_even_begin_loses_no_entry(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> AbstractContextManager[Session]:
        raise OSError("no disk")

    with monkeypatch.context() as away:
        away.setattr(store._database, "_writer", GroupWriter(refuse, "away"))
        store.audit.record(entry(1))
        store.audit.record(entry(2))
        with pytest.raises(OSError, match="no disk"):
            store._database.flush()
        assert store.audit.unwritten == 2
    store.audit.record(entry(3))
    assert store.audit.entries(5) == (entry(3), entry(2), entry(1))
