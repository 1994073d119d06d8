"""A review session: begun, cases signed in it, closed with who, how long, which; logged once."""

import re
from datetime import timedelta

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.caseload import ReviewSession
from tests.support.story import NURSE, SITE
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import MEMBERS, OTHER_SITE, Team, TeamBrowser

CLOSE = "/review/close"


@pytest.fixture
def cases(team: Team) -> list[Case]:
    return [followed_case(team, number).join().mark() for number in (1, 2)]


@pytest.fixture
def nurse(team: Team) -> TeamBrowser:
    return team.browser(Role.NURSE)


def start(browser: TeamBrowser, **fields: str) -> None:
    opened = browser.hidden("/review", "/review/start")
    assert browser.follow(browser.post("/review/start", fields, opened)) == "/review"


def sign(team: Team, case: Case) -> None:
    path, psychiatrist = f"/p/{case.pathway_id}/review", team.browser(Role.PSYCHIATRIST)
    psychiatrist.follow(psychiatrist.post(path, {"do-no-change": "1"}, psychiatrist.hidden(path, path)))


def logged(team: Team) -> tuple[ReviewSession, ...]:
    return team.pages.store.review_sessions.at_sites(MEMBERS[Role.NURSE].sites, 10)


def ticked(body: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]+)" checked', body)


def test_a_session_from_start_to_log(team: Team, cases: list[Case], nurse: TeamBrowser) -> None:
    start(nurse, site=OTHER_SITE)
    assert "Revue commencée le 2 mars 2026 à 10 h 00" in nurse.get("/review").text
    team.pages.clock.move(minutes=12)
    sign(team, cases[0])
    team.pages.clock.move(minutes=13)
    body = nurse.get(CLOSE).text
    assert ticked(body, "cases") == [cases[0].pathway_id], "what was signed meanwhile"
    assert 'name="minutes" value="25"' in body
    assert ticked(body, "participants") == ["staff-psy", "staff-nurse"]
    answer = {
        "participants": ["staff-nurse", "staff-psy", "nobody"], "others": "Interne Fictif\n\n- Interne Fictif",
        "minutes": "30", "cases": [case.pathway_id for case in cases],
    }  # fmt: skip
    opened = nurse.hidden(CLOSE, CLOSE)
    assert nurse.follow(nurse.post(CLOSE, answer, opened)) == "/review/sessions"
    session = logged(team)[0]
    assert (session.site, session.minutes, session.logged_by) == (OTHER_SITE, 30, NURSE.name)
    assert session.participants == (NURSE.name, MEMBERS[Role.PSYCHIATRIST].name, "Interne Fictif")
    assert set(session.pathways) == {case.pathway_id for case in cases}
    assert cases[0].pathway.reviews[-1].session_id == session.session_id, "the nurse's session is the case's"
    told = nurse.get("/review/sessions").text
    for text in ("30 min", "BIDON", "CHIMERE", "Interne Fictif", "Maison de santé fictive de Bezons"):
        assert text in told
    assert nurse.follow(nurse.post(CLOSE, answer, opened)) == "/review/sessions"
    assert len(logged(team)) == 1
    assert "Commencer la revue" in nurse.get("/review").text


BAD_CLOSINGS: list[tuple[dict[str, object], str]] = [
    ({}, "Durée"),
    ({"minutes": "0", "participants": "staff-nurse"}, "Durée"),
    ({"minutes": "481", "participants": "staff-nurse"}, "Durée"),
    ({"minutes": "une heure", "participants": "staff-nurse"}, "Durée"),
    ({"minutes": "20"}, "Participants"),
    ({"minutes": "20", "participants": "nobody"}, "Participants"),
    ({"minutes": "20", "participants": "staff-nurse", "cases": "unknown"}, "Cas discutés"),
    ({"minutes": "20", "others": "x" * 400}, "Autres participants"),
]


