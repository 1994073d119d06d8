"""The public sandbox in a browser: every page says that it is fictitious and when it forgets, and a button does it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.looking import check
from tests.support.demo import Demo, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with running_demo(folder, {"SESAME_SANDBOX_PATIENTS": "0"}, options=["--sandbox"]) as running:
        yield running


@pytest.mark.parametrize("width", [420, 1280])
def test_every_page_says_so_and_a_button_makes_it_forget(browser: Browser, sandbox: Demo, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{sandbox.app}/team/")
    expect(page.locator(".sandbox")).to_contain_text("tout est fictif")
    page.goto(sandbox.ehr)
    expect(page.locator(".fiction")).to_contain_text("Bac à sable public.")
    expect(page.get_by_text("Remettre à zéro")).to_have_count(0)
    page.locator("button[value=gp-1]").click()
    page.goto(f"{sandbox.ehr}/patients/patient-02")
    page.get_by_role("button", name="SÉSAME", exact=True).click()
    panel = page.frame_locator("iframe[name=sesame]")
    expect(panel.locator(".sandbox")).to_contain_text("Remis à zéro le")
    page.goto(sandbox.ehr)
    page.get_by_text("Remettre à zéro").click()
    check(page, "sandbox")
    page.get_by_role("button", name="Tout effacer maintenant").click()
    expect(page.locator("h1")).to_have_text("Qui êtes-vous ?")
    page.goto(sandbox.ehr)
    expect(page.locator("h1")).to_have_text("Qui êtes-vous ?")
    check(page, "sandbox-forgotten")
    context.close()
