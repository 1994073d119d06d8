"""The GP opens a patient of the pathway: where they stand, what waits, and who may answer it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.transitions import State
from tests.support.app_pages import Pages, record_of
from tests.support.story import GP, NURSE, TRAITS
from tests.support.team_cases import Case, followed_case, referred_case
from tests.support.team_pages import MEMBERS, Team

ANOTHER_GP = Actor("ehr-test|Practitioner/gp2", Role.GP, "Dr Solène Fictive")
PSYCHIATRIST = MEMBERS[Role.PSYCHIATRIST].actor
LIMIT_BYTES = 60_000


def followed(pages: Pages) -> Case:
    return followed_case(Team(pages))


def advised(pages: Pages) -> Case:
    return followed(pages).join().advise()


def waiting_of(case: Case) -> str:
    return case.pathway.waiting_advice[0].data.recommendation_id


def decide(pages: Pages, case: Case, opened: dict[str, str] | None = None, **fields: str) -> str:
    """Answer the recommendation that waits; returns the path that follows."""
    path = f"/advice/{waiting_of(case)}/decision"
    return pages.follow(pages.post(path, fields, opened or pages.hidden("/pathway")))


def launch_as(pages: Pages, author: Actor, **record: Any) -> None:
    """The same record, opened by somebody else."""
    pages.launch_id = f"launch-{author.name.split()[-1].lower()}-{author.role.value}"
    pages.open_launch(pages.launch_id, record_of(author=author, **record))


STAGES: list[tuple[str, Callable[[Case], object], State, tuple[str, ...]]] = [
    ("referred", lambda c: c, State.REFERRED, ("Adressé à l'infirmière", "L'infirmière appellera le patient")),
    ("called", lambda c: c.call().call(), State.REFERRED, ("2 appels de l'infirmière", "pas de réponse")),
    ("declined", lambda c: c.decline(), State.NOT_STARTED,
     ("n'a pas débouché", "Refus du patient au premier contact", "Ne souhaite pas", "Adresser maintenant")),
    ("assessment", lambda c: c.accept(), State.ASSESSMENT, ("évaluation initiale en cours", NURSE.name)),
    ("care", lambda c: c.accept().screen("222222220").assess(), State.CARE,
     ("Suivi SÉSAME en cours", "semaine 1", "séquence 1", "16 / 27", "pas encore planifié", "Faire un PHQ-9")),
    ("prevention", lambda c: c.accept().screen("222222220").assess().hold("111100000").prevent_relapse(),
     State.RELAPSE_PREVENTION, ("prévention des rechutes", NURSE.name)),
    ("left", lambda c: c.accept().screen("222222220").assess().leave(), State.EXITED,
     ("Parcours SÉSAME terminé", "Rémission", "Refaire un PHQ-2")),
]  # fmt: skip


@pytest.mark.parametrize(("lives", "state", "texts"), [s[1:] for s in STAGES], ids=[s[0] for s in STAGES])
def test_another_launch_leads_to_where_the_patient_stands(
    pages: Pages, lives: Callable[[Case], object], state: State, texts: tuple[str, ...]
) -> None:
    case = referred_case(Team(pages))
    lives(case.later(minutes=5))
    pages.come_back(minutes=5)
    assert case.pathway.state is state
    assert pages.follow(pages.get("/")) == "/pathway"
    body = pages.get("/pathway").text
    for text in texts:
        assert text in body
    assert "Mes patients suivis" in body


def test_the_launch_that_refers_ends_with_what_the_record_has_taken(pages: Pages) -> None:
    assert pages.refer() == "/done"
    assert pages.follow(pages.get("/")) == "/done"
    assert 'href="/app/s/launch-one/pathway"' in pages.get("/done").text


def test_before_the_referral_there_is_no_such_page(pages: Pages) -> None:
    assert pages.get("/pathway").status_code == 404
    pages.screen()
    for path in ("/pathway", "/messages"):
        assert pages.get(path).status_code == 404


def test_a_patient_who_was_not_referred_is_told_why(pages: Pages) -> None:
    result = pages.screen()
    pages.post("/decline", {"reason": "followed-elsewhere"}, pages.hidden(result))
    assert "Suivi par ailleurs" in pages.get("/done").text


def test_the_trend_is_drawn_from_the_start_to_the_last_score(pages: Pages) -> None:
    case = followed(pages).later(days=15).hold("111111110")
    pages.come_back(minutes=1)
    body = pages.get("/pathway").text
    figure = body[body.index('<figure class="pw-trend">') : body.index("</figure>")]
    assert "18 → <b>8</b> / 27" in figure
    assert "(-10)" in figure
    assert re.search(r'points="5,\d+ 235,\d+"', figure)
    assert figure.count("<circle") == 2
    assert "18 (2 mars 2026), 8 (17 mars 2026)" in figure
    assert case.pathway.state is State.CARE


def test_the_next_contact_and_the_people_are_named(pages: Pages) -> None:
    case = followed(pages).join()
    case.schedule()
    body = pages.get("/pathway").text
    for text in ("17 mars 2026", "au téléphone", NURSE.name, PSYCHIATRIST.name):
        assert text in body


def test_a_recommendation_waits_on_top_and_is_accepted_in_one_tap(pages: Pages) -> None:
    case = advised(pages)
    body = pages.get("/pathway").text
    assert body.index("avis de Dr Paule Fictive") < body.index("Suivi SÉSAME en cours")
    for text in ("sertraline, 50 mg", "Sertraline 50 mg le matin", "Épisode modéré"):
        assert text in body
    assert decide(pages, case, fate="accepted") == "/pathway"
    assert pages.delivered[-1] == case.pathway_id
    assert not case.pathway.waiting_advice
    after = pages.get("/pathway").text
    assert 'name="fate"' not in after
    assert "Acceptée" in after
    assert GP.name in after


@pytest.mark.parametrize("fate", ["adapted", "declined"])
def test_a_changed_recommendation_needs_a_reason_and_nothing_typed_is_lost(pages: Pages, fate: str) -> None:
    case = advised(pages)
    back = decide(pages, case, fate=fate, reason="  ")
    assert back == f"/pathway?incomplete={waiting_of(case)}#missing"
    assert "(à écrire)" in pages.get(back.partition("#")[0]).text
    assert case.pathway.waiting_advice
    assert decide(pages, case, fate=fate, reason="Déjà essayée en 2024, mal tolérée") == "/pathway"
    decision = case.pathway.reviews[-1].advice[0].decision
    assert decision is not None
    assert (decision.fate.value, decision.reason, decision.by.name) == (
        fate, "Déjà essayée en 2024, mal tolérée", GP.name,
    )  # fmt: skip
    assert "Déjà essayée en 2024" in pages.get("/pathway").text


BAD_DECISIONS: list[tuple[str, dict[str, str], int]] = [
    ("{id}", {}, 422),
    ("{id}", {"fate": "perhaps", "reason": "x"}, 422),
    ("{id}", {"fate": "", "reason": "x"}, 422),
    ("{id}", {"fate": "declined", "reason": "x" * 2001}, 422),
    ("unknown", {"fate": "accepted"}, 422),
    ("{id}'--", {"fate": "accepted"}, 422),
]


@pytest.mark.parametrize(("name", "fields", "status"), BAD_DECISIONS)
def test_a_decision_that_is_none_changes_nothing(pages: Pages, name: str, fields: dict[str, str], status: int) -> None:
    case = advised(pages)
    path = f"/advice/{name.format(id=waiting_of(case))}/decision"
    answer = pages.post(path, fields, pages.hidden("/pathway"))
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert len(case.pathway.waiting_advice) == 1


def test_two_gps_decide_at_once_the_second_is_told_and_keeps_the_reason(pages: Pages) -> None:
    case = advised(pages)
    path = f"/advice/{waiting_of(case)}/decision"
    first = pages.launch_id
    mine = pages.hidden("/pathway")
    launch_as(pages, ANOTHER_GP)
    theirs = pages.hidden("/pathway")
    assert pages.follow(pages.post(path, {"fate": "accepted"}, theirs)) == "/pathway"
    pages.launch_id = first
    late = pages.post(path, {"fate": "declined", "reason": "Contre-indication"}, mine)
    assert late.status_code == 409
    for text in ("décision sur une recommandation", ANOTHER_GP.name, f'href="/app/s/{first}/"'):
        assert text in late.text
    decision = case.pathway.reviews[-1].advice[0].decision
    assert decision is not None
    assert decision.by == ANOTHER_GP
    again = pages.post(path, {"fate": "declined", "reason": "Contre-indication"}, pages.hidden("/messages"))
    assert again.status_code == 422
    assert "Relire la réponse enregistrée" in again.text


def test_the_newest_advice_comes_first_and_the_older_one_says_so(pages: Pages) -> None:
    case = advised(pages)
    body = pages.get("/pathway").text
    assert "plus récent" not in body
    case.later(days=7).advise("Passer à 100 mg")
    pages.come_back(minutes=1)
    body = pages.get("/pathway").text
    assert body.index("Passer à 100 mg") < body.index("plus récent") < body.index("Sertraline 50 mg le matin")
    assert body.count('value="accepted"') == 2


def test_the_same_tap_sent_twice_decides_once(pages: Pages) -> None:
    case = advised(pages)
    path, opened = f"/advice/{waiting_of(case)}/decision", pages.hidden("/pathway")
    assert [pages.follow(pages.post(path, {"fate": "accepted"}, opened)) for _ in range(2)] == ["/pathway", "/pathway"]
    kinds = [event.kind for event in pages.store.pathways.history(case.pathway_id)]
    assert kinds.count("RecommendationDecided") == 1


def test_a_message_that_came_meanwhile_does_not_stand_in_the_way_of_a_decision(pages: Pages) -> None:
    case = advised(pages)
    opened = pages.hidden("/pathway")
    case.write("Le patient préfère le soir.", Role.NURSE)
    assert decide(pages, case, opened, fate="accepted") == "/pathway"


def test_an_unknown_profession_is_no_gp_for_decisions_unless_the_pathway_knows_the_person(pages: Pages) -> None:
    case = advised(pages)
    launch_as(pages, ANOTHER_GP, profession_known=False)
    body = pages.get("/pathway").text
    assert 'name="fate"' not in body
    assert "ne dit pas votre profession" in body
    path = f"/advice/{waiting_of(case)}/decision"
    refused = pages.post(path, {"fate": "accepted"}, pages.hidden("/messages"))
    assert refused.status_code == 422
    assert "dont c'est le rôle" in refused.text
    assert case.pathway.waiting_advice
    assert pages.get("/mine").status_code == 422
    launch_as(pages, GP, profession_known=False)
    assert decide(pages, case, fate="accepted") == "/pathway"


@pytest.mark.parametrize("actor", [NURSE, PSYCHIATRIST], ids=lambda a: a.role.value)
def test_a_nurse_or_a_psychiatrist_is_led_to_the_team_and_decides_nothing(pages: Pages, actor: Actor) -> None:
    case = advised(pages)
    launch_as(pages, actor)
    assert pages.follow(pages.get("/")) == "/pathway"
    body = pages.get("/pathway").text
    assert f'href="/app/team/p/{case.pathway_id}" target="_blank"' in body
    for text in ("Suivi SÉSAME en cours", "Ouvrir dans l'espace équipe"):
        assert text in body
    assert "<form" not in body
    opened = pages.hidden("/messages")
    refused = pages.post(f"/advice/{waiting_of(case)}/decision", {"fate": "accepted"}, opened)
    assert refused.status_code == 422
    assert pages.get("/mine").status_code == 422
    assert case.pathway.waiting_advice


def test_after_the_exit_a_recommendation_may_still_be_answered(pages: Pages) -> None:
    case = advised(pages).leave()
    assert pages.follow(pages.get("/")) == "/pathway"
    assert decide(pages, case, fate="accepted") == "/pathway"
    assert not case.pathway.waiting_advice
    assert pages.follow(pages.post("/form/phq-2", {"q-44250-9": "LA6571-9", "q-44255-8": "LA6571-9"})).startswith(
        "/result"
    )


def test_item_9_comes_before_the_pathway(pages: Pages) -> None:
    advised(pages).screen("111111112")
    assert pages.follow(pages.get("/")).startswith("/safety/")
    assert "Question 9 du PHQ-9" in pages.get("/pathway").text


def test_without_interpretation_raw_values_remain(build: Callable[..., Pages]) -> None:
    pages = build(policy=PathwayPolicy(interpretation=False))
    followed(pages).later(days=15).hold("111111110")
    pages.come_back(minutes=1)
    body = pages.get("/pathway").text
    assert "18 → <b>8</b> / 27" in body
    for text in ("Réponse", "Rémission", "Aggravation", "Modérée"):
        assert text not in body


HOSTILE = '<script>alert("x")</script>{{7*7}}'


def test_hostile_text_is_shown_as_text(pages: Pages) -> None:
    case = followed(pages).join().advise(HOSTILE).write(HOSTILE, Role.NURSE)
    bodies = [pages.get("/pathway").text]
    assert decide(pages, case, fate="declined", reason=HOSTILE) == "/pathway"
    bodies += [pages.get(path).text for path in ("/pathway", "/messages")]
    for body in bodies:
        assert "<script>alert" not in body
        assert "&lt;script&gt;alert" in body


def test_the_page_is_light_and_nothing_of_the_patient_is_in_an_address(pages: Pages) -> None:
    advised(pages).write("Bonjour", Role.NURSE)
    answer = pages.get("/pathway")
    assets = re.findall(r'(?:href|src)="(/app/assets/[^"]+)"', answer.text)
    assert len(assets) == 3
    assert len(answer.data) + sum(len(pages.client.get(one).data) for one in assets) <= LIMIT_BYTES
    assert not re.search(r"<[^>]+\s(?:style|on\w+)=", answer.text)
    addresses = " ".join(re.findall(r'(?:href|src|action)="([^"]*)"', answer.text))
    for marker in (TRAITS.family, TRAITS.given, "sertraline"):
        assert marker not in addresses


def test_every_view_is_audited_with_the_pathway(pages: Pages) -> None:
    case = advised(pages)
    pages.get("/pathway")
    pages.get("/mine")
    entries = pages.store.audit.entries(10)
    assert {("view", "pathway"), ("view", "mine")} <= {(e.action, e.detail) for e in entries}
    assert next(e for e in entries if e.detail == "pathway").patient == case.pathway_id
