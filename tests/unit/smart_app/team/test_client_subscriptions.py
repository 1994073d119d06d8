"""An application's subscriptions on the administrator's page: what waits, why, and taken up again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sesame_fhir.domain.actors import STAFF, Role
from sesame_fhir.services.subscriptions import NotifyError, Status, SubscriptionStore
from smart_app.team.client_texts import NOTIFY_ERRORS, SUBSCRIPTION_STATES
from tests.support.app_pages import migrated_database
from tests.support.facade import APP, Facade
from tests.support.subscribed import fail, told_of_tasks
from tests.support.team_pages import TeamBrowser, build_team

PAGE = f"/clients/of/{APP.client_id}"
WAKE = f"{PAGE}/subscriptions/s1/wake"


@pytest.fixture
def facade(tmp_path: Path) -> Iterator[Facade]:
    team = build_team(migrated_database(tmp_path))
    yield Facade(team)
    team.pages.store.close()


@pytest.fixture
def store(facade: Facade) -> SubscriptionStore:
    """One subscription of the application that waits for its first event, and one of another application."""
    found = facade.team.pages.store.subscriptions
    one = told_of_tasks("s1", APP.client_id, facade.deps.clock.now())
    found.save(one)
    found.save(replace(one, subscription_id="s2", client_id="another"))
    return found


@pytest.fixture
def admin(facade: Facade) -> TeamBrowser:
    return facade.team.browser(Role.ADMINISTRATOR)


def status(store: SubscriptionStore) -> Status:
    found = store.by_id("s1")
    assert found is not None
    return found.status


@pytest.mark.parametrize("give_up", [False, True])
def test_what_failed_is_seen_and_taken_up_again(
    facade: Facade, store: SubscriptionStore, admin: TeamBrowser, *, give_up: bool
) -> None:
    assert "Reprendre" not in admin.get(PAGE).text
    assert "envois en échec" not in admin.get("/clients").text
    fail(store, facade.deps.clock.now(), give_up=give_up)
    page = admin.get(PAGE).text.replace("&#39;", "'")
    assert NOTIFY_ERRORS[NotifyError.UNREACHABLE] in page
    assert SUBSCRIPTION_STATES[Status.ERROR if give_up else Status.REQUESTED] in page
    assert admin.get("/clients").text.count("envois en échec") == 1
    answer = admin.post(WAKE, {}, admin.hidden(PAGE, WAKE))
    assert admin.follow(answer) == f"{PAGE}#subscriptions"
    assert status(store) is Status.REQUESTED
    assert "Reprendre" not in admin.get(PAGE).text


@pytest.mark.usefixtures("store")
def test_neither_patients_nor_secrets_are_shown(admin: TeamBrowser) -> None:
    page = admin.get(PAGE).text
    assert "Task?status=requested&amp;patient=…" in page
    assert page.count('id="subscription-') == 1
    assert [word for word in ("secret-patient", "secret-hook", "secret-header") if word in page] == []


def test_what_its_owner_ended_stays_ended(facade: Facade, store: SubscriptionStore, admin: TeamBrowser) -> None:
    fail(store, facade.deps.clock.now(), give_up=True)
    opened = admin.hidden(PAGE, WAKE)
    store.set_status("s1", Status.OFF)
    assert admin.post(WAKE, {}, opened).status_code == 303
    assert status(store) is Status.OFF
    assert "Reprendre" not in admin.get(PAGE).text


@pytest.mark.parametrize("path", [f"{PAGE}/subscriptions/s2/wake", f"{PAGE}/subscriptions/nothing/wake"])
def test_only_a_subscription_of_this_application(
    facade: Facade, store: SubscriptionStore, admin: TeamBrowser, path: str
) -> None:
    fail(store, facade.deps.clock.now(), give_up=True)
    assert admin.post(path, {}, admin.hidden(PAGE, WAKE)).status_code == 404


@pytest.mark.parametrize("role", sorted(STAFF - {Role.ADMINISTRATOR}))
def test_nobody_else_wakes_one(facade: Facade, store: SubscriptionStore, role: Role) -> None:
    fail(store, facade.deps.clock.now(), give_up=True)
    admin = facade.team.browser(Role.ADMINISTRATOR)
    opened = admin.hidden(PAGE, WAKE)
    assert facade.team.browser(role).post(WAKE, {}, opened).status_code == 403
    assert status(store) is Status.ERROR


def test_the_texts_are_complete() -> None:
    assert set(SUBSCRIPTION_STATES) == set(Status)
    assert set(NOTIFY_ERRORS) == set(NotifyError)
