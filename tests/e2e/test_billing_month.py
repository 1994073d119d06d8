"""A coordinator bills a month: prepared, one line held, frozen, approved by another person, submitted, answered, paid.

The same month by a browser without a script is the main job's proof that nothing depends on one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page, expect

from sesame_fhir.services.staff import StaffMember
from tests.e2e.looking import PICTURES, check
from tests.support.answered import accepted, answers, paid, payments, rejected
from tests.support.app_pages import migrated_database
from tests.support.billing import MONTH, one_more_contact
from tests.support.billing_pages import FIRST, LIVES, ROOT, SECOND, Office, office
from tests.support.team_pages import COOKIE
from tests.support.team_server import TeamServer, serving

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]

WIDTHS = (1280, 420)


class Look(Protocol):
    """What is asked of each page."""

    def __call__(self, name: str, *, again: bool = False) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """A coordinator's browser: pages below ``/facturation``, buttons and links by their words."""

    page: Page
    root: str

    def go(self, path: str = "") -> None:
        self.page.goto(f"{self.root}{ROOT}{path}")

    def press(self, name: str) -> None:
        """A button of the page itself, not one that is folded away."""
        self.page.locator("main").get_by_role("button", name=name).locator("visible=true").first.click()

    def follow(self, name: str) -> None:
        self.page.locator("main").get_by_role("link", name=name).first.click()

    def send(self, content: bytes, name: str) -> None:
        """Bring a file of the payer."""
        self.page.locator("input[type=file]").first.set_input_files(
            {"name": name, "mimeType": "text/csv", "buffer": content}
        )
        self.press("Envoyer le fichier")

    def look(self, name: str, *, again: bool = False) -> None:
        """axe-core and our own rules, in each width; ``again``: a page that was looked at, for pictures only."""
        for width in () if again and not PICTURES else WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            check(self.page, f"billing-{name}")

    def says(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[TeamServer, Office]]:
    with office(migrated_database(tmp_path), tmp_path) as made, serving(made.team) as server:
        yield server, made


def test_a_whole_month(browser: Browser, opened: tuple[TeamServer, Office]) -> None:
    """Each page is looked at in both widths."""
    server, made = opened
    first, second = _desk(browser, server, FIRST), _desk(browser, server, SECOND)
    _claimed(first, second, first.look, second.look)
    _answered(first, first.look)
    _corrected(first, made, first.look)
    _again(first, second, made, first.look)
    _paid(first, first.look)
    _asked(first, first.look)
    first.page.context.close()
    second.page.context.close()


def test_the_month_without_a_script(browser: Browser, opened: tuple[TeamServer, Office]) -> None:
    server, made = opened
    first, second = (_desk(browser, server, who, script=False) for who in (FIRST, SECOND))
    _claimed(first, second, _unseen, _unseen)
    _answered(first, _unseen)
    _corrected(first, made, _unseen)
    _again(first, second, made, _unseen)
    _paid(first, _unseen)
    first.page.context.close()
    second.page.context.close()


def _claimed(first: Desk, second: Desk, look: Look, other: Look) -> None:
    """June from nothing to its claims; FICTIVE7 is held."""
    first.go()
    first.says("4 séquences peuvent être facturées")
    look("month")
    first.go(f"/sequences?month={MONTH}")
    look("candidates")
    first.follow("FICTIVE5")
    look("sequence")
    first.go()
    first.press("Préparer le mois")
    row = first.page.locator("tr", has_text="FICTIVE7")
    row.locator("summary").click()
    row.get_by_label("Pourquoi ?").fill("Droits à vérifier")
    look("batch-holding")
    row.get_by_role("button", name="Retenir cette ligne").click()
    first.says("retenue : Droits à vérifier")
    look("batch-draft", again=True)
    first.press("Figer le lot")
    first.says("une autre personne doit l'approuver")
    look("batch-frozen", again=True)
    first.go()
    first.says("Le lot attend l'approbation d'une autre personne que vous.")
    second.go()
    second.follow("Vérifier et approuver")
    other("batch-to-approve")
    second.press("Approuver le lot")
    first.go()
    first.follow("Soumettre le lot")
    first.press("Soumettre le lot")
    first.says("Soumis le")
    look("batch-submitted", again=True)
    first.follow("Exporter")
    look("export")
    with first.page.expect_download() as taken:
        first.follow("Tout télécharger (ZIP)")
    assert taken.value.suggested_filename == "2026-06-article-51-operator-1.zip"


