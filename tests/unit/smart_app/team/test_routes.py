"""Every route of the team's pages with every role: allowed or refused as the table of actions says, never a fault."""

import re

import pytest

from sesame_fhir.domain.access import ACTIONS
from sesame_fhir.domain.actors import STAFF, Role
from smart_app.team.blueprint import ROUTES
from smart_app.team.routing import TeamRoute
from tests.support.team_pages import COOKIE, MEMBERS, Team

FORBIDDEN = 403


def path_of(route: TeamRoute, pathway_id: str = "unknown") -> str:
    """An address of the route: its pathway, and nothing that exists for the other values."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda m: pathway_id if m[1] == "pathway_id" else "nothing-of-ours", route.path)


def test_the_accounts_of_the_tests_have_every_role() -> None:
    assert set(MEMBERS) == STAFF


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_every_route_with_every_role(team: Team, route: TeamRoute) -> None:
    assert route.action is None or route.action in ACTIONS
    for role in sorted(STAFF):
        browser = team.browser(role)
        answer = browser.client.open(f"/app/team{path_of(route)}", method=route.method, data={})
        allowed = route.action is None or role in ACTIONS[route.action]
        assert (answer.status_code == FORBIDDEN and "votre rôle" in answer.text) is not allowed, (role, answer.text)
        assert answer.status_code < 500, (role, answer.text)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        last = team.deps.audit.entries(1)[0]
        assert (last.role, last.outcome == "refused") == (role.value, not allowed) or answer.status_code >= 400


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_without_a_session_every_route_leads_to_sign_in(team: Team, route: TeamRoute) -> None:
    expired = team.browser(Role.NURSE)
    unknown = team.pages.app.test_client()
    unknown.set_cookie(COOKIE, "never-seen", domain="localhost")
    team.pages.clock.move(minutes=31)
    for client in (expired.client, unknown, team.pages.app.test_client()):
        answer = client.open(f"/app/team{path_of(route)}", method=route.method, data={"csrf": "x", "version": "0"})
        if route.draft is not None and answer.status_code == FORBIDDEN:
            continue  # an ended session's form without our ticket: refused, nothing kept
        assert answer.status_code == 303, answer.text
        assert answer.headers["Location"].startswith("/app/team/sign-in?next=")
