"""What stands before every view of the team, and what is shown when something stands in the way: nothing is lost."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.errors import Conflict
from smart_app.team import blueprint as team_blueprint
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, load_draft
from smart_app.team.posted import read_posted
from smart_app.team.render import render
from smart_app.team.routing import TeamRoute
from tests.support import applications
from tests.support.story import NURSE as STORY_NURSE
from tests.support.team_pages import MEMBERS, OTHER_SITE, Team, TeamBrowser

NURSE = MEMBERS[Role.NURSE]
ELSEWHERE = replace(NURSE, staff_id="elsewhere", login="elsewhere", sites=(OTHER_SITE,), rpps=Rpps("99900000037"))
NOTE = "Elle va un peu mieux, dort encore mal."


def show_note(page: TeamContext) -> str:
    return render(page, "team/test_note.html", note=load_draft(page, "note:one").get("note", ""))


def post_note(page: TeamContext) -> ResponseReturnValue:
    posted = read_posted(page)
    wish = posted.values.get("wish", "")
    command = finishing(page, posted.command, "note:one")
    assert command.scope == page.scope
    if wish == "refused":
        raise Refused(Reason(ReasonCode.REASON_REQUIRED))
    if wish == "conflict":
        pathway_id = page.patient_pathway.pathway_id
        raise Conflict(pathway_id, page.deps.engine.pathways.history(pathway_id))
    if wish == "fault":
        raise ZeroDivisionError
    return f"{posted.text('note')} {posted.choices('tag')}"


def show_url(page: TeamContext) -> str:
    return " ".join((page.url("show_note_with_pathway"), page.url("show_home"), page.local(page.now).isoformat()))


def show_note_with_pathway(page: TeamContext) -> str:
    return page.patient_pathway.pathway_id


def show_without_pathway(page: TeamContext) -> str:
    return page.patient_pathway.pathway_id


ROUTES = (
    TeamRoute("GET", "/t/<pathway_id>/note", "view-patient", show_note),
    TeamRoute("POST", "/t/<pathway_id>/note", "hold-contact", post_note, draft="note:one"),
    TeamRoute("GET", "/t/<pathway_id>/url", "view-patient", show_url),
    TeamRoute("GET", "/t/<pathway_id>/plain", "view-patient", show_note_with_pathway),
    TeamRoute("GET", "/t/nothing", None, show_without_pathway),
)
PAGE = """{% extends "team/base.html" %}{% from "app/parts.html" import hidden with context %}
{% block content %}<form method="post">{{ hidden() }}<textarea name="note">{{ note }}</textarea></form>{% endblock %}"""


@pytest.fixture
def ward(build: Callable[..., Team], monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    """A team with pages of its own for these tests, and one referred patient at the first site."""
    monkeypatch.setattr(team_blueprint, "ROUTES", (*team_blueprint.ROUTES, *ROUTES))
    applications.forget()
    team = build()
    loader = team.pages.app.jinja_env
    loader.get_or_select_template("team/base.html")
    monkeypatch.setattr(loader, "loader", _With(loader.loader, PAGE))
    team.pages.refer()
    team.deps.staff.save(ELSEWHERE)
    yield team
    applications.forget()


class _With:
    """The application's templates, and the one of these tests."""

    has_source_access = True

    def __init__(self, others: object, page: str) -> None:
        self._others, self._page = others, page

    def get_source(self, environment: object, name: str) -> object:
        if name == "team/test_note.html":
            return self._page, None, lambda: True
        return self._others.get_source(environment, name)  # type: ignore[attr-defined]

    def load(self, environment: object, name: str, globals: object = None) -> object:  # noqa: A002  jinja's name
        if name == "team/test_note.html":
            return environment.from_string(self._page, globals)  # type: ignore[attr-defined]
        return self._others.load(environment, name, globals)  # type: ignore[attr-defined]


def patient_of(team: Team) -> str:
    pathway = team.pages.pathway
    assert pathway is not None
    return pathway.pathway_id


def open_note(team: Team, who: Role = Role.NURSE) -> tuple[TeamBrowser, str]:
    return team.browser(who), f"/t/{patient_of(team)}/note"


def test_a_patient_in_reach_is_opened_and_traced(ward: Team) -> None:
    browser, path = open_note(ward)
    assert browser.get(path).status_code == 200
    last = ward.deps.audit.entries(1)[0]
    assert (last.actor_id, last.action, last.outcome, last.patient, last.detail, last.site) == (
        STORY_NURSE.actor_id,
        "view-patient",
        "done",
        patient_of(ward),
        "show_note",
        "site-argenteuil",
    )


def test_a_patient_elsewhere_is_refused_traced_and_opened_with_a_reason(ward: Team) -> None:
    browser, path = ward.browser(ELSEWHERE), f"/t/{patient_of(ward)}/note"
    refused = browser.get(path)
    assert (refused.status_code, "Ouvrir avec un motif" in refused.text) == (403, True)
    assert "FICTIVE" not in refused.text
    assert ward.deps.audit.entries(1)[0].outcome == "refused"
    glass = f"/break-glass/{patient_of(ward)}"
    asked = browser.get(glass, query_string={"next": f"/app/team{path}"})
    assert f'value="/app/team{path}"' in asked.text
    opened = browser.hidden(glass)
    assert browser.post(glass, {"reason": "other", "next": ""}, opened).status_code == 422, "another reason needs words"
    assert browser.post(glass, {}, opened).status_code == 422
    answer = browser.post(glass, {"reason": "colleague-absent", "next": f"/app/team{path}"}, opened)
    assert browser.follow(answer) == path
    granted = next(e for e in ward.deps.audit.entries(5) if e.outcome == "granted")
    assert (granted.action, granted.patient, granted.detail) == ("break-glass", patient_of(ward), "colleague-absent")
    assert browser.get(path).status_code == 200
    for _ in range(2):
        ward.pages.clock.move(minutes=29)
        browser.get("/")
    ward.pages.clock.move(minutes=2)
    assert browser.get(path).status_code == 403, "an hour later it is closed"


@pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.COORDINATOR, Role.SITE_REFERENT, Role.ADMINISTRATOR])
def test_who_gives_no_care_breaks_no_glass(ward: Team, role: Role) -> None:
    answer = ward.browser(role).get(f"/break-glass/{patient_of(ward)}")
    assert (answer.status_code, "votre rôle" in answer.text) == (403, True)
    assert "Ouvrir avec un motif" not in ward.browser(role).get(f"/t/{patient_of(ward)}/note").text


def test_a_gp_reaches_own_patients_only(ward: Team) -> None:
    assert ward.browser(Role.GP).get(f"/t/{patient_of(ward)}/plain").status_code == 200, "by RPPS, as in the launch"
    other = replace(MEMBERS[Role.GP], staff_id="gp-2", login="gp-2", rpps=Rpps("99900000029"))
    ward.deps.staff.save(other)
    assert ward.browser(other).get(f"/t/{patient_of(ward)}/plain").status_code == 403


@pytest.mark.parametrize("path", ["/t/unknown/note", "/t/nothing"])
def test_what_does_not_exist(ward: Team, path: str) -> None:
    answer = ward.browser(Role.NURSE).get(path)
    assert (answer.status_code, "existe pas" in answer.text) == (404, True)


def test_an_address_with_a_null_character_is_refused_at_the_door(ward: Team) -> None:
    assert ward.browser(Role.NURSE).get("/t/%00/note").status_code == 400


def test_addresses_of_a_page_keep_its_pathway(ward: Team) -> None:
    own, home, local = ward.browser(Role.NURSE).get(f"/t/{patient_of(ward)}/url").text.split()
    assert (own, home) == (f"/app/team/t/{patient_of(ward)}/plain", "/app/team/")
    assert local.endswith("+01:00")


def test_a_form_says_what_it_was_opened_for(ward: Team) -> None:
    browser, path = open_note(ward)
    opened = browser.hidden(path)
    answer = browser.post(path, {"note": f"  {NOTE} ", "tag": ["a", "b"]}, opened)
    assert answer.text == f"{NOTE} ('a', 'b')"
    for spoilt in ({"patient": "another"}, {"version": "1"}, {"version": "x"}, {"csrf": ""}, {"command": "x"}):
        # The patient of a form about a pathway is that of the address; a field that says another changes nothing.
        wanted = 200 if "patient" in spoilt else 403
        assert browser.post(path, {"note": NOTE}, opened | spoilt).status_code == wanted, spoilt
    somebody_else = ward.browser(Role.NURSE)
    assert somebody_else.post(path, {"note": NOTE}, opened).status_code == 403, "another session's form"
    foreign = browser.client.post(f"/app/team{path}", data=opened, headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403


@pytest.mark.parametrize(("wish", "status"), [("refused", 422), ("conflict", 409), ("fault", 500)])
def test_what_was_typed_is_kept_when_something_stands_in_the_way(ward: Team, wish: str, status: int) -> None:
    ward.pages.app.config["PROPAGATE_EXCEPTIONS"] = False
    browser, path = open_note(ward)
    answer = browser.post(path, {"note": NOTE, "wish": wish})
    assert answer.status_code == status
    if status != 500:
        assert NOTE in answer.text, "both versions are on the screen"
        assert f'href="/app/team{path}"' in answer.text
    assert NOTE in browser.get(path).text, "the form opens with it again"


def test_what_is_posted_after_the_session_ended_is_kept(ward: Team) -> None:
    browser, path = open_note(ward)
    opened = browser.hidden(path)
    ward.pages.clock.move(minutes=31)
    answer = browser.post(path, {"note": NOTE}, opened)
    assert browser.follow(answer) == f"/sign-in?next=/app/team{path}&kept=1"
    assert "Votre saisie est gardée" in browser.get(f"/sign-in?next=/app/team{path}&kept=1").text
    assert NOTE in ward.browser(Role.NURSE).get(path).text
    forged = browser.post(path, {"note": "autre chose"}, opened | {"csrf": "AAAA"})
    assert forged.status_code == 403
    assert NOTE in ward.browser(Role.NURSE).get(path).text


def test_the_header_says_who_and_offers_what_the_role_may_open(ward: Team) -> None:
    page = ward.browser(Role.ADMINISTRATOR).get("/accounts").text
    assert "Alma Fictive" in page
    assert "administration" in page
    assert 'href="/app/team/accounts" aria-current="page"' in page
    assert "File active" not in page
    nurse = ward.browser(Role.NURSE).get("/t/unknown/note").text
    assert "Comptes" not in nurse


def test_a_page_in_english(ward: Team) -> None:
    browser = ward.browser(Role.ADMINISTRATOR)
    answer = browser.get("/accounts?lang=en")
    assert 'lang="en"' in answer.text
    assert "Path=/app/team" in answer.headers["Set-Cookie"]
    assert '<html lang="en">' in browser.get("/accounts").text
