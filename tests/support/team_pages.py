"""The team's pages on a real store, with an account of every role and browsers that are signed in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.staff import StaffMember, StaffSession
from smart_app.deps import AppDeps
from smart_app.session.cookies import fingerprint
from tests.support.app_pages import TEAM, Pages, build_pages
from tests.support.story import GP, NURSE, SITE

OTHER_SITE = SiteId("site-bezons")
COOKIE = "sesame_team"
_FORM = re.compile(r"<form[^>]*>.*?</form>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')

MEMBERS: dict[Role, StaffMember] = {
    member.role: member
    for member in (
        StaffMember("staff-gp", "gp", GP.name, Role.GP, (SITE,), GP.rpps),
        StaffMember("staff-nurse", "nurse", NURSE.name, Role.NURSE, (SITE, OTHER_SITE), NURSE.rpps),
        StaffMember("staff-psy", "psy", "Dr Paule Fictive", Role.PSYCHIATRIST, (SITE, OTHER_SITE), Rpps("99900000045")),
        StaffMember("staff-referent", "referent", "Rémi Fictif", Role.SITE_REFERENT, (SITE,)),
        StaffMember("staff-desk", "desk", "Dora Fictive", Role.FRONT_DESK, (SITE,)),
        StaffMember("staff-coordinator", "coordinator", "Coralie Fictive", Role.COORDINATOR, (SITE, OTHER_SITE)),
        StaffMember("staff-admin", "admin", "Alma Fictive", Role.ADMINISTRATOR, ()),
    )
}
"""One account per role that an account may have."""


@dataclass
class TeamBrowser:
    """A browser in which somebody is signed in. Paths are below ``/app/team``."""

    client: FlaskClient
    member: StaffMember

    def get(self, path: str = "/", **kwargs: Any) -> TestResponse:
        return self.client.get(f"/app/team{path}", **kwargs)

    def hidden(self, page_path: str, action: str | None = None) -> dict[str, str]:
        """The hidden fields of a page's first form with a ticket; of the one posted to ``action`` when told."""
        for form in _FORM.findall(self.get(page_path).text):
            fields = dict(_HIDDEN.findall(form))
            if "csrf" in fields and (action is None or f'action="/app/team{action}"' in form):
                return fields
        raise AssertionError(f"no such form on {page_path}")

    def post(self, path: str, data: Mapping[str, Any], opened: Mapping[str, str] | None = None) -> TestResponse:
        """Post a form as a browser does; ``opened`` are hidden fields taken before (default: from the page now)."""
        fields = dict(self.hidden(path) if opened is None else opened)
        return self.client.post(f"/app/team{path}", data=fields | dict(data))

    def follow(self, response: TestResponse) -> str:
        """The path below ``/app/team`` that a redirect leads to."""
        assert response.status_code == 303, response.text
        return response.headers["Location"].removeprefix("/app/team")


@dataclass
class Team:
    """The application with its accounts; ``pages`` is the GP's side of it, on the same store and clock."""

    pages: Pages

    @property
    def deps(self) -> AppDeps:
        return self.pages.deps

    def browser(self, who: Role | StaffMember) -> TeamBrowser:
        """A browser in which this account is signed in."""
        member = MEMBERS[who] if isinstance(who, Role) else who
        client = self.pages.app.test_client()
        sign_in(self.deps, client, member)
        return TeamBrowser(client, member)


def sign_in(deps: AppDeps, client: FlaskClient, member: StaffMember) -> None:
    """Open a session as signing in does, and give its cookie to the client."""
    now, secret = deps.clock.now(), deps.ids.secret()
    session = StaffSession(fingerprint(secret), member.staff_id, "totp", now, now, now + timedelta(minutes=30))
    deps.staff_access.sessions.open(session)
    client.set_cookie(COOKIE, secret, domain="localhost")


def build_team(database: Path, **pages: Any) -> Team:
    """Build everything on a migrated database (``app_pages.migrated_database``), with every account of ``MEMBERS``."""
    built = build_pages(database, **pages)
    sites = {**TEAM.sites, OTHER_SITE: "Maison de santé fictive de Bezons"}
    billing = Billing(built.deps.engine, built.store.billing)
    built.deps = replace(built.deps, team=replace(TEAM, sites=sites), billing=billing)
    built.app.extensions["sesame-app"] = built.deps
    for member in MEMBERS.values():
        built.store.staff.save(member)
    return Team(built)
