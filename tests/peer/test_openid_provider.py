"""Signing in through an OpenID provider that is not ours (npm ``oidc-provider``), by the pages that it shows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sesame_fhir.domain.actors import Role
from smart_app.team.settings import OidcProvider
from tests.peer.node_peer import PeerMissing, running
from tests.support.app_pages import TEAM, migrated_database
from tests.support.browser import Browser, form_of
from tests.support.team_pages import MEMBERS, Team, build_team

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("openid")]

FOLDER = Path(__file__).parent / "oidc"
SECRET = "a secret that only these tests know"
CALLBACK = "http://localhost/app/team/callback"
NURSE, DESK = MEMBERS[Role.NURSE], MEMBERS[Role.FRONT_DESK]


@dataclass
class Desk:
    """The application, a browser for it, and one for the provider's pages."""

    team: Team
    issuer: str
    client: FlaskClient
    there: Browser

    def configure(self, provider: OidcProvider) -> None:
        deps = self.team.pages.app.extensions["sesame-app"]
        self.team.pages.app.extensions["sesame-app"] = replace(deps, team=replace(TEAM, oidc=(provider,)))

    def start(self) -> requests.Response:
        """Press the button; returns the provider's page."""
        return self.follow(self.client.get("/app/team/oidc/0").headers["Location"])

    def follow(self, url: str) -> requests.Response:
        """Go where the provider leads, as far as our own callback."""
        answer = self.there.send("GET", url)
        while answer.status_code in (302, 303) and not answer.headers["Location"].startswith(CALLBACK):
            answer = self.there.send("GET", urljoin(answer.url, answer.headers["Location"]))
        return answer

    def submit(self, page: requests.Response, **fields: str) -> requests.Response:
        form = form_of(page)
        answer = self.there.send("POST", form.url, {**form.fields, **fields})
        back = urljoin(answer.url, answer.headers["Location"])
        return answer if back.startswith(CALLBACK) else self.follow(back)

    def come_back(self, answer: requests.Response) -> TestResponse:
        query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        return self.client.get("/app/team/callback", query_string=query)

    def sign_in(self, login: str) -> TestResponse:
        """Sign in on the provider's page and agree on the next."""
        asked = self.submit(self.start(), login=login, password="any")
        return self.come_back(self.submit(asked) if asked.status_code == 200 else asked)


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider, running."""
    try:
        with running(FOLDER, SECRET, CALLBACK) as said:
            yield said["issuer"]
    except PeerMissing as missing:
        pytest.skip(f"no peer OpenID provider: {missing}")


@pytest.fixture
def desk(issuer: str, tmp_path: Path) -> Iterator[Desk]:
    team = build_team(migrated_database(tmp_path))
    team.pages.clock._now = datetime.now(UTC)  # the provider has the machine's
    made = Desk(team, issuer, team.pages.app.test_client(), Browser())
    made.configure(OidcProvider("Autre", issuer, "sesame-secret", SECRET))
    team.deps.staff.save(replace(DESK, external=(f"{issuer}|desk",)))
    yield made
    team.pages.store.close()


def test_an_account_by_its_subject(desk: Desk) -> None:
    answer = desk.sign_in("desk")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/app/team/")
    assert DESK.name in desk.client.get("/app/team/accounts").text


def test_a_public_client(desk: Desk) -> None:
    desk.configure(OidcProvider("Autre", desk.issuer, "sesame-public"))
    assert desk.sign_in("desk").status_code == 303


def test_an_account_by_the_rpps_that_userinfo_tells(desk: Desk) -> None:
    trusted = OidcProvider(
        "Autre", desk.issuer, "sesame-secret", SECRET, "SubjectNameID", "openid scope_all", acr_values="eidas1"
    )
    desk.configure(trusted)
    assert desk.sign_in("somebody").status_code == 303
    assert NURSE.name in desk.client.get("/app/team/accounts").text


@pytest.mark.parametrize(
    ("secret", "login", "code"), [(SECRET, "stranger", "account-unknown"), ("wrong secret", "desk", "token-refused")]
)
def test_what_is_refused(desk: Desk, secret: str, login: str, code: str) -> None:
    desk.configure(OidcProvider("Autre", desk.issuer, "sesame-secret", secret))
    assert f"Code : {code}" in desk.sign_in(login).text


def test_somebody_who_changes_their_mind(desk: Desk) -> None:
    page = desk.start()
    answer = desk.follow(f"{page.url}/abort")
    assert "Code : access-denied" in desk.come_back(answer).text
