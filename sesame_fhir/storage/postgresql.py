"""PostgreSQL: a pool of connections; callers write side by side, the audit log through one writer thread."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import lru_cache

import psycopg
from psycopg import errors
from psycopg_pool import ConnectionPool
from sqlalchemy.dialects.postgresql.psycopg import dialect as psycopg_dialect

from sesame_fhir.storage.session import Compiled, Database, Row, Session, T, Value
from sesame_fhir.storage.writer import GroupWriter

_MAX_CONNECTIONS = 16
# A page must not hang, nor /readyz, when the server is away; and it is asked again as soon as somebody needs it.
_WAIT_SECONDS = 5
_ATTEMPTS = 5
_LOST_RACES = (errors.DeadlockDetected, errors.SerializationFailure)

_Connection = psycopg.Connection[Row]


class PostgresSession(Session):
    """A pooled connection while a job runs."""

    dialect = psycopg_dialect()  # type: ignore[no-untyped-call]

    def __init__(self, connection: _Connection) -> None:
        self.connection = connection

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Run hot SQL and return every row."""
        return self.connection.execute(_native(sql), params).fetchall()

    def run(self, sql: str, params: Sequence[Value] = ()) -> int:
        """Run hot SQL and return how many rows it changed."""
        return self.connection.execute(_native(sql), params).rowcount

    def run_many(self, sql: str, params: Iterable[Sequence[Value]]) -> int:
        """Run hot SQL once for each row of parameters, in one round trip; returns how many rows all of them changed."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_native(sql), params)
            return max(0, cursor.rowcount)

    def lock(self, name: str) -> None:
        """Take an advisory lock that ends with the transaction."""
        self.rows("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (name,))

    def row_lock(self, alias: str, *, skip_locked: bool = False) -> str:
        """Return the suffix of a SELECT that keeps other writers off its rows."""
        return f" FOR UPDATE OF {alias}{' SKIP LOCKED' if skip_locked else ''}"

    def off_index(self, column: str) -> str:
        """Leave the column as it is: this planner knows how many rows a condition leaves."""
        return column

    def _driver_rows(self, compiled: Compiled, params: Mapping[str, Value]) -> list[Row]:
        return self.connection.execute(compiled.text.encode(), params).fetchall()

    def _driver_run(self, compiled: Compiled, params: Mapping[str, Value]) -> int:
        return self.connection.execute(compiled.text.encode(), params).rowcount


class PostgresDatabase(Database):
    """One database of a server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool: ConnectionPool[_Connection] = ConnectionPool(
            url,
            connection_class=_Connection,
            kwargs={"autocommit": True},
            min_size=1,
            max_size=_MAX_CONNECTIONS,
            timeout=_WAIT_SECONDS,
            reconnect_timeout=_WAIT_SECONDS,
            open=False,
            name="sesame",
        )
        self._writer = GroupWriter(self._transaction, "sesame-writer")

    def read(self, job: Callable[[Session], T]) -> T:
        """Run a job that only reads, in the calling thread."""
        with self._connection() as session:
            return job(session)

    def write(self, job: Callable[[Session], T]) -> T:
        """Run a job in a transaction of its own, again when it lost a race that the server broke up."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._once(job)
            except _LOST_RACES:
                continue
        return self._once(job)

    def submit(self, job: Callable[[Session], T], *, may_wait: bool = False) -> "Future[T]":
        """Queue a job for the writer thread."""
        return self._writer.submit(job, may_wait=may_wait)

    def close(self) -> None:
        """Write what is queued and close every connection."""
        self._writer.close()
        self._pool.close()

    def _once(self, job: Callable[[Session], T]) -> T:
        with self._transaction() as session:
            return job(session)

    @contextmanager
    def _connection(self) -> Iterator[PostgresSession]:
        self._pool.open()
        with self._pool.connection() as connection:
            yield PostgresSession(connection)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._connection() as session, session.connection.transaction():
            yield session


@lru_cache(maxsize=1024)
def _native(sql: str) -> bytes:
    """Turn ``?`` placeholders into the driver's."""
    return sql.replace("%", "%%").replace("?", "%s").encode()
