"""Standalone launch: the patient picker."""

import json
import re
from typing import Any

import pytest

from tests.contract.api.harness import BASE, DOCTOR, ORIGIN, World, returned

SCOPE = "launch/patient openid patient/*.rs"


def hidden(page: str) -> dict[str, str]:
    form = page[page.index('<form method="post">') :]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form))


def test_picking_a_patient_launches_the_app_on_it(world: World) -> None:
    world.sign_in()
    answer = world.authorize(scope=SCOPE)
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert '<html lang="fr">' in page
    assert "FICTIVE Test" in page
    assert "2 sur 2" in page
    back = returned(world.call("POST", "/oauth/authorize", data={**hidden(page), "patient": "p2"}))
    assert back["state"] == "state-of-the-test"
    token = json.loads(world.exchange(back["code"]).data)
    assert token["patient"] == "p2"
    assert token["scope"] == SCOPE
    assert world.call("GET", "/fhir/Patient/p2", token["access_token"]).status_code == 200
    assert world.call("GET", "/fhir/Patient/p1", token["access_token"]).status_code == 404


def test_the_page_runs_nothing_and_is_framed_by_the_ehr_only(world: World) -> None:
    world.sign_in()
    answer = world.authorize(scope=SCOPE)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self' http://127.0.0.1:8000" in policy
    assert f"form-action 'self' {ORIGIN}" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.get_data(as_text=True)
    with world.call("GET", "/oauth/static/oauth.css") as style:
        assert style.mimetype == "text/css"


@pytest.mark.parametrize(
    ("text", "shown"), [("fict", ["FICTIVE"]), ("ÉXEM", ["EXEMPLE"]), ("zz", []), ("", ["FICTIVE", "EXEMPLE"])]
)
def test_search_by_name(world: World, text: str, shown: list[str]) -> None:
    world.sign_in()
    page = world.authorize(scope=SCOPE, q=text).get_data(as_text=True)
    assert [name for name in ("FICTIVE", "EXEMPLE") if name in page] == shown


def test_the_name_searched_for_is_posted_and_what_was_shown_is_audited(world: World) -> None:
    world.sign_in()
    page = world.authorize(scope=SCOPE).get_data(as_text=True)
    search = page[page.index('role="search"') :]
    assert 'method="get"' not in page
    fields = dict(
        re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', search[: search.index("</form>")])
    )
    found = world.call("POST", "/oauth/authorize", data={**fields, "q": "fict"})
    assert (found.status_code, "EXEMPLE" in found.get_data(as_text=True)) == (200, False)
    shown = [entry for entry in world.store.audit.entries(10) if entry.action == "pick-patient"]
    assert [(entry.actor_id, entry.extra) for entry in shown] == [(DOCTOR, {"client": "public-app"})] * 2


def test_names_are_escaped(world: World) -> None:
    world.put({"resourceType": "Patient", "id": "p3", "name": [{"family": "<b>x</b>"}]})
    world.sign_in()
    assert "<b>" not in world.authorize(scope=SCOPE, state='"><b>').get_data(as_text=True).lower()


def test_a_choice_that_does_not_come_from_our_page_shows_the_page(world: World) -> None:
    world.sign_in()
    for extra in ({"patient": "p1"}, {"patient": "p1", "token": "forged"}):
        answer = world.authorize("POST", scope=SCOPE, **extra)
        assert answer.status_code == 200
        assert "Choisir le patient" in answer.get_data(as_text=True)
    assert world.authorize("GET", scope=SCOPE, patient="p1").status_code == 200


def test_an_unknown_patient_is_refused(world: World) -> None:
    world.sign_in()
    page = world.authorize(scope=SCOPE).get_data(as_text=True)
    back = returned(world.call("POST", "/oauth/authorize", data={**hidden(page), "patient": "nobody"}))
    assert back["error"] == "access_denied"


def test_patient_scopes_without_any_patient_are_refused(world: World) -> None:
    world.sign_in()
    back = returned(world.authorize(scope="patient/*.rs"))
    assert (back["error"], back["state"]) == ("invalid_scope", "state-of-the-test")


def test_user_scopes_need_no_patient(world: World) -> None:
    world.sign_in()
    back = returned(world.authorize(scope="openid fhirUser user/Patient.rs patient/Task.r"))
    token: dict[str, Any] = json.loads(world.exchange(back["code"]).data)
    assert token["scope"] == "openid fhirUser user/Patient.rs"
    assert "patient" not in token
    assert world.call("GET", f"/fhir/{DOCTOR}", token["access_token"]).status_code == 403
    assert world.call("GET", "/fhir/Patient/p2", token["access_token"]).status_code == 200
    assert BASE in world.call("GET", "/fhir/Patient", token["access_token"]).get_data(as_text=True)
