"""The agenda by role, and the calendar feed: no name in it, moved and called-off contacts, its address."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from werkzeug.test import TestResponse

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.services import contacts
from sesame_fhir.services.staff import StaffMember
from tests.support.team_cases import Case, followed_case
from tests.support.team_pages import MEMBERS, OTHER_SITE, Team, TeamBrowser

NURSE, DESK = Role.NURSE, Role.FRONT_DESK
TODAY = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
SUMMER = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


def agenda(team: Team, role: Role) -> str:
    answer = team.browser(role).get("/agenda")
    assert answer.status_code == 200, answer.text
    return answer.text.partition("<main")[2]


def address(browser: TeamBrowser) -> str:
    """Make an address and read it from the page, as a path below the team's pages."""
    text = browser.post("/calendar", {}).text
    found = re.search(r"readonly[^>]*>http://localhost/app/team(/calendar/[^<]+\.ics)<", text)
    assert found is not None, text
    return found[1]


def feed(team: Team, path: str, **headers: str) -> TestResponse:
    """Fetch the feed as a calendar program does: without a cookie."""
    return team.pages.app.test_client().get(f"/app/team{path}", headers=headers)


def events(answer: TestResponse) -> list[tuple[str, datetime]]:
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.data)
    return [(str(event["uid"]), event.decoded("dtstart")) for event in calendar.walk("VEVENT")]


def test_a_nurse_sees_her_contacts_of_this_week_and_the_next_and_what_is_not_noted(team: Team) -> None:
    case, late, far = followed_case(team), followed_case(team, 1), followed_case(team, 2)
    late.schedule(TODAY)
    team.pages.clock.move(days=1)
    case.schedule(TODAY + timedelta(days=2))
    far.schedule(TODAY + timedelta(days=20))
    text = agenda(team, NURSE)
    assert text.index("rien n'est noté") < text.index("BIDON") < text.index("FICTIVE Jeanne")
    assert "CHIMERE" not in text
    assert "15:00" in text
    assert "Téléphone" in text


def test_the_front_desk_sees_names_and_times_of_today_at_its_site_and_nothing_else(team: Team) -> None:
    here, elsewhere, tomorrow = followed_case(team), followed_case(team, 1, OTHER_SITE), followed_case(team, 2)
    here.schedule(TODAY)
    elsewhere.schedule(TODAY)
    tomorrow.schedule(TODAY + timedelta(days=1))
    text = agenda(team, DESK)
    assert "15:00 FICTIVE Jeanne" in " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "BIDON" not in text
    assert "CHIMERE" not in text
    for word in ("/p/", "Téléphone", "PHQ", "Suivi", "/calendar"):
        assert word not in text, word


def test_the_feed_says_when_and_nothing_about_whom(team: Team) -> None:
    case = followed_case(team)
    contact_id = case.schedule(SUMMER)
    answer = feed(team, address(team.browser(NURSE)))
    assert events(answer) == [(f"{contact_id}@sesame-fhir.fr", SUMMER)]
    text = answer.text
    assert "DTSTART;TZID=Europe/Paris:20260401T100000" in text
    assert "DURATION:PT30M" in text
    assert "SUMMARY:Contact SÉSAME" in text
    assert "BEGIN:VTIMEZONE" in text
    assert "CLASS:PRIVATE" in text
    unfolded = text.replace("\r\n ", "")
    assert f"URL:http://localhost/app/team/p/{case.pathway_id}" in unfolded
    for word in ("FICTIVE", "Jeanne", "0199001234", "Téléphone", "PHQ", "Argenteuil", "suivi", "phone"):
        assert word.lower() not in unfolded.lower(), word


def test_winter_and_summer_time_are_those_of_the_practice(team: Team) -> None:
    case = followed_case(team)
    case.schedule(datetime(2026, 3, 28, 9, 0, tzinfo=UTC))
    case.schedule(datetime(2026, 3, 30, 8, 0, tzinfo=UTC))
    text = feed(team, address(team.browser(NURSE))).text
    assert re.findall(r"DTSTART;TZID=Europe/Paris:(\w+)", text) == ["20260328T100000", "20260330T100000"]


