"""What the record knew before today: problems, treatments, earlier scores, psychiatric follow-up."""

from collections.abc import Iterator
from datetime import date, timedelta

from mappings.datatypes import coding, concept, reference
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.fhir.canonical import CONDITION_CLINICAL, ICD_10, LOINC, OBSERVATION_CATEGORY, UCUM
from sesame_fhir.fhir.json_types import Json
from smart_app.demo_ehr.seed.people import PastScore, Person
from smart_app.demo_ehr.seed.staff import PSYCHIATRY_ID, STAFF
from smart_app.demo_ehr.seed.terms import ATC, named, start

_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
_SINCE = timedelta(days=420)
"""Problems and treatments of the demo began that long before today."""


def history(person: Person, today: date) -> Iterator[Json]:
    """Resources older than today's consultation, in a stable order with stable ids."""
    since = today - _SINCE
    for rank, (code, text) in enumerate(person.conditions, start=1):
        yield _condition(person, rank, concept(coding(ICD_10, code), text=text), since)
    for rank, (code, text, dosage) in enumerate(person.medications, start=1):
        yield _treatment(person, rank, concept(coding(ATC, code), text=text), dosage, since)
    for rank, score in enumerate(person.scores, start=1):
        yield _score(person, rank, score, today)
    if person.psychiatric_follow_up:
        yield _psychiatric_episode(person, since)


def _condition(person: Person, rank: int, code: Json, since: date) -> Json:
    return {
        **start("Condition", f"problem-{person.number:02d}-{rank}"),
        "clinicalStatus": {"coding": [{"system": CONDITION_CLINICAL, "code": "active"}]},
        "verificationStatus": {"coding": [{"system": _VERIFICATION, "code": "confirmed"}]},
        "category": [{"coding": [{"system": _CATEGORY, "code": "problem-list-item"}]}],
        "code": code,
        "subject": reference("Patient", person.patient_id),
        "onsetDateTime": since.isoformat(),
        "recordedDate": since.isoformat(),
    }


def _treatment(person: Person, rank: int, medication: Json, dosage: str, since: date) -> Json:
    return {
        **start("MedicationStatement", f"treatment-{person.number:02d}-{rank}"),
        "status": "active",
        "medicationCodeableConcept": medication,
        "subject": reference("Patient", person.patient_id),
        "effectivePeriod": {"start": since.isoformat()},
        "dateAsserted": since.isoformat(),
        "dosage": [{"text": dosage}],
    }


def _score(person: Person, rank: int, score: PastScore, today: date) -> Json:
    instrument = INSTRUMENTS[score.instrument]
    taken = today - timedelta(days=score.days_ago)
    return {
        **start("Observation", f"score-{person.number:02d}-{rank}"),
        "status": "final",
        "category": [{"coding": [{"system": OBSERVATION_CATEGORY, "code": "survey"}]}],
        "code": {
            "coding": [{"system": LOINC, "code": instrument.total_loinc}],
            "text": f"{instrument.title}, score total",
        },
        "subject": reference("Patient", person.patient_id),
        "effectiveDateTime": taken.isoformat(),
        "performer": [named("Practitioner", person.gp_id, STAFF[person.gp_id].display)],
        "valueQuantity": {"value": score.total, "unit": "{score}", "system": UCUM, "code": "{score}"},
    }


def _psychiatric_episode(person: Person, since: date) -> Json:
    psychiatrist = STAFF["psychiatrist-1"]
    return {
        **start("EpisodeOfCare", f"psychiatry-{person.number:02d}"),
        "status": "active",
        "type": [{"text": "Suivi psychiatrique"}],
        "patient": reference("Patient", person.patient_id),
        "managingOrganization": named("Organization", PSYCHIATRY_ID, "Service de psychiatrie"),
        "period": {"start": since.isoformat()},
        "careManager": named("Practitioner", psychiatrist.staff_id, psychiatrist.display),
    }
