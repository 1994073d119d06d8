"""Three people, the demo and its time: what the stories of whole pathways are told with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.e2e.colleagues import Nurse, Psychiatrist
from tests.e2e.looking import check
from tests.e2e.pages import Gp
from tests.support.moved_clock import MovedDemo

ARRIVED = 20_000
PANEL = (420,)
WIDTHS = (420, 1280)


@dataclass(slots=True)
class Story:
    """The three people, the demo, and the year in which the patient is followed."""

    demo: MovedDemo
    gp: Gp
    nurse: Nurse
    psychiatrist: Psychiatrist
    year: int

    def on(self, day: int, month: int, hour: int = 10) -> None:
        """Move to this day of the year."""
        self.demo.move_to(date(self.year, month, day), hour)

    def day(self, day: int, month: int) -> date:
        return date(self.year, month, day)


@contextmanager
def told(browser: Browser, moved: MovedDemo) -> Iterator[Story]:
    """Open a browser window for each of the three; the year is the next one."""
    pages = [_window(browser) for _person in range(3)]
    demo, year = moved.demo, moved.today.year + 1
    yield Story(moved, Gp(pages[0], demo), Nurse(pages[1], demo), Psychiatrist(pages[2], demo), year)
    for page in pages:
        page.context.close()


def _window(browser: Browser) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    context.set_default_timeout(10_000)
    return context.new_page()


def look(page: Page, name: str, widths: tuple[int, ...] = WIDTHS) -> None:
    """Look at a page: axe-core, scrolling, targets; at both widths for the main pages."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        check(page, f"year-{name}")


def pdf_text(page: Page, link: str) -> str:
    """The text of the PDF behind a link of the page."""
    address = page.get_by_role("link", name=link).first.get_attribute("href")
    assert address is not None
    answer = page.request.get(address if "://" in address else page.evaluate("location.origin") + address)
    assert answer.headers["content-type"] == "application/pdf"
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(answer.body())).pages).split())


def look_at_the_panel(gp: Gp, name: str) -> None:
    """The same launch at the top level (the framed one's cookie is partitioned): axe looks at a document."""
    gp.page.goto(gp.page.locator("iframe[name=sesame]").get_attribute("src") or "")
    look(gp.page, name)


def in_the_record(gp: Gp, *texts: str) -> None:
    """Expect the record's tab to say all of this, once everything that waited for the launch has arrived."""
    gp.page.locator("#received-tab").click()
    for text in texts:
        expect(gp.page.locator("#received ol.received > li p", has_text=text).first).to_be_visible(timeout=ARRIVED)


def tab_to(page: Page, what: str, text: str) -> None:
    """Press Tab until something with this text (a name, a label) is in focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.{what} || ''") == text:
            return
    pytest.fail(f"{text!r} cannot be reached with the keyboard")


def refer_by(gp: Gp, patient: str) -> None:
    """Screen and refer, as the main job does."""
    gp.start(patient)
    gp.answer(3, 3)
    for words in ("Valider", "Adresser à l'infirmière SÉSAME", "Confirmer", "Envoyer à l'infirmière"):
        gp.press(words)
    gp.heading("Adressé à l'infirmière")
