"""SÉSAME's own authorization server: the team's people sign in on their page and come back to the same question."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from sesame_fhir.domain.actors import Role
from sesame_fhir.services import passwords
from sesame_fhir.services.errors import NotFound
from smart_app.team.addresses import AUTHORIZE, authorize_question
from tests.contract.api.harness import CHALLENGE, VERIFIER
from tests.support.app_pages import migrated_database
from tests.support.facade import APP, HOST, REDIRECT, Facade
from tests.support.team_cases import followed_case
from tests.support.team_pages import COOKIE, MEMBERS, OTHER_SITE, build_team
from tests.unit.smart_app.team.test_sign_in import enrol, typed

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def facade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Facade]:
    monkeypatch.setattr(passwords, "_METHOD", "scrypt:1024:8:1")
    team = build_team(migrated_database(tmp_path))
    yield Facade(team)
    team.pages.store.close()


def question(**changes: str) -> dict[str, str]:
    """An authorization request of the registered app."""
    return {
        "response_type": "code",
        "client_id": APP.client_id,
        "redirect_uri": REDIRECT,
        "scope": "openid fhirUser launch/patient user/*.rs patient/*.rs",
        "state": "state-of-the-test",
        "aud": f"{HOST}/fhir",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }


def tokens_of(client: FlaskClient, back: TestResponse) -> dict[str, Any]:
    """Exchange the code of a redirect to the app."""
    assert back.status_code == 302, back.get_data(as_text=True)
    returned = {name: values[0] for name, values in parse_qs(urlsplit(back.location).query).items()}
    assert returned["state"] == "state-of-the-test"
    values = {
        "grant_type": "authorization_code",
        "code": returned["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
        "client_id": APP.client_id,
    }
    answer = client.post("/oauth/token", data=values)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_signing_in_leads_back_to_the_question(facade: Facade) -> None:
    member, asked = MEMBERS[Role.NURSE], question(scope="openid fhirUser user/*.rs")
    to_sign_in = urlsplit(facade.browser().get("/oauth/authorize", query_string=asked).location)
    assert to_sign_in.path == "/app/team/sign-in"
    assert parse_qs(to_sign_in.query)["next"][0].startswith(f"{HOST}{AUTHORIZE}?")
    client, page = signed_in_through(facade, f"{to_sign_in.path}?{to_sign_in.query}")
    assert page.status_code == 200, "a page leads on: a posted form may not be redirected to another origin"
    (onward,) = set(re.findall(r'content="0; url=([^"]+)"', page.text))
    cookie = client.get_cookie(COOKIE, domain="localhost")
    assert cookie is not None
    browser = facade.browser()
    browser.set_cookie(COOKIE, cookie.value, domain="localhost")
    token = tokens_of(browser, browser.get(onward.replace("&amp;", "&")))
    keys = KeySet.import_key_set(json.loads(facade.client.get("/oauth/jwks.json").data))
    claims = jwt.decode(token["id_token"], keys, ["RS256"]).claims
    assert (claims["sub"], claims["fhirUser"]) == ("Practitioner/staff-nurse", f"{HOST}/fhir/Practitioner/staff-nurse")
    who = json.loads(facade.call("GET", "Practitioner/staff-nurse", token["access_token"]).data)
    assert who["name"] == [{"text": member.name}]
    assert member.rpps is not None
    assert member.rpps.value in {one["value"] for one in who["identifier"]}


def signed_in_through(facade: Facade, sign_in_page: str) -> tuple[FlaskClient, TestResponse]:
    """Type what a nurse types on this sign-in page; the browser, and what it is shown then."""
    client = facade.team.pages.app.test_client()
    generator = enrol(facade.team, client)
    client.post("/app/team/sign-out")
    facade.team.pages.clock.move(seconds=60)
    (carried,) = set(re.findall(r'name="next" value="([^"]+)"', client.get(sign_in_page).text))
    return client, client.post(
        "/app/team/sign-in", data=typed(facade.team, generator, next=carried.replace("&amp;", "&"))
    )


def test_who_is_signed_in_already_goes_straight_on(facade: Facade) -> None:
    browser = facade.team.browser(Role.GP)
    wanted = f"{AUTHORIZE}?{urlencode(question())}"
    answer = browser.get(f"/sign-in?{urlencode({'next': HOST + wanted})}")
    assert (answer.status_code, answer.headers["Location"]) == (303, wanted)


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/oauth/authorize?client_id=x",
        "//evil.example/oauth/authorize?client_id=x",
        "/oauth/authorize",
        "/oauth/authorize?",
        "/oauth/authorize.evil?x=1",
        "/oauth/authorize/../../x?x=1",
        "/oauth/authorize?x=1\\..",
        '/oauth/authorize?x="><script>',
        "/oauth/authorize?x=1#y",
        "/oauth/authorize?x=1\n",
        "/oauth/token?x=1",
        "http://localhost.evil.example/oauth/authorize?x=1",
        f"http://localhost@evil.example{AUTHORIZE}?x=1",
        f"{AUTHORIZE}?{'x' * 9000}",
    ],
)
def test_nothing_else_is_gone_to(facade: Facade, asked: str) -> None:
    assert authorize_question(facade.team.deps, asked) is None
    page = facade.team.browser(Role.GP).get("/sign-in", query_string={"next": asked})
    assert page.status_code == 200
    assert 'name="next" value=""' in page.text


def test_the_patients_to_choose_from_are_those_in_reach(facade: Facade) -> None:
    near, far = followed_case(facade.team, 1), followed_case(facade.team, 2, OTHER_SITE)
    for role in (Role.GP, Role.PSYCHIATRIST, Role.FRONT_DESK):
        page = facade.browser(role).get("/oauth/authorize", query_string=question()).get_data(as_text=True)
        assert "Choisir le patient" in page
        assert (near.pathway_id in page) is (role is Role.GP)
        assert far.pathway_id not in page
    browser = facade.browser(Role.GP)
    page = browser.get("/oauth/authorize", query_string=question()).get_data(as_text=True)
    fields = dict(HIDDEN.findall(page[page.index('<form method="post">') :]))
    forged = browser.post("/oauth/authorize", data={**fields, "patient": far.pathway_id})
    assert "error=access_denied" in forged.location
    assert facade.deps.audit.entries(1)[0].outcome == "denied"
    back = browser.post("/oauth/authorize", data={**fields, "patient": near.pathway_id})
    token = tokens_of(browser, back)
    assert token["patient"] == near.pathway_id
    assert facade.call("GET", f"Patient/{near.pathway_id}", token["access_token"]).status_code == 200
    assert "staff_id" not in token, "what we keep with a token is ours"


def test_signing_out_ends_the_way_in(facade: Facade) -> None:
    browser = facade.browser(Role.GP)
    assert browser.get("/oauth/authorize", query_string=question()).status_code == 200
    facade.team.deps.staff_access.sessions.close_all(MEMBERS[Role.GP].staff_id, facade.deps.clock.now())
    assert "/app/team/sign-in" in browser.get("/oauth/authorize", query_string=question()).location


def test_signing_out_ends_online_access_and_leaves_offline_access(facade: Facade) -> None:
    nurse, browser = facade.team.browser(Role.NURSE), facade.browser(Role.NURSE)
    facade.deps.authorization.save_client(replace(APP, scopes=(*APP.scopes, "offline_access")))
    given = {}
    for kind in ("online_access", "offline_access"):
        asked = question(scope=f"user/Patient.rs {kind}")
        given[kind] = tokens_of(browser, browser.get("/oauth/authorize", query_string=asked))["access_token"]
    nurse.client.post("/app/team/sign-out")
    assert facade.call("GET", "Patient", given["online_access"]).status_code == 401
    assert facade.call("GET", "Patient", given["offline_access"]).status_code == 200


def test_an_app_is_opened_on_a_patient(facade: Facade) -> None:
    case = followed_case(facade.team, 1)
    nurse, path = facade.team.browser(Role.NURSE), f"/p/{case.pathway_id}"
    page = nurse.get(path).text
    assert "Ouvrir une application" in page
    assert APP.name in page
    answer = nurse.post(f"{path}/app/{APP.client_id}", {}, nurse.hidden(path, f"{path}/app/{APP.client_id}"))
    assert answer.status_code == 200
    opened = urlsplit(re.findall(r'content="0; url=([^"]+)"', answer.text)[0].replace("&amp;", "&"))
    assert f"{opened.scheme}://{opened.netloc}{opened.path}" == APP.launch_uri
    given = {name: values[0] for name, values in parse_qs(opened.query).items()}
    assert given["iss"] == f"{HOST}/fhir"
    asked = question(scope="launch openid patient/*.rs", launch=given["launch"])
    denied = facade.browser(Role.GP).get("/oauth/authorize", query_string=asked)
    assert "error=access_denied" in denied.location, "somebody else has launched it"
    browser = facade.browser(Role.NURSE)
    token = tokens_of(browser, browser.get("/oauth/authorize", query_string=asked))
    assert (token["patient"], token["need_patient_banner"], token["intent"]) == (
        case.pathway_id,
        True,
        "sesame-patient",
    )
    assert token["smart_style_url"] == f"{HOST}/oauth/style-1.json"
    assert {one["reference"] for one in token["fhirContext"]} == {
        f"EpisodeOfCare/{case.pathway_id}",
        f"CarePlan/{case.pathway_id}",
    }
    for one in token["fhirContext"]:
        assert facade.call("GET", one["reference"], token["access_token"]).status_code == 200


@pytest.mark.parametrize("changes", [{"active": False}, {"launch_uri": None}, {"sites": (OTHER_SITE,)}, None])
def test_an_app_that_cannot_be_opened_is_not_offered(facade: Facade, changes: dict[str, Any] | None) -> None:
    case, store = followed_case(facade.team, 1), facade.deps.authorization
    nurse, path = facade.team.browser(Role.NURSE), f"/p/{case.pathway_id}"
    opened = nurse.hidden(path, f"{path}/app/{APP.client_id}")
    if changes is None:
        store.remove_client(APP.client_id)
    else:
        store.save_client(replace(APP, **changes))
    assert "Ouvrir une application" not in nurse.get(path).text
    assert nurse.post(f"{path}/app/{APP.client_id}", {}, opened).status_code == 404


def test_the_launcher_knows_its_apps_only(facade: Facade) -> None:
    launcher = facade.team.deps.launcher
    assert launcher is not None
    with pytest.raises(NotFound):
        launcher.launch("nobody", MEMBERS[Role.NURSE], {})
