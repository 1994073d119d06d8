"""A renderer that is not ours, LHC-Forms: it shows our Questionnaires, is filled in by clicks, finds our scores.

``make peers`` runs 200 random sets of answers per instrument, the ordinary run 15.
"""

import functools
import http.server
import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from mappings.profiles import load_questionnaires
from mappings.questionnaire import questionnaire_url, total_link_id
from mappings.questionnaire_response import answers_of
from sesame_fhir.domain import scoring
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument
from tests.peer.node_peer import PeerMissing, unpacked

pytestmark = [pytest.mark.browser, pytest.mark.network, pytest.mark.xdist_group("browser-team")]

FOLDER = Path(__file__).parents[1] / "peer" / "lforms"
SETS = int(os.environ.get("LFORMS_SETS", "15"))
PARTIAL_SETS = 2

SHOW = "form => { LForms.Util.addFormToPage(form, 'form', {fhirVersion: 'R4'}) }"
# One set of answers: click what is to be clicked, then read what the renderer makes of it.
FILL = """async choices => {
  for (const [link, place] of choices) {
    const group = document.getElementsByName(`radiogroup_${link}/1`)
    if (!group[place].checked) group[place].click()
  }
  await new Promise(done => setTimeout(done, 0))
  return LForms.Util.getFormFHIRData('QuestionnaireResponse', 'R4')
}"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def form_url() -> Iterator[str]:
    try:
        unpacked(FOLDER)
    except PeerMissing as missing:
        pytest.skip(str(missing))
    handler = functools.partial(_Quiet, directory=str(FOLDER))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/form.html"
        server.shutdown()


@pytest.fixture
def form(browser: Browser, form_url: str) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(10_000)
    page.goto(form_url)
    yield page
    page.close()


def shown(page: Page, instrument: Instrument) -> None:
    page.evaluate(SHOW, load_questionnaires()[questionnaire_url(instrument)])
    page.wait_for_selector("#form input[type=radio]")


def drawn(instrument: Instrument, count: int, seed: int) -> Iterator[dict[str, str]]:
    """Complete random sets of answers, linkId -> code; the last item only when it is asked."""
    chance = random.Random(seed)  # noqa: S311  a reproducible draw
    for _ in range(count):
        scored = {item.link_id: chance.choice(item.answers).code for item in instrument.scored_items}
        asked = any(scoring.weight(instrument, link, code) for link, code in scored.items())
        others = [item for item in instrument.items if not item.scored]
        yield scored | {item.link_id: chance.choice(item.answers).code for item in others if asked}


def clicks(instrument: Instrument, answers: dict[str, str]) -> list[tuple[str, int]]:
    places = {item.link_id: [answer.code for answer in item.answers] for item in instrument.items}
    return [(link, places[link].index(code)) for link, code in answers.items()]


def total_in(response: dict[str, Any], instrument: Instrument) -> Any:
    found = [item for item in response.get("item", ()) if item["linkId"] == total_link_id(instrument)]
    return found[0]["answer"][0].get("valueInteger", found[0]["answer"][0].get("valueDecimal")) if found else None


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda one: one.id.value)
def test_lhc_forms_finds_our_answers_and_our_score(form: Page, instrument: Instrument) -> None:
    shown(form, instrument)
    for answers in drawn(instrument, SETS, seed=4):
        response = form.evaluate(FILL, clicks(instrument, answers))
        found = {link: code for link, code in answers_of(response, instrument).items() if code}
        assert found == answers
        assert total_in(response, instrument) == scoring.score(instrument, answers).total


@pytest.mark.parametrize("instrument", INSTRUMENTS.values(), ids=lambda one: one.id.value)
def test_a_total_stays_empty_while_a_counted_question_is_unanswered(form: Page, instrument: Instrument) -> None:
    for number, answers in enumerate(drawn(instrument, PARTIAL_SETS, seed=5)):
        shown(form, instrument)
        scored = [item.link_id for item in instrument.scored_items]
        partial = {link: answers[link] for link in scored if link != scored[number % len(scored)]}
        response = form.evaluate(FILL, clicks(instrument, partial))
        assert total_in(response, instrument) is None
        assert {link: code for link, code in answers_of(response, instrument).items() if code} == partial
