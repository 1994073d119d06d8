"""Whatever somebody is called or has written is text on every page, never HTML; also beside what is translated."""

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from sesame_fhir.domain.access import ACTIONS
from sesame_fhir.domain.actors import STAFF, Role
from smart_app.pages.blueprint import ROUTES as LAUNCH_ROUTES
from smart_app.team.blueprint import ROUTES
from smart_app.team.routing import TeamRoute
from tests.support.app_pages import record_of
from tests.support.hostile import TRUSTED, HostileTeam, escaped_in, hostile_team, mark
from tests.support.team_cases import Case, acting

TEAM_PAGES = [route for route in ROUTES if route.method == "GET"]
LAUNCH_PAGES = [path for method, path, _ in LAUNCH_ROUTES if method == "GET"]
TEAM_SHOWS = """
activity-detail assessmentrecorded-history assessmentrecorded-patient_goals assessmentrecorded-preferences
assessmentrecorded-resources assessmentrecorded-social_situation assessmentrecorded-summary callattempted-note
casereviewed-summary client consentrecorded-notice contactcancelled-note contactheld-note contactheld-private_note
contactmissed-note goal-text helper-name helper-phone markedforreview-note messagesent-text participant
pathwayexited-note pathwayinterrupted-reason pathwaytransferred-reason patientreferred-medications
patientreferred-note patientreferred-override_reason patienttraits-family patienttraits-given patienttraits-phone
planrecorded-note problem-text provider recommendation-dose recommendation-drug recommendation-text
recommendationdecided-reason referralnotstarted-note relapseplanwritten-first_steps relapseplanwritten-helps
relapseplanwritten-warning_signs renewaldecided-reason searched site-0 site-1 staff-administrator staff-coordinator
staff-front-desk staff-gp staff-nurse staff-psychiatrist staff-site-referent teammember-function teammember-name
treatment-text
"""
LAUNCH_SHOWS = """
casereviewed-summary medication messagesent-text pathwayexited-note patienttraits-family patienttraits-given
patienttraits-phone recommendation-dose recommendation-drug recommendation-text recommendationdecided-reason
referralnotstarted-note staff-gp staff-nurse staff-psychiatrist teammember-name
"""
"""What the pages show, of all that was written: a page that showed nothing would be safe too."""
_WRONG = re.compile(f"{TRUSTED.pattern}|Project-Id-Version", re.IGNORECASE)


@pytest.fixture(scope="module")
def attacked(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostileTeam]:
    with hostile_team(Path(shutil.copy(empty_database, tmp_path_factory.mktemp("hostile") / "team.db"))) as made:
        yield made


class Walk:
    """Answers that were looked at: what was trusted or failed, and which texts were shown as text."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.shown: set[str] = set()

    def look(self, where: str, answer: TestResponse) -> None:
        """Note what is wrong with one page; files are not looked at."""
        if answer.status_code >= 500:
            self.wrong.append(f"{where}: {answer.status_code}")
        if answer.mimetype != "text/html":
            return
        self.wrong += [f"{where}: {answer.text[m.start() - 60 : m.end() + 30]}" for m in _WRONG.finditer(answer.text)]
        self.shown |= escaped_in(answer.text)


def addresses(path: str, case: Case) -> list[str]:
    """One for each contact, score, review, account or indicator that a route can be about.

    What is billed has a walk of its own (``billing/test_billing_escaping.py``).
    """
    pathway = case.pathway
    choices: dict[str, Sequence[str]] = {
        "pathway_id": [pathway.pathway_id],
        "target": [pathway.pathway_id],
        "contact_id": [*(contact.contact_id for contact in pathway.contacts), "fresh"],
        "screening_id": [screening.screening_id for screening in pathway.screenings],
        "review_id": [review.review_id for review in pathway.reviews],
        "instrument": ["phq-9"],
        "staff_id": ["staff-nurse"],
        "client_id": ["hostile-app"],
        "code": ["referred"],
        "case": [pathway.pathway_id],
        "rank": [str(sequence.rank) for sequence in pathway.sequences],
    }
    found = [path]
    for name in re.findall(r"<(?:\w+:)?(\w+)>", path):
        some = choices.get(name, ["none"])
        found = [re.sub(rf"<(?:\w+:)?{name}>", one, address) for address in found for one in some]
    return found


def of_a_pathway(route: TeamRoute) -> bool:
    return "<pathway_id>" in route.path


def test_no_page_of_the_team_trusts_what_somebody_wrote(attacked: HostileTeam) -> None:
    walk = Walk()
    nurse, english = attacked.team.browser(Role.NURSE), attacked.team.browser(Role.NURSE)
    english.get("/?lang=en")
    for role in sorted(STAFF):
        browser = attacked.team.browser(role)
        for route in TEAM_PAGES:
            if route.action is None or role in ACTIONS[route.action]:
                for path in addresses(route.path, attacked.followed):
                    walk.look(f"{role} {path}", browser.get(path))
    for route in TEAM_PAGES:
        for path in addresses(route.path, attacked.followed):
            walk.look(f"english {path}", english.get(path))
        for path in (path for case in attacked.ended if of_a_pathway(route) for path in addresses(route.path, case)):
            walk.look(f"nurse {path}", nurse.get(path))
    walk.look("search", nurse.post("/caseload", {"name": mark("searched")}, nurse.hidden("/caseload")))
    walk.look("account link", link_of(attacked))
    walk.look("sign in", attacked.team.pages.app.test_client().get("/app/team/sign-in"))
    assert walk.wrong == []
    assert walk.shown >= set(TEAM_SHOWS.split())


def test_no_page_of_a_launch_trusts_what_somebody_wrote(attacked: HostileTeam) -> None:
    pages, walk = attacked.team.pages, Walk()
    for number, case in enumerate((attacked.followed, *attacked.ended)):
        bound, traits = case.pathway.ehr, case.pathway.traits
        assert bound
        assert traits
        for role in (Role.GP, Role.NURSE):
            record = record_of(traits, author=acting(role), medications=(mark("medication"),))
            pages.launch_id = f"launch-{number}-{role.value}"
            pages.open_launch(pages.launch_id, record, patient=bound.patient)
            for path in (path for route in LAUNCH_PAGES for path in addresses(route, case)):
                for query in ("", "?lang=en"):
                    walk.look(f"{role} {path}{query}", pages.get(path + query))
    assert walk.wrong == []
    assert walk.shown >= set(LAUNCH_SHOWS.split())


def link_of(attacked: HostileTeam) -> TestResponse:
    """The page with somebody's enrolment link."""
    admin = attacked.team.browser(Role.ADMINISTRATOR)
    path = f"/accounts/{attacked.team.browser(Role.GP).member.staff_id}"
    return admin.post(f"{path}/link", {}, admin.hidden(path))
