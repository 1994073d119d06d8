"""SMART's own JavaScript client in a real browser: standalone launch, read, paged search, refresh, from its origin."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sesame_fhir.server.system import read_key
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.records import ClientKind
from sesame_fhir.storage import open_store
from tests.peer.node_peer import PeerMissing, unpacked
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]

FOLDER = Path(__file__).parents[1] / "peer" / "fhirclient"
SCOPES = ("openid", "fhirUser", "launch/patient", "offline_access", "patient/*.rs", "user/Practitioner.r")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def origin(demo: Demo) -> Iterator[str]:
    """Serve the page on an origin of its own, registered at the demo EHR."""
    try:
        unpacked(FOLDER)
    except PeerMissing as missing:
        pytest.skip(str(missing))
    handler = functools.partial(_Quiet, directory=str(FOLDER))
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://localhost:{server.server_port}"
        client = OAuthClient(
            "client-js", "client-js", ClientKind.PUBLIC, (f"{url}/app.html",), None, SCOPES, origins=(url,)
        )
        with open_store(f"sqlite:///{demo.folder / 'demo-ehr.db'}", read_key(demo.folder / "sesame.key")) as store:
            store.authorization.save_client(client)
        yield url
        server.shutdown()


def test_client_js_launches_reads_pages_and_refreshes(demo: Demo, page: Page, origin: str) -> None:
    page.goto(f"{origin}/app.html?iss={demo.ehr}/fhir")
    expect(page.locator("h1")).to_have_text("Qui êtes-vous ?")
    page.locator("button[name=staff]").first.click()
    expect(page.locator("h1")).to_have_text("Choisir le patient")
    page.locator("button[name=patient][value=patient-16]").click()
    expect(page.locator("#told")).not_to_be_empty()
    told = json.loads(page.locator("#told").inner_text())
    assert "problem" not in told
    assert told["patient"] == told["again"] == "patient-16"
    assert told["refreshed"] is True
    assert told["user"] == "Practitioner"
    assert len(told["found"]) == len(set(told["found"]))
