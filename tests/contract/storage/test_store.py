"""The facade: URLs, keys, readiness, closing."""

import os
import stat
import threading
from pathlib import Path

import pytest

from sesame_fhir.services.errors import VaultError
from sesame_fhir.storage import Store, open_store
from sesame_fhir.storage.session import Session
from sesame_fhir.storage.writer import WriterClosed
from tests.contract.storage.story import Script
from tests.support.databases import VAULT_KEY
from tests.support.story import PATHWAY

OTHER_KEY = bytes(32)


@pytest.mark.parametrize(
    "url",
    ["mysql://h/d", "sqlite://", "sqlite:///:memory:", "sqlite+pysqlite:///x.db", "postgres://h/d", "oracle://x/y"],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        open_store(url, VAULT_KEY)


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VaultError):
        open_store(f"sqlite:///{tmp_path / 'x.db'}", b"short")
    assert not (tmp_path / "x.db").exists()


def test_a_new_file_is_private(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "x.db"
    before = os.umask(0)
    try:
        with open_store(f"sqlite:///{path}", VAULT_KEY) as store:
            store.migrate()
            store.pathways.commit(Script().screened())
            for file in path.parent.iterdir():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600
    finally:
        os.umask(before)


def test_ready(store: Store) -> None:
    assert store.check() == []


def test_an_empty_database_is_not_ready(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'x.db'}", VAULT_KEY) as store:
        assert store.check() == ["schema-not-at-head"]
        store.migrate()
        assert store.check() == []


def test_an_old_schema_is_not_ready(store: Store) -> None:
    store._database.write(lambda session: session.run("UPDATE alembic_version SET version_num = '0000'"))
    assert store.check() == ["schema-not-at-head"]


def test_a_server_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sesame_fhir.storage.postgresql._WAIT_SECONDS", 0.2)
    with open_store("postgresql://nobody@/nothing?host=/nonexistent", VAULT_KEY) as store:
        assert store.check() == ["database-unreadable"]


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database" * 1000)
    with open_store(f"sqlite:///{path}", VAULT_KEY) as store:
        assert store.check() == ["database-unreadable"]


def test_another_vault_key_does_not_fit(store: Store, database_url: str) -> None:
    with open_store(database_url, OTHER_KEY) as other:
        assert other.check() == ["vault-key-does-not-fit"]
        with pytest.raises(VaultError):
            other.migrate()
    assert store.check() == []


def test_closed_is_closed(database_url: str) -> None:
    store = open_store(database_url, VAULT_KEY)
    store.pathways.commit(Script().screened())
    store.close()
    store.close()
    with pytest.raises((WriterClosed, Exception), match=r"closed|sesame-writer"):
        store.pathways.commit(Script().screened())


def test_close_waits_for_what_is_being_written(database_url: str) -> None:
    store = open_store(database_url, VAULT_KEY)
    started, go = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        started.set()
        go.wait(5)
        session.run("DELETE FROM draft")

    future = store._database.submit(slow)
    started.wait(5)
    closing = threading.Thread(target=store.close)
    closing.start()
    go.set()
    closing.join()
    assert future.exception() is None


def test_readers_do_not_wait_for_the_writer(store: Store) -> None:
    store.pathways.commit(Script().screened())
    started, go = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        session.run("UPDATE caseload SET family = 'X'")
        started.set()
        go.wait(5)

    future = store._database.submit(slow)
    started.wait(5)
    assert len(store.pathways.history(PATHWAY)) == 2
    assert not future.done()
    go.set()
    future.result()


def test_readers_cannot_write_on_sqlite(sqlite_url: str) -> None:
    with open_store(sqlite_url, VAULT_KEY) as store, pytest.raises(Exception, match="readonly"):
        store._database.read(lambda session: session.run("DELETE FROM draft"))
