"""Blank questionnaires for the front desk: published words, no weight, no patient."""

from html import unescape

import pytest

from sesame_fhir.domain.actors import STAFF, Role
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from smart_app.team.handouts import OFFERED
from tests.support.team_pages import Team


@pytest.mark.parametrize("name", OFFERED)
def test_a_blank_form_has_every_question_and_answer_and_no_score(still: Team, name: InstrumentId) -> None:
    desk, instrument = still.browser(Role.FRONT_DESK), INSTRUMENTS[name]
    assert f'href="/app/team/handouts/{name}"' in desk.get("/handouts").text
    body = unescape(desk.get(f"/handouts/{name}").text)
    for item in instrument.items:
        assert item.text in body
        assert all(answer.text in body for answer in item.answers)
    assert instrument.instruction in body
    assert instrument.copyright in body
    assert "<input" not in body.partition("<main")[2]
    assert "3114" in body


@pytest.mark.parametrize("name", ["isi", "gad-2", "PHQ-9", "nothing"])
def test_what_may_not_be_shown_is_not_there(still: Team, name: str) -> None:
    assert still.browser(Role.FRONT_DESK).get(f"/handouts/{name}").status_code == 404


@pytest.mark.parametrize("role", sorted(STAFF - {Role.FRONT_DESK}))
def test_the_front_desk_prints_them(still: Team, role: Role) -> None:
    browser = still.browser(role)
    assert browser.get("/handouts").status_code == 403
    assert "handouts" not in browser.get("/", follow_redirects=True).text
