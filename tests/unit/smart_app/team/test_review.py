"""The weekly list, a case in two minutes, and advice that is signed once and never changed."""

import hashlib
import json
import re
from collections.abc import Callable

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import RecommendationKind
from sesame_fhir.services import care, review
from smart_app.pages import pathway_texts
from smart_app.team.review import listing
from smart_app.team.review.groups import Group, group_of
from smart_app.team.review.texts import GROUPS, REVIEW_FIELDS
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import MEMBERS, OTHER_SITE, Team, TeamBrowser

PSY = MEMBERS[Role.PSYCHIATRIST]
FULL = {
    "do-medication": "1",
    "drug-1": "Sertraline",
    "dose-1": "50 mg",
    "drug-2": "Mirtazapine",
    "dose-2": "15 mg le soir",
    "text-medication": "Titrer en une semaine",
    "text-monitoring": "Sommeil, idées noires",
    "weeks-monitoring": "2",
    "do-therapy": "1",
    "text-therapy": "Activation comportementale",
    "text-orientation": "Psychologue du centre",
    "weeks-see-again": "4",
    "summary": "Épisode modéré persistant.",
    "minutes": "7",
}


@pytest.fixture
def case(team: Team) -> Case:
    return followed_case(team).join()


@pytest.fixture
def psychiatrist(team: Team) -> TeamBrowser:
    return team.browser(Role.PSYCHIATRIST)


def path_of(case: Case) -> str:
    return f"/p/{case.pathway_id}/review"


def mark_of(case: Case) -> str:
    return f"/p/{case.pathway_id}/mark"


def sign(browser: TeamBrowser, case: Case, fields: dict[str, str], opened: dict[str, str] | None = None) -> str:
    opened = opened or browser.hidden(path_of(case), path_of(case))
    return browser.follow(browser.post(path_of(case), fields, opened))


def names(body: str) -> list[str]:
    """Family names of the list, in its order."""
    return re.findall(r"<h3><a [^>]*>([A-Z0-9-]+)", body)


def headings(body: str) -> list[str]:
    return [text.strip() for text in re.findall(r"<h2>([^<]+)", body)]


def ask(case: Case, question: str) -> Case:
    review.mark_for_review(case.engine, case.command(Role.NURSE), case.pathway_id, question)
    return case


def test_every_group_field_and_code_has_its_text() -> None:
    assert set(GROUPS) == set(Group)
    assert set(pathway_texts.DECISIONS) == set(ev.RecommendationFate)
    assert set(pathway_texts.MODES) == set(ev.ContactMode)
    assert {f"text-{kind.value}" for kind in RecommendationKind} <= set(REVIEW_FIELDS)
    for table in (GROUPS, REVIEW_FIELDS, pathway_texts.BRIEF_STATES, pathway_texts.RECIPIENTS):
        assert all(text.strip() for text in table.values())


def improving(case: Case) -> Case:
    return case.later(days=15).hold("111111110")


def worsening(case: Case) -> Case:
    """18, then 8, then 24: six and more above the best."""
    return improving(case).later(days=15).hold("333333330")


def stagnating(case: Case) -> Case:
    for _ in range(5):
        case.later(days=13).hold("222222220")
    return case


def to_see_again(case: Case) -> Case:
    again = ev.Recommendation(case.new_id(), RecommendationKind.SEE_AGAIN, weeks=2)
    signed = ev.CaseReviewed(case.new_id(), (again,))
    review.review_case(case.engine, case.command(Role.PSYCHIATRIST), case.pathway_id, signed)
    return case.later(days=14).hold("222222220")


ON_THE_LIST: list[tuple[str, Callable[[Case], Case], Group | None]] = [
    ("just assessed", lambda c: c, None),
    ("improving", improving, None),
    ("by hand", Case.mark, Group.BY_HAND),
    ("item 9", lambda c: c.screen("222222221"), Group.SUICIDE_RISK),
    ("item 9 taken up", lambda c: c.screen("222222221").acknowledge(), None),
    ("worse", worsening, Group.WORSENING),
    ("worse and by hand", lambda c: worsening(c).mark(), Group.BY_HAND),
    ("no better after 8 weeks", stagnating, Group.NO_IMPROVEMENT),
    ("to be seen again", to_see_again, Group.REVIEW_DUE),
    ("reviewed", lambda c: worsening(c).advise(), None),
]


