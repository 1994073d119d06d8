"""One writer per process: a thread that commits what many callers ask for together (group commit).

Several connections racing for SQLite's lock fall into its busy handler (p99 300-1,300 ms); one writer with a queue does
not, and one fsync serves everybody who waited for the last one.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from sesame_fhir.storage.session import Session, T, Transaction

_MAX_BATCH = 64
_WAIT_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class _Call:
    job: Callable[[Session], Any]
    may_wait: bool
    future: "Future[Any]" = field(default_factory=Future)


class WriterClosed(RuntimeError):  # noqa: N818  named as the fact it reports
    """The store has been closed: nothing can be written any more."""


class GroupWriter:
    """Runs jobs one after another; jobs that wait together are committed together, each in its own savepoint."""

    def __init__(self, transaction: Transaction, name: str) -> None:
        self._transaction = transaction
        self._name = name
        self._queue: SimpleQueue[_Call | None] = SimpleQueue()
        self._state = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, job: Callable[[Session], T], *, may_wait: bool = False) -> "Future[T]":
        """Queue a job; its future ends when the job is durable or has failed. Raises WriterClosed after ``close``.

        ``may_wait``: nobody waits for it. Alone, it waits a moment for a job to share a commit with: an audit entry of
        its own commit would keep the next write waiting for a second fsync.
        """
        call = _Call(job, may_wait)
        with self._state:
            if self._closed:
                raise WriterClosed(self._name)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._queue.put(call)
        return call.future

    def close(self) -> None:
        """Write what is queued, then stop."""
        with self._state:
            already, self._closed = self._closed, True
            if not already:
                self._queue.put(None)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _work(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, last = self._gather(first)
            self._write(batch)
            if last:
                return

    def _gather(self, first: _Call) -> tuple[list[_Call], bool]:
        batch, wait, end = [first], first.may_wait, time.monotonic() + _WAIT_SECONDS
        while len(batch) < _MAX_BATCH:
            try:
                call = self._next(end - time.monotonic() if wait else 0)
            except Empty:
                break
            if call is None:
                return batch, True
            batch.append(call)
            wait = wait and call.may_wait
        return batch, False

    def _next(self, seconds: float) -> _Call | None:
        return self._queue.get(timeout=seconds) if seconds > 0 else self._queue.get_nowait()

    def _write(self, batch: list[_Call]) -> None:
        """Commit a batch. When the commit itself fails, each job is tried alone: only the guilty one pays."""
        try:
            outcomes = self._together(batch)
        except Exception as error:  # noqa: BLE001  it belongs to the callers, who wait for it
            if len(batch) == 1:
                batch[0].future.set_exception(error)
                return
            for call in batch:
                self._write([call])
            return
        for call, (result, failure) in zip(batch, outcomes, strict=True):
            if failure is None:
                call.future.set_result(result)
            else:
                call.future.set_exception(failure)

    def _together(self, batch: list[_Call]) -> list[tuple[Any, Exception | None]]:
        with self._transaction() as session:
            if len(batch) == 1:
                return [(batch[0].job(session), None)]
            return [_in_savepoint(session, call.job) for call in batch]


def _in_savepoint(session: Session, job: Callable[[Session], Any]) -> tuple[Any, Exception | None]:
    session.run("SAVEPOINT job")
    try:
        result = job(session)
    except Exception as error:  # noqa: BLE001  it belongs to the caller, who waits for it
        session.run("ROLLBACK TO SAVEPOINT job")
        session.run("RELEASE SAVEPOINT job")
        return None, error
    session.run("RELEASE SAVEPOINT job")
    return result, None
