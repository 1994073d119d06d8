"""Publishing the team's accounts: what changes is written once, by one of the workers that start together."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sesame_fhir.domain.actors import Role
from sesame_fhir.server.people import PublishedStaff
from sesame_fhir.services.errors import VersionConflict
from tests.support.app_pages import migrated_database
from tests.support.story import SITE
from tests.support.team_pages import MEMBERS, Team, build_team


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    made = build_team(migrated_database(tmp_path))
    yield made
    made.pages.store.close()


def published(team: Team) -> PublishedStaff:
    store = team.pages.store
    return PublishedStaff(store.staff, store.resources, team.pages.clock, SITE)


def versions(team: Team, name: str = "Practitioner/staff-nurse") -> int:
    return len(team.pages.store.resources.history(*name.split("/")))


def test_what_did_not_change_is_not_written_again(team: Team) -> None:
    staff = published(team)
    for _ in range(3):
        staff.publish_all()
    assert versions(team) == 1
    staff.save(replace(MEMBERS[Role.NURSE], name="Noé Fictif-Exemple"))
    assert versions(team) == 2


def test_workers_that_start_together_do_not_stand_in_each_other_s_way(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: published(team).publish_all(), range(4)))
    assert team.pages.store.resources.read("Practitioner", "staff-admin") is not None

    def late(*_: object) -> None:
        raise VersionConflict(1)

    monkeypatch.setattr(team.pages.store.resources, "update", late)
    published(team).publish(replace(MEMBERS[Role.GP], name="Autre"))


def test_the_accounts_are_those_underneath(team: Team) -> None:
    staff, plain = published(team), team.pages.store.staff
    nurse = MEMBERS[Role.NURSE]
    assert staff.all() == plain.all()
    assert staff.page("", 3) == plain.page("", 3)
    assert staff.at_sites((SITE,)) == plain.at_sites((SITE,))
    assert staff.by_login("NURSE") == staff.by_id(nurse.staff_id) == staff.by_actor(nurse.actor.actor_id) == nurse
    assert staff.by_external("nobody|x") is None