def _answered(first: Desk, look: Look) -> None:
    """The payer takes one, rejects one; a wrong line first, so that nothing is kept."""
    first.go("/answers")
    look("answers")
    first.send(answers(accepted(1, date="2026-07-01"), rejected(2, date="2026-07-01", claim="nobody-claim-1")), "a.csv")
    first.says("Rien n'est enregistré.")
    look("import-refused")
    first.go("/answers")
    first.send(answers(accepted(1, date="2026-07-01"), rejected(2, date="2026-07-01")), "b.csv")
    first.says("Toutes les lignes sont enregistrées.")
    look("import", again=True)
    first.go("/work")
    first.says("1 rejet à traiter")
    first.says("Droits non retrouvés")


def _corrected(first: Desk, made: Office, look: Look) -> None:
    """A contact is written down after billing: nothing changes until the coordinator decides."""
    one_more_contact(made.billing, LIVES[2], LIVES[2].start)
    first.go("/work")
    first.says("1 correction après facturation")
    look("work")
    first.follow("Décider")
    first.says("Ce qui est noté a changé depuis")
    look("claim-changed")
    first.press("Garder telle quelle")
    expect(first.page.get_by_text("Ce qui est noté a changé depuis")).to_have_count(0)


def _again(first: Desk, second: Desk, made: Office, look: Look) -> None:
    """The next month takes what was rejected and what was held; the proof is one click away, and so is the way back."""
    made.team.pages.clock.move(days=31)
    for desk, who in ((first, FIRST), (second, SECOND)):
        _sign_in_again(desk, made, who)
    first.go("?month=2026-07")
    first.press("Préparer le mois")
    first.says("remplace une facture")
    first.press("Figer le lot")
    second.go("?month=2026-07")
    second.follow("Vérifier et approuver")
    second.press("Approuver le lot")
    first.go("?month=2026-07")
    first.follow("Soumettre le lot")
    first.press("Soumettre le lot")
    first.follow("Ses factures")
    look("claims")
    first.follow("FICTIVE2")
    look("claim", again=True)
    first.follow("Contact")
    look("proof")
    first.follow("Revenir à la facture")
    first.says("Vérifié à l'instant")


def _paid(first: Desk, look: Look) -> None:
    """Money comes in, and a centre is paid its share."""
    first.go("/payments")
    first.send(payments(paid(1, date="2026-07-15"), paid(3, "198,91", date="2026-07-15")), "p.csv")
    first.says("Toutes les lignes sont enregistrées.")
    first.go("/payments")
    first.says("réparti")
    look("payments")
    first.go(f"/centres?month={MONTH}")
    first.go("/centres?month=2026-07")
    first.page.locator("details", has_text="Noter un versement").first.locator("summary").click()
    look("centres")
    first.page.get_by_label("Votre référence").first.fill("VIR-1")
    first.page.get_by_label("Montant, en euros").first.fill("50,00")
    first.press("Noter le versement")
    first.says("VIR-1")
    with first.page.expect_download() as taken:
        first.follow("Relevé (PDF)")
    assert taken.value.suggested_filename.endswith(".pdf")
    first.go("/books?start=2026-07-01&end=2026-08-31")
    first.says("Les comptes sont justes.")
    look("books")


def _asked(first: Desk, look: Look) -> None:
    """Schemes, and the two questions to the whole cohort."""
    first.go("/schemes")
    look("schemes")
    first.follow("article-51 2026-1")
    look("scheme")
    first.go("/past?day=2026-06-30")
    look("past")
    first.go("/what-if?version=article-51/2026-1/1&always=1")
    look("what-if")
    first.go("/claims")
    look("claims-all", again=True)


def _desk(browser: Browser, server: TeamServer, who: StaffMember, *, script: bool = True) -> Desk:
    return Desk(server.sign_in(browser, who, WIDTHS[-1], script=script), server.root)


def _sign_in_again(desk: Desk, made: Office, who: StaffMember) -> None:
    """A month later the session is another one."""
    cookie = made.team.browser(who).client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    desk.page.context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": desk.root}])


def _unseen(name: str, *, again: bool = False) -> None:
    """Nothing looks at a page without a script: axe-core is one."""
