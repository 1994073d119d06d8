"""A GP at work in the browser: opens a patient's record, launches SÉSAME, answers, refers. Steps return their page."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from sesame_fhir.domain.instruments import InstrumentId
from tests.integration.faults.world import World
from tests.support.app_pages import form_of as answers_of
from tests.support.browser import Browser, Form, form_of, tree

POSITIVE = answers_of(InstrumentId.PHQ_2, "33")
HALF = dict(list(POSITIVE.items())[:1])


@dataclass
class Clinician:
    """One person in one browser, with one patient in front of them."""

    ehr_url: str
    patient: str
    staff: str = "gp-1"
    browser: Browser = field(default_factory=Browser)

    def __post_init__(self) -> None:
        """Sign in to the EHR."""
        page = self.browser.open("POST", f"{self.ehr_url}/sign-in", {"staff": self.staff})
        assert page.status_code == 200, page.text

    def button(self) -> str:
        """Press the record's button; returns the address that its frame opens."""
        record = self.browser.open("GET", f"{self.ehr_url}/patients/{self.patient}")
        opened = self.browser.submit(form_of(record, "/launch"))
        return str(tree(opened).xpath("string(//iframe/@src)"))

    def launch(self) -> requests.Response:
        """Open SÉSAME from the record."""
        return self.browser.open("GET", self.button())

    def form(self, instrument: str = "phq-2") -> Form:
        """Launch, and open a questionnaire."""
        return form_of(self.go(self.launch(), f"/form/{instrument}"), f"/form/{instrument}")

    def go(self, page: requests.Response, path: str) -> requests.Response:
        """Another page of the launch that a page belongs to."""
        return self.browser.open("GET", launch_url(page.url) + path)

    def screen(self) -> requests.Response:
        """Launch, and fill in a positive PHQ-2."""
        return self.browser.submit(self.form(), **POSITIVE)

    def confirm(self) -> requests.Response:
        """Screen, and confirm eligibility as it is pre-filled."""
        return self.browser.submit(form_of(self.go(self.screen(), "/eligibility"), "/eligibility"), consent="given")

    def refer(self) -> requests.Response:
        """The whole job."""
        return self.browser.submit(form_of(self.confirm(), "/referral"))

    def keep_draft(self, form: Form, **answers: str) -> requests.Response:
        """What the page's script sends while the form is being filled in."""
        return self.browser.send("POST", f"{form.url}/draft", {**form.fields, **answers})


class Gp(Clinician):
    """A clinician in a world whose faults are ours."""

    def __init__(self, world: World, patient: str, staff: str = "gp-1", browser: Browser | None = None) -> None:
        self.world = world
        super().__init__(world.ehr_url, patient, staff, browser or Browser())

    def another(self, staff: str) -> "Gp":
        """A colleague in another browser, with the same patient."""
        return Gp(self.world, self.patient, staff)


def launch_url(url: str) -> str:
    """Address of the launch that a page's address is below."""
    return url[: url.index("/s/") + 3] + launch_id(url)


def launch_id(url: str) -> str:
    """The unguessable name of the launch in an address."""
    return urlsplit(url).path.split("/")[3]
