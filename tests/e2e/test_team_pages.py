"""axe-core finds nothing on the team's pages, at 420 and 1280 pixels."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.instruments import InstrumentId
from tests.e2e.looking import check
from tests.support.app_pages import migrated_database
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import OTHER_SITE, build_team
from tests.support.team_server import TeamServer, serving

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]

WIDTHS = (420, 1280)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServer]:
    """A team at work in May 2026: somebody who gets worse, somebody who gets better, referrals, an exit."""
    team = build_team(migrated_database(tmp_path_factory.mktemp("team-browser")))
    long_case = followed_case(team, 0).join(Role.PSYCHIATRIST)
    better = followed_case(team, 1, OTHER_SITE)
    followed_case(team, 6).leave(ev.ExitReason.PATIENT_WISH)
    referred_case(team, 7).call(ev.CallResult.LEFT_MESSAGE).decline()
    _ten_weeks(long_case, better)
    soon = followed_case(team, 2)
    soon.hold("111111110", note="Dort un peu mieux.").schedule(soon.clock.now() + timedelta(hours=3))
    soon.schedule(soon.clock.now() + timedelta(days=6), ev.ContactMode.VIDEO)
    followed_case(team, 3).screen("333333333")
    referred_case(team, 4).call()
    referred_case(team, 5, OTHER_SITE)
    long_case.write().mark()
    with serving(team) as running:
        yield running
    team.pages.store.close()


def _ten_weeks(worse: Case, better: Case) -> None:
    """Contacts every two weeks: one PHQ-9 falls and rises again, with a review between, the other falls for good."""
    for turn, (up, down) in enumerate(
        (("222221111", "211111110"), ("111111110", "111110000"), ("121212110", "110000000"), ("222222210", "100000000"))
    ):
        worse.later(days=14).hold(
            up, note="Marche deux fois par semaine.", private_note="Évoque son frère."
        ).acknowledge()
        better.hold(down)
        worse.screen("2222222", InstrumentId.GAD_7)
        if turn == 1:
            worse.advise().decide()
            worse.miss(worse.schedule(worse.clock.now()))
    worse.schedule(worse.clock.now())
    better.later(days=2).prevent_relapse().schedule()


@pytest.mark.parametrize("width", WIDTHS)
def test_caseload_and_patient(browser: Browser, server: TeamServer, width: int) -> None:
    page = server.sign_in(browser, Role.NURSE, width)
    page.goto(f"{server.root}/caseload")
    check(page, "caseload")
    page.locator("details.filters summary").click()
    page.locator("details.legend summary").click()
    check(page, "caseload-open")
    page.goto(f"{server.root}/caseload?print=1")
    check(page, "caseload-print")
    page.goto(f"{server.root}/caseload?phase=not-started")
    check(page, "caseload-not-started")
    page.goto(f"{server.root}/caseload")
    page.get_by_role("link", name="FICTIVE Jeanne").click()
    expect(page.locator("h1")).to_have_text("FICTIVE Jeanne")
    for summary in page.locator("details.figures-table summary, .alerts summary").all():
        summary.click()
    check(page, "patient")
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_agenda_and_calendar(browser: Browser, server: TeamServer, width: int) -> None:
    page = server.sign_in(browser, Role.NURSE, width)
    page.goto(f"{server.root}/agenda")
    check(page, "agenda")
    page.get_by_role("link", name="Voir ces contacts dans mon propre agenda").click()
    page.get_by_role("button").filter(has_text="adresse").first.click()
    expect(page.get_by_label("Adresse de l'agenda")).to_be_visible()
    check(page, "calendar")
    page.context.close()
    desk = server.sign_in(browser, Role.FRONT_DESK, width)
    desk.goto(f"{server.root}/agenda")
    check(desk, "agenda-desk")
    desk.context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("role", [Role.NURSE, Role.COORDINATOR])
def test_indicators(browser: Browser, server: TeamServer, role: Role, width: int) -> None:
    page = server.sign_in(browser, role, width)
    page.goto(f"{server.root}/indicators")
    page.locator("details.ind-tools summary").click()
    page.locator("table details summary").first.click()
    check(page, f"indicators-{role.value}")
    page.get_by_role("link", name="Depuis le début").click()
    page.get_by_role("link", name="Patients adressés").click()
    expect(page.locator("h1")).to_have_text("Patients adressés")
    page.locator("details.figures-table summary").click()
    check(page, f"indicator-{role.value}")
    page.goto(f"{server.root}/indicators?start=2026-03-10&end=2026-03-01")
    check(page, f"indicators-refused-{role.value}")
    page.context.close()
