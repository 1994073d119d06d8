"""An application's subscriptions on the administrator's page, at both widths, by the keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from sesame_fhir.domain.actors import Role
from tests.e2e.looking import check
from tests.support.app_pages import migrated_database
from tests.support.facade import APP, Facade
from tests.support.subscribed import fail, told_of_tasks
from tests.support.team_pages import build_team
from tests.support.team_server import TeamServer, serving

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamServer]:
    """An application that cannot be reached any more."""
    facade = Facade(build_team(migrated_database(tmp_path_factory.mktemp("subscriptions"))))
    store, now = facade.team.pages.store, facade.deps.clock.now()
    for name in ("s1", "s2"):
        store.subscriptions.save(told_of_tasks(name, APP.client_id, now))
    fail(store.subscriptions, now, give_up=True)
    with serving(facade.team) as running:
        yield running
    store.close()


@pytest.mark.parametrize("width", [420, 1280])
def test_what_failed_is_found_and_taken_up_again(browser: Browser, server: TeamServer, width: int) -> None:
    page = server.sign_in(browser, Role.ADMINISTRATOR, width)
    page.goto(f"{server.root}/clients")
    check(page, "team-clients-failing")
    page.get_by_role("link", name="envois en échec").press("Enter")
    expect(page.locator("#subscriptions")).to_have_text("Ses abonnements")
    check(page, "team-client-subscriptions")
    page.get_by_role("button", name="Reprendre").press("Enter")
    expect(page.get_by_text("demandé, pas encore joint")).to_have_count(2)
    expect(page.get_by_role("button", name="Reprendre")).to_have_count(0)
    page.context.close()
