"""Every route of the team's pages with every role: allowed or refused as the table of actions says, never a fault."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from sesame_fhir.domain.access import ACTIONS
from sesame_fhir.domain.actors import STAFF, Role
from smart_app.team.addresses import page_of
from smart_app.team.blueprint import ROUTES
from smart_app.team.routing import TeamRoute
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import COOKIE, MEMBERS, Team, TeamBrowser, build_team

FORBIDDEN = 403


def path_of(route: TeamRoute, pathway_id: str = "unknown") -> str:
    """An address of the route: its pathway, and nothing that exists for the other values."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: pathway_id if m[1] == "pathway_id" else "nothing-of-ours", route.path)


@pytest.fixture(scope="module")
def team(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """One application with one referred patient for the whole walk: no post of it has a ticket, so nothing changes."""
    made = build_team(Path(shutil.copy(empty_database, tmp_path_factory.mktemp("walk") / "team.db")))
    made.pages.refer()
    yield made
    made.pages.store.close()


@pytest.fixture(scope="module")
def everybody(team: Team) -> dict[Role, TeamBrowser]:
    """A browser for every role."""
    return {role: team.browser(role) for role in sorted(STAFF)}


@pytest.fixture(scope="module")
def nobody(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[FlaskClient]]:
    """Browsers whose session has expired, was never ours, or is not there."""
    made = build_team(Path(shutil.copy(empty_database, tmp_path_factory.mktemp("nobody") / "team.db")))
    expired, unknown = made.browser(Role.NURSE).client, made.pages.app.test_client()
    unknown.set_cookie(COOKIE, "never-seen", domain="localhost")
    made.pages.clock.move(minutes=31)
    yield [expired, unknown, made.pages.app.test_client()]
    made.pages.store.close()


def test_the_accounts_of_the_tests_have_every_role() -> None:
    assert set(MEMBERS) == STAFF


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_every_route_with_every_role(team: Team, everybody: dict[Role, TeamBrowser], route: TeamRoute) -> None:
    assert route.action is None or route.action in ACTIONS
    pathway = team.pages.pathway
    assert pathway is not None
    path = path_of(route, pathway.pathway_id)
    for role, browser in everybody.items():
        answer = browser.client.open(f"/app/team{path}", method=route.method, data={})
        allowed = route.action is None or role in ACTIONS[route.action]
        assert (answer.status_code == FORBIDDEN and "votre rôle" in answer.text) is not allowed, (role, answer.text)
        assert answer.status_code < 500, (role, answer.text)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        last = team.deps.audit.entries(1)[0]
        assert (last.role, last.outcome == "refused") == (role.value, not allowed) or answer.status_code >= 400


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_without_a_session_every_route_leads_to_sign_in(nobody: list[FlaskClient], route: TeamRoute) -> None:
    for client in nobody:
        answer = client.open(f"/app/team{path_of(route)}", method=route.method, data={"csrf": "x", "version": "0"})
        if route.draft is not None and answer.status_code == FORBIDDEN:
            continue  # an ended session's form without our ticket: refused, nothing kept
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"].startswith("/app/team/sign-in?next=")


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/caseload", "/caseload"),
        ("/review/start", "/review"),
        ("/p/one/mark", "/p/one"),
        ("/p/one/referral/call", "/p/one/referral"),
        ("/p/one/messages/read", "/p/one/messages"),
        ("/p/one/contact/two/missed", "/p/one/contact/two"),
        ("/accounts/one/link", "/accounts/one"),
        ("/calendar/end", "/calendar"),
        ("/no/such/form", "/"),
    ],
)
def test_a_form_posted_too_late_leads_back_to_its_page(team: Team, form: str, page: str) -> None:
    answer = team.pages.app.test_client().post(f"/app/team{form}")
    with team.pages.app.app_context():
        assert page_of(f"/app/team{form}") == f"/app/team{page}"
    if page != "/":
        assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"next": [f"/app/team{page}"]}


@pytest.fixture(scope="module")
def two(team: Team) -> tuple[Case, Case]:
    """Two patients of the same nurse, in care."""
    return followed_case(team, 1).join(), followed_case(team, 2).join()


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.method == "POST" and "<pathway_id>" in r.path], ids=lambda r: r.path
)
def test_a_form_opened_for_one_patient_changes_no_other(
    everybody: dict[Role, TeamBrowser], two: tuple[Case, Case], route: TeamRoute
) -> None:
    opened_for, other = two
    may = ACTIONS[route.action or ""]
    who = next(everybody[role] for role in (Role.NURSE, Role.PSYCHIATRIST, Role.GP) if role in may)
    opened, before = who.hidden(f"/p/{opened_for.pathway_id}/messages"), other.pathway
    answer = who.post(path_of(route, other.pathway_id), {"text": "Pour un autre", "to": "all"}, opened)
    assert (answer.status_code, other.pathway) == (FORBIDDEN, before)
