"""axe-core finds nothing on any page of the job, at 420 and 1280 pixels."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.looking import check
from tests.e2e.pages import Gp
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize(("width", "patient"), [(420, "patient-20"), (1280, "patient-21")])
def test_every_page_of_the_job(browser: Browser, demo: Demo, width: int, patient: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
    page = context.new_page()
    gp = Gp(page, demo)
    gp.start(patient)
    # The same launch at the top level (the framed one's cookie is partitioned): axe looks at a document, not a frame.
    page.goto(page.locator("iframe[name=sesame]").get_attribute("src") or "")
    check(page, "phq-2")
    answer(page, 3, 3)
    press(page, "Valider")
    check(page, "result")
    press(page, "Compléter par un PHQ-9")
    check(page, "phq-9")
    answer(page, 3, 2, 1, 2, 0, 1, 0, 0, 1)
    check(page, "phq-9-item-9")
    press(page, "Valider")
    check(page, "safety")
    page.locator("label:has(input[name=action])").first.click()
    page.locator("main button[type=submit]").first.click()
    check(page, "result-phq-9")
    press(page, "Adresser à l'infirmière SÉSAME")
    check(page, "eligibility")
    press(page, "Confirmer")
    check(page, "referral")
    press(page, "Envoyer à l'infirmière")
    expect(page.locator("h1")).to_contain_text("Adressé")
    check(page, "done")
    page.goto(f"{demo.app}/launch?iss=http://inconnu.example/fhir&launch=x")
    check(page, "error")
    context.close()


def answer(page: Page, *weights: int) -> None:
    """Tap one answer per question."""
    for number, weight in enumerate(weights):
        page.locator("fieldset").nth(number).locator("label").nth(weight).click()


def press(page: Page, name: str) -> None:
    """Press a button or follow a link by its words."""
    page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).first.click()
