"""A contact in the nurse's pages: one post for an uneventful call, every bad input refused in French, nothing lost."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import count

import pytest
from werkzeug.test import TestResponse

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import PRACTICE_ZONE, local_day
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services import care
from sesame_fhir.services.staff import StaffMember
from tests.support.app_pages import form_of
from tests.support.story import SITE
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import Team, TeamBrowser

CALM = form_of(InstrumentId.PHQ_9, "211111100")
RISK = form_of(InstrumentId.PHQ_9, "211111102")
SECOND = StaffMember("staff-nurse-2", "nurse-2", "Nina Fictive", Role.NURSE, (SITE,))
_TRIES = count()
_CHECKED = re.compile(r'<input type="radio" name="(\w[\w-]*)" value="([^"]*)"[^>]* checked')
_INPUT = re.compile(r'<input id="([\w-]+)" name="([\w-]+)" type="\w+" value="([^"]*)"')


@pytest.fixture
def case(team: Team) -> Case:
    """In care for 15 days, at 10 o'clock in winter."""
    return followed_case(team).later(days=15)


@pytest.fixture
def nurse(team: Team, case: Case) -> TeamBrowser:
    """Signed in on the day of the contact."""
    assert case.pathway.state is State.CARE
    return team.browser(Role.NURSE)


@pytest.fixture(scope="module")
def refusing(still: Team) -> tuple[TeamBrowser, Case]:
    """The same for all that is refused."""
    case = followed_case(still).later(days=15)
    return still.browser(Role.NURSE), case


def path(case: Case, contact_id: str = "new-one", rest: str = "") -> str:
    return f"/p/{case.pathway_id}/contact/{contact_id}{rest}"


def as_opened(nurse: TeamBrowser, case: Case, contact_id: str) -> dict[str, str]:
    """The fields of the main form as they stand when the page opens: what a browser sends if nothing is touched."""
    form = nurse.get(path(case, contact_id)).text.split('class="btn primary"')[0]
    touched = {name: value for _, name, value in _INPUT.findall(form)}
    selected = re.search(r'<select id="task".*?value="([^"]*)" selected', form, re.DOTALL)
    assert selected is not None
    return (
        touched | dict(_CHECKED.findall(form)) | {"task": selected[1], "minutes-other": "", "note": "", "private": ""}
    )


def hold(nurse: TeamBrowser, case: Case, changes: Mapping[str, str], contact_id: str = "new-one") -> TestResponse:
    fields = as_opened(nurse, case, contact_id) | {"minutes": "15"} | dict(changes)
    return nurse.post(path(case, contact_id), fields)


def last(case: Case) -> Contact:
    return case.pathway.held_contacts[-1]


def test_an_uneventful_call_takes_eleven_clicks_and_a_note(team: Team, nurse: TeamBrowser, case: Case) -> None:
    """Duration, nine answers, save. Everything else is filled in: day, hour, mode, task, next appointment."""
    planned = case.schedule(case.clock.now())
    opened = as_opened(nurse, case, planned)
    clicked = {"minutes": "15"} | CALM
    typed = {"note": "Va mieux, dort 7 h, a repris la marche. Poursuite du plan."}
    clicks = len(clicked) + 1
    assert clicks == 11
    assert sum(map(len, typed.values())) < 60
    assert nurse.follow(nurse.post(path(case, planned), opened | clicked | typed)) == f"/p/{case.pathway_id}"
    held = case.pathway.contact(planned)
    assert held is not None
    assert (held.status, held.mode, held.minutes, held.task) == ("held", "phone", 15, "follow-up")
    assert held.note == typed["note"]
    assert [case.pathway.screening(s).total for s in held.screenings] == [8]  # type: ignore[union-attr]
    following = case.pathway.planned_contacts[0].planned_at
    assert following is not None
    assert local_day(following) == local_day(case.clock.now()) + timedelta(days=15)
    assert following.astimezone(PRACTICE_ZONE).hour == 10
    assert team.pages.delivered[-1] == case.pathway_id


