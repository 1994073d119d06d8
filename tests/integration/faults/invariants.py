"""What holds for every page, whatever the fault: readable French, no machinery, nothing sensitive outside of it."""

import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from smart_app.demo_ehr.seed.people import PEOPLE
from tests.integration.faults.gp import Gp, launch_id
from tests.integration.faults.injector import MARKER
from tests.support.browser import shown, tree

Log = Callable[[], str]
"""What has been logged since the case began."""

_MACHINERY = ("Traceback", 'File "', "werkzeug", "sqlite", "Exception", MARKER)
_NAMES = {word for person in PEOPLE for word in (person.family, person.usual or person.family)}
_NUMBERS = {person.ins.value for person in PEOPLE if person.ins is not None}
_ANSWERS = {answer.code for item in INSTRUMENTS[InstrumentId.PHQ_2].items for answer in item.answers}
_SESSION_SECRETS = ("code", "state", "launch", "nonce")


def tells(page: requests.Response, status: int, *words: str) -> None:
    """The page has this status, and its text these words."""
    said = shown(page)
    assert (page.status_code, [word for word in words if word not in said]) == (status, []), said


def check(gp: Gp, page: requests.Response, log: str) -> None:
    """Every invariant of a page that the app shows after something went wrong, and of all that led to it."""
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    parsed = tree(page)
    assert parsed.get("lang") == "fr"
    assert len(parsed.xpath("//h1[normalize-space()]")) == 1
    assert len(parsed.xpath("//title[normalize-space()]")) == 1
    assert [word for word in _MACHINERY if word in page.text] == []
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    clinical = {*_NAMES, *_NUMBERS, *_ANSWERS, *gp.world.injector.tokens}
    addresses = "\n".join(map(unquote, [*gp.browser.visited, *gp.world.injector.asked, page.url]))
    assert _found(clinical, addresses) == []
    assert _found({*clinical, *_secrets(gp.browser.visited), MARKER}, log) == []


def _secrets(visited: Iterable[str]) -> set[str]:
    """What an address may hold for the protocol's sake, and a log may not."""
    found = {launch_id(url) for url in visited if "/app/s/" in url}
    for url in visited:
        query = parse_qs(urlsplit(url).query)
        found |= {value for name in _SESSION_SECRETS for value in query.get(name, []) if len(value) > len(MARKER)}
    return found


def _found(secrets: set[str], text: str) -> list[str]:
    """Secrets that occur in a text as words of their own, whatever their case: a random id may hold a short name."""
    lowered = text.lower()
    words = set(re.split(r"\W+", lowered))
    return sorted(s for s in secrets if s.lower() in (words if s.isalnum() else lowered))
