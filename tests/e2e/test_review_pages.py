"""Case review, messages and the GP's view of a patient in the pathway, in a real browser: axe, keyboard, no script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.services import review
from smart_app.session.cookies import SESSION_COOKIE
from tests.e2e.looking import check
from tests.support.app_pages import BROWSER, migrated_database
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import build_team
from tests.support.team_server import TeamServer, serving

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]

WIDTHS = (420, 1280)
NOTE = "Dort mal depuis une semaine. Prend la sertraline un jour sur deux."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServer]:
    """Four cases for the review; the first one's record is open in a GP's EHR."""
    team = build_team(migrated_database(tmp_path_factory.mktemp("review-browser")))
    first = followed_case(team, 0).join().screen("3222222", InstrumentId.GAD_7)
    for answers in ("222221110", "111111110", "322222220", "333322220"):
        first.later(days=14).hold(answers, note=NOTE)
    first.advise().decide(ev.RecommendationFate.ADAPTED, "25 mg d'abord")
    _advise(first.later(days=1))
    first.write("Elle reprend le travail lundi.").write("Je l'appelle mardi.", Role.NURSE)
    review.mark_for_review(first.engine, first.command(Role.NURSE), first.pathway_id, "Changer ou attendre ?")
    followed_case(team, 1).join().mark()
    followed_case(team, 2).mark()
    followed_case(team, 3).join().screen("222222221")
    referred_case(team, 4).call()
    team.pages.come_back(minutes=1)
    with serving(team) as running:
        yield running
    team.pages.store.close()


def _advise(case: Case) -> None:
    advice = (
        ev.Recommendation(case.new_id(), ev.RecommendationKind.MEDICATION, "Le matin", "Sertraline", "100 mg"),
        ev.Recommendation(case.new_id(), ev.RecommendationKind.THERAPY, "Activation comportementale"),
        ev.Recommendation(case.new_id(), ev.RecommendationKind.SEE_AGAIN, weeks=4),
    )
    signed = ev.CaseReviewed(case.new_id(), advice, "Réponse partielle, prises irrégulières.", minutes=6)
    review.review_case(case.engine, case.command(Role.PSYCHIATRIST), case.pathway_id, signed)


def gp_page(server: TeamServer, browser: Browser, width: int, *, script: bool = True) -> Page:
    """The panel of the GP's launch, at the top level."""
    root = re.match(r"http://[^/]+", server.root)
    assert root is not None
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script, locale="fr-FR")
    context.add_cookies([{"name": SESSION_COOKIE, "value": BROWSER, "url": root[0]}])
    page = context.new_page()
    page.goto(root[0] + server.team.pages.url("/"))
    return page


@pytest.mark.parametrize("width", WIDTHS)
def test_the_gps_pages(browser: Browser, server: TeamServer, width: int) -> None:
    page = gp_page(server, browser, width)
    expect(page.locator("h1")).to_contain_text("Suivi SÉSAME en cours")
    check(page, "gp-pathway")
    page.get_by_role("link", name="Message à l'infirmière").click()
    check(page, "gp-messages")
    page.get_by_role("link", name="Revenir au parcours").click()
    page.get_by_role("link", name="Mes patients suivis").click()
    check(page, "gp-own-patients")
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_review_from_list_to_log(browser: Browser, server: TeamServer, width: int) -> None:
    page = server.sign_in(browser, Role.PSYCHIATRIST, width)
    page.goto(f"{server.root}/review")
    check(page, "review-list")
    page.get_by_role("button", name="Commencer la revue").click()
    page.get_by_role("link", name="FICTIVE Jeanne").click()
    page.get_by_text("Règles et sources").click()
    page.get_by_text("dates de mesure").click()
    check(page, "review-case")
    page.get_by_role("button", name="Signer la revue").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisir une recommandation")
    page.goto(f"{server.root}/review")
    page.get_by_role("link", name="CHIMERE").click()
    expect(page.locator(".rv-answer")).to_contain_text("compléter l'équipe de soins")
    page.goto(f"{server.root}/review/close")
    check(page, "review-close")
    page.get_by_role("button", name="Commencée par erreur").click()
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_nurse_reads_the_case_and_the_messages(browser: Browser, server: TeamServer, width: int) -> None:
    page = server.sign_in(browser, Role.NURSE, width)
    page.goto(f"{server.root}/review")
    page.get_by_role("link", name="FICTIVE Jeanne").click()
    expect(page.locator(".rv-answer")).to_contain_text("La revue est signée par le psychiatre")
    page.get_by_role("link", name="Messages", exact=True).click()
    check(page, "team-messages")
    page.goto(f"{server.root}/review/sessions")
    check(page, "review-sessions")
    page.context.close()


def test_a_case_is_signed_with_the_keyboard_alone_and_the_gp_answers_without_script(
    browser: Browser, server: TeamServer
) -> None:
    page = server.sign_in(browser, Role.PSYCHIATRIST, 1280)
    page.goto(f"{server.root}/review")
    _tab_to(page, "FICTIVE Jeanne")
    page.keyboard.press("Enter")
    page.get_by_label("Dose", exact=True).first.focus()
    page.keyboard.type("75 mg")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type("Venlafaxine")
    _tab_to(page, "Signer la revue")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Revue de cas signée")
    expect(page.locator("code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    check(page, "review-signed")
    _tab_to(page, "Cas suivant")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Signer la revue")).to_be_visible()
    page.context.close()
    gp = gp_page(server, browser, 420, script=False)
    gp.get_by_role("button", name="Marquer comme lu").click()
    expect(gp.get_by_role("button", name="comme lu")).to_have_count(0)
    expect(gp.locator("main")).to_contain_text("Lu par Dr Camille Fictif")
    gp.get_by_role("link", name="Revenir au parcours").click()
    waiting = gp.locator(".one").filter(has_text="Venlafaxine")
    waiting.get_by_role("button", name="Refuser").click()
    expect(gp.locator("#missing")).to_contain_text("(à écrire)")
    gp.locator("#missing textarea").fill("Hypertension non équilibrée")
    gp.locator("#missing").get_by_role("button", name="Refuser").click()
    expect(gp.locator("main")).to_contain_text("« Hypertension non équilibrée »")
    gp.locator(".one").filter(has_text="Sertraline, 100 mg").get_by_role("button", name="Accepter").click()
    expect(gp.locator(".one").filter(has_text="100 mg")).to_have_count(0)
    gp.context.close()


def _tab_to(page: Page, text: str) -> None:
    """Press Tab until what holds this text is in focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText || ''").startswith(text):
            return
    pytest.fail(f"{text!r} cannot be reached with the keyboard")
