"""Sequences, interruption, consents, transfer, merge and exit, on the nurse's pages."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from pypdf import PdfReader
from werkzeug.test import TestResponse

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.consents import Effect
from sesame_fhir.domain.policy import OnInterruption
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.course import finish_due
from sesame_fhir.services.staff import StaffMember
from smart_app.team.course import texts
from tests.support.story import SITE
from tests.support.team_cases import Case, followed_case, referred_case, screened_case
from tests.support.team_pages import OTHER_SITE, Team, TeamBrowser


@pytest.fixture
def case(team: Team) -> Case:
    return followed_case(team)


class Nurse:
    """The nurse, who signs in again for each page: in these tests days pass between two of them."""

    def __init__(self, team: Team) -> None:
        self._team = team

    @property
    def browser(self) -> TeamBrowser:
        return self._team.browser(Role.NURSE)

    def get(self, path: str) -> TestResponse:
        return self.browser.get(path)

    def send(self, case: Case, page: str, target: str, **fields: str) -> TestResponse:
        """Post a form of ``page``."""
        browser = self.browser
        return browser.post(path(case, target), fields, browser.hidden(path(case, page)))


@pytest.fixture
def nurse(team: Team, case: Case) -> Nurse:
    assert state_of(case) is State.CARE
    return Nurse(team)


def near_the_end(case: Case) -> Case:
    """Twenty days before the running sequence ends."""
    running = case.pathway.open_sequence
    assert running is not None
    return case.later(days=(running.planned_end - local_day(case.clock.now())).days - 20)


def path(case: Case, page: str) -> str:
    return f"/p/{case.pathway_id}/{page}"


def state_of(case: Case) -> State:
    """Where the pathway stands now."""
    return case.pathway.state


def send(nurse: Nurse, case: Case, page: str, target: str, **fields: str) -> int:
    """Post a form of ``page``; the status of the answer."""
    return nurse.send(case, page, target, **fields).status_code


def test_a_renewal_decided_in_time_starts_the_next_sequence_by_itself(nurse: Nurse, case: Case) -> None:
    near_the_end(case)
    assert send(nurse, case, "course", "course/renewal", decision="renew") == 303
    shown = nurse.get(path(case, "course")).text
    assert "Séquence 2 décidée" in shown
    running = case.pathway.open_sequence
    assert running is not None
    case.later(days=21)
    finish_due(case.engine, case.pathway_id, case.clock.now())
    first, second = case.pathway.sequences
    assert (first.end, first.interrupted) == (running.planned_end, False)
    assert second.start == running.planned_end + timedelta(days=1)
    # The night that comes twice changes nothing.
    assert finish_due(case.engine, case.pathway_id, case.clock.now()) is None


# what is typed on the page | status | words of the answer
REFUSED_RENEWALS = [
    ({"decision": "renew"}, "Trop tôt"),
    ({"decision": "stop"}, "Trop tôt"),
]


@pytest.mark.parametrize(("fields", "words"), REFUSED_RENEWALS)
def test_a_decision_months_ahead_is_refused(nurse: Nurse, case: Case, fields: dict[str, str], words: str) -> None:
    answer = nurse.send(case, "course", "course/renewal", **fields)
    assert (answer.status_code, words in answer.text) == (422, True)


def test_stopping_needs_a_reason_and_keeps_what_was_typed(nurse: Nurse, case: Case) -> None:
    near_the_end(case)
    assert send(nurse, case, "course", "course/renewal", decision="stop") == 422
    assert send(nurse, case, "course", "course/renewal", decision="stop", reason="Objectifs atteints") == 303
    assert "Objectifs atteints" in nurse.get(path(case, "course")).text


def test_a_late_decision_starts_today_and_leaves_a_gap(nurse: Nurse, case: Case) -> None:
    near_the_end(case).later(days=40)
    finish_due(case.engine, case.pathway_id, case.clock.now())
    assert [s.end is None for s in case.pathway.sequences] == [False]
    assert send(nurse, case, "course", "course/sequence") == 303
    running = case.pathway.sequences[-1]
    assert (running.rank, running.start, running.end) == (2, local_day(case.clock.now()), None)


@pytest.mark.parametrize(
    ("policy", "moved", "sequences"),
    [(OnInterruption.KEEP, 0, 1), (OnInterruption.EXTEND, 14, 1), (OnInterruption.CLOSE, 0, 2)],
)
def test_an_interruption_follows_the_policy(team: Team, policy: OnInterruption, moved: int, sequences: int) -> None:
    team.pages.deps = replace(
        team.deps, engine=replace(team.deps.engine, policy=replace(team.deps.engine.policy, on_interruption=policy))
    )
    team.pages.app.extensions["sesame-app"] = team.deps
    case = followed_case(team)
    nurse = Nurse(team)
    before = case.pathway.sequences[0].planned_end
    case.later(days=10)
    assert send(nurse, case, "course", "course/interruption", reason="Hospitalisation") == 303
    assert state_of(case) is State.CARE_INTERRUPTED
    case.later(days=14)
    assert send(nurse, case, "course", "course/resumption") == 303
    assert state_of(case) is State.CARE
    assert len(case.pathway.sequences) == sequences
    assert case.pathway.sequences[0].planned_end == before + timedelta(days=moved)
    assert case.pathway.interruptions[0].until is not None


# a date that cannot be
BAD_DAYS = [
    ("2100-01-01", "dans le futur"),
    ("2020-01-01", "précède"),
    ("31/02/2026", "comprise"),
    ("hier", "comprise"),
]


@pytest.mark.parametrize(("day", "words"), BAD_DAYS)
def test_an_impossible_day_is_told_and_nothing_is_recorded(nurse: Nurse, case: Case, day: str, words: str) -> None:
    for page, target, fields in (
        ("course", "course/interruption", {}),
        ("exit", "exit", {"reason": "remission"}),
        ("consents", "consents", {"purpose": "research", "status": "given"}),
    ):
        # A consent signed on paper may be older than the pathway.
        if page == "consents" and day == "2020-01-01":
            continue
        version = case.pathway.version
        answer = nurse.send(case, page, target, day=day, **fields)
        assert answer.status_code == 422, (page, answer.status_code)
        assert words in answer.text
        assert case.pathway.version == version


def test_a_consent_has_its_notice_its_informant_and_its_history(nurse: Nurse, case: Case) -> None:
    for status in ("given", "withdrawn"):
        assert send(nurse, case, "consents", "consents", purpose="research", status=status) == 303
    shown = nurse.get(path(case, "consents")).text
    assert "Accord retiré" in shown
    assert "notice 1" in shown
    assert texts.EFFECTS[Effect.OUT_OF_RESEARCH].replace("'", "&#39;") in shown
    stands = case.pathway.consents[ev.ConsentPurpose.RESEARCH]
    assert (stands.status, stands.notice, stands.by.role) == (ev.ConsentStatus.WITHDRAWN, "1", Role.NURSE)


@pytest.mark.parametrize(
    ("purpose", "status"),
    [("evaluation", "given"), ("research", "opposed"), ("survey", "informed"), ("nothing", "given"), ("research", "")],
)
def test_an_answer_that_does_not_exist_for_a_purpose_is_refused(
    nurse: Nurse, case: Case, purpose: str, status: str
) -> None:
    assert send(nurse, case, "consents", "consents", purpose=purpose, status=status) == 422


def test_withdrawing_the_sharing_asks_for_the_exit(nurse: Nurse, case: Case) -> None:
    assert send(nurse, case, "consents", "consents", purpose="care-team", status="withdrawn") == 303
    shown = nurse.get(path(case, "consents")).text
    assert "Le suivi SÉSAME doit se terminer" in shown
    near_the_end(case)
    assert send(nurse, case, "exit", "exit", reason="patient-wish") == 303


def other_nurse(team: Team) -> StaffMember:
    member = StaffMember("staff-nurse-2", "nurse2", "Nadir Fictif", Role.NURSE, (OTHER_SITE,))
    team.deps.staff.save(member)
    return member


def test_a_transfer_moves_patient_and_history_to_the_other_site(team: Team, nurse: Nurse, case: Case) -> None:
    there = other_nurse(team)
    chosen = f"staff-nurse-2@{OTHER_SITE}"
    answer = nurse.send(case, "transfer", "transfer", to=chosen, reason="Déménagement")
    assert answer.status_code == 303
    moved = case.pathway
    assert moved.site == OTHER_SITE
    assert [m.name for m in moved.team if m.role is Role.NURSE] == [there.name]
    assert team.browser(there).get(path(case, "course")).status_code == 200


@pytest.mark.parametrize("to", ["", "nobody@nowhere", f"staff-nurse@{SITE}x", "staff-psy@site-argenteuil"])
def test_a_transfer_to_nobody_is_refused(nurse: Nurse, case: Case, to: str) -> None:
    assert send(nurse, case, "transfer", "transfer", to=to) == 422


def test_two_records_of_one_patient_become_one_pathway(team: Team, nurse: Nurse, case: Case) -> None:
    twin = screened_case(team, number=0)
    assert twin.pathway_id == case.pathway_id
    other = referred_case(team, number=1)
    assert case.pathway.traits is not None
    renamed = replace(case.pathway.traits, ins=None)
    other.engine.run(
        other.pathway_id, other.command(Role.GP), "refer", lambda p: (ev.PatientIdentified(renamed, p.ehr),)
    )
    page = nurse.get(path(case, "merge")).text
    assert "même date de naissance" in page
    browser = nurse.browser
    stale = browser.hidden(path(case, "merge"))
    case.hold("000000000")
    assert browser.post(path(case, "merge"), {"other": other.pathway_id}, stale).status_code == 409
    assert state_of(other) is State.REFERRED
    closing = other.command(Role.NURSE)
    other.engine.run(other.pathway_id, closing, "merge", lambda _: (ev.MergedInto(case.pathway_id),))
    assert other.pathway_id in nurse.get(path(case, "merge")).text, "closed, and not known here yet"
    assert send(nurse, case, "merge", "merge", other=other.pathway_id) == 303
    assert other.pathway_id not in nurse.get(path(case, "merge")).text
    assert state_of(other) is State.MERGED
    assert other.pathway.merged_into == case.pathway_id
    assert case.pathway.absorbed == (other.pathway_id,)
    assert "réuni" in nurse.get(f"/p/{other.pathway_id}/exit").text


@pytest.mark.parametrize("other", ["", "01900000-0000-7000-8000-ffffffffffff", "self"])
def test_a_merge_with_what_was_not_offered_is_refused(team: Team, nurse: Nurse, case: Case, other: str) -> None:
    known = referred_case(team, number=2)
    renamed = replace(known.pathway.traits or ev.PatientTraits("", "", None, ev.Sex.OTHER), family="FICTIVE")
    known.engine.run(
        known.pathway_id, known.command(Role.GP), "refer", lambda p: (ev.PatientIdentified(renamed, p.ehr),)
    )
    chosen = case.pathway_id if other == "self" else other
    assert send(nurse, case, "merge", "merge", other=chosen) == 422


# reason | other fields | status
EXITS = [
    ("remission", {}, 303),
    ("concerted-end", {}, 303),
    ("specialised-care", {}, 422),
    ("specialised-care", {"orientation": "psychiatry"}, 303),
    ("death", {}, 303),
    ("moved-away", {}, 303),
    ("other", {}, 422),
    ("other", {"note": "Change de région et de médecin"}, 303),
    ("remission", {"survey": "yes"}, 422),
    ("", {}, 422),
    ("bored", {}, 422),
]


@pytest.mark.parametrize(("reason", "fields", "status"), EXITS)
def test_exits(nurse: Nurse, case: Case, reason: str, fields: dict[str, str], status: int) -> None:
    assert send(nurse, case, "exit", "exit", reason=reason, **fields) == status
    assert (case.pathway.state is State.EXITED) is (status == 303)
    if status == 303:
        assert case.pathway.sequences[-1].interrupted


def test_the_letter_says_what_the_gp_needs_and_nothing_private(nurse: Nurse, case: Case) -> None:
    case.join().advise().decide(ev.RecommendationFate.DECLINED, "Refus du patient")
    case.later(days=15).hold("000011000", note="Va mieux", private_note="Penser à mon propre retard")
    assert send(nurse, case, "exit", "exit", reason="remission", note="Merci de poursuivre le traitement.") == 303
    text = nurse.get(path(case, "exit")).text
    answer = nurse.get(path(case, "exit-letter"))
    assert answer.mimetype == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.data)).pages
    letter = " ".join(" ".join(page.extract_text().split()) for page in pages)
    for words in ("Rémission", "Merci de poursuivre", "sertraline", "refusée : Refus du patient", "18 / 27", "2 / 27"):
        assert words in letter, words
    assert "refusée : Refus du patient" in text
    assert "propre retard" not in letter + text


def test_a_survey_comes_back_once_it_was_agreed_to_and_given(nurse: Nurse, case: Case) -> None:
    assert send(nurse, case, "consents", "consents", purpose="survey", status="given") == 303
    assert send(nurse, case, "exit", "exit", reason="remission", survey="yes") == 303
    assert send(nurse, case, "exit", "exit/survey", satisfaction="11") == 422
    assert send(nurse, case, "exit", "exit/survey", satisfaction="9") == 303
    assert case.pathway.exit is not None
    assert case.pathway.exit.satisfaction == 9


def test_after_the_exit_letter_survey_and_agreements_are_a_click_away(nurse: Nurse, case: Case) -> None:
    for purpose in ("survey", "research"):
        assert send(nurse, case, "consents", "consents", purpose=purpose, status="given") == 303
    assert send(nurse, case, "exit", "exit", reason="remission", survey="yes") == 303
    patient = nurse.get(f"/p/{case.pathway_id}").text
    for page in ("exit", "consents"):
        assert f'href="/app/team{path(case, page)}"' in patient, page
    assert "L'enquête est revenue" in nurse.get(path(case, "exit")).text.replace("&#39;", "'")
    assert send(nurse, case, "consents", "consents", purpose="survey", status="withdrawn") == 303
    assert send(nurse, case, "consents", "consents", purpose="research", status="withdrawn") == 303
    text = nurse.get(path(case, "exit")).text
    assert "ne veut plus être contacté" in text
    assert "est revenue" not in text


def test_who_takes_the_sharing_back_is_written_about_no_more(nurse: Nurse, case: Case) -> None:
    assert send(nurse, case, "consents", "consents", purpose="care-team", status="withdrawn") == 303
    assert send(nurse, case, "messages", "messages", text="Je propose un appel.", to="all") == 422
    assert "Je propose un appel." in nurse.get(path(case, "messages")).text, "kept for who typed it"
    assert case.pathway.messages == ()


def test_there_is_no_letter_before_the_exit(nurse: Nurse, case: Case) -> None:
    assert nurse.get(path(case, "exit-letter")).status_code == 404


def test_somebody_who_left_and_comes_back_has_a_new_pathway_that_names_the_old_one(
    team: Team, nurse: Nurse, case: Case
) -> None:
    assert send(nurse, case, "exit", "exit", reason="concerted-end") == 303
    case.later(days=60)
    again = screened_case(team, number=0)
    assert again.pathway_id != case.pathway_id
    assert again.pathway.previous == case.pathway_id


def test_two_nurses_end_it_at_once_and_the_second_sees_what_happened(team: Team, nurse: Nurse, case: Case) -> None:
    browser = nurse.browser
    stale = browser.hidden(path(case, "exit"))
    case.leave(ev.ExitReason.LOST_TO_FOLLOW_UP)
    answer = browser.post(path(case, "exit"), {"reason": "remission", "note": "Bien allant"}, stale)
    assert answer.status_code == 409
    assert "sortie" in answer.text.lower()
    assert team.deps.engine.load(case.pathway_id).exit is not None


def test_every_effect_and_purpose_has_its_words() -> None:
    assert set(texts.EFFECTS) == set(Effect)
    assert set(texts.ASK) == set(ev.ConsentPurpose)
