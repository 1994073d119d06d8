"""A contact of before the suspension or the exit, noted after it: nothing that took place is lost, nothing later is."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import ContactStatus
from sesame_fhir.services.course import interrupt
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import Team, TeamBrowser

NOTED = {"minutes": "15", "mode": "phone", "task": "follow-up", "next": "none", "note": "Dort mieux."}


def suspended(case: Case) -> Case:
    interrupt(case.engine, case.command(Role.NURSE), case.pathway_id, "Hospitalisation")
    return case


ENDS: list[Callable[[Case], Case]] = [suspended, Case.leave]


def path_of(case: Case, contact_id: str = "new-one") -> str:
    return f"/p/{case.pathway_id}/contact/{contact_id}"


def post(nurse: TeamBrowser, case: Case, path: str, fields: dict[str, str], days_ago: int) -> int:
    day = (case.clock.now() - timedelta(days=days_ago)).date().isoformat()
    return nurse.post(path, fields | {"day": day, "time": "09:00"}, nurse.hidden(path_of(case), path)).status_code


@pytest.mark.parametrize("ends", ENDS)
def test_a_contact_of_before_is_noted_after(team: Team, ends: Callable[[Case], Case]) -> None:
    case = ends(followed_case(team).later(days=15)).later(days=5)
    nurse = team.browser(Role.NURSE)
    patient = nurse.get(f"/p/{case.pathway_id}").text
    assert "Noter un contact passé" in patient
    body = nurse.get(path_of(case)).text
    assert "peut encore être noté" in body
    assert "Prochain rendez-vous" not in body
    assert re.search(r"<details open><summary>Date, mode, type", body)
    assert post(nurse, case, path_of(case), NOTED, 8) == 303
    assert post(nurse, case, f"{path_of(case)}/missed", {"next": "none"}, 6) == 303
    assert [c.status for c in case.pathway.contacts] == [ContactStatus.HELD, ContactStatus.MISSED]
    assert case.pathway.held_contacts[-1].note == "Dort mieux."


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("rest", ["", "/missed"])
def test_a_contact_of_later_is_refused_in_words(team: Team, ends: Callable[[Case], Case], rest: str) -> None:
    case = ends(followed_case(team).later(days=15)).later(days=5)
    nurse = team.browser(Role.NURSE)
    assert post(nurse, case, f"{path_of(case)}{rest}", NOTED, 4) == 422
    assert case.pathway.contacts == ()


def test_a_planned_contact_that_took_place_is_noted_after_the_exit(team: Team) -> None:
    case = followed_case(team)
    planned = case.schedule(case.clock.now() + timedelta(days=7))
    case.later(days=10).leave().later(days=2)
    nurse = team.browser(Role.NURSE)
    body = nurse.get(path_of(case, planned)).text
    assert "Déplacer" not in body
    assert nurse.post(path_of(case, planned), NOTED | _as_planned(body)).status_code == 303
    assert [c.contact_id for c in case.pathway.held_contacts] == [planned]


def _as_planned(body: str) -> dict[str, str]:
    return dict(re.findall(r'<input id="(day|time)" name="\w+" type="\w+" value="([^"]*)"', body))
