"""The administrator's pages of applications."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.domain.actors import STAFF, Role
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.clients import ClientProblem
from sesame_fhir.services.records import ClientKind
from smart_app.team.client_texts import CLIENT_PROBLEMS, KINDS
from tests.contract.api.harness import private_key
from tests.support.app_pages import migrated_database
from tests.support.facade import APP, Facade
from tests.support.team_pages import OTHER_SITE, TeamBrowser, build_team

FORM: dict[str, Any] = {
    "client_id": "dossier-voisin",
    "name": "Dossier voisin",
    "kind": "public",
    "scopes": "openid user/*.rs",
    "redirect_uris": "https://voisin.example/retour\nhttps://voisin.example/autre",
}
KEYS = json.dumps({"keys": [private_key("ES384").as_dict(private=False)]})


@pytest.fixture
def facade(tmp_path: Path) -> Iterator[Facade]:
    team = build_team(migrated_database(tmp_path))
    yield Facade(team)
    team.pages.store.close()


@pytest.fixture
def admin(facade: Facade) -> TeamBrowser:
    return facade.team.browser(Role.ADMINISTRATOR)


def kept(facade: Facade, client_id: str = "dossier-voisin") -> OAuthClient:
    found = facade.deps.authorization.client(client_id)
    assert found is not None
    return found


def test_from_nothing_to_an_application_that_is_closed(facade: Facade, admin: TeamBrowser) -> None:
    assert APP.name in admin.get("/clients").text
    more = {"site": [OTHER_SITE], "origins": "https://voisin.example", "may_assert_professionals": "yes"}
    answer = admin.post("/clients/new", FORM | more)
    assert admin.follow(answer) == "/clients"
    client = kept(facade)
    assert (client.kind, client.sites, client.origins) == (
        ClientKind.PUBLIC,
        (OTHER_SITE,),
        ("https://voisin.example",),
    )
    assert client.redirect_uris == ("https://voisin.example/retour", "https://voisin.example/autre")
    assert client.may_assert_professionals
    page = "/clients/of/dossier-voisin"
    assert "https://voisin.example/autre" in admin.get(page).text
    assert admin.follow(admin.post(page, FORM | {"name": "Autre nom"})) == "/clients"
    assert (kept(facade).name, kept(facade).sites) == ("Autre nom", ())
    opened = admin.hidden(page, f"{page}/state")
    assert admin.follow(admin.post(f"{page}/state", {"active": "no"}, opened)) == "/clients"
    assert not kept(facade).active
    assert "Cette application est fermée" in admin.get(page).text
    traced = [e.detail for e in facade.deps.audit.entries(20) if e.action == "change-clients" and e.extra]
    assert traced[:3] == ["deactivate", "change", "create"]


def test_a_secret_is_shown_once(facade: Facade, admin: TeamBrowser) -> None:
    page = "/clients/of/dossier-voisin"
    first = secret_on(admin.post("/clients/new", FORM | {"kind": "symmetric"}).text)
    assert kept(facade).secret_hash == secret_hash(first)
    assert first not in admin.get(page).text
    admin.post(page, FORM | {"kind": "symmetric", "name": "x"})
    assert kept(facade).secret_hash == secret_hash(first), "a change keeps the secret"
    second = secret_on(admin.post(f"{page}/secret", {}, admin.hidden(page, f"{page}/secret")).text)
    assert kept(facade).secret_hash == secret_hash(second) != secret_hash(first)


def secret_on(text: str) -> str:
    (found,) = re.findall(r'<textarea id="secret"[^>]*>([^<]+)</textarea>', text)
    return str(found)


def test_a_change_ends_the_tokens(facade: Facade, admin: TeamBrowser) -> None:
    token = facade.token(Role.NURSE, "user/Patient.rs")
    assert facade.call("GET", "Patient", token).status_code == 200
    page = "/clients/of/app-of-all"
    admin.post(page, FORM | {"scopes": "openid"})
    assert facade.call("GET", "Patient", token).status_code == 401


def test_keys_may_be_given_inline(facade: Facade, admin: TeamBrowser) -> None:
    admin.post(
        "/clients/new", FORM | {"kind": "asymmetric", "jwks": KEYS, "scopes": "system/*.rs", "redirect_uris": ""}
    )
    assert kept(facade).jwks == json.loads(KEYS)
    assert "&#34;kid&#34;" in admin.get("/clients/of/dossier-voisin").text


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"client_id": "deux mots"}, {ClientProblem.ID_INVALID}),
        ({"client_id": "a/b"}, {ClientProblem.ID_INVALID}),
        ({"client_id": APP.client_id}, {ClientProblem.ID_TAKEN}),
        ({"name": "  "}, {ClientProblem.NAME_MISSING}),
        ({"name": "x" * 101}, {ClientProblem.NAME_MISSING}),
        ({"kind": "other"}, {ClientProblem.KIND_UNKNOWN}),
        ({"scopes": " "}, {ClientProblem.SCOPES_MISSING}),
        ({"scopes": "openid user/*.sr admin"}, {ClientProblem.SCOPES_UNKNOWN}),
        ({"redirect_uris": "http://voisin.example/x"}, {ClientProblem.ADDRESS_UNSAFE}),
        ({"redirect_uris": "javascript:alert(1)"}, {ClientProblem.ADDRESS_UNSAFE}),
        ({"launch_uri": "https://voisin.example/?x=1"}, {ClientProblem.ADDRESS_UNSAFE}),
        ({"redirect_uris": ""}, {ClientProblem.REDIRECT_MISSING}),
        ({"kind": "asymmetric"}, {ClientProblem.KEYS_MISSING}),
        ({"kind": "asymmetric", "jwks": "{}"}, {ClientProblem.KEYS_INVALID}),
        ({"kind": "asymmetric", "jwks": '{"keys": []}'}, {ClientProblem.KEYS_INVALID}),
        (
            {"kind": "asymmetric", "jwks": json.dumps({"keys": [private_key("ES384").as_dict(private=True)]})},
            {ClientProblem.KEYS_INVALID},
        ),
        ({"site": ["nowhere"]}, {ClientProblem.SITE_UNKNOWN}),
        ({"origins": "https://voisin.example/"}, {ClientProblem.ORIGIN_INVALID}),
        ({"notify_origins": "voisin"}, {ClientProblem.ORIGIN_INVALID}),
        ({"name": "", "scopes": ""}, {ClientProblem.NAME_MISSING, ClientProblem.SCOPES_MISSING}),
    ],
)
def test_every_problem_is_told_and_nothing_is_lost(
    facade: Facade, admin: TeamBrowser, changes: dict[str, Any], problems: set[ClientProblem]
) -> None:
    answer = admin.post("/clients/new", FORM | changes)
    assert answer.status_code == 422
    shown = answer.text.replace("&#39;", "'")
    assert {problem for problem, text in CLIENT_PROBLEMS.items() if text in shown} == problems
    for name in ("redirect_uris", "scopes"):
        assert (FORM | changes)[name].split("\n")[-1].strip() in answer.text
    assert facade.deps.authorization.client("dossier-voisin") is None


@pytest.mark.parametrize("role", sorted(STAFF - {Role.ADMINISTRATOR}))
def test_nobody_else_opens_them(facade: Facade, role: Role) -> None:
    browser = facade.team.browser(role)
    for path in ("/clients", "/clients/new", f"/clients/of/{APP.client_id}"):
        assert browser.get(path).status_code == 403
    assert "Applications" not in browser.get("/").text


def test_an_unknown_application_is_not_found(admin: TeamBrowser) -> None:
    assert admin.get("/clients/of/nobody").status_code == 404
    opened = admin.hidden("/clients/new")
    for path in ("/clients/of/nobody", "/clients/of/nobody/secret", "/clients/of/nobody/state"):
        assert admin.post(path, FORM, opened | {"patient": "nobody"}).status_code in (403, 404)


def test_the_texts_are_complete() -> None:
    assert set(CLIENT_PROBLEMS) == set(ClientProblem)
    assert set(KINDS) == set(ClientKind)