def test_the_plan_says_which_instruments_are_unfolded(nurse: TeamBrowser, case: Case) -> None:
    page = nurse.get(path(case)).text
    assert re.search(r'<details class="instrument" open>\s*<summary>PHQ-9', page) is None, (
        "the plan asks for contacts only"
    )
    rhythm = ev.Activity(ev.ActivityKind.INSTRUMENTS, "PHQ-9")
    goal = ev.Goal(case.new_id(), "Dormir")
    plan = ev.PlanRecorded(case.new_id(), (goal,), (rhythm,))
    care.record_plan(case.engine, case.command(Role.NURSE), case.pathway_id, plan)
    page = nurse.get(path(case)).text
    assert re.search(r'<details class="instrument" open>\s*<summary>PHQ-9', page)
    assert re.search(r'<details class="instrument">\s*<summary>GAD-7', page)


def test_item_9_leads_to_the_safety_panel_before_anything_else(nurse: TeamBrowser, case: Case) -> None:
    to = nurse.follow(hold(nurse, case, RISK))
    waiting = case.pathway.unacknowledged[0].screening_id
    assert to == f"/p/{case.pathway_id}/safety/{waiting}"
    page = nurse.get(to).text
    assert 'href="tel:3114"' in page
    assert 'href="tel:15"' in page
    assert nurse.post(to, {"action": ""}).status_code == 422
    assert nurse.post(to, {"action": "invented"}).status_code == 422
    assert nurse.post(to, {"action": "safety-plan"}).status_code == 303
    assert case.pathway.unacknowledged == ()
    assert nurse.get(to).status_code == 303, "nothing is left to acknowledge"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"minutes": ""}, "Durée : "),
        ({"minutes": "0"}, "durée n'est pas plausible"),
        ({"minutes-other": "481"}, "durée n'est pas plausible"),
        ({"minutes-other": "dix"}, "Durée"),
        ({"minutes-other": "-5"}, "comprise"),
        ({"minutes-other": "١٥"}, "comprise"),
        ({"day": "2026-03-18"}, "dans le futur"),
        ({"time": "23:59"}, "dans le futur"),
        ({"day": "2026-03-01"}, "précède l'adressage"),
        ({"day": "0001-01-01"}, "Date : "),
        ({"day": "9999-12-31"}, "Date : "),
        ({"day": "31/02/2026"}, "Date : "),
        ({"day": "hier"}, "Date : "),
        ({"day": ""}, "Date : "),
        ({"time": ""}, "Heure : "),
        ({"time": "25:00"}, "Heure : "),
        ({"mode": ""}, "Mode du contact : "),
        ({"mode": "pigeon"}, "Mode du contact : "),
        ({"task": "x"}, "Type de contact : "),
        ({"next": "never"}, "Prochain rendez-vous : "),
        ({"next": "other", "next-day": ""}, "Date du prochain rendez-vous : "),
        ({"next": "other", "next-day": "2026-03-01"}, "déjà passée"),
        ({"next": "other", "next-day": "2028-01-01"}, "hors des limites"),
        ({"note": "n" * 2001}, "trop long"),
        ({"private": "p" * 2001}, "trop long"),
        ({"note": "fin\x07"}, "comprise"),
        ({"q-44250-9": "LA6568-5"}, "Il manque des réponses"),
        ({"q-44250-9": "LA9999-9"}, "Réponse absente"),
        ({"q-99999-9": "LA6568-5"}, "Question inconnue"),
    ],
)
def test_bad_input_is_refused_in_french_and_kept(
    refusing: tuple[TeamBrowser, Case], changes: dict[str, str], says: str
) -> None:
    nurse, case = refusing
    contact_id = f"try-{next(_TRIES)}"
    answer = hold(nurse, case, {"private": "À relire avant la revue"} | changes, contact_id)
    assert answer.status_code == 422, answer.status_code
    assert says in answer.text
    assert "Rien n'est enregistré" in answer.text
    assert case.pathway.held_contacts == ()
    assert ("À relire avant la revue" if "private" not in changes else "ppp") in nurse.get(path(case, contact_id)).text


