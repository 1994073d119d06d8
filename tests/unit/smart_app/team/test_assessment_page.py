"""The initial assessment: one page, one post, all or nothing; a draft that survives; nothing derived from a score."""

import re
from typing import Any

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.ids import ReferralId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services import referral
from tests.support.app_pages import form_of
from tests.support.team_cases import CRITERIA, Case, referred_case, screened_case
from tests.support.team_pages import Team, TeamBrowser

WHOLE: dict[str, str] = {
    "day": "2026-03-02",
    "time": "10:00",
    "mode": "on-site",
    "minutes": "45",
    "history": "Deux épisodes, en 2014 et 2019.",
    "treatments": "Sertraline 50 mg\n- Mélatonine le soir\n\n",
    "social": "En arrêt de travail depuis six semaines.",
    "resources": "Sa sœur, la chorale.",
    "preferences": "Appels après 17 h.",
    "goals": "Dormir\n• Rechanter en public",
    "summary": "Épisode modéré, retentissement au travail.",
    "problem": "État dépressif réactionnel",
    "problem-system": "cisp-2",
    "problem-code": "p76",
    "total-isi": "18",
    "on-isi": "28/02/2026",
    "next": "fortnight",
}
MEASURED = form_of(InstrumentId.PHQ_9, "222222220") | form_of(InstrumentId.GAD_7, "1111111")


@pytest.fixture
def nurse(team: Team) -> TeamBrowser:
    return team.browser(Role.NURSE)


@pytest.fixture
def case(team: Team) -> Case:
    """Taken by the nurse; the record named one medication at the referral."""
    case = screened_case(team)
    given = ev.ConsentStatus.GIVEN
    referral.confirm_eligibility(case.engine, case.command(Role.GP), case.pathway_id, CRITERIA, given)
    asked = referral.ReferralRequest(ReferralId(case.new_id()), medications=("Sertraline 50 mg",))
    referral.refer(case.engine, case.command(Role.GP), case.pathway_id, asked)
    return case.accept()


@pytest.fixture(scope="module")
def refusing(still: Team) -> tuple[TeamBrowser, Case]:
    """The same for all that is refused."""
    return still.browser(Role.NURSE), referred_case(still).accept()


def path(case: Case, rest: str = "") -> str:
    return f"/p/{case.pathway_id}/assessment{rest}"


def test_everything_in_one_act(nurse: TeamBrowser, case: Case) -> None:
    before = case.pathway.version
    to = nurse.follow(nurse.post(path(case), WHOLE | MEASURED))
    after = case.pathway
    assert to == f"/p/{case.pathway_id}/plan"
    assert after.state is State.CARE
    assert after.assessment is not None
    data = after.assessment.data
    assert data.treatments == (ev.Treatment("Sertraline 50 mg", from_record=True), ev.Treatment("Mélatonine le soir"))
    assert data.patient_goals == ("Dormir", "Rechanter en public")
    assert data.problem == ev.Problem("État dépressif réactionnel", ev.ProblemSystem.ICPC_2, "P76")
    assert (data.history, data.social_situation, data.resources, data.preferences, data.summary) == (
        WHOLE["history"],
        WHOLE["social"],
        WHOLE["resources"],
        WHOLE["preferences"],
        WHOLE["summary"],
    )
    assert [(t.instrument, t.total, t.on.isoformat()) for t in after.totals] == [("isi", 18, "2026-02-28")]
    assert [(s.instrument, s.total) for s in after.screenings[-2:]] == [("phq-9", 16), ("gad-7", 7)]
    held = after.held_contacts[0]
    assert (held.task, held.minutes, len(held.screenings)) == ("assessment", 45, 2)
    assert [s.rank for s in after.sequences] == [1]
    assert len(after.planned_contacts) == 1
    commands = {e.command_id for e in case.engine.pathways.history(case.pathway_id) if e.sequence > before}
    assert len(commands) == 1, "one act"


def test_the_shortest_assessment(nurse: TeamBrowser, case: Case) -> None:
    shortest = {"day": "2026-03-02", "time": "10:00", "mode": "phone", "minutes": "30"}
    assert nurse.post(path(case), shortest).status_code == 303
    assessment = case.pathway.assessment
    assert assessment is not None
    assert assessment.data == ev.AssessmentRecorded()


def test_a_score_never_becomes_a_problem(nurse: TeamBrowser, case: Case) -> None:
    severe = form_of(InstrumentId.PHQ_9, "333333330")
    assert nurse.post(path(case), {k: v for k, v in WHOLE.items() if "problem" not in k} | severe).status_code == 303
    assert case.pathway.assessment is not None
    assert case.pathway.assessment.data.problem is None


def test_medications_of_the_record_are_there_to_be_checked(nurse: TeamBrowser, case: Case) -> None:
    page = nurse.get(path(case)).text
    assert re.search(r'name="treatments"[^>]*>Sertraline 50 mg</textarea>', page)
    assert "Ceux du dossier du médecin sont repris" in page


