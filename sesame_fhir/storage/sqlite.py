"""SQLite: WAL, ``synchronous=FULL``, one writer thread, readers that never wait for it."""

import os
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.dialects.sqlite.pysqlite import dialect as pysqlite_dialect
from sqlalchemy.engine import URL

from sesame_fhir.storage.session import Compiled, Database, Row, Session, T, Value
from sesame_fhir.storage.writer import GroupWriter

_BUSY_SECONDS = 30
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-16000",
    "PRAGMA mmap_size=268435456",
    # The writer folds the WAL into the file every 16 MB: pages written many times are moved once.
    "PRAGMA wal_autocheckpoint=4000",
)


class SqliteSession(Session):
    """A connection of the standard library's driver, in autocommit until told BEGIN."""

    dialect = pysqlite_dialect()

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        for pragma in _PRAGMAS:
            self.connection.execute(pragma)
        if read_only:
            self.connection.execute("PRAGMA query_only=ON")

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Run hot SQL and return every row."""
        return self.connection.execute(sql, params).fetchall()

    def run(self, sql: str, params: Sequence[Value] = ()) -> int:
        """Run hot SQL and return how many rows it changed."""
        return self.connection.execute(sql, params).rowcount

    def run_many(self, sql: str, params: Iterable[Sequence[Value]]) -> int:
        """Run hot SQL once for each row of parameters and return how many rows all of them changed."""
        return max(0, self.connection.executemany(sql, params).rowcount)

    def lock(self, name: str) -> None:
        """Nothing to do: a write transaction of SQLite is alone."""

    def row_lock(self, alias: str, *, skip_locked: bool = False) -> str:  # noqa: ARG002  the other database needs them
        """Nothing to do: a write transaction of SQLite is alone."""
        return ""

    def off_index(self, column: str) -> str:
        """Hide the column behind a plus sign: this planner would take any index with a condition for a short way."""
        return f"+{column}"

    def _driver_rows(self, compiled: Compiled, params: Mapping[str, Value]) -> list[Row]:
        return self.connection.execute(compiled.text, [params[name] for name in compiled.order or ()]).fetchall()

    def _driver_run(self, compiled: Compiled, params: Mapping[str, Value]) -> int:
        return self.connection.execute(compiled.text, [params[name] for name in compiled.order or ()]).rowcount


class SqliteDatabase(Database):
    """One file. Readers are connections taken from a stack, each used by one thread at a time."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise ValueError("an SQLite database needs a file: sqlite:///path")
        self._path = Path(url.database)
        self.url = url.render_as_string(hide_password=False)
        _create_private(self._path)
        self._idle: deque[SqliteSession] = deque()
        self._write_session: SqliteSession | None = None
        self._writer = GroupWriter(self._transaction, "sesame-writer")
        self._closed = False

    def read(self, job: Callable[[Session], T]) -> T:
        """Run a job that only reads, in the calling thread."""
        try:
            session = self._idle.pop()
        except IndexError:
            session = SqliteSession(self._path, read_only=True)
        try:
            return job(session)
        finally:
            if self._closed:
                session.connection.close()
            else:
                self._idle.append(session)

    def write(self, job: Callable[[Session], T]) -> T:
        """Run a job in the writer thread and wait until it is durable."""
        return self._writer.submit(job).result()

    def submit(self, job: Callable[[Session], T], *, may_wait: bool = False) -> "Future[T]":
        """Queue a job for the writer thread."""
        return self._writer.submit(job, may_wait=may_wait)

    def close(self) -> None:
        """Write what is queued, fold the WAL into the file and close every connection."""
        self._writer.close()
        self._closed = True
        while self._idle:
            self._idle.pop().connection.close()
        if self._write_session is not None:
            self._write_session.connection.close()
            self._write_session = None

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        session = self._write_session
        if session is None:
            session = self._write_session = SqliteSession(self._path, read_only=False)
        session.connection.execute("BEGIN IMMEDIATE")
        try:
            yield session
            session.connection.execute("COMMIT")
        except BaseException:
            # The database itself may have rolled back already (disk full, I/O error).
            if session.connection.in_transaction:
                session.connection.execute("ROLLBACK")
            raise


def _create_private(path: Path) -> None:
    """Make the file readable by its owner only: it holds health data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