def test_everything_wrong_is_told_at_once(nurse: TeamBrowser, case: Case) -> None:
    text = hold(nurse, case, {"minutes": "", "day": "x", "mode": "y"}).text
    assert all(name in text for name in ("Durée : ", "Date : ", "Mode du contact : "))


@pytest.mark.parametrize(
    ("day", "time", "expected"),
    [
        ("2026-03-16", "14:30", datetime(2026, 3, 16, 14, 30)),  # noqa: DTZ001  on the practice's clock
        ("16/03/2026", "14h30", datetime(2026, 3, 16, 14, 30)),  # noqa: DTZ001
        ("16.03.26", "14 h", datetime(2026, 3, 16, 14, 0)),  # noqa: DTZ001
        ("16/3", "9:05", datetime(2026, 3, 16, 9, 5)),  # noqa: DTZ001
    ],
)
def test_dates_and_times_as_people_type_them(
    nurse: TeamBrowser, case: Case, day: str, time: str, expected: datetime
) -> None:
    assert hold(nurse, case, {"day": day, "time": time}).status_code == 303
    at = last(case).at
    assert at is not None
    assert at.astimezone(PRACTICE_ZONE).replace(tzinfo=None) == expected


def test_the_same_wall_clock_through_the_change_to_summer_time(team: Team, nurse: TeamBrowser, case: Case) -> None:
    """16 March at 10:30 in winter, then the next one on 31 March at 10:30 in summer; 29 March 02:30 does not exist."""
    assert hold(nurse, case, {"time": "10:30", "day": "2026-03-16", "next": "fortnight"}).status_code == 303
    planned = case.pathway.planned_contacts[0].planned_at
    assert planned is not None
    local = planned.astimezone(PRACTICE_ZONE)
    assert (local.date(), local.hour, local.minute) == (date(2026, 3, 31), 10, 30)
    case.later(days=20)
    nurse = team.browser(Role.NURSE)
    assert hold(nurse, case, {"day": "2026-03-29", "time": "02:30", "next": "none"}).status_code == 303
    at = last(case).at
    assert at is not None
    assert at.astimezone(PRACTICE_ZONE).hour == 3


def test_a_private_note_is_its_authors_alone(team: Team, nurse: TeamBrowser, case: Case) -> None:
    team.pages.store.staff.save(SECOND)
    colleague = team.browser(SECOND)
    assert hold(nurse, case, {"private": "Voix basse, à surveiller", "note": "Va bien"}).status_code == 303
    held = last(case)
    assert held.private_note == "Voix basse, à surveiller"
    assert "Voix basse" in nurse.get(path(case, held.contact_id)).text
    assert "Voix basse" not in colleague.get(path(case, held.contact_id)).text
    assert "Va bien" in colleague.get(path(case, held.contact_id)).text
    corrected = {"mode": "phone", "minutes": "20", "task": "follow-up", "note": "Va très bien"}
    at = path(case, held.contact_id)
    assert colleague.post(f"{at}/correction", corrected, colleague.hidden(at)).status_code == 303
    assert (last(case).private_note, last(case).note, last(case).minutes) == (
        "Voix basse, à surveiller",
        "Va très bien",
        20,
    )


