"""One demo and one Chromium for the browser tests; third-party cookies are blocked where a test asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.story import Story, told
from tests.support.demo import Demo, running_demo
from tests.support.moved_clock import MovedDemo, moved_demo
from tests.support.requirements import chromium

BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The real demo, shared by the tests of this worker."""
    folder: Path = tmp_path_factory.mktemp("demo")
    with running_demo(folder) as running:
        yield running


@pytest.fixture(scope="session")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MovedDemo]:
    """Another demo, whose time is moved forward; the stories of whole pathways share it."""
    with moved_demo(tmp_path_factory.mktemp("moved")) as running:
        yield running


@pytest.fixture
def story(browser: Browser, moved: MovedDemo) -> Iterator[Story]:
    """A GP, a nurse and a psychiatrist at work in that demo."""
    with told(browser, moved) as people:
        yield people


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without windows where it is installed."""
    path = chromium()
    if path is None:
        pytest.skip(
            "no Chromium: run `python -m tests.support.requirements`, or apt-get install chromium-headless-shell"
        )
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=BROWSER_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile."""
    fresh = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that refuses third-party cookies, as more and more browsers do."""
    return private_page(context)


def private_page(context: BrowserContext) -> Page:
    """Open a page with third-party cookies blocked (measured: command-line flags have no effect in headless mode)."""
    opened = context.new_page()
    session = context.new_cdp_session(opened)
    session.send("Network.enable")
    session.send(
        "Network.setCookieControls",
        {
            "enableThirdPartyCookieRestriction": True,
            "disableThirdPartyCookieMetadata": True,
            "disableThirdPartyCookieHeuristics": True,
        },
    )
    return opened
