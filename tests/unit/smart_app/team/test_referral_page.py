"""The nurse handles a referral: what the GP sent, calls, and every way it can end, with words that reach the GP."""

import re
from dataclasses import replace

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import ReferralId
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import State
from sesame_fhir.services import referral
from tests.support.team_cases import CRITERIA, Case, referred_case, screened_case
from tests.support.team_pages import Team, TeamBrowser


@pytest.fixture
def nurse(team: Team) -> TeamBrowser:
    return team.browser(Role.NURSE)


def path(case: Case, rest: str = "") -> str:
    return f"/p/{case.pathway_id}/referral{rest}"


def send(nurse: TeamBrowser, case: Case, action: str, **data: str) -> int:
    answer = nurse.post(path(case, action), data, nurse.hidden(path(case), path(case, action)))
    return answer.status_code


def test_the_page_shows_what_the_gp_sent(team: Team, nurse: TeamBrowser) -> None:
    case = screened_case(team, weights="11")
    criteria = replace(CRITERIA, common_mental_disorder=False)
    given = ev.ConsentStatus.GIVEN
    referral.confirm_eligibility(case.engine, case.command(Role.GP), case.pathway_id, criteria, given)
    asked = referral.ReferralRequest(
        ReferralId(case.new_id()), "Burn-out avancé.", "Appeler après 18 h.", ("Sertraline 50 mg",)
    )
    referral.refer(case.engine, case.command(Role.GP), case.pathway_id, asked)
    page = nurse.get(path(case)).text
    for wanted in ("PHQ-2", "2 / 6", "Burn-out avancé.", "Appeler après 18 h.", "Sertraline 50 mg", "Critère levé"):
        assert wanted in page
    assert 'href="tel:0199001234"' in page
    assert "Score sous le seuil" in page


def test_calls_are_logged_in_one_click_and_counted(team: Team, nurse: TeamBrowser) -> None:
    case = referred_case(team)
    assert "Appels : 0 / 3" in nurse.get(path(case)).text
    assert send(nurse, case, "/call", result="left-message", note="Rappelle ce soir") == 303
    assert send(nurse, case, "/call", result="no-answer") == 303
    page = nurse.get(path(case)).text
    assert "Appels : 2 / 3" in page
    assert "Rappelle ce soir" in page
    assert [call.result for call in case.pathway.calls] == [ev.CallResult.LEFT_MESSAGE, ev.CallResult.NO_ANSWER]


def test_unreachable_waits_for_the_calls_that_are_missing(team: Team, nurse: TeamBrowser) -> None:
    case = referred_case(team).call().call()
    page = nurse.get(path(case)).text
    assert "Encore 1 appel à noter" in page
    assert re.search(r'<button[^>]*disabled[^>]*aria-describedby="calls-missing"', page)
    assert send(nurse, case, "/end", reason="unreachable") == 422
    assert case.pathway.state.value == "referred"
    case.call()
    assert "Encore" not in nurse.get(path(case)).text
    assert send(nurse, case, "/end", reason="unreachable") == 303
    assert case.pathway.state is State.NOT_STARTED


@pytest.mark.parametrize(
    ("reason", "note", "status"),
    [
        ("declined-by-patient", "", 303),
        ("not-eligible", "", 422),
        ("not-eligible", "Suivi au CMP depuis un an.", 303),
        ("other", "   ", 422),
        ("other", "Part vivre ailleurs.", 303),
        ("nothing-of-ours", "Mot gardé.", 422),
        ("", "Mot gardé.", 422),
        ("other", "x" * 2001, 422),
        ("other", "Un caractère\x01nul", 422),
        ("other", "Un caractère\x00nul", 400),
    ],
)
def test_every_end_and_the_words_it_needs(team: Team, nurse: TeamBrowser, reason: str, note: str, status: int) -> None:
    case = referred_case(team)
    opened = nurse.hidden(path(case), path(case, "/end"))
    answer = nurse.post(path(case, "/end"), {"reason": reason, "note": note}, opened)
    assert answer.status_code == status, answer.text
    assert (case.pathway.state is State.NOT_STARTED) is (status == 303)
    if status == 422:
        assert "Rien n'est enregistré" in answer.text
        assert note.strip()[:10] in nurse.get(path(case)).text


def test_the_reason_and_the_note_reach_the_record_of_the_gp(team: Team, nurse: TeamBrowser) -> None:
    case = referred_case(team)
    assert send(nurse, case, "/end", reason="declined-by-patient", note="Préfère en parler avec vous d'abord.") == 303
    sent = case.pathway.referral
    assert sent is not None
    stored = team.deps.resources.read("Task", sent.referral_id)
    assert stored is not None
    assert stored.body is not None
    body = stored.body.decode()
    assert "declined-by-patient" in body
    assert "Préfère en parler avec vous d'abord." in body
    assert any(target.target.resource_type == "Task" for target in team.deps.outbox.of_pathway(case.pathway_id))
    assert case.pathway_id in team.pages.delivered
    page = nurse.get(path(case)).text
    assert "Refus du patient au premier contact" in page
    assert "Le médecin le voit dans son dossier" in page


def test_accepting_leads_to_the_assessment(team: Team, nurse: TeamBrowser) -> None:
    case = referred_case(team)
    opened = nurse.hidden(path(case), path(case, "/accept"))
    answer = nurse.post(path(case, "/accept"), {}, opened)
    assert nurse.follow(answer) == f"/p/{case.pathway_id}/assessment"
    assert case.pathway.state is State.ASSESSMENT
    nurses = [m.name for m in case.pathway.team if m.role is Role.NURSE]
    assert nurses == [nurse.member.name]
    assert nurse.post(path(case, "/accept"), {}, opened).status_code == 303, "sent twice, it acts once"


def test_a_psychiatrist_reads_and_has_no_buttons(team: Team) -> None:
    case = referred_case(team).accept().mark()
    page = team.browser(Role.PSYCHIATRIST).get(path(case))
    assert page.status_code == 200
    assert "Terminer sans suivi" not in page.text


def test_reasons_say_which_rule(team: Team, nurse: TeamBrowser) -> None:
    case = referred_case(team).call()
    opened = nurse.hidden(path(case), path(case, "/end"))
    answer = nurse.post(path(case, "/end"), {"reason": "unreachable", "note": "Trois essais"}, opened)
    assert "Noter d'abord les appels manquants" in answer.text
    assert "Trois essais" in answer.text
    assert ReasonCode.ATTEMPTS_MISSING.value not in answer.text