@pytest.mark.parametrize(("lives", "group"), [c[1:] for c in ON_THE_LIST], ids=[c[0] for c in ON_THE_LIST])
def test_who_is_on_the_list_and_under_which_heading(
    team: Team, case: Case, lives: Callable[[Case], Case], group: Group | None
) -> None:
    lives(case)
    row = team.pages.store.pathways.caseload_row(case.pathway_id)
    assert row is not None
    assert group_of(row, team.pages.clock.now().date()) is group
    body = team.browser(Role.NURSE).get("/review").text
    assert headings(body) == ([GROUPS[group]] if group else [])
    assert names(body) == (["FICTIVE"] if group else [])
    assert ("Aucun cas" in body) is (group is None)


def test_the_question_asked_and_why_each_flag_stands_are_on_the_list(team: Team, case: Case) -> None:
    ask(worsening(case), "Faut-il changer d'antidépresseur ?")
    body = team.browser(Role.NURSE).get("/review").text
    for text in ("Faut-il changer d&#39;antidépresseur ?", "Aggravation", "PHQ-9 remonté de 8", "18 → <b>24</b>"):
        assert text in body


def test_each_sees_their_own_list(team: Team) -> None:
    ask(followed_case(team, 1), "?")
    ask(followed_case(team, 2, OTHER_SITE), "?")
    worsening(followed_case(team, 3))
    worsening(followed_case(team, 4).join())
    away = worsening(followed_case(team, 5))
    taken = (*(m for m in away.pathway.team if m.role is not Role.NURSE), ev.TeamMember("n2", "Nora", Role.NURSE))
    care.change_care_team(away.engine, away.command(Role.NURSE), away.pathway_id, taken)
    nurse, psychiatrist = team.browser(Role.NURSE), team.browser(Role.PSYCHIATRIST)
    assert sorted(names(nurse.get("/review").text)) == ["BIDON", "CHIMERE", "DUMMY", "ESSAI"]
    assert sorted(names(nurse.get("/review?all=1").text)) == ["BIDON", "CHIMERE", "DUMMY", "ESSAI", "FACTICE"]
    assert sorted(names(psychiatrist.get("/review").text)) == ["BIDON", "CHIMERE", "ESSAI"]
    assert names(nurse.get(f"/review?site={OTHER_SITE}").text) == ["CHIMERE"]
    assert len(names(nurse.get("/review?site=elsewhere").text)) == 4, "a site that is not hers is not asked for"
    assert names(nurse.get("/review?group=worsening").text) == ["DUMMY", "ESSAI"]


