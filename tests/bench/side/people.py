"""Synthetic patients, ten resources each, that any FHIR server takes: what is stored, and what is written by the bench.

Finished answers and encounters would be commands of a pathway here and plain resources there: what is written is a
draft, and an encounter under way, which both servers store as they are. The facade writes no CarePlan that comes from
outside, so the plan of a visit is a Condition with the plan as its note, of about the same size, on both servers.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from mappings.profiles import load_questionnaires

Json = dict[str, Any]

EACH = 10
"""Resources of one patient: Patient, Encounter, QuestionnaireResponse and seven Observations."""

OBSERVATIONS = 7
PHQ9 = "https://sesame-fhir.fr/ig/Questionnaire/phq-9"

_START = datetime(2020, 1, 6, 8, 0, tzinfo=UTC)
_LOINC = "http://loinc.org"
_PLAN = "Entretien infirmier hebdomadaire, activation comportementale, PHQ-9 à quatre semaines. " * 12


def patient_id(number: int) -> str:
    """Logical id of the ``number``-th patient."""
    return f"p{number}"


def resources(number: int) -> Iterator[Json]:
    """Everything that is stored of one patient."""
    yield {
        "resourceType": "Patient",
        "id": patient_id(number),
        "identifier": [{"system": "https://sesame-fhir.fr/ig/identifier/bench", "value": str(number)}],
        "name": [{"family": f"Fictif{number}", "given": ["Jeanne"]}],
        "gender": "female",
        "birthDate": f"{1940 + number % 60}-03-0{1 + number % 9}",
    }
    yield {**encounter(number), "id": f"e{number}"}
    yield {**response(number), "id": f"r{number}"}
    for place in range(OBSERVATIONS):
        yield {**observation(number, place), "id": f"o{number}-{place}"}


def encounter(number: int, subject: str | None = None) -> Json:
    """An encounter under way."""
    return {
        "resourceType": "Encounter",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
        "subject": {"reference": subject or f"Patient/{patient_id(number)}"},
        "period": {"start": _at(number)},
    }


def observation(number: int, place: int, encounter_of: str | None = None) -> Json:
    """One score of a patient."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "survey"}]}
        ],
        "code": {"coding": [{"system": _LOINC, "code": ("44261-6", "70274-6")[place % 2], "display": "Score total"}]},
        "subject": {"reference": f"Patient/{patient_id(number)}"},
        "encounter": {"reference": encounter_of or f"Encounter/e{number}"},
        "effectiveDateTime": _at(number, place),
        "valueInteger": (number + place) % 28,
    }


def response(number: int) -> Json:
    """A draft of a PHQ-9, all questions answered."""
    subject = {"reference": f"Patient/{patient_id(number)}"}
    items = [
        {"linkId": link, "text": text, "answer": [answers[(number + place) % len(answers)]]}
        for place, (link, text, answers) in enumerate(_questions())
    ]
    total = sum((number + place) % len(answers) for place, (_, _, answers) in enumerate(_questions()))
    items.append({"linkId": "44261-6", "text": "Score total", "answer": [{"valueInteger": total}]})
    return {
        "resourceType": "QuestionnaireResponse",
        "language": "fr",
        "questionnaire": f"{PHQ9}|1.0.0",
        "status": "in-progress",
        "subject": subject,
        "authored": _at(number),
        "source": subject,
        "item": items,
    }


def visit(number: int) -> Json:
    """A whole visit as a transaction: answers, two scores, the encounter they link to, what was agreed."""
    met = f"urn:uuid:00000000-0000-4000-8000-{number:012x}"
    plan = {
        "resourceType": "Condition",
        "code": {"text": "Épisode dépressif"},
        "subject": {"reference": f"Patient/{patient_id(number)}"},
        "encounter": {"reference": met},
        "note": [{"text": _PLAN.strip()}],
    }
    return _bundle(
        [
            (met, encounter(number)),
            (None, {**response(number), "encounter": {"reference": met}}),
            (None, observation(number, 0, met)),
            (None, observation(number, 1, met)),
            (None, plan),
        ]
    )


def _bundle(found: list[tuple[str | None, Json]]) -> Json:
    entries = [
        {
            **({"fullUrl": url} if url else {}),
            "resource": resource,
            "request": {"method": "POST", "url": resource["resourceType"]},
        }
        for url, resource in found
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def questionnaire() -> Json:
    """The PHQ-9, for the server that does not bring it along."""
    return load_questionnaires()[PHQ9]


@cache
def _questions() -> tuple[tuple[str, str, tuple[Json, ...]], ...]:
    """Link, text and answers of each question."""
    asked = [item for item in questionnaire()["item"] if item["type"] == "choice"]
    return tuple((item["linkId"], item["text"], tuple(_answer(one) for one in item["answerOption"])) for item in asked)


def _answer(option: Json) -> Json:
    coding = option["valueCoding"]
    return {"valueCoding": {name: coding[name] for name in ("system", "code", "display")}}


def _at(number: int, minutes: int = 0) -> str:
    return (_START + timedelta(minutes=number % 2_000_000 + minutes)).isoformat()
