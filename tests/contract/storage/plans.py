"""SQLite's own word on how it answers: every statement is run with its plan kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sesame_fhir.storage import open_store
from sesame_fhir.storage.session import Row, Value
from sesame_fhir.storage.sqlite import SqliteSession
from tests.support.databases import VAULT_KEY


class PlanSession(SqliteSession):
    """Runs each statement and keeps its plan."""

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        self.plans = [*getattr(self, "plans", []), *super().rows(f"EXPLAIN QUERY PLAN {sql}", params)]
        return super().rows(sql, params)

    @property
    def steps(self) -> list[str]:
        """Every step of every plan so far."""
        return [str(row[3]) for row in self.plans]


@contextmanager
def planning(url: str) -> Iterator[PlanSession]:
    """A session that reads a database and keeps the plans."""
    with open_store(url, VAULT_KEY) as store:
        assert store.check() == []
    opened = PlanSession(store._database._path, read_only=True)  # type: ignore[attr-defined]
    try:
        yield opened
    finally:
        opened.connection.close()