def test_two_nurses_on_one_contact_both_versions_stay(team: Team, nurse: TeamBrowser, case: Case) -> None:
    team.pages.store.staff.save(SECOND)
    colleague = team.browser(SECOND)
    planned = case.schedule(case.clock.now())
    fields = as_opened(nurse, case, planned) | {"minutes": "15"}
    late = colleague.hidden(path(case, planned))
    assert nurse.post(path(case, planned), fields | {"note": "Première version, par Noé"}).status_code == 303
    mine = fields | {"note": "Seconde version, par Nina", "private": "Mon impression", "minutes": "30"}
    answer = colleague.post(path(case, planned), mine, late)
    assert answer.status_code == 409
    for page in (answer.text, colleague.get(path(case, planned)).text):
        for wanted in ("Première version, par Noé", "Seconde version, par Nina", "Mon impression"):
            assert wanted in page
    assert last(case).note == "Première version, par Noé", "nothing was overwritten"
    other = re.search(r'href="/app/team(/p/[^"]*/contact/[^"?]*)\?from=', answer.text)
    assert other is not None
    page = colleague.get(f"{other[1]}?from={planned}").text
    assert "Seconde version, par Nina" in page
    again = colleague.post(other[1], mine | {"from": planned, "next": "none"}, colleague.hidden(other[1]))
    assert again.status_code == 303
    assert {c.note for c in case.pathway.held_contacts} == {"Première version, par Noé", "Seconde version, par Nina"}
    assert "Votre saisie, non enregistrée" not in colleague.get(path(case, planned)).text


def test_a_version_may_be_let_go(team: Team, nurse: TeamBrowser, case: Case) -> None:
    team.pages.store.staff.save(SECOND)
    colleague = team.browser(SECOND)
    planned = case.schedule(case.clock.now())
    late = colleague.hidden(path(case, planned))
    fields = as_opened(nurse, case, planned) | {"minutes": "15"}
    nurse.post(path(case, planned), fields | {"note": "La bonne version"})
    colleague.post(path(case, planned), fields | {"note": "Le doublon"}, late)
    at = path(case, planned)
    opened = colleague.hidden(at, f"{at}/discard")
    assert colleague.post(f"{at}/discard", {}, opened).status_code == 303
    assert "Le doublon" not in colleague.get(at).text


def test_what_is_typed_survives_a_closed_page(nurse: TeamBrowser, case: Case) -> None:
    planned = case.schedule()
    opened = nurse.hidden(path(case, planned))
    typed = {"note": "En cours de frappe", "minutes": "30", "q-44250-9": "LA6569-3", "next": "month"}
    assert nurse.post(f"{path(case, planned)}/draft", typed, opened).status_code == 204
    page = nurse.get(path(case, planned)).text
    assert "En cours de frappe" in page
    assert "Votre saisie en cours a été reprise" in page
    assert ("minutes", "30") in _CHECKED.findall(page)
    assert ("next", "month") in _CHECKED.findall(page)
    assert ("q-44250-9", "LA6569-3") in _CHECKED.findall(page)
    assert hold(nurse, case, {"note": "Fini", "q-44250-9": ""}, planned).status_code == 303
    assert "En cours de frappe" not in nurse.get(path(case, planned)).text


def test_a_colleague_who_writes_meanwhile_ends_nobodys_draft(nurse: TeamBrowser, case: Case) -> None:
    planned = case.schedule()
    opened = nurse.hidden(path(case, planned))
    case.write()
    typed = {"note": "Pendant le message du médecin"}
    assert nurse.post(f"{path(case, planned)}/draft", typed, opened).status_code == 204
    assert typed["note"] in nurse.get(path(case, planned)).text
    assert hold(nurse, case, {"note": "Fini"}, planned).status_code == 303
    assert nurse.post(f"{path(case, planned)}/draft", typed, opened).status_code == 204
    assert typed["note"] not in nurse.get(path(case, planned)).text, "a draft that arrives after its own form is over"


