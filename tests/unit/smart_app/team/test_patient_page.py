"""The patient's page: the next step by state and role, who reads what, every link opens, raw values without rules."""

import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from pypdf import PdfReader

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.services import care, contacts
from sesame_fhir.services.errors import DocumentUnavailable
from sesame_fhir.services.staff import StaffMember
from smart_app.team.about import exists
from smart_app.team.patient import timeline
from tests.support.story import NURSE as NURSE_ACTOR
from tests.support.story import SITE, TRAITS
from tests.support.team_cases import Case, followed_case, referred_case, screened_case
from tests.support.team_pages import MEMBERS, Team

NURSE, PSY, GP = Role.NURSE, Role.PSYCHIATRIST, Role.GP


def shown(team: Team, case: Case, who: Role | StaffMember = NURSE, query: str = "") -> str:
    answer = team.browser(who).get(f"/p/{case.pathway_id}{query}")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text.partition("<main")[2]).split())


def step(text: str) -> str | None:
    found = re.search(r'<a class="btn primary" href="[^"]+">([^<]+)<', text)
    return found[1] if found else None


def _overdue(case: Case) -> Case:
    case.schedule(case.clock.now())
    return case.later(days=2)


STEPS: list[tuple[str, Callable[[Team], Case], Role, str, str | None]] = [
    # what happened, the patient, who asks, page that must exist, the step
    ("referred", referred_case, NURSE, "show_referral", "Appeler le patient"),
    ("referred", referred_case, GP, "show_referral", None),
    ("accepted", lambda t: referred_case(t).accept(), NURSE, "show_assessment", "Faire l'évaluation initiale"),
    ("assessed", lambda t: referred_case(t).accept().assess(), NURSE, "show_plan", "Écrire le plan de soins"),
    ("planned", followed_case, NURSE, "show_contact", "Planifier le prochain contact"),
    ("contact due", lambda t: _overdue(followed_case(t)), NURSE, "show_contact", "Noter le contact prévu"),
    ("item 9", lambda t: followed_case(t).screen("000000001"), NURSE, "show_safety", "Prendre en compte l'item 9"),
    ("item 9", lambda t: followed_case(t).screen("000000001"), GP, "show_safety", "Prendre en compte l'item 9"),
    ("message", lambda t: followed_case(t).write(), NURSE, "show_messages", "Lire les messages"),
    ("message", lambda t: followed_case(t).write(), GP, "show_messages", None),
    ("marked", lambda t: followed_case(t).join().mark(), PSY, "show_case", "Relire le cas"),
    (
        "relapse",
        lambda t: followed_case(t).prevent_relapse(),
        NURSE,
        "show_relapse_plan",
        "Écrire le plan de prévention",
    ),
    ("renewal", lambda t: followed_case(t).later(days=75), NURSE, "show_course", "Décider de la suite de la séquence"),
    ("left", lambda t: followed_case(t).leave(), NURSE, "show_exit", None),
]


@pytest.mark.parametrize(("name", "make", "role", "needs", "expected"), STEPS, ids=[f"{s[0]}-{s[2]}" for s in STEPS])
def test_the_next_step(
    team: Team, name: str, make: Callable[[Team], Case], role: Role, needs: str, expected: str | None
) -> None:
    case = make(team)
    with team.pages.app.test_request_context():
        if not exists(needs):
            pytest.skip(f"{needs} is not there yet: {name}")
    found = step(shown(team, case, role))
    assert found == expected or (expected is not None and found is not None and found.startswith(expected))


@pytest.mark.parametrize("role", [NURSE, PSY, GP])
@pytest.mark.parametrize(
    "make",
    [
        referred_case,
        lambda team: referred_case(team).accept(),
        lambda team: followed_case(team).join().mark(),
        lambda team: followed_case(team).join().prevent_relapse(),
        lambda team: followed_case(team).join().leave(),
    ],
    ids=["referred", "accepted", "care", "relapse", "left"],
)
def test_every_link_opens_for_the_role_it_is_shown_to(team: Team, make: Callable[[Team], Case], role: Role) -> None:
    case, browser = make(team), team.browser(role)
    answer = browser.get(f"/p/{case.pathway_id}")
    if role is PSY and answer.status_code == 403:
        return  # not put to review: out of reach
    without_documents = answer.text.partition('id="documents"')[0]  # they have tests of their own, and take seconds
    for path in set(re.findall(r'href="/app/team(/p/[^"#]+)"', without_documents)):
        found = browser.get(path)
        assert found.status_code == 200, (path, found.status_code, found.text[:300])


