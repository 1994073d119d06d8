"""SÉSAME's own facade and authorization server over the team's application: same store, clock and people."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mappings.profiles import load_questionnaires
from sesame_fhir.api.blueprints import create_blueprints
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.clients import Clients
from sesame_fhir.server.launching import Launcher
from sesame_fhir.server.people import PublishedStaff
from sesame_fhir.services.authorization import STAFF_ID, OAuthClient, TokenGrant
from sesame_fhir.services.records import ClientKind
from sesame_fhir.services.staff import StaffMember
from smart_app.team.guard import person_of
from tests.support.quick_flask import QuickFlask
from tests.support.story import SITE
from tests.support.team_pages import COOKIE, MEMBERS, Team, sign_in

HOST = "http://localhost"
REDIRECT = "http://localhost:9000/back"
SCOPES = ("openid", "fhirUser", "launch", "launch/patient", "online_access", "patient/*.cruds", "user/*.cruds")
APP = OAuthClient("viewer", "Visionneuse", ClientKind.PUBLIC, (REDIRECT,), "http://localhost:9000/launch", SCOPES)


@dataclass
class Facade:
    """The facade of a team; its accounts are published, one public app is registered."""

    team: Team

    def __post_init__(self) -> None:
        store, pages = self.team.pages.store, self.team.pages
        self.staff = PublishedStaff(store.staff, store.resources, pages.clock, SITE)
        self.staff.publish_all()
        store.authorization.save_client(APP)
        self.deps = self._deps()
        clients = Clients(
            store.authorization, store.audit, pages.clock, pages.deps.ids, frozenset(pages.deps.team.sites)
        )
        pages.deps = replace(
            pages.deps,
            launcher=Launcher(self.deps),
            clients=clients,
            staff=self.staff,
            subscriptions=store.subscriptions,
        )
        pages.app.extensions["sesame-app"] = pages.deps
        self.app = QuickFlask("facade-of-the-team")
        for blueprint in create_blueprints(self.deps):
            self.app.register_blueprint(blueprint)
        self.client: FlaskClient = self.app.test_client()

    def _deps(self) -> ApiDeps:
        store, pages = self.team.pages.store, self.team.pages
        return ApiDeps(
            resources=store.resources,
            authorization=store.authorization,
            keys=store.keys,
            audit=store.audit,
            vault=store.vault,
            clock=pages.clock,
            ids=pages.deps.ids,
            base_url=f"{HOST}/fhir",
            oauth_base=f"{HOST}/oauth",
            site=SITE,
            questionnaires=load_questionnaires(),
            sign_in_url=f"{HOST}/app/team/sign-in",
            engine=pages.deps.engine,
            staff=self.staff,
            glass=store.staff_access.grants,
            find_person=lambda cookies: person_of(self.team.deps, cookies),
        )

    def token(
        self,
        who: Role | StaffMember | None,
        scope: str = "user/*.cruds",
        sites: tuple[SiteId, ...] = (),
        **context: Any,
    ) -> str:
        """A token of an account (None: of a service), by a client limited to these sites."""
        member = MEMBERS[who] if isinstance(who, Role) else who
        now, value = self.deps.clock.now(), self.deps.ids.secret()
        acting = {} if member is None else {STAFF_ID: member.staff_id}
        client = replace(APP, client_id=f"app-of-{'-'.join(sites) or 'all'}", sites=sites)
        self.deps.authorization.save_client(client)
        subject = client.client_id if member is None else f"Practitioner/{member.staff_id}"
        grant = TokenGrant(
            secret_hash(value),
            None,
            self.deps.ids.new(),
            client.client_id,
            subject,
            scope,
            {**context, **acting},
            now,
            now + timedelta(hours=1),
            None,
        )
        self.deps.authorization.save_grant(grant)
        return value

    def call(self, method: str, path: str, token: str | None = None, body: Any = None, **headers: str) -> TestResponse:
        """One request of the facade."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body)
        kind = None if body is None else "application/fhir+json"
        return self.client.open(f"/fhir/{path}", method=method, headers=headers, data=data, content_type=kind)

    def found(self, path: str, token: str) -> set[str]:
        """What a search finds, as ``Type/id``, all pages."""
        names: set[str] = set()
        answer = self.call("GET", path, token)
        while True:
            assert answer.status_code == 200, answer.get_data(as_text=True)
            page = json.loads(answer.data)
            resources = [entry["resource"] for entry in page.get("entry", [])]
            names |= {f"{r['resourceType']}/{r['id']}" for r in resources if r["resourceType"] != "OperationOutcome"}
            following = [link["url"] for link in page.get("link", []) if link["relation"] == "next"]
            if not following:
                return names
            answer = self.call("GET", following[0].removeprefix(f"{HOST}/fhir/"), token)

    def browser(self, who: Role | None = None) -> FlaskClient:
        """A browser at the authorization server, in which an account is signed in on the team's pages."""
        client = self.app.test_client()
        if who is not None:
            sign_in(self.team.deps, client, MEMBERS[who])
            assert client.get_cookie(COOKIE, domain="localhost") is not None
        return client
