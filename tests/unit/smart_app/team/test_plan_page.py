"""The plan of care and the care team: one click for an ordinary plan, versions that stay, bad input refused."""

import re
from collections.abc import Callable

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.transitions import State
from sesame_fhir.services import care
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import MEMBERS, Team, TeamBrowser

_FIELD = re.compile(r'<input (?:id="[^"]*" |type="hidden" )?name="([\w.-]+)"(?: type="\w+")? value="([^"]*)"')
_SELECT = re.compile(r'<select id="([^"]*)" name="[^"]*">(.*?)</select>', re.DOTALL)
_TICKED = re.compile(r'<input type="checkbox" name="([\w-]+)" value="([^"]*)" checked')


@pytest.fixture
def nurse(team: Team) -> TeamBrowser:
    return team.browser(Role.NURSE)


@pytest.fixture
def case(team: Team) -> Case:
    return assessed(team)


@pytest.fixture(scope="module")
def refusing(still: Team) -> tuple[TeamBrowser, Case, dict[str, str | list[str]]]:
    """The same for all that is refused, with the fields of the untouched form."""
    case, nurse = assessed(still), still.browser(Role.NURSE)
    return nurse, case, as_opened(nurse, path(case))


def assessed(team: Team) -> Case:
    """Assessed today, without a plan."""
    case = referred_case(team).accept()
    found = ev.AssessmentRecorded(treatments=(ev.Treatment("Sertraline"),), patient_goals=("Dormir", "Rechanter"))
    care.record_assessment(case.engine, case.command(Role.NURSE), case.pathway_id, found)
    return case


def path(case: Case, rest: str = "/plan") -> str:
    return f"/p/{case.pathway_id}{rest}"


def as_opened(nurse: TeamBrowser, at: str) -> dict[str, str | list[str]]:
    """The fields of the page's main form as a browser sends them untouched."""
    form = nurse.get(at).text.split("data-draft", 1)[-1].split("</form>")[0]
    fields: dict[str, str | list[str]] = dict(_FIELD.findall(form))
    for name, options in _SELECT.findall(form):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    for name, value in _TICKED.findall(form):
        fields[name] = [*fields.get(name, []), value]
    for hidden in ("csrf", "command", "version", "patient"):
        fields.pop(hidden, None)
    return fields


def test_an_ordinary_plan_takes_one_click(nurse: TeamBrowser, case: Case) -> None:
    assert nurse.post(path(case), as_opened(nurse, path(case))).status_code == 303
    plan = case.pathway.plan
    assert plan is not None
    assert [g.text for g in plan.data.goals][:2] == ["Dormir", "Rechanter"]
    assert (plan.data.goals[2].instrument, plan.data.goals[2].target) == ("phq-9", 4)
    assert [(a.kind, a.detail, a.every_days) for a in plan.data.activities] == [
        ("contacts", None, 15),
        ("instruments", "PHQ-9", None),
        ("psychoeducation", None, None),
        ("treatment-follow-up", None, None),
    ]


def test_without_interpretation_no_target_is_proposed(build: Callable[..., Team]) -> None:
    team = build(policy=PathwayPolicy(interpretation=False))
    case = referred_case(team).accept().assess()
    assert "PHQ-9 ≤" not in team.browser(Role.NURSE).get(path(case)).text


def test_versions_follow_each_other_and_stay(nurse: TeamBrowser, case: Case) -> None:
    nurse.post(path(case), as_opened(nurse, path(case)))
    first = case.pathway.plan
    assert first is not None
    fields = as_opened(nurse, path(case))
    changed = fields | {"goal.0": "Dormir sept heures", "status.1": "completed", "contacts": "30"}
    assert nurse.post(path(case), changed).status_code == 303
    plan = case.pathway.plan
    assert plan is not None
    assert (plan.version, plan.data.plan_id) == (2, first.data.plan_id)
    assert [g.goal_id for g in plan.data.goals] == [g.goal_id for g in first.data.goals]
    assert plan.data.goals[1].status is ev.GoalStatus.COMPLETED
    page = nurse.get(path(case)).text
    assert "Version 1" in page
    assert "Version 2" in page
    assert "Dormir sept heures" in page
    assert "Enregistrer la version 3" in page


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"goal.0": "", "goal.1": "", "goal.2": "", "target.2": ""}, "au moins un objectif"),
        ({"goal.2": ""}, "Objectif : "),
        ({"target.2": "28"}, "Cible du score : "),
        ({"target.2": "-1"}, "Cible du score : "),
        ({"target.2": "quatre"}, "Cible du score : "),
        ({"instrument.2": "isi"}, "Questionnaire de l'objectif : "),
        ({"due.0": "2026-03-01"}, "déjà passée"),
        ({"due.0": "Pâques"}, "Échéance : "),
        ({"status.0": "forgotten"}, "État de l'objectif : "),
        ({"contacts": "0"}, "Rythme : "),
        ({"contacts": "367"}, "Rythme : "),
        ({"contacts": "souvent"}, "Rythme des contacts : "),
        ({"activity": ["contacts"]}, "Actions : "),
        ({"contacts": "", "rhythm.phq-9": "", "activity": []}, "au moins une action"),
        ({"goal.0": "o" * 301}, "Objectif : "),
        ({"note": "n" * 2001}, "Note : "),
    ],
)
def test_bad_input_is_refused_in_french_and_kept(
    refusing: tuple[TeamBrowser, Case, dict[str, str | list[str]]], changes: dict[str, str | list[str]], says: str
) -> None:
    nurse, case, opened = refusing
    answer = nurse.post(path(case), opened | {"note": "Relu avec elle"} | changes)
    assert answer.status_code == 422, answer.status_code
    assert says in answer.text
    assert case.pathway.plan is None
    if "note" not in changes:
        assert "Relu avec elle" in nurse.get(path(case)).text


