"""The seam between the two databases: a session runs statements inside a job; a database runs jobs.

Two kinds of statements: text with ``?`` placeholders for the hot ones, straight to the driver, and SQLAlchemy Core for
the others, compiled once per database. Everything above this module is written once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Delete, Insert, Select, Table, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

Value = str | int | bytes | bool | None
"""What passes between Python and a column."""

Row = tuple[Any, ...]
"""Values of one row, in the order of the statement's columns."""

Statement = Select[Any] | Insert | Update | Delete

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A Core statement as driver text; ``order`` names its positional parameters (None: by name)."""

    text: str
    fixed: Mapping[str, Any]
    order: tuple[str, ...] | None


class Session(ABC):
    """One connection while a job runs."""

    dialect: Dialect

    @abstractmethod
    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Run hot SQL (``?`` placeholders, no other question mark) and return every row."""

    @abstractmethod
    def run(self, sql: str, params: Sequence[Value] = ()) -> int:
        """Run hot SQL and return how many rows it changed."""

    @abstractmethod
    def run_many(self, sql: str, params: Iterable[Sequence[Value]]) -> int:
        """Run hot SQL once for each row of parameters and return how many rows all of them changed."""

    @abstractmethod
    def lock(self, name: str) -> None:
        """Keep other writers of the same name out until the transaction ends."""

    @abstractmethod
    def row_lock(self, alias: str, *, skip_locked: bool = False) -> str:
        """Return the suffix of a SELECT that keeps other writers off its rows; empty where one writer is the rule."""

    @abstractmethod
    def off_index(self, column: str) -> str:
        """Return the column in a form that is not looked up in its index, where the planner has no statistics."""

    @abstractmethod
    def _driver_rows(self, compiled: Compiled, params: Mapping[str, Value]) -> list[Row]:
        """Run a compiled statement and return its rows."""

    @abstractmethod
    def _driver_run(self, compiled: Compiled, params: Mapping[str, Value]) -> int:
        """Run a compiled statement and return how many rows it changed."""

    def row(self, sql: str, params: Sequence[Value] = ()) -> Row | None:
        """Run hot SQL and return its first row."""
        found = self.rows(sql, params)
        return found[0] if found else None

    def select(self, statement: Select[Any] | Delete | Update, /, **params: Value) -> list[Row]:
        """Run a Core statement that returns rows."""
        compiled = _compile(statement, (), self.dialect)
        return self._driver_rows(compiled, {**compiled.fixed, **params})

    def execute(
        self, statement: Insert | Update | Delete, values: Mapping[str, Value] | None = None, /, **where: Value
    ) -> int:
        """Run a Core statement: ``values`` are columns, ``where`` its named parameters. Returns the rows changed."""
        given = values or {}
        compiled = _compile(statement, tuple(given), self.dialect)
        return self._driver_run(compiled, {**compiled.fixed, **given, **where})

    def upsert(self, table: Table, values: Mapping[str, Value], unique: str) -> None:
        """Insert a row, or replace the other columns of the row with the same ``unique`` columns (comma-separated)."""
        self.execute(_upsert(self.dialect.name, table, tuple(values), unique), values)


class Database(ABC):
    """Runs jobs; one implementation per database."""

    url: str
    """SQLAlchemy URL, for migrations."""

    @abstractmethod
    def read(self, job: Callable[[Session], T]) -> T:
        """Run a job that only reads, in the calling thread."""

    @abstractmethod
    def write(self, job: Callable[[Session], T]) -> T:
        """Run a job in a transaction and return when it is durable. The job may run again after a lost race."""

    @abstractmethod
    def submit(self, job: Callable[[Session], T], *, may_wait: bool = False) -> "Future[T]":
        """Queue a job for the writer thread, which commits jobs in their order; ``may_wait``: a moment, for others."""

    def flush(self) -> None:
        """Return when every job queued before has ended."""
        self.submit(lambda _session: None).result()

    @abstractmethod
    def close(self) -> None:
        """Write what is queued and release every connection."""


Transaction = Callable[[], AbstractContextManager[Session]]
"""Opens a transaction: commits at its end, rolls back on an error."""


@lru_cache(maxsize=64)
def _upsert(dialect: str, table: Table, columns: tuple[str, ...], unique: str) -> Insert:
    keys = unique.split(",")
    if dialect == "sqlite":
        lite = sqlite.insert(table).inline()
        return lite.on_conflict_do_update(
            index_elements=keys, set_={c: lite.excluded[c] for c in columns if c not in keys}
        )
    insert = postgresql.insert(table).inline()
    return insert.on_conflict_do_update(
        index_elements=keys, set_={c: insert.excluded[c] for c in columns if c not in keys}
    )


@lru_cache(maxsize=512)
def _compile(statement: Statement, columns: tuple[str, ...], dialect: Dialect) -> Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=list(columns) or None)
    order = tuple(getattr(compiled, "positiontup", None) or ()) if dialect.positional else None
    return Compiled(compiled.string, compiled.params, order)
