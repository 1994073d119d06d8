"""DocumentReference: a text that we publish, and the PDF that a record takes instead of resources.

A published text may reach a record as the PDF of the same content (``with_pdf``), where one can be made.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from mappings.datatypes import coding, compact, concept, head, identifier, instant, period, reference
from mappings.practitioner import actor_reference
from sesame_fhir.domain.actors import Actor
from sesame_fhir.fhir.canonical import LOINC
from sesame_fhir.fhir.json_types import Json

PDF, TEXT = "application/pdf", "text/plain; charset=utf-8"


class DocumentKind(Enum):
    """LOINC types of the French document catalogue (JDV_J07): code and display."""

    QUESTIONNAIRE = ("74465-6", "Questionnaire patient")
    REFERRAL = ("96349-6", "Lettre d'adressage")
    ASSESSMENT = ("34120-6", "Bilan par professionnel de santé")
    CONTACT = ("11506-3", "CR ou fiche de suivi de soins par auxiliaire médical")
    RELAPSE_PLAN = ("18776-5", "Plan personnalisé de soins")
    EXIT = ("34133-9", "Synthèse d'épisode de soins")


@dataclass(frozen=True, slots=True)
class Paper:
    """A text to publish. ``paper_id`` is its logical id; ``encounter`` the contact in which it was written, if any."""

    paper_id: str
    kind: DocumentKind
    title: str
    written_at: datetime
    author: Actor
    text: str
    encounter: str | None = None


def published_document(paper: Paper, subject: Json) -> Json:
    """Build the DocumentReference that we publish, its text inside."""
    code, display = paper.kind.value
    context = {
        "encounter": [reference("Encounter", paper.encounter)] if paper.encounter else None,
        "period": period(paper.written_at),
    }
    return {
        **head("DocumentReference", paper.paper_id, "document"),
        "status": "current",
        "docStatus": "final",
        "type": concept(coding(LOINC, code, display), text=display),
        "subject": subject,
        "date": instant(paper.written_at),
        "author": [actor_reference(paper.author, subject)],
        "description": f"SÉSAME – {paper.title}",
        "content": [{"attachment": attachment(TEXT, paper.text.encode("utf-8"), paper.title, paper.written_at)}],
        "context": compact(context),
    }


def withdrawn_document(paper: Paper, subject: Json) -> Json:
    """Build what is left of a text that was taken back: the document without its words."""
    document = published_document(paper, subject)
    words = {"attachment": {"contentType": TEXT, "title": paper.title}}
    return {**document, "status": "entered-in-error", "docStatus": "entered-in-error", "content": [words]}


def with_pdf(document: Mapping[str, Any], pdf: bytes) -> Json:
    """Replace the words of a document of ours by its PDF, which is what records show best."""
    known = document["content"][0]["attachment"]
    return {**document, "content": [{"attachment": {**known, **_bytes_of(PDF, pdf)}}]}


def attachment(content_type: str, data: bytes, title: str, created: datetime) -> Json:
    """Build an Attachment that carries its bytes."""
    return {**_bytes_of(content_type, data), "title": title, "creation": instant(created)}


def _bytes_of(content_type: str, data: bytes) -> Json:
    return {
        "contentType": content_type,
        "language": "fr-FR",
        "data": base64.b64encode(data).decode("ascii"),
        "size": len(data),
        # SHA-1 is what R4 defines Attachment.hash to be (and PDSm demands); it guards against damage, not attack.
        "hash": base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode("ascii"),
    }


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
            "content": [{"attachment": attachment(PDF, pdf, display, written_at)}],
            "context": {"encounter": [{"reference": ehr_encounter}]} if ehr_encounter else None,
        }
    )
