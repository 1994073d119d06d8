"""What a GP does in the demo, as a page object: sign in, open a patient, open SÉSAME, tap answers, count clicks."""

from dataclasses import dataclass, field

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.support.demo import Demo


@dataclass(slots=True)
class Gp:
    """A GP at work in one tab; ``clicks`` counts what is clicked inside SÉSAME."""

    page: Page
    demo: Demo
    clicks: int = field(default=0)

    @property
    def panel(self) -> FrameLocator:
        """SÉSAME's frame in the record."""
        return self.page.frame_locator("iframe[name=sesame]")

    def sign_in(self, staff: str = "gp-1") -> None:
        """Sign in at the EHR."""
        self.page.goto(f"{self.demo.ehr}/sign-in")
        self.page.locator(f"button[name=staff][value={staff}]").click()

    def open_patient(self, patient: str) -> None:
        """Open a record."""
        self.page.goto(f"{self.demo.ehr}/patients/{patient}")

    def launch(self) -> None:
        """Open SÉSAME from the record and wait for its first page."""
        self.page.get_by_role("button", name="SÉSAME", exact=True).click()
        expect(self.panel.locator("h1")).to_be_visible()

    def start(self, patient: str) -> None:
        """From nothing to SÉSAME's first page."""
        self.sign_in()
        self.open_patient(patient)
        self.launch()

    def click(self, target: Locator) -> None:
        """Click in the panel and count it."""
        target.click()
        self.clicks += 1

    def answer(self, *weights: int) -> None:
        """Tap one answer per question."""
        for number, weight in enumerate(weights):
            self.click(self.panel.locator("fieldset").nth(number).locator("label").nth(weight))

    def press(self, name: str) -> None:
        """Press a button or follow a link of the panel by its words."""
        wanted = self.panel.get_by_role("button", name=name).or_(self.panel.get_by_role("link", name=name))
        self.click(wanted.first)

    def heading(self, text: str) -> None:
        """Expect this heading."""
        expect(self.panel.locator("h1")).to_contain_text(text)
