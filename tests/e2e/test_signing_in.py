"""Signing in without an EHR, in a real browser: OpenID Connect, a passkey, a password with codes without JavaScript.

Every page on the way is looked at by axe-core, at 420 and 1280 pixels.
"""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.looking import check
from tests.e2e.pages import Gp
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]

PASSWORD = "quatre mots simples a retenir"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def opened(browser: Browser, width: int = 420, *, script: bool = True) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": 900}, locale="fr-FR", java_script_enabled=script)
    context.set_default_timeout(10_000)
    return context


@pytest.fixture
def admin(browser: Browser, demo: Demo) -> Iterator[Page]:
    """The administrator, signed in through the demo EHR, in a wide window."""
    context = opened(browser, 1280)
    page = context.new_page()
    through_the_ehr(page, demo, "admin-1")
    yield page
    context.close()


def through_the_ehr(page: Page, demo: Demo, staff: str) -> None:
    """Sign in to the team's pages with the EHR's account."""
    page.goto(f"{demo.ehr}/sign-in")
    page.locator(f"button[name=staff][value={staff}]").click()
    page.goto(f"{demo.app}/team/")
    page.get_by_role("link", name="Continuer avec DossierDémo").click()


def new_account(admin: Page, demo: Demo, login: str) -> str:
    """The administrator makes an account; returns its one-time link."""
    admin.goto(f"{demo.app}/team/accounts")
    admin.get_by_role("link", name="Nouveau compte").click()
    admin.get_by_label("Nom,").fill("Zoé Fictive")
    admin.get_by_label("Identifiant de connexion").fill(login)
    admin.get_by_text("infirmière SÉSAME", exact=True).click()
    admin.get_by_text("Centre de santé de démonstration (fictif)").click()
    check(admin, f"team-account-{login}")
    admin.get_by_role("button", name="Créer le compte").click()
    check(admin, f"team-link-{login}")
    return admin.locator("#link").input_value()


@pytest.mark.parametrize(("staff", "named"), [("nurse-1", "Noémie ESSAILLON"), ("front-desk-1", "Sofia GABARIOT")])
def test_through_the_ehr_s_own_accounts(browser: Browser, demo: Demo, staff: str, named: str) -> None:
    context = opened(browser)
    page = context.new_page()
    page.goto(f"{demo.ehr}/sign-in")
    page.locator(f"button[name=staff][value={staff}]").click()
    with context.expect_page() as team:
        page.get_by_role("link", name="Espace équipe SÉSAME").first.click()
    check(team.value, "team-sign-in-oidc")
    team.value.get_by_role("link", name="Continuer avec DossierDémo").click()
    expect(team.value.locator("header")).to_contain_text(named)
    assert "code=" not in team.value.url
    team.value.get_by_role("button", name="Se déconnecter").click()
    expect(team.value).to_have_url(f"{demo.app}/team/sign-in")
    context.close()


def test_a_passkey_from_its_link_to_the_next_sign_in(browser: Browser, demo: Demo, admin: Page) -> None:
    link = new_account(admin, demo, "zoe.passkey")
    context = opened(browser)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.goto(link)
    check(page, "team-enrolment")
    page.get_by_role("button", name="Créer une clé d'accès").click()
    expect(page.locator("header")).to_contain_text("Zoé Fictive")
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_role("button", name="Se connecter avec une clé d'accès").click()
    expect(page.locator("header")).to_contain_text("Zoé Fictive")
    page.goto(link)
    expect(page.locator("h1")).to_contain_text("ne fonctionne plus")
    check(page, "team-link-over")
    page.goto(f"{demo.app}/team/accounts")
    expect(page.locator("h1")).to_contain_text("pas ouverte à votre rôle")
    check(page, "team-forbidden")
    context.close()


def test_a_password_with_codes_without_javascript(browser: Browser, demo: Demo, admin: Page) -> None:
    link = new_account(admin, demo, "zoe.codes")
    context = opened(browser, script=False)
    page = context.new_page()
    page.goto(link)
    codes = pyotp.TOTP(re.sub(r"\s", "", page.locator("code.secret").inner_text()))
    used = int(time.time()) // 30 - 1  # the code before the present one counts, so that the next needs no waiting
    page.get_by_label("Tapez le code").fill(codes.generate_otp(used))
    page.get_by_label("Choisissez un mot de passe").fill(PASSWORD)
    page.get_by_label("Le même").fill(PASSWORD)
    page.get_by_role("button", name="Terminer l'inscription").click()
    expect(page.locator("header")).to_contain_text("Zoé Fictive")
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_text("Identifiant, mot de passe et code").click()
    sign_in(page, "wrong password", codes.generate_otp(used + 1))
    expect(page.get_by_role("alert")).to_contain_text("incorrect")
    sign_in(page, PASSWORD, codes.generate_otp(used + 1))
    expect(page.locator("header")).to_contain_text("Zoé Fictive")
    context.close()


def sign_in(page: Page, password: str, code: str) -> None:
    page.get_by_label("Identifiant", exact=True).fill("zoe.codes")
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_label("Code à 6 chiffres").fill(code)
    page.get_by_role("button", name="Se connecter", exact=True).click()


@pytest.mark.parametrize("width", [420, 1280])
def test_the_administrator_s_pages(browser: Browser, demo: Demo, width: int) -> None:
    context = opened(browser, width)
    page = context.new_page()
    page.goto(f"{demo.app}/team/sign-in")
    page.get_by_text("Identifiant, mot de passe et code").click()
    check(page, "team-sign-in")
    through_the_ehr(page, demo, "admin-1")
    expect(page.locator("h1")).to_have_text("Comptes")
    check(page, "team-accounts")
    page.get_by_role("link", name="nurse-1").click()
    check(page, "team-account")
    page.goto(f"{demo.app}/team/accounts/unknown")
    check(page, "team-not-found")
    context.close()


def test_a_patient_of_another_site_is_opened_with_a_reason(browser: Browser, demo: Demo, page: Page) -> None:
    gp = Gp(page, demo)
    gp.start("patient-15")
    gp.answer(3, 3)
    for step in ("Valider", "Adresser à l'infirmière SÉSAME", "Confirmer", "Envoyer à l'infirmière"):
        gp.press(step)
    gp.heading("Adressé")
    with closing(sqlite3.connect(demo.folder / "sesame.db")) as database:
        ((pathway_id,),) = database.execute("SELECT pathway_id FROM pathway ORDER BY pathway_key DESC LIMIT 1")
    context = opened(browser)
    nurse = context.new_page()
    through_the_ehr(nurse, demo, "nurse-2")
    expect(nurse.locator("header")).to_contain_text("Léo MAQUETTIER")
    nurse.goto(f"{demo.app}/team/p/{pathway_id}")
    expect(nurse.locator("h1")).to_contain_text("pas dans votre périmètre")
    check(nurse, "team-out-of-reach")
    nurse.get_by_role("link", name="Ouvrir avec un motif").click()
    nurse.get_by_text("Je remplace un collègue absent").click()
    check(nurse, "team-glass")
    nurse.get_by_role("button", name="Ouvrir pour une heure").click()
    expect(nurse).to_have_url(f"{demo.app}/team/p/{pathway_id}")
    expect(nurse.locator("main")).not_to_contain_text("pas dans votre périmètre")
    context.close()
