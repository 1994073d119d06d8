"""Forms posted once their launch is over, script or no script: whose they are is checked, then they are kept."""

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from sesame_fhir.domain.instruments import InstrumentId
from smart_app.session.cookies import SESSION_COOKIE, fingerprint
from tests.support.app_pages import Pages, form_of, record_of
from tests.support.story import GP
from tests.unit.smart_app.pages.test_standing_in_the_way import FORGERIES

POSITIVE = form_of(InstrumentId.PHQ_2, "33")
KEPT, LOST = "Vos réponses sont gardées", "Ce qui était enregistré est conservé."


def end(pages: Pages, how: str = "expired") -> None:
    """End the launch; the clock has moved on either way."""
    if how == "closed":
        pages.deps.launches.close(fingerprint(pages.launch_id), pages.clock.now())
    pages.clock.move(hours=9)


def told(answer: TestResponse, text: str) -> None:
    assert answer.status_code == 401
    assert [said for said in (KEPT, LOST) if said in answer.text] == [text]


@pytest.mark.parametrize("how", ["expired", "closed"])
def test_the_questionnaire_is_there_at_the_next_opening(pages: Pages, how: str) -> None:
    opened = pages.hidden("/form/phq-2")
    end(pages, how)
    told(pages.post("/form/phq-2", POSITIVE, opened), KEPT)
    pages.come_back(minutes=1)
    assert pages.pathway is None
    body = pages.get("/form/phq-2").text
    assert "Vos réponses en cours ont été reprises." in body
    assert body.count(" checked>") == 2
    assert pages.follow(pages.post("/form/phq-2", POSITIVE)).startswith("/result/")


def test_the_correction_the_criteria_and_the_note_are_there_too(pages: Pages) -> None:
    correction = pages.screen("11").replace("/result/", "/correct/")
    pages.confirm(override_reason="Premier avis")
    late = {
        correction: form_of(InstrumentId.PHQ_2, "02"),
        "/eligibility": {"masters_french": "yes", "override_reason": "Avis pris", "consent": "given"},
        "/referral": {"note": "Préfère le matin"},
    }
    opened = {path: pages.hidden(path) for path in late}
    end(pages)
    for path, fields in late.items():
        told(pages.post(path, fields, opened[path]), KEPT)
    pages.come_back(minutes=1)
    assert 'value="LA6568-5" data-w="0" checked>' in pages.get(correction).text
    assert "Avis pris" in pages.get("/eligibility").text
    assert "Préfère le matin" in pages.get("/referral").text


def test_a_decision_is_not_kept_and_the_page_does_not_claim_it(pages: Pages) -> None:
    result = pages.screen()
    opened = pages.hidden(result)
    end(pages)
    told(pages.post("/decline", {"reason": "later"}, opened), LOST)
    told(pages.get("/form/phq-2"), LOST)


@pytest.mark.parametrize(("field", "value", "status"), FORGERIES)
def test_a_forged_form_is_not_kept(pages: Pages, field: str, value: str, status: int) -> None:
    opened = pages.hidden("/form/phq-2")
    end(pages)
    assert pages.post("/form/phq-2", POSITIVE, opened | {field: value}).status_code == status
    pages.come_back(minutes=1)
    assert " checked>" not in pages.get("/form/phq-2").text


@pytest.mark.parametrize("cookie", [None, "", "another-secret"])
def test_another_browser_keeps_nothing(pages: Pages, cookie: str | None) -> None:
    opened = pages.hidden("/form/phq-2")
    end(pages)
    path = f"/app/s/{pages.launch_id}"
    pages.client.delete_cookie(SESSION_COOKIE, path=path, domain="localhost")
    if cookie is not None:
        pages.client.set_cookie(SESSION_COOKIE, cookie, path=path, domain="localhost")
    told(pages.post("/form/phq-2", POSITIVE, opened), LOST)
    pages.come_back(minutes=1)
    assert " checked>" not in pages.get("/form/phq-2").text


def test_another_site_keeps_nothing(pages: Pages) -> None:
    opened = pages.hidden("/form/phq-2")
    end(pages)
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert pages.client.post(pages.url("/form/phq-2"), data=opened | POSITIVE, headers=foreign).status_code == 403
    pages.come_back(minutes=1)
    assert " checked>" not in pages.get("/form/phq-2").text


def test_a_form_of_another_launch_is_not_kept(pages: Pages) -> None:
    opened = pages.hidden("/form/phq-2")
    pages.open_launch("launch-two", record_of())
    pages.launch_id = "launch-two"
    end(pages)
    assert pages.post("/form/phq-2", POSITIVE, opened).status_code == 403


def test_what_was_recorded_in_time_is_no_draft_when_it_is_sent_again(pages: Pages) -> None:
    opened = pages.hidden("/form/phq-2")
    pages.post("/form/phq-2", POSITIVE, opened)
    end(pages)
    told(pages.post("/form/phq-2", POSITIVE, opened), LOST)
    pages.come_back(days=1)
    assert " checked>" not in pages.get("/form/phq-2").text


def test_a_draft_of_the_script_outlives_its_launch(pages: Pages) -> None:
    pages.post("/form/phq-2/draft", {"q-44250-9": "LA6570-1"}, pages.hidden("/form/phq-2"))
    end(pages)
    pages.come_back(minutes=1)
    assert 'value="LA6570-1" data-w="2" checked>' in pages.get("/form/phq-2").text


def test_a_colleague_does_not_get_what_was_kept(pages: Pages) -> None:
    opened = pages.hidden("/form/phq-2")
    end(pages)
    told(pages.post("/form/phq-2", POSITIVE, opened), KEPT)
    pages.open_launch("launch-two", record_of(author=replace(GP, actor_id="10000000017")))
    pages.launch_id = "launch-two"
    assert " checked>" not in pages.get("/form/phq-2").text


def test_a_form_forgotten_for_a_week_is_not_kept(pages: Pages) -> None:
    opened = pages.hidden("/form/phq-2")
    pages.clock.move(days=8)
    told(pages.post("/form/phq-2", POSITIVE, opened), LOST)
