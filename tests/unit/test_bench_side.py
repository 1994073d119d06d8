"""What both servers are asked in the bench: valid for ours, and the same for both; what is said without HAPI."""

from pathlib import Path

import pytest

from mappings.profiles import load_questionnaires
from sesame_fhir.fhir.profiles import Profiles
from sesame_fhir.fhir.validation import validate
from tests.bench.side import hapi, people
from tests.bench.side.measuring import HAPI, OURS, Measured
from tests.bench.side.rounds import Result
from tests.bench.side.scenarios import SCENARIOS, Scenario, sample
from tests.bench.side.table import Report

PROFILES = Profiles({}, load_questionnaires())


@pytest.mark.parametrize("number", [0, 3, 99_999])
def test_what_is_stored_and_written_is_valid(number: int) -> None:
    stored = list(people.resources(number))
    assert len(stored) == people.EACH
    written = [entry["resource"] for entry in people.visit(number)["entry"]]
    for resource in (*stored, *written):
        assert validate(resource, resource["resourceType"], profiles=PROFILES) == []


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_both_are_asked_the_same_but_for_the_token(scenario: Scenario) -> None:
    numbers = sample(1_000)
    plain, ours = (scenario.requests(headers, numbers) for headers in ({}, {"Authorization": "Bearer x"}))
    assert [request.replace(b"Authorization: Bearer x\r\n", b"") for request in ours] == plain


def test_without_java_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(hapi.Absent, match="java and mvn not found: install"):
        hapi.built()


def test_the_table_shows_ratios_round_by_round_and_says_nothing_of_what_was_not_measured() -> None:
    report = Report(Path("unused.json"), {})
    ours, theirs = (
        Result(name, "read", 8, rates, 1.0, 2.0, 50.0)
        for name, rates in ((OURS, (10.0, 60.0, 20.0)), (HAPI, (1.0, 2.0, 4.0)))
    )
    report.parts = [Measured("both", "sqlite", 10, (ours, theirs)), Measured("alone", "sqlite", 10, (ours,))]
    lines = report.text().splitlines()
    assert "| read | 8 | 20 | 2 | 50 | 2 | 2 | 50 | **10.0** (5) | 1.00 |" in lines
    assert "| read | 8 | 20 | 2 | 50 |  |  |  |  |  |" in lines
