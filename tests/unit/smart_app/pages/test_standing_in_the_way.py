"""Forged, foreign, repeated and late posts; what changed meanwhile; what never reaches an address, a log or a page."""

import json
import logging
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.engine import Command
from sesame_fhir.services.screening import PatientContext, RecordScreening, record_screening
from tests.support.app_pages import Pages, form_of, record_of
from tests.support.story import BINDING, GP, NURSE, SITE, TRAITS, answered

POSITIVE = form_of(InstrumentId.PHQ_2, "33")
FORGERIES = [
    ("csrf", "", 403),
    ("csrf", "AQID", 403),
    ("csrf", "é", 403),
    ("csrf", "not base64!", 403),
    ("command", "01900000-0000-7000-9000-00000000ffff", 403),
    ("command", "", 403),
    ("version", "7", 403),
    ("version", "-1", 403),
    ("version", "²", 403),
    ("version", "9" * 5000, 403),
    ("patient", "Patient/p2", 409),
    ("patient", "", 409),
]


@pytest.mark.parametrize(("field", "value", "status"), FORGERIES)
@pytest.mark.parametrize("path", ["/form/phq-2", "/form/phq-2/draft"])
def test_a_forged_hidden_field_is_refused_and_nothing_is_recorded(
    pages: Pages, path: str, field: str, value: str, status: int
) -> None:
    opened = pages.hidden("/form/phq-2")
    assert set(opened) == {"csrf", "command", "version", "patient"}
    answer = pages.post(path, POSITIVE, opened | {field: value})
    assert answer.status_code == status
    assert pages.pathway is None
    assert " checked>" not in pages.get("/form/phq-2").text


def test_a_post_without_any_hidden_field_is_refused(pages: Pages) -> None:
    assert pages.post("/form/phq-2", POSITIVE, {}).status_code == 409


def test_a_form_of_another_launch_does_not_pass(pages: Pages) -> None:
    opened = pages.hidden("/form/phq-2")
    pages.open_launch("launch-two", record_of())
    pages.launch_id = "launch-two"
    assert pages.post("/form/phq-2", POSITIVE, opened).status_code == 403


def test_two_launches_two_patients_nothing_crosses(pages: Pages) -> None:
    pages.open_launch("launch-two", record_of(replace(TRAITS, given="Louise", ins=None)), patient="Patient/p2")
    first = pages.screen("33")
    pages.launch_id = "launch-two"
    assert "Louise" in pages.get("/form/phq-2").text
    assert pages.get(first).status_code == 404
    second = pages.screen("00")
    pages.launch_id = "launch-one"
    assert pages.get(second).status_code == 404
    assert "6 / 6" in pages.get(first).text


def test_the_same_form_sent_twice_acts_once(pages: Pages) -> None:
    opened = pages.hidden("/form/phq-2")
    paths = [pages.follow(pages.post("/form/phq-2", POSITIVE, opened)) for _ in range(3)]
    assert len(set(paths)) == 1
    pages.confirm()
    opened = pages.hidden("/referral")
    assert [pages.follow(pages.post("/referral", {}, opened)) for _ in range(2)] == ["/done", "/done"]
    assert pages.pathway is not None
    assert len(pages.pathway.screenings) == 1
    kinds = [event.kind for event in pages.store.pathways.history(pages.pathway.pathway_id)]
    assert kinds.count("PatientReferred") == 1


def test_a_form_changed_after_back_is_never_taken_for_a_repetition(pages: Pages) -> None:
    pages.screen()
    opened = pages.hidden("/eligibility")
    given = {"psychiatric_follow_up": "no", "masters_french": "yes", "common_mental_disorder": "yes"}
    pages.follow(pages.post("/eligibility", given | {"consent": "given"}, opened))
    again = pages.post("/eligibility", given | {"consent": "refused"}, opened)
    assert again.status_code == 409
    assert "accord du patient noté" in again.text


def nurse_screens(pages: Pages) -> None:
    """Somebody else records a questionnaire for the same patient."""
    ids = pages.deps.ids
    command = Command(CommandId(ids.new()), NURSE, SITE, pages.clock.now())
    answers = answered(InstrumentId.GAD_7, "0000000")
    record_screening(
        pages.deps.engine,
        command,
        PatientContext(TRAITS, BINDING),
        RecordScreening(ids.new(), InstrumentId.GAD_7, answers),  # type: ignore[arg-type]  # any fresh id
    )