def test_a_forged_goal_id_is_replaced(nurse: TeamBrowser, case: Case) -> None:
    nurse.post(path(case), as_opened(nurse, path(case)) | {"goal_id.0": "somebody-elses"})
    assert case.pathway.plan is not None
    assert all(g.goal_id != "somebody-elses" for g in case.pathway.plan.data.goals)


def test_before_the_assessment_there_is_no_plan(team: Team, nurse: TeamBrowser) -> None:
    early = referred_case(team, 1).accept()
    assert "après l'évaluation initiale" in nurse.get(path(early)).text


def test_the_phase_changes_and_changes_back(nurse: TeamBrowser, case: Case) -> None:
    case.plan()
    at = path(case)
    opened = nurse.hidden(at, path(case, "/phase"))
    to = nurse.follow(nurse.post(path(case, "/phase"), {"phase": "relapse-prevention"}, opened))
    assert to == path(case, "/relapse-plan")
    assert case.pathway.state.value == "relapse-prevention"
    opened = nurse.hidden(at, path(case, "/phase"))
    assert nurse.post(path(case, "/phase"), {"phase": "holiday"}, opened).status_code == 422
    assert nurse.post(path(case, "/phase"), {"phase": "care"}, opened).status_code == 303
    assert case.pathway.state is State.CARE


def test_the_psychiatrist_is_chosen_among_the_accounts_of_the_site(team: Team, nurse: TeamBrowser) -> None:
    case = followed_case(team)
    at = path(case, "/team")
    psychiatrist = MEMBERS[Role.PSYCHIATRIST].actor
    page = nurse.get(at).text
    assert psychiatrist.name in page
    chosen = {"psychiatrist": psychiatrist.actor_id, "name.0": "Paul Fictif", "function.0": "Psychologue"}
    assert nurse.post(at, chosen).status_code == 303
    team_now = {(m.role, m.name, m.function) for m in case.pathway.team}
    assert (Role.PSYCHIATRIST, psychiatrist.name, None) in team_now
    assert (None, "Paul Fictif", "Psychologue") in team_now
    assert {Role.NURSE, Role.GP} <= {m.role for m in case.pathway.team}
    kept = next(m.actor_id for m in case.pathway.team if m.role is None)
    assert nurse.post(at, {"keep": [kept], "psychiatrist": psychiatrist.actor_id}).status_code == 303
    assert any(m.role is None for m in case.pathway.team)
    assert nurse.post(at, {"psychiatrist": "-"}).status_code == 303
    assert {m.role for m in case.pathway.team} == {Role.NURSE, Role.GP}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"psychiatrist": "somebody-else"}, "comprise"),
        ({"psychiatrist": MEMBERS[Role.COORDINATOR].actor.actor_id}, "comprise"),
        ({"gp": "-"}, "au moins l'infirmière et le médecin traitant"),
        ({"function.0": "Sœur"}, "Nom : "),
        ({"name.0": "x" * 101}, "Nom : "),
    ],
)
def test_a_team_that_cannot_be(team: Team, nurse: TeamBrowser, fields: dict[str, str], says: str) -> None:
    case = followed_case(team)
    before = case.pathway.team
    answer = nurse.post(path(case, "/team"), fields)
    assert answer.status_code == 422
    assert says in answer.text
    assert case.pathway.team == before
