"""What a nurse and a psychiatrist do in the team's pages, as page objects; each has a browser of their own."""

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from playwright.sync_api import Locator, Page, expect

from tests.support.demo import Demo


@dataclass(slots=True)
class Colleague:
    """Somebody of the team at work in one tab; ``patient`` is the name under which the patient is listed."""

    page: Page
    demo: Demo
    patient: str = field(default="")
    staff: ClassVar[str]

    @property
    def main(self) -> Locator:
        """What the page says, without its header."""
        return self.page.locator("main")

    def sign_in(self) -> None:
        """Sign in with the EHR's account, as after every pause; the first page is the one of one's role."""
        self.page.goto(f"{self.demo.app}/team/")
        signed_in = self.page.locator("header .who")
        with_the_ehr = self.page.get_by_role("link", name="Continuer avec DossierDémo")
        if with_the_ehr.count():
            with_the_ehr.click()
            account = self.page.locator(f"button[name=staff][value={self.staff}]")
            expect(account.or_(signed_in)).to_be_visible()
            if account.count():
                account.click()
        expect(signed_in).to_be_visible()

    def tab(self, name: str) -> None:
        """Open a page of the header."""
        self.page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()

    def open_patient(self) -> None:
        """Open the patient from the caseload."""
        self.tab("File active")
        self.row.get_by_role("link", name=self.patient).click()
        expect(self.page.locator("h1")).to_have_text(self.patient)

    @property
    def row(self) -> Locator:
        """The patient's row in the caseload."""
        return self.page.locator("tr").filter(has_text=self.patient)

    def press(self, name: str) -> None:
        """Press a button or follow a link of the page by its words."""
        wanted = self.main.get_by_role("button", name=name).or_(self.main.get_by_role("link", name=name))
        wanted.first.click()

    def choose(self, name: str, value: str) -> None:
        """Tap one of a few."""
        self.main.locator(f"label:has(input[name='{name}'][value='{value}'])").first.click()

    def fill(self, label: str, text: str) -> None:
        """Write in a field."""
        self.main.get_by_label(label, exact=True).first.fill(text)

    def heading(self, text: str) -> None:
        """Expect this heading."""
        expect(self.page.locator("h1")).to_contain_text(text)

    def says(self, *texts: str) -> None:
        """Expect the page to say all of this."""
        for text in texts:
            expect(self.main).to_contain_text(text)

    def write(self, text: str, to: str) -> None:
        """Send a message about the patient."""
        self.press("Messages")
        self.page.get_by_label("Votre message").fill(text)
        self.choose("to", to)
        self.press("Envoyer")
        self.says(text)


@dataclass(slots=True)
class Nurse(Colleague):
    """The nurse: calls, assesses, plans, follows."""

    staff: ClassVar[str] = "nurse-1"

    def open_referral(self) -> None:
        """Open a referral that waits, from the top of the caseload."""
        self.tab("File active")
        self.page.locator("section.waiting").get_by_role("link", name=self.patient).click()

    def answer(self, instrument: str, weights: str) -> None:
        """Unfold an instrument and answer it with the digits of the keyboard, as who does it all day long."""
        form = self.page.locator("details.instrument").filter(has=self.page.locator("summary", has_text=instrument))
        if form.get_attribute("open") is None:
            form.locator("summary").click()
        form.locator("input[type=radio]").first.focus()
        for weight in weights:
            self.page.keyboard.press(weight)

    def next_on(self, day: date | None, time: str = "09:00") -> None:
        """Choose the next appointment of a form."""
        self.choose("next", "none" if day is None else "other")
        if day is not None:
            self.page.locator("input#next-day").fill(day.isoformat())
            self.page.locator("input#next-time").fill(time)

    def open_contact(self) -> None:
        """Open the contact that is planned today, or a new one."""
        self.open_patient()
        planned = self.main.get_by_role("link", name="Noter le contact prévu")
        (planned if planned.count() else self.main.get_by_role("link", name="Noter un contact")).first.click()

    def hold(self, weights: str, note: str, following: date | None) -> None:
        """Note a call of a quarter of an hour with a PHQ-9 and plan the next one."""
        self.open_contact()
        self.choose("minutes", "15")
        if weights:
            self.answer("PHQ-9", weights)
        self.fill("Note partagée", note)
        self.next_on(following)
        self.press("Enregistrer le contact")

    def miss(self, following: date | None) -> None:
        """Note that the patient did not answer, and when to try again."""
        self.open_contact()
        self.page.get_by_text("Le patient n'a pas répondu").click()
        missed = self.page.locator("form[action*='missed']")
        missed.locator(f"label:has(input[name=next][value={'other' if following else 'none'}])").click()
        if following:
            missed.locator("input[name=next-day]").fill(following.isoformat())
            missed.locator("input[name=next-time]").fill("09:00")
        missed.get_by_role("button", name="Noter le contact manqué").click()
        self.heading(self.patient)

    def renew(self) -> None:
        """Decide that another sequence follows."""
        self.press("Séquences et suspension")
        self.press("Renouveler pour trois mois")
        self.says("elle commence le lendemain")


@dataclass(slots=True)
class Psychiatrist(Colleague):
    """The psychiatrist: reads cases, signs recommendations."""

    staff: ClassVar[str] = "psychiatrist-1"

    def open_case(self) -> None:
        """Open the case from the list of the review."""
        self.tab("Revue de cas")
        self.main.get_by_role("link", name=self.patient).click()