def _move(case: Case, contact_id: str) -> None:
    contacts.move_contact(case.engine, case.command(NURSE), case.pathway_id, contact_id, SUMMER + timedelta(days=1))


def _cancel(case: Case, contact_id: str) -> None:
    command = case.command(NURSE)
    contacts.cancel_contact(case.engine, command, case.pathway_id, contact_id, by=ev.CancelledBy.PATIENT)


def _hold(case: Case, contact_id: str) -> None:
    case.hold(contact_id=contact_id)


@pytest.mark.parametrize(
    ("change", "left"),
    [(_move, [SUMMER + timedelta(days=1)]), (_cancel, []), (_hold, [])],
    ids=["move", "cancel", "hold"],
)
def test_the_feed_follows_what_happens_to_a_contact(
    team: Team, change: Callable[[Case, str], None], left: list[datetime]
) -> None:
    case = followed_case(team)
    contact_id = case.schedule(SUMMER)
    path = address(team.browser(NURSE))
    before = feed(team, path)
    assert feed(team, path, **{"If-None-Match": before.headers["ETag"]}).status_code == 304
    change(case, contact_id)
    after = feed(team, path, **{"If-None-Match": before.headers["ETag"]})
    assert [at for _, at in events(after)] == left
    assert {uid for uid, _ in events(after)} <= {uid for uid, _ in events(before)}


def test_what_may_be_kept_of_the_feed(team: Team) -> None:
    path = address(team.browser(NURSE))
    answer = feed(team, path)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["ETag"]
    assert "Set-Cookie" not in answer.headers
    team.pages.clock.move(hours=5)
    assert feed(team, path).headers["ETag"] == answer.headers["ETag"]


def test_an_address_is_shown_once_replaced_and_closed_by_its_owner(team: Team) -> None:
    browser = team.browser(NURSE)
    first = address(browser)
    assert first not in browser.get("/calendar").text
    second = address(browser)
    assert feed(team, first).status_code == 404
    assert feed(team, second).status_code == 200
    text = browser.post("/calendar/end", {}, browser.hidden("/calendar", "/calendar/end")).text
    assert "Aucune adresse n'est ouverte." in text
    assert feed(team, second).status_code == 404


@pytest.mark.parametrize(
    "member", [replace(MEMBERS[NURSE], active=False), replace(MEMBERS[NURSE], role=Role.PSYCHIATRIST)]
)
def test_the_address_ends_with_the_account_and_with_the_role(team: Team, member: StaffMember) -> None:
    path = address(team.browser(NURSE))
    team.pages.store.staff.save(member)
    assert feed(team, path).status_code == 404


def test_an_address_that_is_not_ours_is_not_found(team: Team) -> None:
    for token in ("x", "..%2f", "é", "a" * 3000, "secret-0"):
        assert feed(team, f"/calendar/{token}.ics").status_code == 404, token
    assert feed(team, "/calendar/%00.ics").status_code == 400  # refused at the door


def test_the_feed_holds_the_owner_s_contacts_only(team: Team) -> None:
    colleague = replace(MEMBERS[NURSE], staff_id="staff-nurse-2", login="nurse2", name="Lou Fictif", rpps=None)
    team.pages.store.staff.save(colleague)
    followed_case(team).schedule(SUMMER)
    assert events(feed(team, address(team.browser(colleague)))) == []
    assert len(events(feed(team, address(team.browser(NURSE))))) == 1


def test_reading_the_feed_is_in_the_audit_log(team: Team) -> None:
    path = address(team.browser(NURSE))
    feed(team, path)
    entry = team.deps.audit.entries(1)[0]
    assert (entry.action, entry.detail, entry.actor_id) == (
        "subscribe-calendar",
        "calendar_feed",
        MEMBERS[NURSE].actor.actor_id,
    )