@pytest.mark.parametrize(("fields", "told"), BAD_CLOSINGS, ids=lambda v: str(v)[:50])
def test_a_session_that_cannot_be_logged_comes_back(
    team: Team, cases: list[Case], nurse: TeamBrowser, fields: dict[str, object], told: str
) -> None:
    assert cases
    start(nurse)
    answer = nurse.post(CLOSE, fields, nurse.hidden(CLOSE, CLOSE))
    assert answer.status_code == 422
    assert told in answer.text.partition('role="alert"')[2].partition("</ul>")[0]
    assert logged(team) == ()
    assert "Revue commencée" in nurse.get("/review").text


def test_a_case_out_of_reach_is_not_logged(team: Team) -> None:
    """A psychiatrist logs the cases put to review, no other."""
    hidden = followed_case(team, 1)
    psychiatrist = team.browser(Role.PSYCHIATRIST)
    start(psychiatrist)
    fields = {"minutes": "5", "participants": "staff-psy", "cases": hidden.pathway_id}
    assert psychiatrist.post(CLOSE, fields, psychiatrist.hidden(CLOSE, CLOSE)).status_code == 422
    assert "BIDON" not in psychiatrist.get(CLOSE).text
    assert logged(team) == ()


def test_begun_twice_it_is_one_session_and_may_be_forgotten(team: Team, nurse: TeamBrowser) -> None:
    opened = nurse.hidden("/review", "/review/start")
    nurse.post("/review/start", {}, opened)
    team.pages.clock.move(minutes=3)
    nurse.post("/review/start", {"again": "1"}, opened)
    assert "à 10 h 00" in nurse.get("/review").text
    assert nurse.follow(nurse.post(CLOSE, {"forget": "1"}, nurse.hidden(CLOSE, CLOSE))) == "/review"
    assert logged(team) == ()
    assert "Commencer la revue" in nurse.get("/review").text
    assert nurse.follow(nurse.get(CLOSE)) == "/review"


def test_each_has_their_own_session(team: Team, cases: list[Case], nurse: TeamBrowser) -> None:
    start(nurse)
    psychiatrist = team.browser(Role.PSYCHIATRIST)
    assert "Commencer la revue" in psychiatrist.get("/review").text
    start(psychiatrist)
    sign(team, cases[0])
    fields = {"minutes": "9", "participants": "staff-psy", "cases": cases[0].pathway_id}
    psychiatrist.follow(psychiatrist.post(CLOSE, fields, psychiatrist.hidden(CLOSE, CLOSE)))
    assert cases[0].pathway.reviews[-1].session_id == logged(team)[0].session_id
    assert "Revue commencée" in nurse.get("/review").text


def test_the_log_of_another_site_is_not_shown(team: Team, nurse: TeamBrowser) -> None:
    elsewhere = ReviewSession("s1", "site-elsewhere", team.pages.clock.now(), 20, ("Ailleurs",), (), "Ailleurs")  # type: ignore[arg-type]  # a site id
    team.pages.store.review_sessions.record(elsewhere)
    body = nurse.get("/review/sessions").text
    assert "Ailleurs" not in body
    assert "Aucune revue" in body


def test_older_sessions_are_a_page_further(team: Team, nurse: TeamBrowser, cases: list[Case]) -> None:
    for number in range(13):
        at, names = team.pages.clock.now() + timedelta(minutes=number), (f"Témoin {number:02}",)
        held = ReviewSession(f"s{number}", SITE, at, 20, names, (cases[0].pathway_id,), "Noé")
        team.pages.store.review_sessions.record(held)
    first = nurse.get("/review/sessions").text
    following = re.search(r'rel="next" href="/app/team(/review/sessions[^"]+)"', first)
    assert following is not None
    last = nurse.get(following[1]).text
    assert [re.findall(r"Témoin (\d\d)", page) for page in (first, last)] == [
        [f"{number:02}" for number in range(12, 2, -1)],
        ["02", "01", "00"],
    ]
    assert 'rel="next"' not in last
    assert last.count("BIDON") == 3
