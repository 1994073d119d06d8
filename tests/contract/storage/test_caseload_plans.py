"""No question of the team walks or sorts a whole table: SQLite's own plan says so."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sesame_fhir.services.caseload import CaseloadSort
from sesame_fhir.storage import agenda, caseload, open_store, pathways
from sesame_fhir.storage.vault import AesVault
from tests.contract.storage.caseload_rows import SITES, TODAY, commit_of_row, some_row
from tests.contract.storage.conftest import sqlite_copy
from tests.contract.storage.plans import PlanSession, planning
from tests.contract.storage.test_caseload import QUESTIONS
from tests.support.databases import VAULT_KEY

VAULT = AesVault(VAULT_KEY)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = sqlite_copy(sqlite_template, tmp_path_factory.mktemp("plans"))
    chance = random.Random(3)  # noqa: S311  rows, not secrets
    with open_store(url, VAULT_KEY) as store:
        store.pathways.commit_all([commit_of_row(some_row(number, chance)) for number in range(40)])
    return url


@pytest.fixture
def session(filled_url: str) -> Iterator[PlanSession]:
    with planning(filled_url) as opened:
        yield opened


def check(session: PlanSession) -> None:
    """Each table is searched along an index, and nothing is sorted: lists are merged as they come."""
    steps = session.steps
    assert any(step.startswith("SEARCH") for step in steps)
    assert [step for step in steps if step.startswith("SCAN") and step != "SCAN counted"] == []
    assert [step for step in steps if "TEMP B-TREE" in step] == []
    assert all("USING" in step for step in steps if step.startswith("SEARCH"))


@pytest.mark.parametrize("few", [0, 1000], ids=["walked", "gathered"])
@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - {"no site", "no bucket", "a null character"}))
def test_the_caseload(session: PlanSession, name: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name_of_few in ("_FEW", "_FEW_FLAGS"):
        monkeypatch.setattr(f"sesame_fhir.storage.caseload_plan.{name_of_few}", few)
    for sort in CaseloadSort:
        for descending in (False, True):
            query = replace(QUESTIONS[name], sort=sort, descending=descending, limit=3)
            page = caseload.page(session, query, VAULT)
            if page.next_cursor is not None:
                caseload.page(session, replace(query, cursor=page.next_cursor), VAULT)
    caseload.count(session, QUESTIONS[name], 100)
    check(session)


def test_a_row_the_agenda_and_what_is_due(session: PlanSession) -> None:
    caseload.one(session, "pathway-000")
    for nurse in (None, "nurse-1"):
        agenda.agenda(session, SITES, nurse, NOON, NOON + timedelta(days=7), 50)
    agenda.sequences_due(session, TODAY, 50)
    session.rows(pathways._FACTS, (SITES[0], 0, 50))
    check(session)