def test_somebody_else_changed_the_pathway_nothing_is_lost(pages: Pages) -> None:
    pages.screen("33")
    opened = pages.hidden("/form/phq-9")
    nurse_screens(pages)
    answers = form_of(InstrumentId.PHQ_9, "222222220")
    conflict = pages.post("/form/phq-9", answers, opened)
    assert conflict.status_code == 409
    for text in ("questionnaire enregistré", "Noé Fictif", "2 mars 2026 à 10 h 00", "votre saisie est gardée"):
        assert text in conflict.text
    assert 'href="/app/s/launch-one/form/phq-9"' in conflict.text
    assert pages.get("/form/phq-9").text.count(" checked>") == 9
    assert pages.follow(pages.post("/form/phq-9", answers)).startswith("/result/")


def test_a_decision_in_conflict_leads_home(pages: Pages) -> None:
    result = pages.screen()
    opened = pages.hidden(result)
    nurse_screens(pages)
    conflict = pages.post("/decline", {"reason": "later"}, opened)
    assert conflict.status_code == 409
    assert 'href="/app/s/launch-one/"' in conflict.text
    assert pages.pathway is not None
    assert pages.pathway.state is State.SCREENED


def test_without_its_cookie_a_launch_does_not_open(pages: Pages) -> None:
    assert pages.app.test_client().get(pages.url("/form/phq-2")).status_code == 403


HOSTILE = '<script>alert("x")</script>{{7*7}}'


def test_hostile_text_from_the_record_and_from_the_form_is_shown_as_text(build: Callable[..., Pages]) -> None:
    pages = build(record=record_of(replace(TRAITS, given=HOSTILE, phone=HOSTILE), author=replace(GP, name=HOSTILE)))
    pages.screen("11")
    pages.confirm(override_reason=HOSTILE)
    bodies = [pages.get(path).text for path in ("/eligibility", "/referral")]
    pages.post("/referral", {"note": HOSTILE})
    bodies.append(pages.get("/done").text)
    for body in bodies:
        assert "<script>alert" not in body
        assert "&lt;script&gt;alert" in body
        # A form's own values are random; the INS holds 2849.
        assert "49" not in re.sub(r'<input type="hidden"[^>]*>', "", body).replace("2849", "")


MARKERS = ("FICTIVE", "Jeanne", "0199001234", "LA65", "284127645108", "Retrait", "override", "Patient/p1")


def test_nothing_of_the_patient_is_in_an_address_or_in_the_log(pages: Pages, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    locations = [pages.get("/").headers["Location"]]
    for path, data in (
        ("/form/phq-2", {"q-44250-9": "LA6569-3"}),
        ("/form/phq-2", form_of(InstrumentId.PHQ_2, "11")),
        ("/eligibility", {"consent": "given", "override_reason": "Retrait social"}),
        ("/eligibility", {"consent": "given", "override_reason": ""}),
        ("/form/phq-9", {"q-44250-9": "wrong"}),
    ):
        locations.append(pages.post(path, data).headers.get("Location", ""))
    bodies = "".join(pages.get(path).text for path in ("/form/phq-2", "/eligibility"))
    addresses = " ".join(locations + re.findall(r'(?:href|src|action|data-draft)="([^"]*)"', bodies))
    for marker in MARKERS:
        assert marker not in addresses
        assert marker not in caplog.text


def test_every_view_is_audited_without_clinical_content(pages: Pages) -> None:
    pages.refer()
    pages.get("/done")
    entries = pages.store.audit.entries(100)
    seen = {(entry.action, entry.detail) for entry in entries}
    for view in ("form", "eligibility", "referral", "done"):
        assert ("view", view) in seen
    assert {"record-screening", "confirm-eligibility", "refer"} <= {entry.action for entry in entries}
    assert {entry.actor_id for entry in entries} == {GP.actor_id}
    written = json.dumps([str(entry) for entry in entries])
    for marker in ("FICTIVE", "LA65", "positif"):
        assert marker not in written
    assert pages.store.audit.verify() >= len(entries)
