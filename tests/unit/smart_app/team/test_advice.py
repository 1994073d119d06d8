"""The GP answers the psychiatrist from the team's pages: accepted, adapted or declined, a change with its reason."""

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import Team, TeamBrowser

ACCEPTED, ADAPTED, DECLINED = (fate.value for fate in ev.RecommendationFate)


@pytest.fixture
def case(team: Team) -> Case:
    return followed_case(team).join().advise()


@pytest.fixture
def gp(team: Team) -> TeamBrowser:
    return team.browser(Role.GP)


def path_of(case: Case) -> str:
    return f"/p/{case.pathway_id}/advice"


def answer_path(case: Case) -> str:
    return f"{path_of(case)}/{case.pathway.reviews[-1].advice[0].data.recommendation_id}"


@pytest.mark.parametrize(
    ("fate", "reason"), [(ACCEPTED, ""), (ADAPTED, "25 mg d'abord"), (DECLINED, "Déjà essayé"), (ACCEPTED, "Revu")]
)
def test_an_answer_reaches_nurse_and_psychiatrist(
    team: Team, case: Case, gp: TeamBrowser, fate: str, reason: str
) -> None:
    opened = gp.hidden(path_of(case), answer_path(case))
    patient = f"/p/{case.pathway_id}"
    assert gp.follow(gp.post(answer_path(case), {"fate": fate, "reason": reason}, opened)) == patient
    decision = case.pathway.reviews[-1].advice[0].decision
    assert decision is not None
    assert (decision.fate.value, decision.reason) == (fate, reason or None)
    assert team.pages.delivered[-1] == case.pathway_id
    for role in (Role.NURSE, Role.PSYCHIATRIST):
        body = team.browser(role).get(patient).text.replace("&#39;", "'")
        assert "Réponse : " in body
        assert reason in body
    body = gp.get(path_of(case)).text
    assert "Aucune recommandation" in body
    assert "Recommandations précédentes" in body


def test_the_patient_page_leads_the_gp_to_the_answer_and_nobody_else(team: Team, case: Case, gp: TeamBrowser) -> None:
    link = f'href="/app/team{path_of(case)}"'
    assert "Répondre au psychiatre" in gp.get(f"/p/{case.pathway_id}").text
    for role in (Role.NURSE, Role.PSYCHIATRIST):
        assert link not in team.browser(role).get(f"/p/{case.pathway_id}").text
    case.decide()
    body = gp.get(f"/p/{case.pathway_id}").text
    assert "Répondre au psychiatre" not in body
    assert link in body


@pytest.mark.parametrize(
    "fields",
    [{"fate": ADAPTED, "reason": ""}, {"fate": DECLINED, "reason": " \r\n "}, {"fate": "ignored"}, {"reason": "Oui"},
     {"fate": DECLINED, "reason": "x" * 2001}, {}],
    ids=lambda f: str(f)[:40],
)  # fmt: skip
def test_a_bad_answer_comes_back_with_what_was_typed(case: Case, gp: TeamBrowser, fields: dict[str, str]) -> None:
    answer = gp.post(answer_path(case), fields, gp.hidden(path_of(case), answer_path(case)))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'id="missing"' in answer.text
    assert f">{fields.get('reason', '').strip()}</textarea>" in answer.text
    assert len(case.pathway.waiting_advice) == 1


def test_two_reviews_are_answered_one_after_the_other(case: Case, gp: TeamBrowser) -> None:
    oldest = answer_path(case)
    case.advise("Mirtazapine 15 mg")
    body = gp.get(path_of(case)).text
    assert "Un avis plus récent" in body
    opened = gp.hidden(path_of(case), answer_path(case))
    assert gp.follow(gp.post(answer_path(case), {"fate": ACCEPTED}, opened)) == path_of(case)
    opened = gp.hidden(path_of(case), oldest)
    assert gp.follow(gp.post(oldest, {"fate": DECLINED, "reason": "Remplacé"}, opened)) == f"/p/{case.pathway_id}"
    assert case.pathway.waiting_advice == ()


def test_answered_meanwhile_from_the_record_nothing_is_overwritten(case: Case, gp: TeamBrowser) -> None:
    opened = gp.hidden(path_of(case), answer_path(case))
    case.decide()
    late = gp.post(answer_path(case), {"fate": DECLINED, "reason": "Autre avis"}, opened)
    assert late.status_code == 409
    decision = case.pathway.reviews[-1].advice[0].decision
    assert decision is not None
    assert decision.fate is ev.RecommendationFate.ACCEPTED


def test_advice_that_does_not_exist_is_refused_in_words(case: Case, gp: TeamBrowser) -> None:
    opened = gp.hidden(path_of(case), answer_path(case))
    answer = gp.post(f"{path_of(case)}/never-given", {"fate": ACCEPTED}, opened)
    assert answer.status_code == 422
    assert "Relire les recommandations du patient." in answer.text