def test_the_last_possible_sequence_leads_to_the_exit(build: Callable[..., Team]) -> None:
    team = build(policy=PathwayPolicy(maximum_sequences=1))
    assert step(shown(team, followed_case(team).later(days=75))) == "Préparer la sortie"


def test_who_the_patient_is_and_where_they_stand(team: Team) -> None:
    text = plain(shown(team, followed_case(team).later(days=57)))
    assert "FICTIVE Jeanne 41 ans · Femme · née le 7 décembre 1984 INS de test" in text
    assert "Suivi SÉSAME en cours depuis le lun. 02/03, semaine 9, séquence 1 jusqu'au lun. 01/06." in text
    assert "sans INS qualifiée" in plain(shown(team, followed_case(team, 3)))


def test_a_flag_says_why_by_which_rule_and_from_which_source(team: Team) -> None:
    text = plain(shown(team, followed_case(team).later(days=14).hold("333333330")))
    assert "Aggravation PHQ-9 remonté de 18 (le meilleur) à 24" in text
    assert "Dernier PHQ-9 supérieur d'au moins 5 points" in text
    assert "Löwe" in text


def test_without_interpretation_only_raw_values_are_shown(build: Callable[..., Team]) -> None:
    team = build(policy=PathwayPolicy(interpretation=False))
    text = shown(team, followed_case(team).later(days=14).hold("333333330"))
    assert "24 / 27" in text
    for word in ("Aggravation", "Alertes", "Dépression", "sévère", "Réponse", 'class="level"'):
        assert word not in text, word


def test_a_chart_can_be_read_without_seeing_it(team: Team) -> None:
    text = shown(team, followed_case(team).later(days=14).hold("111111110"))
    drawing = re.search(r'<svg class="chart".*?</svg>', text, re.DOTALL)
    assert drawing is not None
    assert 'role="img" aria-labelledby="t-phq-9 d-phq-9"' in drawing[0]
    assert '<title id="t-phq-9">PHQ-9</title>' in drawing[0]
    assert "lun. 02/03 : 18, lun. 16/03 : 8." in drawing[0]
    table = text.partition("figures-table")[2]
    assert "<td>lun. 16/03</td><td>PHQ-9</td><td>8 / 27</td>" in table
    assert "début de séquence 1" in table
    assert "style=" not in drawing[0]


COLLEAGUE = StaffMember("staff-nurse-2", "nurse2", "Lou Fictif", NURSE, (SITE,))


def test_a_private_note_is_seen_by_its_author_and_nobody_else(team: Team) -> None:
    case = followed_case(team).join().mark().hold(note="Dort mieux.", private_note="Parle de son frère.")
    team.pages.store.staff.save(COLLEAGUE)
    assert "Parle de son frère." in shown(team, case, NURSE)
    for who in (COLLEAGUE, PSY, GP):
        text = shown(team, case, who)
        assert "Dort mieux." in text, who
        assert "frère" not in text, who
        assert "Note privée" not in text, who


def test_a_corrected_private_note_stays_private(team: Team) -> None:
    case = followed_case(team).join().mark().hold(note="Un.", private_note="Premier secret.")
    held = case.pathway.held_contacts[0].contact_id
    again = ev.ContactCorrected(held, ev.ContactMode.PHONE, 20, "Deux.", private_note="Second secret.")
    contacts.correct_contact(case.engine, case.command(NURSE), case.pathway_id, again)
    assert {"Premier secret.", "Second secret."} <= set(re.findall(r"\w+ secret\.", shown(team, case)))
    assert "secret" not in shown(team, case, PSY)


def test_a_message_for_one_role_is_read_by_it_and_its_author(team: Team) -> None:
    case = followed_case(team).join().mark()
    case.write("Pour tout le monde.")
    case.write("Pour le psychiatre.", by=NURSE, to=PSY)
    for role, read in ((NURSE, True), (PSY, True), (GP, False)):
        text = shown(team, case, role)
        assert "Pour tout le monde." in text
        assert ("Pour le psychiatre." in text) is read, role


def test_a_recommendation_shows_its_fate(team: Team) -> None:
    case = followed_case(team).join().advise("Sertraline le matin")
    assert "en attente du médecin" in plain(shown(team, case))
    assert "Une recommandation vous attend." in shown(team, case, GP)
    assert "Une recommandation vous attend." not in shown(team, case, NURSE)
    case.decide(ev.RecommendationFate.ADAPTED, "25 mg pour commencer")
    text = plain(shown(team, case))
    assert "25 mg pour commencer" in text
    assert "adaptée" in text


