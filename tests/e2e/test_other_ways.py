"""Other ways through the job: correction, decline, withdrawal, standalone launch, another GP."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import Gp
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser")]


def test_a_correction_updates_the_record_and_never_duplicates(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-24")
    gp.answer(3, 3)
    gp.press("Valider")
    expect(gp.panel.locator("main")).to_contain_text("6 / 6")
    gp.press("Corriger les réponses")
    gp.answer(0, 1)
    gp.panel.locator("main button[type=submit]").first.click()
    expect(gp.panel.locator("main")).to_contain_text("1 / 6")
    page.locator("#received-tab").click()
    items = page.locator("#received ol.received > li")
    expect(items).to_have_count(2)
    expect(page.locator("#received")).to_contain_text(re.compile("corrig|amend|modifi", re.IGNORECASE))
    expect(page.locator("#received")).not_to_contain_text("score total : 6")


def test_a_patient_who_refuses_is_recorded_and_not_referred(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-25")
    gp.answer(3, 3)
    gp.press("Valider")
    gp.press("Adresser à l'infirmière SÉSAME")
    gp.press("Le patient refuse")
    expect(gp.panel.locator("h1")).not_to_contain_text("Éligibilité")
    page.locator("#received-tab").click()
    expect(page.locator("#received ol.received > li")).to_have_count(2)


def test_a_referral_is_withdrawn_in_the_record_too(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-26")
    gp.answer(3, 3)
    for words in ("Valider", "Adresser à l'infirmière SÉSAME", "Confirmer", "Envoyer à l'infirmière"):
        gp.press(words)
    gp.heading("Adressé à l'infirmière")
    gp.panel.get_by_text("Retirer l'adressage").first.click()
    gp.panel.locator("label:has(input[name=reason])").first.click()
    gp.panel.get_by_role("button", name="Retirer").first.click()
    expect(gp.panel.locator("h1")).not_to_contain_text("Adressé à l'infirmière")
    page.locator("#received-tab").click()
    expect(page.locator("#received ol.received > li")).to_have_count(4)
    expect(page.locator("#received")).to_contain_text(re.compile("révoqué|retiré|annulé", re.IGNORECASE))


def test_a_standalone_launch_signs_in_and_chooses_the_patient(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.app}/launch?iss={demo.ehr}/fhir")
    page.locator("button[name=staff][value=gp-1]").click()
    page.get_by_text("BOISFLEURI").first.click()
    if page.url.startswith(demo.ehr):
        page.locator("button[type=submit]").last.click()
    expect(page.locator("body")).to_contain_text("BOISFLEURI")
    assert page.url.startswith(f"{demo.app}/s/")


def test_a_minor_can_be_screened_and_not_referred(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-06")
    gp.answer(3, 3)
    gp.press("Valider")
    gp.press("Adresser à l'infirmière SÉSAME")
    expect(gp.panel.locator("main")).to_contain_text(re.compile("mineur|moins de 18|majeur", re.IGNORECASE))
    expect(gp.panel.get_by_role("button", name="Envoyer")).to_have_count(0)


def test_a_patient_without_ins_goes_through(page: Page, demo: Demo) -> None:
    gp = Gp(page, demo)
    gp.start("patient-10")
    gp.answer(3, 3)
    for words in ("Valider", "Adresser à l'infirmière SÉSAME", "Confirmer", "Envoyer à l'infirmière"):
        gp.press(words)
    gp.heading("Adressé à l'infirmière")
