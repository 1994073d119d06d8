"""``Measure/$evaluate-measure``: the numbers of the indicators' page, for whoever may see them."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mappings.measure_report import Frame, measure_report
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.definitions import BY_CODE, INDICATORS
from sesame_fhir.domain.indicators.facts import PathwayFacts, facts_of
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.authorization import STAFF_ID
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.indicators import figures, gather, reader_of
from sesame_fhir.services.staff import StaffMember
from sesame_fhir.storage import Store, open_store
from tests.contract.api.conftest import KEY
from tests.contract.api.harness import World, clients
from tests.contract.api.operations.asking import Asking, Json, given, parameters
from tests.support.cohort import NOW, pathways
from tests.support.fakes import CountingIds, HandClock

PATIENTS = 60
A, B = SiteId("site-a"), SiteId("site-b")
NAMES = {A: "Argenteuil", B: "Bezons"}
YEAR = "periodStart=2026-01-01&periodEnd=2026-11-22"
PEOPLE = {
    "nurse": StaffMember("nurse", "nurse", "Infirmière Fictive", Role.NURSE, (A,)),
    "coordinator": StaffMember("coordinator", "coordinator", "Coralie Fictive", Role.COORDINATOR, (A, B)),
    "administrator": StaffMember("administrator", "administrator", "Admin Fictif", Role.ADMINISTRATOR, (A,)),
}


@dataclass(frozen=True, slots=True)
class Known:
    """The pathways of a cohort, as the indicators ask for them."""

    facts_: tuple[PathwayFacts, ...]

    def facts(self, sites: Sequence[SiteId]) -> Iterator[PathwayFacts]:
        return (one for one in self.facts_ if one.site in sites)


KNOWN = Known(tuple(facts_of(one) for one in pathways(PATIENTS)))


@pytest.fixture(scope="module")
def counting(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """A facade over a cohort of two sites."""
    path = tmp_path_factory.mktemp("counting") / "counting.db"
    shutil.copy(migrated, path)
    store: Store = open_store(f"sqlite:///{path}", KEY)
    for person in PEOPLE.values():
        store.staff.save(person)
    limited = replace(clients()[0], client_id="of-site-b", sites=(B,))
    store.authorization.save_client(limited)
    clock, ids = HandClock(NOW), CountingIds()
    pathways_: Any = KNOWN
    projector: Any = None
    engine = Engine(pathways_, projector, store.audit, clock, ids, DEFAULT_POLICY)
    changes = {"engine": engine, "staff": store.staff, "site_names": NAMES}
    yield Asking(World(store, clock, ids, changes))
    store.close()


def ask(counting: Asking, path: str, who: str | None = None, **grant: Any) -> Any:
    context = {STAFF_ID: who} if who else {}
    token = counting.world.token("user/*.rs", context=context, **grant)
    return counting.world.call("GET", f"/fhir/{path}", token)


def expected(code: str, sites: frozenset[SiteId], role: Role, start: date, end: date) -> Json:
    pathways_: Any = KNOWN
    window = Window(start, end, NOW.date(), sites)
    shown = figures(gather(pathways_, window), window, reader_of(role, DEFAULT_POLICY))[code]
    frame = Frame(window, [(site, NAMES[site]) for site in sorted(sites)], NOW)
    return read_json(write_json(measure_report(BY_CODE[code], shown, frame)))


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.code)
def test_the_same_numbers_as_the_page(counting: Asking, indicator: Any) -> None:
    """Exact for a nurse at her site; hidden or rounded for a coordinator; valid for anybody."""
    start, end = date(2026, 1, 1), date(2026, 11, 22)
    for who, sites in (("nurse", frozenset({A})), ("coordinator", frozenset({A, B}))):
        answer = ask(counting, f"Measure/{indicator.code}/$evaluate-measure?{YEAR}", who)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found = read_json(answer.data)
        assert found == expected(indicator.code, sites, PEOPLE[who].role, start, end)
        assert validate(found, "MeasureReport") == []


def test_outside_the_care_team_periods_are_whole_months(counting: Asking) -> None:
    path = "Measure/started/$evaluate-measure?periodStart=2026-03-09&periodEnd=2026-05-03"
    found = json.loads(ask(counting, path, "coordinator").data)
    assert found["period"] == {"start": "2026-03-01", "end": "2026-05-31"}
    assert json.loads(ask(counting, path, "nurse").data)["period"] == {"start": "2026-03-09", "end": "2026-05-03"}


def test_software_is_outside_the_care_team_at_the_sites_of_its_client(counting: Asking) -> None:
    path = f"Measure/screened/$evaluate-measure?{YEAR}"
    start, end = date(2026, 1, 1), date(2026, 11, 22)
    everywhere = read_json(ask(counting, path).data)
    assert everywhere == expected("screened", frozenset({A, B}), Role.COORDINATOR, start, end)
    there = read_json(ask(counting, path, client_id="of-site-b").data)
    assert there == expected("screened", frozenset({B}), Role.COORDINATOR, start, end)
    assert ask(counting, path, "nurse", client_id="of-site-b").status_code == 403


@pytest.mark.parametrize("named", ["started", "Measure/started", "https://sesame-fhir.fr/ig/Measure/started|1.0.0"])
def test_a_measure_by_its_name(counting: Asking, named: str) -> None:
    at_type = json.loads(ask(counting, f"Measure/$evaluate-measure?{YEAR}&measure={named}").data)
    assert at_type == json.loads(ask(counting, f"Measure/started/$evaluate-measure?{YEAR}").data)


def test_by_post(counting: Asking) -> None:
    body = parameters(
        given("periodStart", valueDate="2026-01-01"),
        given("periodEnd", valueDate="2026-11-22"),
        given("reportType", valueCode="population"),
    )
    posted = counting.ok("Measure/started/$evaluate-measure", body)
    assert posted == json.loads(ask(counting, f"Measure/started/$evaluate-measure?{YEAR}").data)


@pytest.mark.parametrize(
    ("path", "status", "code", "place"),
    [
        (f"Measure/$evaluate-measure?{YEAR}", 400, "required", "measure"),
        (f"Measure/$evaluate-measure?{YEAR}&measure=nobody", 404, "not-found", "measure"),
        (f"Measure/nobody/$evaluate-measure?{YEAR}", 404, "not-found", None),
        ("Measure/started/$evaluate-measure?periodStart=2026-01-01", 400, "required", "periodEnd"),
        ("Measure/started/$evaluate-measure?periodStart=2026&periodEnd=2026-02-01", 400, "value", "periodStart"),
        ("Measure/started/$evaluate-measure?periodStart=2026-02-30&periodEnd=2026-03-01", 400, "value", "periodStart"),
        ("Measure/started/$evaluate-measure?periodStart=2026-03-01&periodEnd=2026-02-01", 400, "value", "periodEnd"),
        ("Measure/started/$evaluate-measure?periodStart=2026-03-01&periodEnd=2030-02-01", 400, "value", "periodEnd"),
        (f"Measure/started/$evaluate-measure?{YEAR}&reportType=subject-list", 400, "not-supported", "reportType"),
        (f"Measure/started/$evaluate-measure?{YEAR}&subject=Patient/p1", 400, "not-supported", "subject"),
    ],
)
def test_what_it_refuses(counting: Asking, path: str, status: int, code: str, place: str | None) -> None:
    assert counting.refused(path) == (status, [code], [place] if place else [])


@pytest.mark.parametrize(
    ("scope", "patient"), [("patient/*.rs", "p1"), ("user/Measure.rs", None), ("user/MeasureReport.rs", None)]
)
def test_a_token_that_has_no_counts(counting: Asking, scope: str, patient: str | None) -> None:
    path = f"Measure/started/$evaluate-measure?{YEAR}"
    assert counting.call(path, scope=scope, patient=patient).status_code == 403


def test_a_role_that_sees_no_counts(counting: Asking) -> None:
    assert ask(counting, f"Measure/started/$evaluate-measure?{YEAR}", "administrator").status_code == 403


def test_a_record_without_pathways_has_none(asking: Asking) -> None:
    assert asking.refused(f"Measure/started/$evaluate-measure?{YEAR}")[:2] == (501, ["not-supported"])
