"""Accounts, and what is open to people who signed in: found in every way, over when it is over."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.services.errors import AlreadyExists
from sesame_fhir.services.staff import BreakGlass, StaffMember, StaffSession
from sesame_fhir.storage import Store
from tests.support.story import PATHWAY, SITE, START

MINUTE = timedelta(minutes=1)
OTHER = SiteId("site-bezons")
NURSE = StaffMember(
    "s1", "noe", "Noé Fictif", Role.NURSE, (SITE, OTHER), Rpps("10000000017"), ("https://op|1", "https://op|2")
)
ADMIN = StaffMember("s2", "alma", "Alma Fictive", Role.ADMINISTRATOR, ())
GONE = StaffMember("s3", "gone", "Zoé Fictive", Role.NURSE, (SITE,), active=False)
SESSION = StaffSession("hash", "s1", "totp", START, START, START + 30 * MINUTE)


@pytest.fixture
def staffed(store: Store) -> Store:
    for member in (NURSE, ADMIN, GONE):
        store.staff.save(member)
    return store


def test_accounts_are_found_in_every_way(staffed: Store) -> None:
    staff = staffed.staff
    assert staff.by_id("s1") == NURSE
    assert staff.by_login("NoE") == NURSE
    assert staff.by_external("https://op|2") == NURSE
    assert staff.by_actor("10000000017") == NURSE
    assert staff.by_actor("staff|s2") == ADMIN
    assert staff.all() == (ADMIN, NURSE, GONE)
    assert staff.at_sites((OTHER,)) == (NURSE,)
    assert staff.at_sites((SITE,)) == (NURSE,), "an inactive account works nowhere"
    assert staff.at_sites(()) == ()
    assert (staff.by_id("x"), staff.by_login("x"), staff.by_external("x"), staff.by_actor("staff|s3")) == (None,) * 4


def test_accounts_by_the_page(staffed: Store) -> None:
    assert staffed.staff.page("", 2) == (ADMIN, GONE)
    assert staffed.staff.page("gone", 2) == (NURSE,)
    assert staffed.staff.page("noe", 2) == ()


def test_an_account_is_replaced(staffed: Store) -> None:
    changed = replace(NURSE, login="noe.fictif", sites=(OTHER,), rpps=None, external=("https://op|3",))
    staffed.staff.save(changed)
    assert staffed.staff.by_login("noe.fictif") == changed
    assert staffed.staff.by_login("noe") is None
    assert staffed.staff.by_external("https://op|1") is None
    assert staffed.staff.by_external("https://op|3") == changed
    assert staffed.staff.by_actor("staff|s1") == changed


@pytest.mark.parametrize("taken", [{"login": "NOE"}, {"external": ("https://op|2",)}])
def test_what_names_one_account_names_no_other(staffed: Store, taken: dict[str, object]) -> None:
    with pytest.raises(AlreadyExists):
        staffed.staff.save(replace(ADMIN, **taken))  # type: ignore[arg-type]
    assert staffed.staff.by_id("s2") == ADMIN


def test_a_session_until_it_ends(store: Store) -> None:
    sessions = store.staff_access.sessions
    sessions.open(SESSION)
    sessions.open(replace(SESSION, session_hash="other"))
    assert sessions.get("hash", START) == SESSION
    assert sessions.get("unknown", START) is None
    sessions.touch("hash", START + MINUTE, START + 31 * MINUTE)
    moved = replace(SESSION, last_seen_at=START + MINUTE, expires_at=START + 31 * MINUTE)
    assert sessions.get("hash", START + 30 * MINUTE) == moved
    assert sessions.get("hash", START + 31 * MINUTE) is None
    assert sessions.ended("hash", START + 31 * MINUTE) == moved
    assert sessions.ended("hash", START + timedelta(days=8)) is None
    sessions.touch("hash", START + 32 * MINUTE, START + 60 * MINUTE)
    assert sessions.get("hash", START + 32 * MINUTE) is None, "nothing brings an ended session back"
    sessions.close("other", START)
    assert sessions.get("other", START) is None


def test_everywhere_at_once(store: Store) -> None:
    sessions = store.staff_access.sessions
    sessions.open(SESSION)
    sessions.open(replace(SESSION, session_hash="second"))
    sessions.open(replace(SESSION, session_hash="somebody-else", staff_id="s2"))
    sessions.close_all("s1", START)
    open_still = [name for name in ("hash", "second", "somebody-else") if sessions.get(name, START)]
    assert open_still == ["somebody-else"]


def test_a_broken_glass_closes_by_itself(store: Store) -> None:
    grants = store.staff_access.grants
    first = BreakGlass("s1", PATHWAY, "emergency", START + 60 * MINUTE)
    grants.grant(first)
    grants.grant(BreakGlass("s1", PathwayId("other"), "patient-asks", START + MINUTE))
    assert {grant.pathway_id for grant in grants.live("s1", START)} == {PATHWAY, "other"}
    assert grants.live("s1", START + MINUTE) == (first,)
    assert grants.live("s2", START) == ()
    grants.grant(replace(first, reason="colleague-absent", until=START + 90 * MINUTE))
    assert [grant.reason for grant in grants.live("s1", START)] == ["patient-asks", "emergency", "colleague-absent"]
    assert [grant.reason for grant in grants.live("s1", START + 60 * MINUTE)] == ["colleague-absent"]


def test_one_calendar_address_per_person(store: Store) -> None:
    feeds = store.staff_access.feeds
    feeds.issue("s1", "first", START)
    feeds.issue("s1", "second", START + MINUTE)
    feeds.issue("s2", "third", START)
    assert (feeds.owner("first"), feeds.owner("second"), feeds.owner("third")) == (None, "s1", "s2")
    assert feeds.issued_at("s1") == START + MINUTE
    feeds.revoke("s1")
    assert (feeds.owner("second"), feeds.issued_at("s1"), feeds.owner("third")) == (None, None, "s2")