def test_item_9_comes_before_the_plan(nurse: TeamBrowser, case: Case) -> None:
    to = nurse.follow(nurse.post(path(case), WHOLE | form_of(InstrumentId.PHQ_9, "222222221")))
    assert "/safety/" in to


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"minutes": ""}, "Durée : "),
        ({"minutes-other": "999"}, "durée n'est pas plausible"),
        ({"day": "2026-03-03"}, "dans le futur"),
        ({"day": "2026-02-27", "on-isi": ""}, "précède"),
        ({"total-isi": "29"}, "ISI (insomnie) : "),
        ({"total-isi": "-1"}, "ISI (insomnie) : "),
        ({"total-isi": "12,5"}, "ISI (insomnie) : "),
        ({"total-c-ssrs": "6"}, "C-SSRS"),
        ({"on-isi": "2026-03-05"}, "dans le futur"),
        ({"on-isi": "bientôt"}, "Date du score ISI"),
        ({"problem": ""}, "Problème provisoire : "),
        ({"problem-code": "76"}, "Code du problème : "),
        ({"problem-system": "cim-10", "problem-code": "F3"}, "Code du problème : "),
        ({"problem-system": "dsm"}, "Classification : "),
        ({"history": "h" * 2001}, "Antécédents et histoire : "),
        ({"q-44258-2": ""}, "Il manque des réponses"),
        ({"q-69725-0": "LA1-1"}, "Réponse absente"),
    ],
)
def test_bad_input_is_refused_in_french_and_kept(
    refusing: tuple[TeamBrowser, Case], changes: dict[str, str], says: str
) -> None:
    nurse, case = refusing
    before = case.pathway.version
    answer = nurse.post(path(case), WHOLE | MEASURED | changes)
    assert answer.status_code == 422, answer.status_code
    assert says in answer.text
    assert case.pathway.version == before, "all or nothing"
    again = nurse.get(path(case)).text
    assert "Sa sœur, la chorale." in again
    assert again.count(" checked") >= 15, "the answers are still there"


def test_a_draft_survives_and_is_gone_once_recorded(team: Team, nurse: TeamBrowser, case: Case) -> None:
    opened = nurse.hidden(path(case))
    draft = {"history": "Commencé hier", "q-44250-9": "LA6569-3", "treatments": ""}
    assert nurse.post(path(case, "/draft"), draft, opened).status_code == 204
    team.pages.clock.move(days=1)
    again = team.browser(Role.NURSE)
    page = again.get(path(case)).text
    assert "Commencé hier" in page
    assert re.search(r'name="treatments"[^>]*></textarea>', page), "what was emptied stays empty"
    assert again.post(path(case), WHOLE | {"history": "Fini"}).status_code == 303
    assert "Commencé hier" not in again.get(path(case)).text


def test_the_planned_interview_is_the_one_that_takes_place(nurse: TeamBrowser, case: Case) -> None:
    at = f"/p/{case.pathway_id}/contact/new-one"
    planned: dict[str, Any] = {"next-day": "2026-03-02", "next-time": "10:00", "mode": "on-site", "task": "assessment"}
    assert nurse.post(f"{at}/planned", planned, nurse.hidden(at)).status_code == 303
    appointment = case.pathway.planned_contacts[0].contact_id
    assert nurse.post(path(case), WHOLE).status_code == 303
    assert [c.contact_id for c in case.pathway.held_contacts] == [appointment]


def test_an_interview_noted_before_is_not_counted_twice(nurse: TeamBrowser, case: Case) -> None:
    at = f"/p/{case.pathway_id}/contact/new-one"
    noted = {"day": "2026-03-02", "time": "10:00", "mode": "on-site", "minutes": "45", "task": "assessment"}
    assert nurse.post(at, noted).status_code == 303
    assert 'name="minutes"' not in nurse.get(path(case)).text
    rest = {name: value for name, value in WHOLE.items() if name not in {"minutes", "mode", "next"}}
    assert nurse.post(path(case), rest).status_code == 303
    assert len(case.pathway.held_contacts) == 1


def test_before_and_after(team: Team, nurse: TeamBrowser, case: Case) -> None:
    early = referred_case(team, 1)
    assert "quand l'infirmière a pris le patient en charge" in nurse.get(path(early)).text
    assert nurse.post(path(case), WHOLE).status_code == 303
    page = nurse.get(path(case)).text
    for wanted in ("P76", "État dépressif réactionnel", "Rechanter en public", "dossier du médecin"):
        assert wanted in page
    assert "<form" not in page.split("<h1>")[1].split("</main>")[0]


def test_licensed_totals_at_any_time(nurse: TeamBrowser, case: Case) -> None:
    at = f"/p/{case.pathway_id}/total"
    bad: list[tuple[dict[str, str], str]] = [
        ({"instrument": "", "total": "5"}, "Questionnaire de l'objectif : "),
        ({"instrument": "wsas", "total": ""}, "Score total : "),
        ({"instrument": "wsas", "total": "41"}, "hors des limites"),
        ({"instrument": "wsas", "total": "beaucoup"}, "comprise"),
        ({"instrument": "wsas", "total": "12", "on": "2027-01-01"}, "dans le futur"),
    ]
    for fields, says in bad:
        answer = nurse.post(at, fields)
        assert answer.status_code == 422
        assert says.removeprefix("Questionnaire de l'objectif : ") in answer.text
    assert nurse.post(at, {"instrument": "wsas", "total": "12", "on": ""}).status_code == 303
    assert "12 / 40" in nurse.get(at).text
    assert "Au cours des" not in nurse.get(at).text, "no text of a licensed instrument"
