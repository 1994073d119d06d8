"""The indicators' pages on a loaded cohort: figures, readers, past days, files, and questions that have no answer."""

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from html import unescape
from pathlib import Path

import pytest

from mappings.projector import PathwayProjector
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.definitions import BY_CODE, INDICATORS
from sesame_fhir.domain.indicators.objectives import Objective
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.search_index import index
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services.cohort.load import Order, lives
from sesame_fhir.services.cohort.people import SiteStaff
from sesame_fhir.services.records import Commit
from smart_app.team.indicators import texts
from smart_app.team.indicators.asked import AskedProblem, Preset
from tests.support.indicators import compute_all
from tests.support.story import SITE
from tests.support.team_cases import followed_case, referred_case
from tests.support.team_pages import MEMBERS, OTHER_SITE, Team, TeamBrowser, build_team

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()
SECOND = Actor("nurse-2", Role.NURSE, "Iris Imaginaire")
PEOPLE = 50
INSIDE, OUTSIDE = (Role.NURSE, Role.PSYCHIATRIST), (Role.SITE_REFERENT, Role.COORDINATOR)
_VALUE = re.compile(r'indicators/([a-z0-9-]+)\?.*?<td class="ind-value"><strong>([^<]*)<', re.DOTALL)


def _staff(site: SiteId, nurse: Actor) -> SiteStaff:
    return SiteStaff(site, (MEMBERS[Role.GP].actor,), (nurse,), (MEMBERS[Role.PSYCHIATRIST].actor,))


STAFF = (_staff(SITE, MEMBERS[Role.NURSE].actor), _staff(OTHER_SITE, SECOND))


pytestmark = pytest.mark.xdist_group("indicator-pages")
# One worker loads the cohort for all of them.


@pytest.fixture(scope="module")
def commits() -> list[Commit]:
    """What a cohort at two sites did, in the order in which it was recorded."""
    order = Order(PEOPLE, 3, NOW, STAFF, DEFAULT_POLICY)
    done = [commit for _, life in lives(order, PathwayProjector(index, DEFAULT_POLICY)) for commit in life]
    return sorted(done, key=lambda commit: commit.recorded_at)


Loader = Callable[[datetime], Team]


@pytest.fixture(scope="module")
def load(empty_database: Path, tmp_path_factory: pytest.TempPathFactory, commits: list[Commit]) -> Iterator[Loader]:
    """The application as it stood at a time: with what had been recorded by then, and nothing later."""
    built: list[Team] = []

    def load_until(moment: datetime) -> Team:
        database = tmp_path_factory.mktemp("cohort") / "cohort.db"
        shutil.copy(empty_database, database)
        built.append(team := build_team(database))
        team.pages.store.pathways.commit_all([commit for commit in commits if commit.recorded_at <= moment])
        team.pages.clock.move(seconds=(moment - team.pages.clock.now()).total_seconds())
        return team

    yield load_until
    for team in built:
        team.pages.store.close()


@pytest.fixture(scope="module")
def cohort(load: Loader) -> Team:
    """The application on that cohort, today."""
    return load(NOW)


@pytest.fixture
def nurse(cohort: Team) -> TeamBrowser:
    return cohort.browser(Role.NURSE)


@pytest.fixture
def coordinator(cohort: Team) -> TeamBrowser:
    return cohort.browser(Role.COORDINATOR)


def values_of(page: str) -> dict[str, str]:
    """What the list shows, by the indicator's code."""
    return dict(_VALUE.findall(page))


