"""What the nurse and the psychiatrist write reaches the GP's record: recommendations, reviews, documents."""

import base64
from dataclasses import replace

import pytest

from mappings.summary import Summary
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.errors import DocumentUnavailable
from sesame_fhir.services.records import Delivery, DeliveryReport
from tests.support.story import PATHWAY
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import steps
from tests.unit.writeback.fake_ehr import FakeEhr
from tests.unit.writeback.record import ALL_TYPES, Desk, StaticSupport, desk, outbox_items, published

pytestmark = pytest.mark.network

LIVED = tuple(happened for _, _, happened in steps("left"))
EVERYTHING = StaticSupport(types=ALL_TYPES | {"Communication"})
LETTER = f"DocumentReference/{PATHWAY}-exit"
NOTE = f"DocumentReference/{care.HELD.contact_id}"
REVIEW = f"Communication/{care.REVIEWED.review_id}"
ADVICE = f"Task/{care.MEDICATION.recommendation_id}"


def _desk(ehr: FakeEhr, support: StaticSupport = EVERYTHING) -> Desk:
    at = desk(ehr.base, support)
    at.events = LIVED
    return at


def _paper(_pathway: Pathway, document_id: str, _policy: PathwayPolicy) -> bytes | None:
    return b"%PDF-letter" if document_id.endswith("-exit") else None


def _no_paper(_pathway: Pathway, _document_id: str, _policy: PathwayPolicy) -> bytes | None:
    raise DocumentUnavailable


def _send(at: Desk, key: str, delivered: dict[str, str] | None = None, **changes: object) -> DeliveryReport:
    item = next(i for i in outbox_items(LIVED) if f"{i.target.resource_type}/{i.target.resource_id}" == key)
    writer = replace(at.writer(), **changes)  # type: ignore[arg-type]
    return writer.deliver(item, published(LIVED)[key], delivered or {})


def _attached(document: Json) -> bytes:
    return base64.b64decode(document["content"][0]["attachment"]["data"])


def test_a_recommendation_waits_for_the_gp_by_name(ehr: FakeEhr) -> None:
    report = _send(_desk(ehr), ADVICE, {REVIEW: "Communication/9"})
    assert report.status is Delivery.SENT
    (task,) = ehr.current("Task")
    assert task["owner"] == {"reference": "Practitioner/gp1", "display": "Dr Camille Fictif"}
    assert task["requester"] == {"display": "Dr Inès Fictive"}
    assert task["reasonReference"] == {"reference": "Communication/9"}
    assert "encounter" not in task, "it was not made in the GP's consultation"


def test_a_review_is_in_the_record_in_words(ehr: FakeEhr) -> None:
    assert _send(_desk(ehr), REVIEW).status is Delivery.SENT
    (said,) = ehr.current("Communication")
    assert said["payload"][0] == {"contentString": "Amélioration partielle."}
    assert not {"recipient", "encounter"} & set(said)


def test_a_record_without_communications_gets_the_review_in_the_document(ehr: FakeEhr) -> None:
    summaries: list[Summary] = []

    def render(summary: Summary) -> bytes:
        summaries.append(summary)
        return b"%PDF-summary"

    report = _send(_desk(ehr, StaticSupport()), REVIEW, render=render)
    assert report.status is Delivery.DOCUMENT
    lines = [line for section in summaries[0].sections for line in section.lines]
    assert any("Sertraline 100 mg" in line for line in lines)


@pytest.mark.parametrize(
    ("key", "paper", "content_type", "content"),
    [
        (LETTER, _paper, "application/pdf", b"%PDF-letter"),
        (LETTER, _no_paper, "text/plain; charset=utf-8", "SÉSAME – Lettre de sortie".encode()),
        (NOTE, _paper, "text/plain; charset=utf-8", b"Dort mieux depuis lundi."),
    ],
    ids=["letter", "letter, no PDF on this machine", "note"],
)
def test_a_document_goes_as_a_pdf_where_there_is_one(
    ehr: FakeEhr, key: str, paper: object, content_type: str, content: bytes
) -> None:
    assert _send(_desk(ehr), key, paper=paper).status is Delivery.SENT
    (document,) = ehr.current("DocumentReference")
    assert document["content"][0]["attachment"]["contentType"] == content_type
    assert _attached(document).startswith(content)
    assert document["subject"] == {"reference": "Patient/p1"}
