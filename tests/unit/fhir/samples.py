"""Small valid resources to start from, and a way to change one place of them."""

import copy
import json
from decimal import Decimal
from pathlib import Path as File

from sesame_fhir.fhir.json_types import Json, Path

REMOVE = object()
"""As a new value: take the element away."""


def changed(resource: Json, *changes: tuple[Path, object]) -> Json:
    """A deep copy with each path set to a value (or removed)."""
    made = copy.deepcopy(resource)
    for path, value in changes:
        node = made
        for step in path[:-1]:
            node = node[step]  # type: ignore[index]  # JSON: objects by name, lists by position
        if value is REMOVE:
            del node[path[-1]]  # type: ignore[arg-type]
        else:
            node[path[-1]] = value  # type: ignore[index]
    return made


PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"use": "official", "system": "urn:oid:1.2.250.1.213.1.4.10", "value": "255069999999934"}],
    "name": [{"use": "official", "family": "Zoé-Létourneau", "given": ["Chloé", "Anne"]}],
    "telecom": [{"system": "phone", "value": "0199000001"}],
    "gender": "female",
    "birthDate": "1955-06-15",
}

RESPONSE: Json = {
    "resourceType": "QuestionnaireResponse",
    "id": "r1",
    "questionnaire": "https://sesame-fhir.fr/ig/Questionnaire/phq-9|1.0.0",
    "status": "completed",
    "subject": {"reference": "Patient/p1"},
    "authored": "2024-02-29T10:00:00+01:00",
    "author": {"reference": "Practitioner/d1"},
    "item": [
        {
            "linkId": f"/4425{place}-9",
            "text": "Peu d'intérêt ou de plaisir à faire les choses",
            "answer": [
                {"valueCoding": {"system": "http://loinc.org", "code": "LA6569-3", "display": "Plusieurs jours"}}
            ],
        }
        for place in range(10)
    ],
}

OBSERVATION: Json = {
    "resourceType": "Observation",
    "status": "final",
    "category": [
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}]}
    ],
    "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2024-03-01",
    "valueQuantity": {"value": Decimal(13), "system": "http://unitsofmeasure.org", "code": "{score}"},
    "derivedFrom": [{"reference": "QuestionnaireResponse/r1"}],
}

CLAIM: Json = {
    "resourceType": "Claim",
    "status": "active",
    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]},
    "use": "claim",
    "patient": {"reference": "Patient/p1"},
    "created": "2024-06-30",
    "provider": {"reference": "Organization/o1"},
    "priority": {"coding": [{"code": "normal"}]},
    "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/c1"}}],
    "total": {"value": Decimal("0.10"), "currency": "EUR"},
}

CARE_PLAN: Json = {
    "resourceType": "CarePlan",
    "status": "active",
    "intent": "plan",
    "subject": {"reference": "Patient/p1"},
    "period": {"start": "2024-01-01", "end": "2024-03"},
    "activity": [{"detail": {"status": "scheduled", "description": "Appel de suivi"}}],
}

QUESTIONNAIRE: Json = {
    "resourceType": "Questionnaire",
    "url": "https://sesame-fhir.fr/ig/Questionnaire/q",
    "version": "1.0.0",
    "status": "active",
    "item": [
        {"linkId": "a", "type": "string"},
        {"linkId": "g", "type": "group", "item": [{"linkId": "b", "type": "date"}]},
    ],
}

SAMPLES: list[Json] = json.loads(File(__file__).with_name("search_samples.json").read_text(encoding="utf-8"))
"""Valid resources: each search parameter finds something in one of its type's."""

SEARCHABLE: dict[str, Json] = {sample["resourceType"]: sample for sample in reversed(SAMPLES)}
"""The first of each type that can be searched."""