def rows_of(browser: TeamBrowser, question: str) -> list[dict[str, str]]:
    answer = browser.get(f"/indicators.csv?{question}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_the_list_shows_every_indicator_with_its_definition(nurse: TeamBrowser) -> None:
    page = unescape(nurse.get("/indicators?period=all").text)
    assert set(values_of(page)) == set(BY_CODE)
    for indicator in INDICATORS:
        assert indicator.definition in page
    assert "ce n'est pas un objectif" in page


def test_the_care_team_sees_what_the_facts_give(cohort: Team, nurse: TeamBrowser) -> None:
    facts = cohort.deps.engine.pathways.facts((SITE, OTHER_SITE))
    computed = compute_all(facts, Window(date(2020, 1, 1), TODAY, TODAY), DEFAULT_POLICY)
    for row in rows_of(nurse, "period=all"):
        value = computed[row["Code"]]
        assert (row["Effectif"], row["Total"], row["Arrondi"]) == (str(value.count), str(value.total), "0")
        assert float(row["Valeur"] or -1) == pytest.approx(-1 if value.value is None else value.value, abs=1e-4)


@pytest.mark.parametrize("role", [*INSIDE, *OUTSIDE])
def test_outside_the_care_team_every_number_is_coarse(cohort: Team, role: Role) -> None:
    rows = [
        row
        for question in ("period=all", *(f"period=all&code={code}" for code in ("exit-remission", "started", "exits")))
        for row in rows_of(cohort.browser(role), question)
    ]
    numbers = {int(row[name]) for row in rows for name in ("Effectif", "Total") if row[name]}
    coarse = all(number % DEFAULT_POLICY.small_cell == 0 for number in numbers)
    assert coarse is (role in OUTSIDE)
    assert any(row["Valeur"] in {"<5", "masqué"} for row in rows) is (role in OUTSIDE)


def test_small_numbers_are_on_no_page_outside_the_care_team(cohort: Team, coordinator: TeamBrowser) -> None:
    assert "&lt; 5" in coordinator.get("/indicators?period=last-month").text
    detail = coordinator.get("/indicators/exits?period=all").text
    cells = re.findall(r'<th scope="row">([^<]*).*?<td><strong>([^<]*)<', detail, re.DOTALL)
    assert {told for _, told in cells if told.isdigit()} <= {str(n) for n in range(0, 200, 5)}
    assert "masqué" in {told for _, told in cells}
    assert cohort.browser(Role.NURSE).get("/indicators/exits?period=all").text.count("masqué") == 0


def test_no_patient_is_named(cohort: Team, nurse: TeamBrowser) -> None:
    ids = list(cohort.deps.engine.pathways.pathway_ids())
    families = {cohort.deps.engine.load(pathway_id).traits.family for pathway_id in ids[:20]}  # type: ignore[union-attr]
    for path in ("/indicators?period=all", "/indicators/exits?period=all", "/indicators.json", "/indicators.csv"):
        text = nurse.get(path).text
        assert not any(family in text for family in families)
        assert not any(pathway_id in text for pathway_id in ids)


def test_a_choice_of_site_and_nurse_divides_the_whole(nurse: TeamBrowser) -> None:
    def referred(question: str) -> int:
        return int(next(row["Effectif"] for row in rows_of(nurse, question) if row["Code"] == "referred"))

    assert referred("period=all") == referred(f"period=all&site={SITE}") + referred(f"period=all&site={OTHER_SITE}")
    assert 0 < referred("period=all&nurse=nurse-2") <= referred(f"period=all&site={OTHER_SITE}")
    assert "Iris Imaginaire" in nurse.get("/indicators?nurse=nurse-2").text


@pytest.mark.parametrize("days_ago", [400, 120, 60])
def test_a_past_day_shows_what_was_shown_then(cohort: Team, load: Loader, days_ago: int) -> None:
    """In the evening of that day, and today seen from that day: the same files."""
    evening = datetime(2026, 11, 22, 21, 30, tzinfo=UTC) - timedelta(days=days_ago)
    then = load(evening)
    for question in ("period=all", "period=year", "period=last-month", "period=this-month&nurse=nurse-2"):
        seen_then = rows_of(then.browser(Role.NURSE), question)
        assert rows_of(cohort.browser(Role.NURSE), f"{question}&as_of={evening.date().isoformat()}") == seen_then
    whole = {row["Code"]: int(row["Effectif"]) for row in rows_of(then.browser(Role.NURSE), "period=all")}
    today = {row["Code"]: int(row["Effectif"]) for row in rows_of(cohort.browser(Role.NURSE), "period=all")}
    assert 0 < whole["referred"] <= today["referred"]
    assert whole["exits"] < today["exits"]


REFUSED = [
    ("start=2030-01-01", AskedProblem.DAY_IN_FUTURE),
    ("as_of=2026-11-23", AskedProblem.DAY_IN_FUTURE),
    ("start=2026-03-01&end=2026-02-01", AskedProblem.DAYS_REVERSED),
    ("start=2026-03-01&as_of=2026-02-01", AskedProblem.DAYS_REVERSED),
    ("start=31/02/2026", AskedProblem.DAY_UNREADABLE),
    ("end=demain", AskedProblem.DAY_UNREADABLE),
    ("period=decade", AskedProblem.PERIOD_UNKNOWN),
    ("site=nowhere", AskedProblem.SITE_UNKNOWN),
    ("nurse=nobody", AskedProblem.NURSE_UNKNOWN),
]


@pytest.mark.parametrize("path", ["/indicators", "/indicators/exits", "/indicators.csv", "/indicators.json"])
@pytest.mark.parametrize(("question", "problem"), REFUSED)
def test_a_question_without_an_answer_is_refused(
    nurse: TeamBrowser, path: str, question: str, problem: AskedProblem
) -> None:
    answer = nurse.get(f"{path}?{question}")
    assert answer.status_code == 422
    assert texts.PROBLEMS[problem] in unescape(answer.text)
    assert "ind-value" not in answer.text


def test_everything_wrong_is_told_at_once(nurse: TeamBrowser) -> None:
    page = nurse.get("/indicators?start=2031-01-01&end=2030-01-01&site=x&period=y").text
    assert page.count("<li>") >= 4


def test_a_site_out_of_reach_is_refused_like_one_that_does_not_exist(cohort: Team) -> None:
    referent = cohort.browser(Role.SITE_REFERENT)
    answers = [referent.get(f"/indicators?site={site}") for site in (OTHER_SITE, "nowhere")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text == answers[1].text
    assert "nurse-2" not in referent.get("/indicators").text
    assert referent.get("/indicators?nurse=nurse-2").status_code == 422


@pytest.mark.parametrize("path", ["/indicators/nothing", "/indicators.csv?code=nothing"])
def test_an_unknown_indicator_is_not_found(nurse: TeamBrowser, path: str) -> None:
    assert nurse.get(path).status_code == 404


@pytest.mark.parametrize("role", [Role.GP, Role.FRONT_DESK, Role.ADMINISTRATOR])
@pytest.mark.parametrize("path", ["/indicators", "/indicators/exits", "/indicators.csv", "/indicators.json"])
def test_other_roles_are_refused(cohort: Team, role: Role, path: str) -> None:
    assert cohort.browser(role).get(path).status_code == 403


# asked | shown to the care team | shown outside it
PERIODS = [
    ("period=this-month", "01/11/2026 22/11/2026", "01/11/2026 22/11/2026"),
    ("period=last-month", "01/10/2026 31/10/2026", "01/10/2026 31/10/2026"),
    ("period=last-3-months", "01/09/2026 22/11/2026", "01/09/2026 22/11/2026"),
    ("", "01/01/2026 22/11/2026", "01/01/2026 22/11/2026"),
    ("start=2026-02-10&end=14/03/2026", "10/02/2026 14/03/2026", "01/02/2026 31/03/2026"),
    ("start=2026-11-10&end=2026-11-12", "10/11/2026 12/11/2026", "01/11/2026 22/11/2026"),
    ("period=this-month&as_of=2026-05-10", "01/05/2026 10/05/2026 10/05/2026", "01/05/2026 31/05/2026 31/05/2026"),
    ("period=year&as_of=2025-12-31", "01/01/2025 31/12/2025 31/12/2025", "01/01/2025 31/12/2025 31/12/2025"),
]


@pytest.mark.parametrize(("question", "inside", "outside"), PERIODS)
def test_periods(nurse: TeamBrowser, coordinator: TeamBrowser, question: str, inside: str, outside: str) -> None:
    for browser, expected in ((nurse, inside), (coordinator, outside)):
        told = re.search(r'<p class="ind-what">.*?</p>', browser.get(f"/indicators?{question}").text, re.DOTALL)
        assert told is not None
        assert re.findall(r">([0-9/]{10})<", told[0]) == expected.split()


def test_the_file_is_rfc_4180_with_a_mark_for_excel(nurse: TeamBrowser) -> None:
    answer = nurse.get("/indicators.csv?period=all&code=exits")
    assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = answer.data.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == ""
    assert not any("\n" in one for one in lines)
    rows = rows_of(nurse, "period=all&code=exits")
    assert {row["Découpage"] for row in rows} == {"Ensemble", "Mois", "Site", "Infirmière"}
    whole = int(rows[0]["Effectif"])
    for kind in ("Mois", "Site", "Infirmière"):
        assert sum(int(row["Effectif"]) for row in rows if row["Découpage"] == kind) == whole


@pytest.mark.parametrize("role", [Role.NURSE, Role.COORDINATOR])
def test_the_bundle_is_valid_and_says_what_the_page_says(cohort: Team, role: Role) -> None:
    browser = cohort.browser(role)
    answer = browser.get(f"/indicators.json?period=all&site={SITE}")
    assert answer.headers["Content-Type"].startswith("application/fhir+json")
    bundle = read_json(answer.data)
    assert validate(bundle, "Bundle") == []
    reports = {r["resource"]["measure"].split("/")[-1].partition("|")[0]: r["resource"] for r in bundle["entry"]}
    assert set(reports) == set(BY_CODE)
    rows = {row["Code"]: row for row in rows_of(browser, f"period=all&site={SITE}")}
    for code, report in reports.items():
        counts = [population.get("count") for population in report["group"][0]["population"]]
        told = rows[code]["Effectif" if counts[1:] or BY_CODE[code].unit == "count" else "Total"]
        assert (counts[-1] if counts[-1] is not None else "") == (int(told) if told else "")
        assert report["reporter"]["identifier"]["value"] == SITE


def test_objectives_are_compared_where_they_apply(cohort: Team) -> None:
    year = (date(2026, 1, 1), date(2026, 12, 31))
    planned = (Objective(*year, 874, 1362, None, 12_000), Objective(*year, 400, 600, SITE))
    before = cohort.deps
    changed = replace(before, team=replace(before.team, objectives=planned))
    cohort.pages.app.extensions["sesame-app"] = changed
    try:
        page = cohort.browser(Role.NURSE).get("/indicators").text
        followed = values_of(page)["followed"]
        assert re.search(rf"<strong>{followed}</strong> sur 874 prévus", page)
        assert "dépistés sur 12\u202f000 adultes" in page
        assert "sur 400 prévus" in page
        assert page.count("non configuré") == 1
        alone = cohort.browser(Role.SITE_REFERENT).get("/indicators").text
        assert ("sur 400 prévus" in alone, "874" in alone) == (True, False)
        assert "sur 400 prévus" not in cohort.browser(Role.NURSE).get("/indicators?nurse=nurse-2").text
        assert "sur 400 prévus" not in cohort.browser(Role.NURSE).get("/indicators?period=all&end=2025-12-31").text
    finally:
        cohort.pages.app.extensions["sesame-app"] = before


def test_without_objectives_the_page_says_so(nurse: TeamBrowser) -> None:
    page = unescape(nurse.get("/indicators").text)
    assert "Aucun objectif n'est configuré" in page
    assert "non configuré" in page


def test_a_fresh_pathway_counts_at_once(team: Team) -> None:
    """Nothing is kept between two requests."""
    browser = team.browser(Role.NURSE)
    assert values_of(browser.get("/indicators").text)["referred"] == "0"
    referred_case(team, 0)
    assert values_of(browser.get("/indicators").text)["referred"] == "1"
    followed_case(team, 1)
    assert values_of(browser.get("/indicators").text)["referred"] == "2"
    assert values_of(browser.get("/indicators").text)["followed"] == "1"


@pytest.mark.parametrize(("table", "codes"), [(texts.PRESETS, Preset), (texts.PROBLEMS, AskedProblem)])
def test_every_code_has_a_text(table: dict[object, str], codes: type[StrEnum]) -> None:
    assert set(table) == set(codes)
