"""No search that names something walks a whole table: SQLite's own plan says so."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sesame_fhir.services.records import Origin, StoredResource
from sesame_fhir.services.search import (
    ChainClause,
    Clause,
    DateClause,
    DatePrefix,
    DateValue,
    HasClause,
    IdClause,
    Include,
    MissingClause,
    QuantityClause,
    QuantityValue,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    Sort,
    StringClause,
    TokenClause,
    TokenValue,
    UriClause,
)
from sesame_fhir.storage.includes import included
from sesame_fhir.storage.search import search
from sesame_fhir.storage.vault import AesVault
from tests.contract.storage.plans import PlanSession, planning
from tests.support.databases import VAULT_KEY
from tests.support.story import SITE

WALKED = {"SCAN c", "SCAN k", "SCAN n", "SCAN p", "SCAN (subquery-2)"}
DAY = datetime(2026, 3, 2, tzinfo=UTC)
VAULT = AesVault(VAULT_KEY)
IDENTIFIER = TokenClause("identifier", (TokenValue("urn:x", "1"),))
CODE = TokenClause("code", (TokenValue("http://loinc.org", "44249-1"), TokenValue(None, "x")))
NAME = StringClause("family", ("mar",))
PATIENT = ReferenceClause("patient", (ReferenceValue("Patient", "1"),))
WHEN = DateClause("date", (DateValue(DatePrefix.EQ, DAY, DAY + timedelta(days=1)),))
SCORE = QuantityClause("value", (QuantityValue(DatePrefix.GT, Decimal(1), Decimal(0), Decimal(1), "urn:u", "mg"),))
NOT = TokenClause("status", (TokenValue(None, "x"),), negated=True)
GONE = MissingClause("location", "reference", missing=True)


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
        (SCORE,),
        (CODE, SCORE, NOT, GONE),
        (ChainClause("general-practitioner", "Practitioner", (IDENTIFIER,)),),
        (ChainClause("general-practitioner", "Practitioner", (IdClause(("1",)), CODE)),),
        (PATIENT, ChainClause("organization", "Organization", (NAME, CODE, NOT))),
        (ChainClause("organization", "Organization", (NOT, GONE)), IDENTIFIER),
        (HasClause("Observation", "patient", (CODE, WHEN)),),
        (HasClause("Observation", "patient", (IDENTIFIER, SCORE)),),
        (HasClause("Observation", "patient", (IdClause(("1",)),)), NAME),
        (HasClause("Observation", "patient", (NOT, GONE)), NAME),
    ],
    ids=range(21),
)
def test_plans_use_indexes(session: PlanSession, clauses: tuple[Clause, ...], sort: Sort) -> None:
    search(session, SearchQuery("Patient", clauses, sort=(sort,)), VAULT)
    search(session, SearchQuery("Patient", clauses, count=0), VAULT)
    check(session.steps)


def check(steps: list[str]) -> None:
    assert steps
    # Only the candidates found and the page itself are walked.
    assert [s for s in steps if s.startswith("SCAN") and s not in WALKED] == []
    assert all("USING" in s for s in steps if s.startswith("SEARCH"))


@pytest.mark.parametrize(
    "include",
    [
        Include("Patient", "organization"),
        Include("Patient", "organization", "Organization", clauses=(NAME,)),
        Include("Patient", None, "Organization"),
        Include("Observation", "patient", "Patient", reverse=True, clauses=(CODE, NOT)),
    ],
)
def test_what_comes_along_is_found_by_indexes(session: PlanSession, include: Include) -> None:
    page = [StoredResource("Patient", name, 1, DAY, b"{}", Origin.RECORD, SITE) for name in ("a", "b")]
    included(session, page, (include,), None, 1000)
    included(session, page, (include,), frozenset({SITE}), 1000)
    check(session.steps)


def test_what_names_something_never_starts_from_its_whole_type(session: PlanSession) -> None:
    """The type's own index is for whole types: no plan of these uses it."""
    for clauses in (
        (PATIENT, NOT, GONE),
        (ChainClause("general-practitioner", "Practitioner", (IDENTIFIER, NOT)),),
        (HasClause("Observation", "patient", (IDENTIFIER, SCORE)),),
        (IDENTIFIER, ChainClause("organization", "Organization", (NOT,))),
    ):
        search(session, SearchQuery("Patient", clauses), VAULT)
    assert [s for s in session.steps if "ix_resource_resource_type" in s] == []