def test_a_long_group_goes_on_page_by_page(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_PER_GROUP", 2)
    for number in (1, 2, 3):
        followed_case(team, number).mark()
    nurse = team.browser(Role.NURSE)
    first = nurse.get("/review").text
    address = re.search(r'rel="next" href="/app/team([^"]+)"', first)
    assert address is not None
    second = nurse.get(address[1].replace("&amp;", "&")).text
    found = names(first) + names(second)
    assert len(found) == len(set(found)) == 3
    assert 'rel="next"' not in second
    for invented in ("x", "é" * 400, "' OR 1=1"):
        answer = nurse.get("/review", query_string={"group": "by-hand", "cursor": invented})
        assert answer.status_code == 404


def test_the_case_says_everything_on_one_page(team: Team, case: Case) -> None:
    worsening(case)
    case.later(days=1).hold(note="Sommeil très perturbé", private_note="Ma propre note")
    case.advise().decide(ev.RecommendationFate.DECLINED, "Refus du patient")
    ask(case, "Autre traitement ?")
    body = team.browser(Role.PSYCHIATRIST).get(path_of(case)).text
    for text in (
        "FICTIVE", "41 ans", "Prise en charge", "semaine 5", "séquence 1", "Autre traitement ?", "18 → <b>24</b>",
        "Sommeil très perturbé", "20 min", "Épisode actuel depuis trois mois", "Aucun traitement noté",
        "Refusée", "Refus du patient", "Signer la revue", PSY.name, "RPPS 99900000045", 'rel="stylesheet"',
    ):  # fmt: skip
        assert text in body, text
    assert "Ma propre note" not in body


def test_signing_takes_several_recommendations_at_once(team: Team, case: Case, psychiatrist: TeamBrowser) -> None:
    signed = sign(psychiatrist, case.mark(), FULL)
    review_ = case.pathway.reviews[-1]
    assert signed == f"{path_of(case)}/signed/{review_.review_id}"
    found = [(a.data.kind.value, a.data.drug, a.data.dose, a.data.weeks, a.data.text) for a in review_.advice]
    assert found == [
        ("medication", "Sertraline", "50 mg", None, "Titrer en une semaine"),
        ("medication", "Mirtazapine", "15 mg le soir", None, None),
        ("monitoring", None, None, 2, "Sommeil, idées noires"),
        ("therapy", None, None, None, "Activation comportementale"),
        ("orientation", None, None, None, "Psychologue du centre"),
        ("see-again", None, None, 4, None),
    ]
    assert (review_.summary, review_.minutes, review_.by) == ("Épisode modéré persistant.", 7, PSY.actor)
    assert team.pages.delivered[-1] == case.pathway_id
    assert case.pathway.discussion is None
    row = team.pages.store.pathways.caseload_row(case.pathway_id)
    assert row is not None
    assert row.advice_waiting == 5


def test_the_signed_text_has_its_time_and_digest_and_nothing_to_change(case: Case, psychiatrist: TeamBrowser) -> None:
    path = sign(psychiatrist, case, FULL)
    body = psychiatrist.get(path).text
    signed = case.pathway.reviews[-1]
    for text in ("Signé le 2 mars 2026 à 10 h 00", PSY.name, "Sertraline, 50 mg", "toutes les 2 semaines",
                 "dans 4 semaines", "Réponse du médecin attendue"):  # fmt: skip
        assert text in body, text
    content = {
        "pathway": case.pathway_id, "review": signed.review_id, "at": signed.at.isoformat(),
        "by": [PSY.actor.actor_id, PSY.name], "summary": "Épisode modéré persistant.",
        "recommendations": [
            [a.data.recommendation_id, a.data.kind.value, a.data.text, a.data.drug, a.data.dose, a.data.weeks]
            for a in signed.advice
        ],
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert digest in body
    assert "<form" not in body.partition("<main")[2]
    case.decide()
    assert digest in psychiatrist.get(path).text, "what the GP makes of it is not part of what was signed"
    sign(psychiatrist, case, {"do-no-change": "1"})
    assert "Une revue plus récente la remplace" in psychiatrist.get(path).text
    assert psychiatrist.get(f"{path_of(case)}/signed/unknown").status_code == 404


def test_the_same_form_sent_twice_signs_once(case: Case, psychiatrist: TeamBrowser) -> None:
    opened = psychiatrist.hidden(path_of(case), path_of(case))
    assert len({sign(psychiatrist, case, FULL, opened) for _ in range(3)}) == 1
    assert len(case.pathway.reviews) == 1


BAD_REVIEWS: list[tuple[dict[str, str], str]] = [
    ({}, "Choisir une recommandation"),
    ({"summary": "Rien d'autre"}, "Choisir une recommandation"),
    ({"do-medication": "1"}, "Médicament"),
    ({"do-monitoring": "1"}, "Surveillance"),
    ({"do-therapy": "1", "text-therapy": "   "}, "Psychothérapie"),
    ({"do-orientation": "1"}, "Orientation"),
    ({"do-see-again": "1"}, "Nombre de semaines"),
    ({"weeks-see-again": "0"}, "Revoir dans"),
    ({"weeks-see-again": "53"}, "Revoir dans"),
    ({"weeks-see-again": "-3"}, "Revoir dans"),
    ({"weeks-see-again": "bientôt"}, "Revoir dans"),
    ({"text-monitoring": "TA", "weeks-monitoring": "1.5"}, "Rythme de la surveillance"),
    ({"drug-1": "x" * 201}, "Médicament"),
    ({"text-therapy": "x" * 2001}, "Psychothérapie"),
    ({"do-no-change": "1", "minutes": "0"}, "Durée"),
    ({"do-no-change": "1", "minutes": "999"}, "Durée"),
]


@pytest.mark.parametrize(("fields", "told"), BAD_REVIEWS, ids=lambda v: str(v)[:60])
def test_a_review_that_says_nothing_or_cannot_be_comes_back_filled_in(
    case: Case, psychiatrist: TeamBrowser, fields: dict[str, str], told: str
) -> None:
    typed = {"text-orientation": "Gardé : CMP"} if "do-orientation" not in fields and fields else {}
    if told == "Choisir une recommandation":
        typed = {}
    answer = psychiatrist.post(path_of(case), fields | typed, psychiatrist.hidden(path_of(case), path_of(case)))
    assert answer.status_code == 422, answer.text
    assert told in answer.text
    assert case.pathway.reviews == ()
    for text in typed.values():
        assert text in answer.text
        assert text in psychiatrist.get(path_of(case)).text


def test_a_reviewer_who_is_not_on_the_care_team_is_told_what_to_do(team: Team) -> None:
    case = followed_case(team).mark()
    psychiatrist = team.browser(Role.PSYCHIATRIST)
    body = psychiatrist.get(path_of(case)).text
    assert "Signer la revue" not in body
    assert "Demander à l'infirmière de compléter l'équipe de soins." in body
    opened = psychiatrist.hidden(path_of(case), f"/p/{case.pathway_id}/unmark")
    refused = psychiatrist.post(path_of(case), {"do-no-change": "1", "summary": "Rien à changer"}, opened)
    assert refused.status_code == 422
    assert "équipe de soins" in refused.text
    assert case.pathway.reviews == ()
    case.join()
    assert "Rien à changer" in psychiatrist.get(path_of(case)).text, "what was typed is there once on the team"


def test_a_case_that_is_not_put_to_review_is_out_of_a_psychiatrists_reach(team: Team) -> None:
    case = worsening(followed_case(team))
    psychiatrist = team.browser(Role.PSYCHIATRIST)
    refused = psychiatrist.get(path_of(case))
    assert refused.status_code == 403
    assert "Demander à l'infirmière de le mettre à la revue" in refused.text
    assert "FICTIVE" not in refused.text


def test_the_nurse_reads_the_case_and_cannot_sign(team: Team, case: Case) -> None:
    nurse = team.browser(Role.NURSE)
    body = nurse.get(path_of(case)).text
    assert "La revue est signée par le psychiatre" in body
    assert "Signer la revue" not in body
    opened = nurse.hidden(path_of(case), mark_of(case))
    assert nurse.post(path_of(case), {"do-no-change": "1"}, opened).status_code == 403
    assert case.pathway.reviews == ()


def test_the_nurse_asks_a_question_and_takes_it_back(team: Team, case: Case) -> None:
    nurse = team.browser(Role.NURSE)
    opened = nurse.hidden(path_of(case), mark_of(case))
    asked = {"question": "Bilan thyroïdien ?"}
    assert nurse.follow(nurse.post(mark_of(case), asked, opened)) == path_of(case)
    assert "Bilan thyroïdien ?" in nurse.get(path_of(case)).text
    opened = nurse.hidden(path_of(case), f"/p/{case.pathway_id}/unmark")
    assert nurse.follow(nurse.post(f"/p/{case.pathway_id}/unmark", {}, opened)) == "/review"
    assert case.pathway.discussion is None
    assert nurse.post(f"/p/{case.pathway_id}/unmark", {"again": "1"}, opened).status_code == 422
    long = nurse.post(mark_of(case), {"question": "x" * 501}, nurse.hidden(path_of(case), mark_of(case)))
    assert long.status_code == 422
    assert case.pathway.discussion is None


def test_somebody_wrote_meanwhile_the_form_comes_back_with_what_changed(case: Case, psychiatrist: TeamBrowser) -> None:
    opened = psychiatrist.hidden(path_of(case), path_of(case))
    case.hold("222222220")
    late = psychiatrist.post(path_of(case), FULL, opened)
    assert late.status_code == 409
    for text in ("contact de suivi", "Mirtazapine", "Activation comportementale"):
        assert text in late.text
    assert case.pathway.reviews == ()
    case.write("Un mot de plus").mark()
    sign(psychiatrist, case, FULL)
    assert len(case.pathway.reviews) == 1


def test_a_message_meanwhile_is_not_in_the_way(case: Case, psychiatrist: TeamBrowser) -> None:
    opened = psychiatrist.hidden(path_of(case), path_of(case))
    case.write("Un mot").mark()
    sign(psychiatrist, case, FULL, opened)
    assert len(case.pathway.reviews) == 1


def test_the_next_case_is_one_link_away(team: Team, psychiatrist: TeamBrowser) -> None:
    cases = [followed_case(team, number).join().mark() for number in (1, 2, 3)]
    order = re.findall(r'<h3><a href="/app/team/p/([^/]+)/review"', psychiatrist.get("/review").text)
    assert sorted(order) == sorted(c.pathway_id for c in cases)
    by_id = {c.pathway_id: c for c in cases}

    def following(path: str) -> str | None:
        found = re.search(r'rel="next"[^>]* href="/app/team/p/([^/]+)/review"', psychiatrist.get(path).text)
        return found[1] if found else None

    assert [following(f"/p/{one}/review") for one in order] == [order[1], order[2], None]
    signed = sign(psychiatrist, by_id[order[0]], {"do-no-change": "1"})
    assert following(signed) == order[1]
    sign(psychiatrist, by_id[order[1]], {"do-no-change": "1"})
    assert following(sign(psychiatrist, by_id[order[2]], {"do-no-change": "1"})) is None


def test_a_referral_that_waits_has_no_review(team: Team) -> None:
    case = referred_case(team)
    nurse = team.browser(Role.NURSE)
    body = nurse.get(path_of(case))
    assert body.status_code == 200
    opened = nurse.hidden(path_of(case), mark_of(case))
    assert nurse.post(mark_of(case), {}, opened).status_code == 422
