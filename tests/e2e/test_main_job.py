"""The main job in a real browser, through a cross-site frame with third-party cookies blocked."""

import re

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import private_page
from tests.e2e.pages import Gp
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser")]

# From launch to a sent referral on a positive screen (issue: at most six clicks and no typing).
MAXIMUM_CLICKS = 6


def received(gp: Gp, *types: str) -> None:
    """Expect these resource types in the record's tab."""
    gp.page.locator("#received-tab").click()
    items = gp.page.locator("#received ol.received > li")
    expect(items).to_have_count(len(types))
    text = gp.page.locator("#received").inner_text()
    for resource_type in types:
        assert resource_type in text


def test_a_positive_screen_becomes_a_referral_in_six_clicks_without_typing(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-02")
    gp.heading("PHQ-2")
    gp.answer(3, 2)
    gp.press("Valider")
    expect(gp.panel.locator("main")).to_contain_text("5 / 6")
    gp.press("Adresser à l'infirmière SÉSAME")
    gp.press("Confirmer")
    gp.press("Envoyer à l'infirmière")
    gp.heading("Adressé à l'infirmière")
    assert gp.clicks <= MAXIMUM_CLICKS
    expect(gp.panel.locator("main")).to_contain_text("Écrit")
    received(gp, "QuestionnaireResponse", "Observation", "ServiceRequest", "Task")


def test_a_negative_screen_is_recorded_and_ends(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-03")
    gp.answer(0, 1)
    gp.press("Valider")
    expect(gp.panel.locator("main")).to_contain_text("Dépistage négatif")
    gp.press("Terminer")
    received(gp, "QuestionnaireResponse", "Observation")


def test_the_launch_really_crosses_sites_and_keeps_no_third_party_cookie(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-05")
    frame = page.frames[-1]
    assert frame.url.startswith(f"http://localhost:{demo.port}/app/s/")
    cookies = [c for c in page.context.cookies() if c["name"].startswith("sesame")]
    assert cookies
    for cookie in cookies:
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "None")
        assert cookie.get("partitionKey"), "the cookie is partitioned by the EHR's site"
    assert frame.evaluate("document.cookie") == ""


def test_two_tabs_two_patients_interleaved_and_nothing_crosses(context: BrowserContext, demo: Demo) -> None:
    first, second = Gp(private_page(context), demo), Gp(private_page(context), demo)
    first.start("patient-11")
    second.open_patient("patient-12")
    second.launch()
    name_first = first.page.locator("h1").first.inner_text()
    name_second = second.page.locator("h1").first.inner_text()
    assert name_first != name_second
    first.answer(3, 3)
    second.answer(1, 0)
    first.press("Valider")
    second.press("Valider")
    expect(first.panel.locator("main")).to_contain_text("6 / 6")
    expect(second.panel.locator("main")).to_contain_text("1 / 6")
    expect(first.panel.locator("body")).to_contain_text(name_first.split()[0])
    expect(second.panel.locator("body")).to_contain_text(name_second.split()[0])
    received(first, "QuestionnaireResponse", "Observation")
    received(second, "QuestionnaireResponse", "Observation")


def test_answers_survive_a_reload_and_a_relaunch(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-13")
    with page.expect_response(re.compile(r"/draft$")):
        gp.answer(2)
    gp.open_patient("patient-13")
    gp.launch()
    expect(gp.panel.locator("fieldset").nth(0).locator("input").nth(2)).to_be_checked()
    expect(gp.panel.locator("fieldset").nth(1).locator("input:checked")).to_have_count(0)


def test_item_9_opens_the_safety_panel_and_blocks_the_referral(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-14")
    gp.answer(3, 3)
    gp.press("Valider")
    gp.press("Compléter par un PHQ-9")
    gp.heading("PHQ-9")
    gp.answer(3, 3, 1, 1, 0, 0, 0, 0, 1)
    expect(gp.panel.locator("body")).to_contain_text("3114")
    expect(gp.panel.locator("body")).to_contain_text(re.compile(r"\b15\b"))
    gp.press("Valider")
    expect(gp.panel.locator("main")).to_contain_text("3114")
    gp.panel.locator("label:has(input[name=action])").first.click()
    gp.panel.locator("main button[type=submit]").first.click()
    gp.press("Adresser à l'infirmière SÉSAME")
    gp.press("Confirmer")
    gp.press("Envoyer à l'infirmière")
    gp.heading("Adressé à l'infirmière")


def test_the_whole_job_with_the_keyboard_alone(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-17")
    keys = page.keyboard
    first = gp.panel.locator("fieldset").nth(0).locator("input").nth(0)
    first.focus()
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("Tab")
    keys.press("Space")
    keys.press("ArrowRight")
    keys.press("Enter")
    gp.heading("Résultat PHQ-2")
    for heading in ("Éligibilité", "Ce que l'infirmière verra", "Adressé à l'infirmière"):
        press_primary_with_keyboard(gp)
        gp.heading(heading)


def press_primary_with_keyboard(gp: Gp) -> None:
    """Tab to the page's primary action and press Enter; fails when it cannot be reached within 30 stops."""
    frame = gp.page.frames[-1]
    frame.locator("body").press("Tab")
    for _ in range(30):
        if frame.evaluate("document.activeElement.classList.contains('primary')"):
            gp.page.keyboard.press("Enter")
            return
        gp.page.keyboard.press("Tab")
    pytest.fail("the primary action cannot be reached with the keyboard")


def test_the_job_needs_no_javascript_in_the_panel(context: BrowserContext, demo: Demo) -> None:
    plain = context.browser
    assert plain is not None
    scriptless = plain.new_context(java_script_enabled=False, locale="fr-FR")
    gp = Gp(scriptless.new_page(), demo)
    gp.start("patient-18")
    gp.answer(2, 2)
    gp.press("Valider")
    gp.press("Adresser à l'infirmière SÉSAME")
    gp.press("Confirmer")
    gp.press("Envoyer à l'infirmière")
    gp.heading("Adressé à l'infirmière")
    scriptless.close()


def test_a_launch_with_a_questionnaire_in_its_context_opens_that_form(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.sign_in()
    gp.open_patient("patient-19")
    page.get_by_text("Autres ouvertures").click()
    page.locator("button[name=variant][value='phq-9']").click()
    gp.heading("PHQ-9")


def test_nothing_of_the_patient_is_in_the_log_or_in_an_address(demo: Demo) -> None:
    words = ["FICTIF", "patient-0", "LA65", "eyJ", "secret-", "Bearer"]
    names = requests.get(f"{demo.ehr}/sign-in", timeout=5).text
    assert names
    for word in words:
        assert word not in demo.log
