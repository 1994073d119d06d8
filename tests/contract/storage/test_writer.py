"""Group commit: whoever fails pays alone, even when the commit itself fails."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import SimpleNamespace
from typing import cast

import pytest

from sesame_fhir.storage import Store
from sesame_fhir.storage.session import Session
from sesame_fhir.storage.writer import GroupWriter


def together(store: Store, jobs: list[Callable[[Session], object]]) -> list[object]:
    """Run jobs in one batch: they queue behind a job that waits for them."""
    gate = threading.Event()
    first = store._database.submit(lambda _session: gate.wait(5))
    futures = [store._database.submit(job) for job in jobs]
    gate.set()
    first.result()
    return [future.exception() or future.result() for future in futures]


def add(name: str) -> Callable[[Session], object]:
    sql = "INSERT INTO oauth_jti (issuer, jti, expires_at) VALUES ('test', ?, 0)"
    return lambda session: session.run(sql, (name,))


def fail(session: Session) -> object:
    add("from the one that fails")(session)
    raise KeyError("mine")


def names(store: Store) -> list[str]:
    return [row[0] for row in store._database.read(lambda s: s.rows("SELECT jti FROM oauth_jti ORDER BY jti"))]


def test_a_job_that_raises_fails_alone(store: Store) -> None:
    results = together(store, [add("a"), fail, add("b"), add("a"), add("c")])
    assert results[0] == results[2] == results[4] == 1
    assert isinstance(results[1], KeyError)
    assert type(results[3]).__name__ in {"IntegrityError", "UniqueViolation"}
    assert names(store) == ["a", "b", "c"]


def test_a_batch_whose_commit_fails_is_tried_one_by_one(store: Store) -> None:
    """A job that ends the transaction under the others' feet: they are written nevertheless."""

    def end_it(session: Session) -> object:
        session.run("ROLLBACK")
        raise KeyError("mine")

    results = together(store, [add("a"), end_it, add("b")])
    assert results[0] == results[2] == 1
    assert isinstance(results[1], Exception)
    assert names(store) == ["a", "b"]


def _no_transaction() -> AbstractContextManager[Session]:
    raise OSError("no disk")


def test_every_caller_is_told_when_nothing_can_be_written() -> None:
    writer = GroupWriter(_no_transaction, "test")
    futures = [writer.submit(lambda _session: None) for _ in range(5)]
    for future in futures:
        with pytest.raises(OSError, match="no disk"):
            future.result(5)
    writer.close()


def test_what_may_wait_shares_the_commit_of_what_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Audit entries would else keep every write waiting for two fsyncs; and alone, they wait for a moment only."""
    monkeypatch.setattr("sesame_fhir.storage.writer._WAIT_SECONDS", 60)
    commits = list[str]()

    @contextmanager
    def transaction() -> Iterator[Session]:
        yield cast("Session", SimpleNamespace(run=lambda _sql: 0))
        commits.append("done")

    writer = GroupWriter(transaction, "test")
    waiting = [writer.submit(lambda _session: None, may_wait=True) for _ in range(2)]
    writer.submit(lambda _session: None).result(30)
    for future in waiting:
        future.result(30)
    assert commits == ["done"]
    monkeypatch.setattr("sesame_fhir.storage.writer._WAIT_SECONDS", 0.001)
    writer.submit(lambda _session: None, may_wait=True).result(30)
    writer.close()
    assert commits == ["done", "done"]
