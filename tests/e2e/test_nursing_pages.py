"""The nurse's pages of one patient in a real browser: axe-core finds nothing, an uneventful call is counted."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, expect

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services import care
from sesame_fhir.services.staff import StaffMember
from tests.e2e.looking import check
from tests.support.app_pages import migrated_database
from tests.support.story import SITE
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import build_team
from tests.support.team_server import TeamServer, serving

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]

WIDTHS = (420, 1280)
CALM = (2, 1, 1, 1, 1, 1, 1, 0, 0)
LONGEST_NOTE = 60
PATIENTS = count()
"""Each test has a patient of its own."""
SECOND = StaffMember("staff-nurse-2", "nurse-2", "Nina Fictive", Role.NURSE, (SiteId(SITE),))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServer]:
    team = build_team(migrated_database(tmp_path_factory.mktemp("nursing-browser")))
    team.pages.store.staff.save(SECOND)
    with serving(team) as running:
        yield running
    team.pages.store.close()


def open_page(browser: Browser, server: TeamServer, case: Case, rest: str, width: int) -> Page:
    page = server.sign_in(browser, Role.NURSE, width)
    page.goto(f"{server.root}/p/{case.pathway_id}{rest}")
    return page


def unfold(page: Page) -> None:
    """Open everything that is folded away."""
    page.evaluate("document.querySelectorAll('main details').forEach(d => (d.open = true))")


def tap(page: Page, *weights: int) -> int:
    """Answer the first unfolded instrument; returns how many clicks that took."""
    questions = page.locator("details.instrument[open]").first.locator("fieldset")
    for number, weight in enumerate(weights):
        questions.nth(number).locator("label").nth(weight).click()
    return len(weights)


@pytest.mark.parametrize("width", WIDTHS)
def test_referral_and_assessment(browser: Browser, server: TeamServer, width: int) -> None:
    case = referred_case(server.team, next(PATIENTS)).call()
    page = open_page(browser, server, case, "/referral", width)
    page.get_by_text("Terminer sans suivi").click()
    check(page, "nurse-referral")
    page.get_by_role("button", name="Message laissé").click()
    expect(page.get_by_role("heading", name="Appels : 2 / 3")).to_be_visible()
    page.get_by_role("button", name="Joint et d'accord").click()
    expect(page.locator("h1")).to_have_text("Évaluation initiale")
    check(page, "nurse-assessment")
    unfold(page)
    page.get_by_label("Antécédents et histoire").fill("Un épisode en 2019.")
    tap(page, 2, 2, 2, 2, 2, 2, 2, 2, 1)
    expect(page.locator(".risk-now").first).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/draft")):
        page.get_by_label("Ressources").fill("Sa sœur.")
    page.reload()
    expect(page.get_by_label("Ressources")).to_have_value("Sa sœur.")
    page.get_by_role("button", name="Terminer l'évaluation").click()
    expect(page.get_by_role("alert").first).to_contain_text("Durée")
    check(page, "nurse-assessment-refused")
    page.locator("label:has(input[name=minutes][value='45'])").click()
    page.get_by_role("button", name="Terminer l'évaluation").click()
    expect(page.locator("h1")).to_contain_text("Risque suicidaire")
    check(page, "nurse-safety")
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_plan_team_and_relapse_prevention(browser: Browser, server: TeamServer, width: int) -> None:
    case = referred_case(server.team, next(PATIENTS)).accept().assess()
    page = open_page(browser, server, case, "/plan", width)
    check(page, "nurse-plan-first")
    page.get_by_role("button", name="Enregistrer le plan").click()
    page.goto(f"{server.root}/p/{case.pathway_id}/plan")
    unfold(page)
    check(page, "nurse-plan")
    page.get_by_role("link", name="Modifier l'équipe").click()
    check(page, "nurse-care-team")
    page.goto(f"{server.root}/p/{case.pathway_id}/plan")
    page.get_by_role("button", name="Passer à la prévention des rechutes").click()
    expect(page.locator("h1")).to_contain_text("prévention des rechutes")
    page.get_by_label("Ce qui m'aide").fill("Marcher le matin")
    page.get_by_label("Les signes qui doivent").fill("Je me réveille à 4 h")
    page.get_by_role("button", name="Enregistrer le plan").click()
    expect(page.get_by_role("link", name="Imprimer pour le patient")).to_be_visible()
    check(page, "nurse-relapse-plan")
    page.goto(f"{server.root}/p/{case.pathway_id}/total")
    check(page, "nurse-total")
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_an_uneventful_call(browser: Browser, server: TeamServer, width: int) -> None:
    """Eleven clicks with a PHQ-9, and one sentence: nothing else has to be touched."""
    case = _due(server)
    planned = case.pathway.planned_contacts[0].contact_id
    page = open_page(browser, server, case, f"/contact/{planned}", width)
    check(page, "nurse-contact")
    note = "Va mieux, dort sept heures. Poursuite du plan."
    page.locator("label:has(input[name=minutes][value='15'])").click()
    clicks = 1 + tap(page, *CALM)
    page.locator("#note").focus()
    page.keyboard.type(note)
    page.get_by_role("button", name="Enregistrer le contact").click()
    clicks += 1
    expect(page).to_have_url(f"{server.root}/p/{case.pathway_id}")
    held = case.pathway.held_contacts[-1]
    assert (clicks, len(note) <= LONGEST_NOTE) == (11, True)
    assert (held.minutes, held.note, len(held.screenings)) == (15, note, 1)
    assert len(case.pathway.planned_contacts) == 1
    page.context.close()


def test_the_same_call_by_the_keyboard_alone(browser: Browser, server: TeamServer) -> None:
    """Tab and arrows, digits for the answers, Enter to save: no mouse anywhere."""
    case = _due(server)
    planned = case.pathway.planned_contacts[0].contact_id
    page = open_page(browser, server, case, f"/contact/{planned}", 1280)
    page.locator("input[name=minutes]").first.focus()
    page.keyboard.press("ArrowRight")
    page.locator("details.instrument[open] input").first.focus()
    for weight in CALM:
        page.keyboard.press(str(weight))
    page.locator("#note").focus()
    page.keyboard.type("Va mieux.")
    page.get_by_role("button", name="Enregistrer le contact").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{server.root}/p/{case.pathway_id}")
    assert case.pathway.held_contacts[-1].minutes == 15
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_refused_missed_and_two_versions(browser: Browser, server: TeamServer, width: int) -> None:
    case = _due(server)
    planned = case.pathway.planned_contacts[0].contact_id
    page = open_page(browser, server, case, f"/contact/{planned}", width)
    unfold(page)
    page.locator("#note").fill("Mon texte, long et utile.")
    page.get_by_role("button", name="Enregistrer le contact").click()
    expect(page.get_by_role("alert").first).to_contain_text("Durée")
    check(page, "nurse-contact-refused")
    case.hold(note="Texte d'une collègue.", contact_id=planned)
    page.locator("label:has(input[name=minutes][value='30'])").click()
    page.get_by_role("button", name="Enregistrer le contact").click()
    expect(page.get_by_text("Texte d'une collègue.").first).to_be_visible()
    expect(page.get_by_text("Mon texte, long et utile.").first).to_be_visible()
    check(page, "nurse-contact-two-versions")
    page.context.close()


def _due(server: TeamServer) -> Case:
    """In care for 15 days with a plan that asks for the PHQ-9; a call is due now."""
    case = followed_case(server.team, next(PATIENTS))
    asked = ev.Activity(ev.ActivityKind.INSTRUMENTS, "PHQ-9")
    every = ev.Activity(ev.ActivityKind.CONTACTS, every_days=15)
    _plan(case, every, asked)
    case.later(days=15)
    case.schedule(case.clock.now() - timedelta(minutes=2))
    return case


def _plan(case: Case, *activities: ev.Activity) -> None:
    plan = ev.PlanRecorded(case.new_id(), (ev.Goal(case.new_id(), "Dormir"),), activities)
    care.record_plan(case.engine, case.command(Role.NURSE), case.pathway_id, plan)
