"""No search that names something walks a whole table: SQLite's own plan says so."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from sesame_fhir.services.search import (
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    IdClause,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    Sort,
    StringClause,
    TokenClause,
    TokenValue,
    UriClause,
)
from sesame_fhir.storage import open_store
from sesame_fhir.storage.search import search
from sesame_fhir.storage.session import Row, Value
from sesame_fhir.storage.sqlite import SqliteSession
from sesame_fhir.storage.vault import AesVault
from tests.support.databases import VAULT_KEY

DAY = datetime(2026, 3, 2, tzinfo=UTC)
VAULT = AesVault(VAULT_KEY)
IDENTIFIER = TokenClause("identifier", (TokenValue("urn:x", "1"),))
CODE = TokenClause("code", (TokenValue("http://loinc.org", "44249-1"), TokenValue(None, "x")))
NAME = StringClause("family", ("mar",))
PATIENT = ReferenceClause("patient", (ReferenceValue("Patient", "1"),))
WHEN = DateClause("date", (DateValue(DatePrefix.EQ, DAY, DAY + timedelta(days=1)),))


class PlanSession(SqliteSession):
    """Runs each statement and keeps its plan."""

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        self.plans = [*getattr(self, "plans", []), *super().rows(f"EXPLAIN QUERY PLAN {sql}", params)]
        return super().rows(sql, params)


@pytest.fixture
def session(sqlite_url: str) -> Iterator[PlanSession]:
    with open_store(sqlite_url, VAULT_KEY) as store:
        assert store.check() == []
    opened = PlanSession(store._database._path, read_only=True)  # type: ignore[attr-defined]
    yield opened
    opened.connection.close()


@pytest.mark.parametrize("sort", [Sort("_lastUpdated", descending=True), Sort("_id"), Sort("date"), Sort("family")])
@pytest.mark.parametrize(
    "clauses",
    [
        (),
        (IDENTIFIER,),
        (CODE,),
        (NAME,),
        (PATIENT,),
        (WHEN,),
        (UriClause("url", ("http://x",)),),
        (IdClause(("1",)),),
        (PATIENT, CODE, WHEN),
        (NAME, CODE, IdClause(("1", "2"))),
        (DateClause("_lastUpdated", WHEN.values), CODE),
    ],
    ids=range(11),
)
def test_plans_use_indexes(session: PlanSession, clauses: tuple[Clause, ...], sort: Sort) -> None:
    search(session, SearchQuery("Patient", clauses, sort=(sort,)), VAULT)
    search(session, SearchQuery("Patient", clauses, count=0), VAULT)
    steps = [str(row[3]) for row in session.plans]
    assert steps
    # Only the candidates found and the page itself are walked.
    assert [s for s in steps if s.startswith("SCAN") and s not in {"SCAN c", "SCAN p", "SCAN (subquery-2)"}] == []
    assert all("USING" in s for s in steps if s.startswith("SEARCH"))