def test_the_timeline_is_paged_by_key(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "PAGE_EVENTS", 4)
    case = followed_case(team)
    query, titles = "", list[str]()
    for _page in range(10):
        text = shown(team, case, query=query)
        titles += re.findall(r"<br><strong>([^<]+)</strong>", text.partition('class="timeline"')[2])
        link = re.search(r'rel="next" href="[^"?]+(\?before=\d+)#time"', text)
        if link is None:
            break
        query = link[1]
    told = [event.kind for event in case.engine.pathways.history(case.pathway_id) if event.kind not in timeline._SILENT]
    assert len(titles) == len(told)
    assert titles[0] == "Plan de soins enregistré"
    assert titles[-1] == "Identité du patient mise à jour"


@pytest.mark.parametrize("before", ["x", "-1", "1" * 20, "٣", ""])
def test_a_wrong_page_of_the_timeline_is_the_newest(team: Team, before: str) -> None:
    case = followed_case(team)
    assert "Plan de soins enregistré" in shown(team, case, query=f"?before={before}")


def test_marking_on_the_page_comes_back_to_the_page(team: Team) -> None:
    case, browser = followed_case(team), team.browser(NURSE)
    mark = f"/p/{case.pathway_id}/mark"
    answer = browser.post(mark, {}, browser.hidden(f"/p/{case.pathway_id}", mark))
    assert browser.follow(answer) == f"/p/{case.pathway_id}"
    assert "Retirer de la revue de cas" in shown(team, case)


def test_every_event_of_a_life_is_told(team: Team) -> None:
    """A pathway that holds most kinds of events: no page fails on one of them."""
    case = followed_case(team).join().write().mark().advise().decide()
    case.miss(case.schedule(case.clock.now()))
    first = case.schedule()
    contacts.cancel_contact(case.engine, case.command(NURSE), case.pathway_id, first, by=ev.CancelledBy.PATIENT)
    case.later(days=15).hold("111111110").prevent_relapse().leave(ev.ExitReason.CONCERTED_END)
    text = plain(shown(team, case))
    for words in ("À la demande du patient", "fin concertée", "Contact manqué", "prévention des rechutes"):
        assert words in text, words
    assert NURSE_ACTOR.name in text


def test_the_assessment_and_the_relapse_plan_are_read_here(team: Team) -> None:
    case = followed_case(team).join().mark()
    helpers = (ev.Helper("Sœur fictive", "0199005678"),)
    written = ev.RelapsePlanWritten(("Marcher",), ("Dormir mal",), helpers)
    care.write_relapse_plan(case.engine, case.command(NURSE), case.pathway_id, written)
    for role in (NURSE, PSY, GP):
        text = plain(shown(team, case, role))
        for words in ("Épisode actuel depuis trois mois.", "« Dormir mieux »", "Marcher", "Sœur fictive 0199005678"):
            assert words in text, (role, words)


def test_who_comes_back_is_led_to_the_earlier_pathway(team: Team) -> None:
    earlier = followed_case(team).leave()
    team.pages.clock.move(days=200)
    again = screened_case(team)
    assert f'href="/app/team/p/{earlier.pathway_id}"' in shown(team, again)


def test_a_patient_not_referred_yet_has_a_page(team: Team) -> None:
    assert "Dépistage enregistré" in plain(shown(team, screened_case(team)))


def test_accounts_of_the_test_are_the_actors_of_the_cases() -> None:
    assert MEMBERS[NURSE].actor == NURSE_ACTOR


@pytest.mark.parametrize("who", [NURSE, GP])
@pytest.mark.parametrize("make", [referred_case, followed_case])
def test_the_summary_is_a_file_without_what_is_private(team: Team, make: Callable[[Team], Case], who: Role) -> None:
    case = make(team)
    if make is followed_case:
        case.hold(note="Va mieux", private_note="Penser à mon propre retard")
    answer = team.browser(who).get(f"/p/{case.pathway_id}/summary")
    text = "".join(part.extract_text() for part in PdfReader(io.BytesIO(answer.data)).pages)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "sesame-synthese.pdf" in answer.headers["Content-Disposition"]
    assert TRAITS.family.upper() in text.upper()
    assert "propre retard" not in text


def test_without_the_means_to_make_a_pdf_a_document_is_text(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise DocumentUnavailable

    monkeypatch.setattr("smart_app.team.patient.view.summary_pdf", fail)
    case = followed_case(team)
    answer = team.browser(NURSE).get(f"/p/{case.pathway_id}/summary")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "PHQ-9" in answer.text
