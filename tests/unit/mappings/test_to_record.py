"""The copy for the record holds nothing of our server, refers to what the record has, and stays valid R4."""

import base64
import copy
import hashlib
import json
from datetime import UTC, datetime
from functools import cache

import pytest

from mappings.document import PDF, DocumentKind, document_reference, with_pdf
from mappings.projector import PathwayProjector
from mappings.to_record import for_record, named_practitioners
from sesame_fhir.fhir import search_index
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.models import typed
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.records import OutboxTarget
from tests.support.story import GP, PATHWAY
from tests.unit.mappings.care_cases import MEDICATION
from tests.unit.mappings.cases import POSITIVE, REFERRAL_ID, STORIES, published, wanted

HELD = published("overridden", PathwayProjector(search_index.index))
REQUEST = HELD[f"ServiceRequest/{REFERRAL_ID}"]
RESPONSE = HELD[f"QuestionnaireResponse/{POSITIVE.screening_id}"]
TOTAL = HELD[f"Observation/{POSITIVE.screening_id}"]
IN_CONSULTATION = {"QuestionnaireResponse", "Observation", "ServiceRequest", "Task"}
ALL_DELIVERED = {
    f"QuestionnaireResponse/{POSITIVE.screening_id}": "QuestionnaireResponse/9",
    f"Observation/{POSITIVE.screening_id}": "Observation/8",
    f"ServiceRequest/{REFERRAL_ID}": "ServiceRequest/7",
}


@cache
def told(name: str) -> tuple[dict[str, Json], dict[str, OutboxTarget]]:
    """What a story leaves in the store, and what of it goes to the record."""
    projector = PathwayProjector(search_index.index)
    return published(name, projector), wanted(name, projector)


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("practitioner", ["Practitioner/gp1", None])
@pytest.mark.parametrize("encounter", ["Encounter/e1", None])
def test_copies_are_valid_and_carry_nothing_of_ours(name: str, practitioner: str | None, encounter: str | None) -> None:
    held, going = told(name)
    for key, target in going.items():
        resource = held[key]
        sent = for_record(resource, "Patient/p1", encounter, practitioner, {})
        assert validate(read_json(write_json(sent)), target.resource_type) == []
        typed(sent)
        assert not {"id", "meta"} & set(sent)
        assert f"Patient/{PATHWAY}" not in json.dumps(sent)
        assert "rpps" not in json.dumps(sent)
        assert ("encounter" in sent) is (encounter is not None and target.resource_type in IN_CONSULTATION)
        assert sent["identifier"] == resource["identifier"]


def test_our_resource_is_not_changed() -> None:
    before = copy.deepcopy(REQUEST)
    for_record(REQUEST, "Patient/p1", "Encounter/e1", "Practitioner/gp1", ALL_DELIVERED)
    assert before == REQUEST


def test_references_become_the_records_own() -> None:
    sent = for_record(REQUEST, "Patient/p1", "Encounter/e1", "Practitioner/gp1", ALL_DELIVERED)
    assert sent["subject"] == {"reference": "Patient/p1"}
    assert sent["requester"] == {"reference": "Practitioner/gp1", "display": "Dr Camille Fictif"}
    assert sent["reasonReference"] == [{"reference": "Observation/8"}]
    assert sent["supportingInfo"] == [{"reference": "QuestionnaireResponse/9"}]
    assert sent["encounter"] == {"reference": "Encounter/e1"}
    task = for_record(HELD[f"Task/{REFERRAL_ID}"], "Patient/p1", None, None, ALL_DELIVERED)
    assert (task["focus"], task["for"]) == ({"reference": "ServiceRequest/7"}, {"reference": "Patient/p1"})


def test_what_the_record_does_not_hold_is_named_by_its_identifier() -> None:
    sent = for_record(TOTAL, "Patient/p1", None, None, {})
    assert sent["derivedFrom"] == [
        {
            "type": "QuestionnaireResponse",
            "identifier": {
                "system": "https://sesame-fhir.fr/ig/identifier/screening",
                "value": POSITIVE.screening_id,
            },
        }
    ]


def test_a_reference_without_identifier_of_ours_is_left_out() -> None:
    odd = {**RESPONSE, "basedOn": [{"reference": "CarePlan/1"}], "partOf": [{"reference": "CarePlan/1"}]}
    sent = for_record(odd, "Patient/p1", None, None, {})
    assert not {"basedOn", "partOf"} & set(sent)


def test_an_unknown_author_is_named_not_replaced() -> None:
    assert for_record(RESPONSE, "Patient/p1", None, None, {})["author"] == {"display": "Dr Camille Fictif"}


def test_of_several_professionals_only_the_one_looked_up_becomes_the_records() -> None:
    held = published("reviewed", PathwayProjector(search_index.index))
    task = for_record(held[f"Task/{MEDICATION.recommendation_id}"], "Patient/p1", None, "Practitioner/gp1", {})
    assert task["owner"] == {"reference": "Practitioner/gp1", "display": "Dr Camille Fictif"}
    assert task["requester"] == {"display": "Dr Inès Fictive"}
    assert next(named_practitioners(held[f"Task/{MEDICATION.recommendation_id}"]))[1] == GP.actor_id


def _document(pdf: bytes, kind: DocumentKind = DocumentKind.QUESTIONNAIRE, encounter: str | None = None) -> Json:
    return document_reference(
        document_id="d1",
        kind=kind,
        pdf=pdf,
        written_at=datetime(2026, 3, 2, 14, 0, tzinfo=UTC),
        author_name="Dr Camille Fictif",
        ehr_patient="Patient/p1",
        ehr_encounter=encounter,
    )


@pytest.mark.parametrize("kind", DocumentKind)
@pytest.mark.parametrize("encounter", ["Encounter/e1", None])
def test_document_is_valid_and_carries_its_bytes(kind: DocumentKind, encounter: str | None) -> None:
    pdf = bytes(range(256))
    resource = _document(pdf, kind, encounter)
    assert validate(read_json(write_json(resource)), "DocumentReference") == []
    typed(resource)
    attachment = resource["content"][0]["attachment"]
    assert base64.b64decode(attachment["data"]) == pdf
    assert attachment["size"] == len(pdf)
    assert base64.b64decode(attachment["hash"]) == hashlib.sha1(pdf, usedforsecurity=False).digest()
    assert resource["type"]["coding"][0]["code"] == kind.value[0]


def test_a_published_text_can_be_sent_as_its_pdf() -> None:
    ours = published("left", PathwayProjector(search_index.index))[f"DocumentReference/{PATHWAY}-exit"]
    sent = with_pdf(ours, b"%PDF-1.7 fictive")
    assert validate(read_json(write_json(sent)), "DocumentReference") == []
    (content,) = sent["content"]
    assert (content["attachment"]["contentType"], content["attachment"]["title"]) == (PDF, "Lettre de sortie")
    assert base64.b64decode(content["attachment"]["data"]) == b"%PDF-1.7 fictive"
    assert {**sent, "content": ours["content"]} == ours


def test_the_same_document_has_the_same_bytes() -> None:
    assert write_json(_document(b"x")) == write_json(_document(b"x"))
