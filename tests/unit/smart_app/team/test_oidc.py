"""OpenID Connect: the whole way with a strict provider, and every way in which an answer does not count."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.records import ClientKind
from smart_app.team.errors import TEAM_ERRORS
from smart_app.team.settings import OidcProvider
from tests.support.app_pages import TEAM
from tests.support.team_pages import MEMBERS, Team
from tests.unit.smart_app.launch.launch_ehr import OTHER_KEY, Answer, LaunchEhr, running_ehr

pytestmark = pytest.mark.network
NURSE, DESK = MEMBERS[Role.NURSE], MEMBERS[Role.FRONT_DESK]


@dataclass
class Desk:
    """The application, its provider, and a browser."""

    team: Team
    provider: LaunchEhr
    client: FlaskClient

    def configure(self, **changes: Any) -> None:
        known = OidcProvider("Annuaire", self.provider.base, self.provider.client_id, **changes)
        deps = self.team.pages.app.extensions["sesame-app"]
        self.team.pages.app.extensions["sesame-app"] = replace(deps, team=replace(TEAM, oidc=(known,)))

    def start(self, **query: str) -> dict[str, str]:
        """Go to the provider; returns what it was asked."""
        answer = self.client.get("/app/team/oidc/0", query_string=query)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(f"{self.provider.base}/oauth/authorize?")
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def finish(self, asked: dict[str, str], **changes: str | None) -> TestResponse:
        """Come back with what a provider that agrees says."""
        said = {"code": self.provider.grant(asked), "state": asked["state"]} | changes
        return self.client.get("/app/team/callback", query_string={k: v for k, v in said.items() if v is not None})

    def sign_in(self) -> TestResponse:
        return self.finish(self.start())


@pytest.fixture
def desk(team: Team) -> Iterator[Desk]:
    with running_ehr(team.deps.clock) as provider:
        made = Desk(team, provider, team.pages.app.test_client())
        made.configure()
        team.deps.staff.save(replace(DESK, external=(f"{provider.base}|dr-1",)))
        yield made


def test_from_the_button_to_a_session(desk: Desk) -> None:
    page = desk.client.get("/app/team/sign-in", query_string={"next": "/app/team/agenda"})
    assert "Continuer avec Annuaire" in page.text
    asked = desk.start(next="/app/team/agenda")
    assert asked["redirect_uri"] == "http://localhost/app/team/callback"
    assert (asked["scope"], asked["code_challenge_method"], "aud" in asked) == ("openid", "S256", False)
    answer = desk.finish(asked)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/app/team/agenda")
    assert DESK.name in desk.client.get("/app/team/accounts").text
    last = next(e for e in desk.team.deps.audit.entries(5) if e.action == "sign-in")
    assert (last.actor_id, last.detail, last.outcome) == (DESK.actor.actor_id, "oidc", "done")


def test_a_client_with_a_secret(desk: Desk) -> None:
    desk.provider.kind = ClientKind.SYMMETRIC
    desk.configure(secret=desk.provider.secret)
    assert desk.sign_in().status_code == 303


@pytest.mark.parametrize("rpps", ["10000000017", "810000000017"], ids=["RPPS", "IdNat_PS"])
@pytest.mark.parametrize("where", ["id_token", "userinfo"])
def test_an_account_is_found_by_the_claim_that_the_settings_trust(desk: Desk, rpps: str, where: str) -> None:
    told = {"sub": "somebody", "SubjectNameID": rpps}
    desk.provider.claims = told if where == "id_token" else {"sub": "somebody"}
    desk.provider.discovery = {"userinfo_endpoint": f"{desk.provider.base}/userinfo"}
    desk.provider.record["userinfo"] = told
    assert page_code(desk.sign_in()) == "account-unknown", "not trusted unless the settings say so"
    desk.configure(claim="SubjectNameID", acr_values="eidas1", scopes="openid scope_all")
    assert page_code(desk.sign_in()) == "identity-invalid", "at no level"
    desk.provider.claims |= {"acr": "eidas1"}
    asked = desk.start()
    assert (asked["acr_values"], asked["scope"]) == ("eidas1", "openid scope_all")
    assert desk.finish(asked).status_code == 303
    assert NURSE.name in desk.client.get("/app/team/accounts").text


@pytest.mark.parametrize(
    "told",
    [
        {"sub": "another", "SubjectNameID": "10000000017"},
        {"sub": "somebody", "SubjectNameID": "10000000018"},
        {"sub": "somebody", "SubjectNameID": 10000000017},
        {"sub": "somebody", "SubjectNameID": "910000000017"},
        {"sub": "somebody"},
    ],
    ids=["about another", "wrong key", "a number", "another kind", "nothing"],
)
def test_a_claim_that_names_nobody(desk: Desk, told: dict[str, Any]) -> None:
    desk.provider.claims = {"sub": "somebody"}
    desk.provider.discovery = {"userinfo_endpoint": f"{desk.provider.base}/userinfo"}
    desk.provider.record["userinfo"] = told
    desk.configure(claim="SubjectNameID")
    assert page_code(desk.sign_in()) == "account-unknown"


def test_no_account_is_ever_made(desk: Desk) -> None:
    before = desk.team.deps.staff.all()
    desk.provider.claims = {"sub": "unknown-to-us"}
    answer = desk.sign_in()
    assert page_code(answer) == "account-unknown"
    assert f"{desk.provider.base}|unknown-to-us" in answer.text, "what to give to the administrator"
    assert desk.team.deps.staff.all() == before


def test_an_inactive_account_stays_closed(desk: Desk) -> None:
    desk.team.deps.staff.save(replace(DESK, external=(f"{desk.provider.base}|dr-1",), active=False))
    assert page_code(desk.sign_in()) == "account-unknown"


def test_at_hash_ties_the_two_tokens(desk: Desk) -> None:
    desk.provider.token = {"access_token": "the-token"}
    digest = hashlib.sha256(b"the-token").digest()[:16]
    desk.provider.claims = {"at_hash": base64.urlsafe_b64encode(digest).rstrip(b"=").decode()}
    assert desk.sign_in().status_code == 303
    for wrong in ("AAAAAAAAAAAAAAAAAAAAAA", 5, ["x"]):
        desk.provider.claims = {"at_hash": wrong}
        assert page_code(desk.sign_in()) == "identity-invalid"


SPOILT: list[tuple[dict[str, Any], str]] = [
    ({"claims": {"iss": "https://evil.example"}}, "identity-invalid"),
    ({"claims": {"aud": "another-client"}}, "identity-invalid"),
    ({"claims": {"nonce": "another"}}, "identity-invalid"),
    ({"claims": {"nonce": None}}, "identity-invalid"),
    ({"claims": {"exp": 1}}, "identity-invalid"),
    ({"claims": {"sub": ""}}, "identity-invalid"),
    ({"signing_key": OTHER_KEY}, "identity-invalid"),
    ({"id_token": "not.a.token"}, "identity-invalid"),
    ({"token": {"id_token": None}}, "identity-missing"),
    ({"token": {"token_type": "mac"}}, "token-invalid"),
    ({"answers": {"oauth/token": Answer(400, b'{"error": "invalid_grant"}')}}, "token-refused"),
    ({"answers": {"oauth/token": Answer(503)}}, "token-unavailable"),
    ({"answers": {"oauth/token": Answer(200, b"<html>")}}, "token-invalid"),
    ({"answers": {"jwks": Answer(500)}}, "identity-invalid"),
]


@pytest.mark.parametrize(("spoilt", "code"), SPOILT, ids=lambda v: str(v)[:50])
def test_an_answer_that_does_not_count(desk: Desk, spoilt: dict[str, Any], code: str) -> None:
    asked = desk.start()
    for name, value in spoilt.items():
        setattr(desk.provider, name, value)
    assert page_code(desk.finish(asked)) == code
    assert desk.client.get("/app/team/").headers["Location"].startswith("/app/team/sign-in")


BACK: list[tuple[dict[str, str | None], str]] = [
    ({"state": None}, "state-missing"),
    ({"state": "never-given"}, "state-unknown"),
    ({"code": None}, "authorization-refused"),
    ({"code": "never-given"}, "token-refused"),
    ({"error": "access_denied"}, "access-denied"),
    ({"error": "temporarily_unavailable"}, "authorization-refused"),
    ({"iss": "https://evil.example"}, "issuer-mismatch"),
]


@pytest.mark.parametrize(("changes", "code"), BACK, ids=lambda v: str(v)[:50])
def test_a_way_back_that_is_not_ours(desk: Desk, changes: dict[str, str | None], code: str) -> None:
    assert page_code(desk.finish(desk.start(), **changes)) == code


def test_a_state_works_once_in_its_browser_in_time(desk: Desk) -> None:
    asked = desk.start()
    other = desk.team.pages.app.test_client()
    stolen = other.get("/app/team/callback", query_string={"state": asked["state"], "code": "x"})
    assert page_code(stolen) == "cookie-missing"
    assert page_code(desk.finish(asked)) == "state-unknown"
    late = desk.start()
    desk.team.pages.clock.move(minutes=10)
    assert page_code(desk.finish(late)) == "state-unknown"
    first, second = desk.start(), desk.start()
    assert [desk.finish(first).status_code, desk.finish(second).status_code] == [303, 303], "two tabs"


DISCOVERY: list[tuple[dict[str, Any], str]] = [
    ({"discovery": {"issuer": "https://evil.example"}}, "discovery-invalid"),
    ({"discovery": {"token_endpoint": "http://evil.example/token"}}, "discovery-invalid"),
    ({"discovery": {"authorization_endpoint": None}}, "discovery-invalid"),
    ({"discovery": {"jwks_uri": "javascript:alert(1)"}}, "discovery-invalid"),
    ({"answers": {".well-known/openid-configuration": Answer(500)}}, "discovery-unreachable"),
    ({"answers": {".well-known/openid-configuration": Answer(200, b"[]")}}, "discovery-invalid"),
    ({"answers": {".well-known/openid-configuration": Answer(delay=1.3)}}, "discovery-timeout"),
]


@pytest.mark.parametrize(("spoilt", "code"), DISCOVERY, ids=lambda v: str(v)[:60])
def test_a_provider_that_is_not_itself(desk: Desk, spoilt: dict[str, Any], code: str) -> None:
    for name, value in spoilt.items():
        setattr(desk.provider, name, value)
    assert page_code(desk.client.get("/app/team/oidc/0")) == code


def test_a_provider_that_is_not_in_the_settings(desk: Desk) -> None:
    assert page_code(desk.client.get("/app/team/oidc/1")) == "provider-unknown"
    assert desk.client.get("/app/team/oidc/-1").status_code == 404


def test_a_provider_that_promises_its_name_must_give_it(desk: Desk) -> None:
    desk.provider.discovery = {"authorization_response_iss_parameter_supported": True}
    assert page_code(desk.sign_in()) == "issuer-mismatch"
    assert desk.finish(desk.start(), iss=desk.provider.base).status_code == 303


def page_code(answer: TestResponse) -> str:
    """The code on an error page; its status and texts are those of the table."""
    (code,) = [code for code in TEAM_ERRORS if f"Code : {code}<" in answer.text]
    assert answer.status_code == TEAM_ERRORS[code].status
    assert TEAM_ERRORS[code].advice in answer.text
    return code