def test_answers_that_a_correction_cannot_hold_stay(team: Team, nurse: TeamBrowser, case: Case) -> None:
    team.pages.store.staff.save(SECOND)
    colleague = team.browser(SECOND)
    planned = case.schedule(case.clock.now())
    at, fields = path(case, planned), as_opened(nurse, case, planned) | {"minutes": "15"}
    late = colleague.hidden(at)
    nurse.post(at, fields | {"note": "Par Noé"})
    assert "9 réponses gardées" in colleague.post(at, fields | CALM | {"note": "Par Nina"}, late).text
    corrected = {"mode": "phone", "minutes": "15", "task": "follow-up", "note": "Par Noé et Nina"}
    opened = colleague.hidden(at, f"{at}/correction")
    assert colleague.post(f"{at}/correction", corrected, opened).status_code == 303
    assert "9 réponses gardées" in colleague.get(at).text
    assert last(case).note == "Par Noé et Nina"


def test_missed_cancelled_moved_and_planned(nurse: TeamBrowser, case: Case) -> None:
    def send(contact_id: str, action: str, **data: str) -> TestResponse:
        at = path(case, contact_id)
        return nurse.post(f"{at}/{action}", data, nurse.hidden(at, f"{at}/{action}"))

    first = case.schedule(case.clock.now())
    moved = send(first, "moved", **{"next-day": "2026-03-20", "next-time": "11:00"})
    assert moved.status_code == 303
    known = case.pathway.contact(first)
    assert known is not None
    assert known.moved == 1
    assert send(first, "moved", **{"next-day": "2026-03-01", "next-time": "11:00"}).status_code == 422
    assert send(first, "missed", day="2026-03-17", time="10:00").status_code == 422, "it is still to come"
    called = case.schedule(case.clock.now())
    missed = send(called, "missed", day="2026-03-17", time="10:00", next="retry", note="Sonne dans le vide")
    assert missed.status_code == 303
    again = case.pathway.planned_contacts[0]
    assert again.planned_at is not None
    assert local_day(again.planned_at) == date(2026, 3, 18)
    assert send(again.contact_id, "cancelled", by="").status_code == 422
    assert send(again.contact_id, "cancelled", by="patient", note="En voyage").status_code == 303
    called_off = case.pathway.contact(again.contact_id)
    assert called_off is not None
    assert (called_off.status, called_off.cancelled_by, called_off.note) == ("cancelled", "patient", "En voyage")
    assert "Annulé" in nurse.get(path(case, again.contact_id)).text
    planned = {"next-day": "2026-04-02", "next-time": "9h", "mode": "video", "task": "coordination"}
    assert send("new-one", "planned", **planned).status_code == 303
    assert ("video", "coordination") in {(c.mode, c.task) for c in case.pathway.planned_contacts}


def test_after_the_exit_no_contact_and_what_was_typed_stays(nurse: TeamBrowser, case: Case) -> None:
    opened = nurse.hidden(path(case))
    fields = as_opened(nurse, case, "new-one") | {"minutes": "15", "note": "Appel du lendemain"}
    case.leave()
    answer = nurse.post(path(case), fields, opened)
    assert answer.status_code == 409, "the exit came in between"
    answer = nurse.post(path(case), fields)
    assert answer.status_code == 422
    assert "Action impossible à cette étape" in answer.text
    assert "Appel du lendemain" in answer.text
    assert case.pathway.state is State.EXITED


def test_an_address_never_chooses_the_id_of_a_contact(nurse: TeamBrowser, case: Case) -> None:
    assert hold(nurse, case, {}, "chosen-by-hand").status_code == 303
    assert last(case).contact_id != "chosen-by-hand"
    for strange in ("a" * 65, "a%20b", "..%2f", "é"):
        assert nurse.get(path(case, strange)).status_code == 404


def test_only_the_nurse_has_the_form(team: Team, case: Case) -> None:
    case.mark()
    page = team.browser(Role.PSYCHIATRIST).get(path(case))
    assert page.status_code == 200
    assert 'name="note"' not in page.text


def test_a_month_later_in_relapse_prevention(nurse: TeamBrowser, case: Case) -> None:
    case.prevent_relapse()
    opened = as_opened(nurse, case, "new-one")
    assert (opened["next"], opened["task"]) == ("month", "relapse-prevention")
