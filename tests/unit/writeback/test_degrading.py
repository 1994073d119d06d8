"""What the record cannot take as a resource goes into one document, and what it cannot take so either into text."""

import base64
from dataclasses import replace

import pytest

from mappings.summary import Summary
from sesame_fhir.services.delivery import DeliveryError
from sesame_fhir.services.errors import DocumentUnavailable
from sesame_fhir.services.records import Delivery, DeliveryReport
from tests.unit.writeback.fake_ehr import FakeEhr, Misbehaviour
from tests.unit.writeback.record import ALL_TYPES, StaticSupport, desk, published
from tests.unit.writeback.steps import OBSERVATION, corrected, observation_item, send, written

pytestmark = pytest.mark.network

PENDING, DOCUMENT = Delivery.PENDING, Delivery.DOCUMENT

NO_OBSERVATION = StaticSupport(types=ALL_TYPES - {"Observation"})
NOTHING = StaticSupport(types=frozenset())


def test_a_machine_that_cannot_make_documents_leaves_text_to_paste(ehr: FakeEhr) -> None:
    def unavailable(_summary: Summary) -> bytes:
        raise DocumentUnavailable

    at = desk(ehr.base, NO_OBSERVATION)
    writer = replace(at.writer(), render=unavailable)
    report = writer.deliver(observation_item(), published(at.events)[OBSERVATION], {})
    assert (report.status, report.error) == (Delivery.TEXT, DeliveryError.TYPE_NOT_SUPPORTED)
    assert ehr.current("DocumentReference") == []


def test_a_type_that_the_record_lacks_goes_into_one_document_that_corrections_replace(ehr: FakeEhr) -> None:
    at = desk(ehr.base, NO_OBSERVATION)
    first = send(at)
    assert (first.status, first.error) == (DOCUMENT, DeliveryError.TYPE_NOT_SUPPORTED)
    again = send(at, observation_item(location=first.location))
    assert (again.location, len(ehr.stored["DocumentReference"]["ehr-2"])) == (first.location, 1)
    assert send(corrected(ehr, NO_OBSERVATION), observation_item(location=first.location)).location == first.location
    (document,) = ehr.current("DocumentReference")
    assert b"[4]" in base64.b64decode(document["content"][0]["attachment"]["data"])
    assert document["author"][0]["reference"] == "Practitioner/gp1"
    assert ehr.current("Observation") == []


@pytest.mark.parametrize(
    ("support", "orders", "error"),
    [
        (NOTHING, (), DeliveryError.TYPE_NOT_SUPPORTED),
        (NO_OBSERVATION, (Misbehaviour(403),), DeliveryError.TYPE_NOT_SUPPORTED),
        (NO_OBSERVATION, (Misbehaviour(422),), DeliveryError.TYPE_NOT_SUPPORTED),
        (
            StaticSupport(interactions=frozenset({"create"}), conditional=False),
            (),
            DeliveryError.NO_DEDUPLICATION,
        ),
    ],
)
def test_the_last_form_is_text(
    ehr: FakeEhr, support: StaticSupport, orders: tuple[Misbehaviour, ...], error: DeliveryError
) -> None:
    ehr.misbehave("POST DocumentReference", *orders)
    assert send(desk(ehr.base, support)) == DeliveryReport(Delivery.TEXT, error=error)
    assert ehr.current("Observation") == ehr.current("DocumentReference") == []


@pytest.mark.parametrize("order", [Misbehaviour(500), Misbehaviour(drop=True, after_write=True), Misbehaviour(429)])
def test_a_document_that_fails_for_now_is_tried_again(ehr: FakeEhr, order: Misbehaviour) -> None:
    ehr.misbehave("POST DocumentReference", order)
    at = desk(ehr.base, NO_OBSERVATION)
    assert send(at).status is PENDING
    assert send(at).status is DOCUMENT
    assert len(ehr.current("DocumentReference")) == 1


def test_a_token_that_may_not_correct_puts_the_correction_in_a_document(ehr: FakeEhr) -> None:
    item = written(ehr)
    support = StaticSupport(interactions=frozenset({"create", "read", "search-type"}))
    report = send(corrected(ehr, support), item)
    assert (report.status, report.error) == (DOCUMENT, DeliveryError.OUT_OF_SCOPE)
