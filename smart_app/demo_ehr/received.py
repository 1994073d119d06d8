"""The resources that arrived in the record from outside, each with a line that a clinician can read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.records import StoredResource
from sesame_fhir.services.search import SearchQuery
from smart_app.demo_ehr import french
from smart_app.demo_ehr.record import concept_text, of_patient
from smart_app.demo_ehr.seed.terms import TEST_DATA

RECEIVED_TYPES = {
    "QuestionnaireResponse": "Réponses à un questionnaire",
    "Observation": "Score",
    "ServiceRequest": "Adressage",
    "Task": "Tâche",
    "Communication": "Message",
    "DocumentReference": "Document",
    "EpisodeOfCare": "Parcours",
}
"""Types looked for (those the facade can search by patient), with their French name, in the order of ties."""

_PAGE = 50
_LONGEST_TEXT = 400
"""Longer texts (a PDF in base64) are cut in the JSON shown..."""
_KEPT_TEXT = 80
"""... to that many characters."""


@dataclass(frozen=True, slots=True)
class Received:
    """One resource of the list. ``json`` is indented text, long values cut."""

    resource_type: str
    resource_id: str
    label: str
    at: datetime
    version: int
    status: str
    summary: str
    json: str


def received(resources: ResourceStore, patient_id: str) -> tuple[Received, ...]:
    """What others wrote about this patient, newest first; the demo record's own resources are left out."""
    found = [
        item
        for resource_type in RECEIVED_TYPES
        for item in resources.search(SearchQuery(resource_type, (of_patient(patient_id),), count=_PAGE)).resources
    ]
    shown = (_received(item, read_json(item.body)) for item in found if item.body is not None)
    arrived = [item for item in shown if item is not None]
    return tuple(sorted(arrived, key=lambda item: item.at, reverse=True))


def fingerprint(items: tuple[Received, ...]) -> str:
    """Changes when the list does: pages use it to know whether there is something new."""
    newest = max((item.at.isoformat() for item in items), default="")
    return f"{len(items)}-{sum(item.version for item in items)}-{newest}"


def _received(stored: StoredResource, resource: Json) -> Received | None:
    if TEST_DATA in resource.get("meta", {}).get("tag", ()):
        return None
    status = str(resource.get("status", ""))
    return Received(
        resource_type=stored.resource_type,
        resource_id=stored.resource_id,
        label=RECEIVED_TYPES[stored.resource_type],
        at=stored.last_updated,
        version=stored.version,
        status=french.STATUSES.get(status, status),
        summary=_SUMMARIES.get(stored.resource_type, _plain)(resource),
        json=msgspec.json.format(write_json(_shortened(resource)), indent=2).decode(),
    )


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shortened(inner) for inner in value]
    if isinstance(value, str) and len(value) > _LONGEST_TEXT:
        return f"{value[:_KEPT_TEXT]}… ({len(value)} caractères)"
    return value


def _answers(response: Json) -> str:
    form = str(response.get("questionnaire", "")).partition("|")[0].rpartition("/")[2].upper()
    count = sum("answer" in item for item in response.get("item", ()))
    return f"{form or 'Questionnaire'}, {count} réponse{'s' if count > 1 else ''}"


def _score(observation: Json) -> str:
    name = concept_text(observation.get("code", {}))
    value = observation.get("valueQuantity", {}).get("value")
    meaning = ", ".join(concept_text(part) for part in observation.get("interpretation", ()))
    return " ".join(
        part for part in (name, f": {value}" if value is not None else "", f"({meaning})" if meaning else "") if part
    )


def _referral(request: Json) -> str:
    reasons = ", ".join(concept_text(part) for part in request.get("reasonCode", ()))
    return " : ".join(part for part in (concept_text(request.get("code", {})), reasons) if part)


def _document(document: Json) -> str:
    titles = (part.get("attachment", {}).get("title", "") for part in document.get("content", ()))
    return str(document.get("description") or ", ".join(filter(None, titles)) or concept_text(document.get("type", {})))


def _said(communication: Json) -> str:
    return " ".join(str(part.get("contentString", "")) for part in communication.get("payload", ()))


def _asked(task: Json) -> str:
    """What is asked, and why it was refused or changed: a clinician must not have to open the JSON for that."""
    notes = (note.get("text", "") for note in task.get("note", ()))
    return " : ".join(part for part in (_plain(task), concept_text(task.get("statusReason", {})), *notes) if part)


def _plain(resource: Json) -> str:
    return str(resource.get("description") or concept_text(resource.get("code", {})))


_SUMMARIES: dict[str, Callable[[Json], str]] = {
    "QuestionnaireResponse": _answers,
    "Observation": _score,
    "ServiceRequest": _referral,
    "DocumentReference": _document,
    "Communication": _said,
    "Task": _asked,
}
"""One line per type; the others say what their description or code says."""
