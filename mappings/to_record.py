"""The copy of a published resource that goes to an EHR's record: its references become the record's own.

What was published stays as it is; nothing of our server (ids, meta, hosts) reaches the record, except the business
identifier, by which the record is searched before anything is written a second time.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from mappings.datatypes import coding, compact, concept, identifier, instant
from sesame_fhir.fhir.canonical import LOINC
from sesame_fhir.fhir.json_types import Json

_WITH_ENCOUNTER = frozenset({"QuestionnaireResponse", "Observation", "ServiceRequest", "Task"})
_OURS: dict[str, str] = {
    "QuestionnaireResponse": "screening",
    "Observation": "screening",
    "Flag": "screening",
    "ServiceRequest": "referral",
    "Task": "referral",
}
"""Types that carry one of our business identifiers whose value is their id: kind of identifier by type."""


class DocumentKind(Enum):
    """LOINC types of the French document catalogue (JDV_J07): code and display."""

    QUESTIONNAIRE = ("74465-6", "Questionnaire patient")
    REFERRAL = ("96349-6", "Lettre d'adressage")


@dataclass(frozen=True, slots=True)
class _Record:
    patient: str
    practitioner: str | None
    delivered: Mapping[str, str]


def for_record(
    resource: Mapping[str, Any],
    ehr_patient: str,
    ehr_encounter: str | None,
    ehr_practitioner: str | None,
    delivered: Mapping[str, str],
) -> Json:
    """Build the copy for the record.

    Args:
        resource: a published resource of ours; not changed.
        ehr_patient: the record's ``Patient/…``; replaces our Patient wherever it is referred to.
        ehr_encounter: the record's ``Encounter/…`` of the consultation, when there is one.
        ehr_practitioner: the record's ``Practitioner/…`` of the professional whom ``resource`` names. None when the
            record does not know that person: the name alone is sent, never somebody else's reference.
        delivered: our ``Type/id`` -> the record's; a reference to something not delivered becomes a logical one by our
            business identifier, or is left out when it has none.
    """
    record = _Record(ehr_patient, ehr_practitioner, delivered)
    copy = {name: _rewritten(value, record) for name, value in resource.items() if name not in {"id", "meta"}}
    if ehr_encounter is not None and resource.get("resourceType") in _WITH_ENCOUNTER:
        copy["encounter"] = {"reference": ehr_encounter}
    return compact(copy)


def document_reference(
    *,
    document_id: str,
    kind: DocumentKind,
    pdf: bytes,
    written_at: datetime,
    author_name: str,
    ehr_patient: str,
    ehr_encounter: str | None = None,
    ehr_practitioner: str | None = None,
) -> Json:
    """Build the DocumentReference that carries the PDF in itself, for a record that takes documents only.

    ``document_id`` is the business identifier's value: a corrected document keeps it, so that it is replaced.
    """
    code, display = kind.value
    author = {"reference": ehr_practitioner, "display": author_name} if ehr_practitioner else {"display": author_name}
    attachment = {
        "contentType": "application/pdf",
        "language": "fr-FR",
        "data": base64.b64encode(pdf).decode("ascii"),
        "size": len(pdf),
        # SHA-1 is what R4 defines Attachment.hash to be (and PDSm demands); it guards against damage, not attack.
        "hash": base64.b64encode(hashlib.sha1(pdf, usedforsecurity=False).digest()).decode("ascii"),
        "title": display,
        "creation": instant(written_at),
    }
    return compact(
        {
            "resourceType": "DocumentReference",
            "language": "fr",
            "identifier": [identifier("document", document_id)],
            "status": "current",
            "docStatus": "final",
            "type": concept(coding(LOINC, code, display), text=display),
            "subject": {"reference": ehr_patient},
            "date": instant(written_at),
            "author": [author],
            "description": f"SÉSAME – {display}",
            "content": [{"attachment": attachment}],
            "context": {"encounter": [{"reference": ehr_encounter}]} if ehr_encounter else None,
        }
    )


def _rewritten(value: Any, record: _Record) -> Any:
    if isinstance(value, list):
        return [item for item in (_rewritten(inner, record) for inner in value) if item not in (None, {}, [])]
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("reference"), str):
        return _reference(value, record)
    if value.get("type") == "Practitioner":
        return _practitioner(value, record)
    return compact({name: _rewritten(inner, record) for name, inner in value.items()})


def _reference(value: Mapping[str, Any], record: _Record) -> Json | None:
    target = str(value["reference"])
    resource_type, _, resource_id = target.partition("/")
    display = value.get("display")
    if resource_type == "Patient":
        return compact({"reference": record.patient, "display": display})
    if target in record.delivered:
        return compact({"reference": record.delivered[target], "display": display})
    kind = _OURS.get(resource_type)
    if kind is None:
        return None
    return compact({"type": resource_type, "identifier": identifier(kind, resource_id), "display": display})


def _practitioner(value: Mapping[str, Any], record: _Record) -> Json:
    return compact({"reference": record.practitioner, "display": value.get("display")})
