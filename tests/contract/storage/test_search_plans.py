"""No search that names something walks a whole table: SQLite's own plan says so."""

from collections.abc import Iterator
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
from sesame_fhir.storage.search import search
from sesame_fhir.storage.vault import AesVault
from tests.contract.storage.plans import PlanSession, planning
from tests.support.databases import VAULT_KEY

DAY = datetime(2026, 3, 2, tzinfo=UTC)
VAULT = AesVault(VAULT_KEY)
IDENTIFIER = TokenClause("identifier", (TokenValue("urn:x", "1"),))
CODE = TokenClause("code", (TokenValue("http://loinc.org", "44249-1"), TokenValue(None, "x")))
NAME = StringClause("family", ("mar",))
PATIENT = ReferenceClause("patient", (ReferenceValue("Patient", "1"),))
WHEN = DateClause("date", (DateValue(DatePrefix.EQ, DAY, DAY + timedelta(days=1)),))


@pytest.fixture
def session(sqlite_url: str) -> Iterator[PlanSession]:
    with planning(sqlite_url) as opened:
        yield opened


@pytest.mark.parametrize(
    "sort", [Sort("_lastUpdated", descending=True), Sort("_id"), Sort("date"), Sort("family", kind="string")]
)
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
    steps = session.steps
    assert steps
    # Only the candidates found and the page itself are walked.
    assert [
        s for s in steps if s.startswith("SCAN") and s not in {"SCAN c", "SCAN n", "SCAN p", "SCAN (subquery-2)"}
    ] == []
    assert all("USING" in s for s in steps if s.startswith("SEARCH"))
