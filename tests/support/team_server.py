"""The team's pages on a real port for a browser, and a browser window in which somebody is signed in."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from sesame_fhir.domain.actors import Role
from sesame_fhir.services.staff import StaffMember
from tests.support.team_pages import COOKIE, Team


@dataclass(frozen=True, slots=True)
class TeamServer:
    """A running server; ``root`` is the address of the team's pages."""

    team: Team
    root: str

    def sign_in(self, browser: Browser, who: Role | StaffMember, width: int, *, script: bool = True) -> Page:
        """A fresh profile of this width in which this account is signed in; close its context after use."""
        signed_in = self.team.browser(who)
        cookie = signed_in.client.get_cookie(COOKIE, domain="localhost")
        assert cookie is not None
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="fr-FR", java_script_enabled=script
        )
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": self.root}])
        return context.new_page()


@contextmanager
def serving(team: Team) -> Iterator[TeamServer]:
    """Serve the application of this stage on a free port until the block ends."""
    server = make_server("localhost", 0, team.pages.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield TeamServer(team, f"http://localhost:{server.port}/app/team")
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()
