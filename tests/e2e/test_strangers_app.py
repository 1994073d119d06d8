"""Another software's SMART app, registered on a page, opened from a patient's page and by itself, in a real browser."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.looking import check
from tests.e2e.pages import Gp
from tests.e2e.test_signing_in import opened, through_the_ehr
from tests.support.demo import Demo
from tests.support.strangers_app import CLIENT_ID, SCOPE, strangers_app

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]

NAME = "Application étrangère"


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    with strangers_app() as origin:
        yield origin


def register(page: Page, demo: Demo, origin: str) -> None:
    """The administrator registers the app, with the keyboard."""
    page.goto(f"{demo.app}/team/clients")
    page.get_by_role("link", name="Nouvelle application").press("Enter")
    for label, text in (
        ("Nom, comme", NAME),
        ("Identifiant (client_id)", CLIENT_ID),
        ("Droits les plus larges", SCOPE),
        ("Adresses de retour", f"{origin}/back"),
        ("Adresse d'ouverture", f"{origin}/launch"),
    ):
        page.get_by_label(label).focus()
        page.keyboard.insert_text(text)
    page.get_by_text("ne peut rien garder secret").click()
    page.get_by_text("Clés, origines").press("Enter")
    page.get_by_label("Origines des pages").fill(origin)
    page.get_by_role("button", name="Enregistrer l'application").press("Enter")
    expect(page.locator("h1")).to_have_text("Applications")
    expect(page.locator("main")).to_contain_text(NAME)


@pytest.mark.parametrize("width", [420, 1280])
def test_the_pages_of_applications(browser: Browser, demo: Demo, app: str, width: int) -> None:
    context = opened(browser, width)
    page = context.new_page()
    through_the_ehr(page, demo, "admin-1")
    page.goto(f"{demo.app}/team/clients/new")
    page.get_by_label("Nom, comme").fill("x")
    check(page, "team-client-new")
    if not page.goto(f"{demo.app}/team/clients/of/{CLIENT_ID}").ok:  # type: ignore[union-attr]  # a page answers
        register(page, demo, app)
    page.goto(f"{demo.app}/team/clients")
    check(page, "team-clients")
    page.get_by_role("link", name=CLIENT_ID).click()
    check(page, "team-client")
    context.close()


def test_opened_from_a_patient_and_by_itself(browser: Browser, demo: Demo, page: Page, app: str) -> None:
    gp = Gp(page, demo)
    gp.start("patient-16")
    gp.answer(3, 3)
    for step in ("Valider", "Adresser à l'infirmière SÉSAME", "Confirmer", "Envoyer à l'infirmière"):
        gp.press(step)
    gp.heading("Adressé")
    context = opened(browser, 1280)
    admin = context.new_page()
    through_the_ehr(admin, demo, "admin-1")
    if not admin.goto(f"{demo.app}/team/clients/of/{CLIENT_ID}").ok:  # type: ignore[union-attr]  # a page answers
        register(admin, demo, app)
    context.close()
    _from_the_patient_s_page(browser, demo)
    _by_itself(browser, demo, app)


def _from_the_patient_s_page(browser: Browser, demo: Demo) -> None:
    context = opened(browser)
    nurse = context.new_page()
    through_the_ehr(nurse, demo, "nurse-1")
    with closing(sqlite3.connect(demo.folder / "sesame.db")) as database:
        ((pathway_id,),) = database.execute("SELECT pathway_id FROM pathway ORDER BY pathway_key DESC LIMIT 1")
    nurse.goto(f"{demo.app}/team/p/{pathway_id}")
    patient = nurse.locator("h1").inner_text()
    nurse.get_by_text("Ouvrir une application").click()
    check(nurse, "team-patient-apps")
    with context.expect_page() as tab:
        nurse.get_by_role("button", name=NAME).click()
    expect(tab.value.locator("#patient")).not_to_be_empty()
    assert tab.value.locator("#patient").inner_text().lower() in patient.lower()
    expect(tab.value.locator("#told")).to_contain_text("EpisodeOfCare")
    expect(tab.value.locator("#user")).to_have_text(nurse.locator("header .who strong").inner_text())
    context.close()


def _by_itself(browser: Browser, demo: Demo, app: str) -> None:
    """Nobody is signed in: the team's sign-in, then the patients in reach, then the app."""
    context = opened(browser)
    tab = context.new_page()
    tab.goto(f"{app}/launch?iss={demo.app.removesuffix('/app')}/fhir")
    expect(tab.locator("h1")).to_have_text("Espace équipe SÉSAME")
    tab.get_by_role("link", name="Continuer avec DossierDémo").click()
    tab.locator("button[name=staff][value=nurse-1]").click()
    expect(tab.locator("h1")).to_contain_text("Choisir le patient")
    check(tab, "oauth-picker")
    tab.locator("main button[name=patient], button[name=patient]").first.click()
    expect(tab.locator("#patient")).not_to_be_empty()
    expect(tab.locator("#user")).not_to_be_empty()
    context.close()
