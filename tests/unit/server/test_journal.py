"""The log's catalogue: what is not in it cannot be written; every event of it is written somewhere and documented."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from sesame_fhir.server import logs
from sesame_fhir.services import journal
from sesame_fhir.services.journal import FIELDS, LogEvent, begin_request, correlation_id, log, log_unexpected
from tests.support.logging_state import logging_put_back

ROOT = Path(__file__).parents[3]
MARKER = "Zorglub-marqueur-7731"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    with logging_put_back():
        yield


def test_lines_are_json_and_fields_outside_the_catalogue_are_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    log(LogEvent.REFUSED, code="x", patient=MARKER, token=MARKER)
    log(LogEvent.REQUEST, level="debug", code="below the level")
    logging.getLogger("urllib3").warning("GET https://ehr.example/Patient?name=%s", MARKER)
    logging.getLogger("urllib3").info("below the level %s", MARKER)
    captured = capsys.readouterr()
    ours, foreign = map(json.loads, captured.err.splitlines())
    assert ours.keys() == {"event", "level", "timestamp", "code"}
    assert (foreign["event"], foreign["level"]) == ("library", "warning")
    assert re.fullmatch(r"urllib3:\d+", foreign["where"])
    assert ours.keys() | foreign.keys() <= FIELDS
    assert captured.out == ""


def test_the_correlation_id_is_made_once_and_joined_to_every_line() -> None:
    begin_request()
    made = iter(["one", "two"])
    with capture_logs() as lines:
        log(LogEvent.STARTED)
        assert correlation_id(lambda: next(made)) == "one"
        assert correlation_id(lambda: next(made)) == "one"
        log(LogEvent.REFUSED)
        begin_request()
        log(LogEvent.REFUSED)
        assert correlation_id(lambda: next(made)) == "two"
    assert [line.get("correlation_id") for line in lines] == [None, "one", None]


def _raise_in_a_library() -> None:
    json.loads(MARKER)


def test_a_fault_is_named_by_the_innermost_frame_of_ours() -> None:
    try:
        journal.log(LogEvent.REFUSED, level="no-such-level")
    except AttributeError as error:
        with capture_logs() as lines:
            log_unexpected(error, "delivery")
    (line,) = lines
    assert re.fullmatch(r"delivery sesame_fhir/services/journal\.py:\d+", line["where"])


def test_a_fault_elsewhere_is_named_by_its_file() -> None:
    with capture_logs() as lines:
        try:
            _raise_in_a_library()
        except ValueError as error:
            log_unexpected(error)
        log_unexpected(KeyError(MARKER))
    assert re.fullmatch(r"decoder\.py:\d+", lines[0]["where"])
    assert lines[1]["where"] == "unknown"
    assert MARKER not in str(lines)


SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for package in ("sesame_fhir", "smart_app", "mappings")
    for path in (ROOT / package).rglob("*.py")
    if path.name != "journal.py"
)


@pytest.mark.parametrize("event", LogEvent)
def test_every_event_is_written_somewhere(event: LogEvent) -> None:
    used = event is LogEvent.UNEXPECTED and "log_unexpected(" in SOURCES
    assert used or f"LogEvent.{event.name}" in SOURCES


def test_nobody_logs_past_the_catalogue() -> None:
    lines = [line for line in SOURCES.splitlines() if re.search(r"getLogger\(|get_logger\(|\bprint\(", line)]
    assert [line.strip() for line in lines] == ['logging.getLogger("authlib").setLevel(logging.INFO)']


def test_the_catalogue_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "logs.md").read_text(encoding="utf-8")
    events, fields = page.split("## Fields")
    assert re.findall(r"^\| `([\w-]+)` \|", events, re.MULTILINE) == [event.value for event in LogEvent]
    assert set(re.findall(r"^\| `([\w-]+)` \|", fields, re.MULTILINE)) == FIELDS
