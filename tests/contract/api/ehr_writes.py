"""Resources as an EHR writes them, and pathways begun with them."""

from datetime import timedelta
from typing import Any

from mappings.code_systems import CONTACT_MODES, REFERRAL
from mappings.datatypes import concept, instant
from mappings.incoming.service_request import ELIGIBILITY
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.transitions import State
from tests.contract.api.harness import World
from tests.contract.api.pathways import PathwayWorld, by, recorded_by
from tests.support.story import GP, NURSE, answered

THEIRS = {"url": "https://example.org/fhir/StructureDefinition/room", "valueString": "Salle 2"}
CRITERIA = {"psychiatricFollowUp": False, "mastersFrench": True, "commonMentalDisorder": True, "patientAgrees": True}
UCUM = "http://unitsofmeasure.org"


def response(world: World, weights: str = "222222220", subject: str = "Patient/px", **changes: Any) -> dict[str, Any]:
    """A PHQ-9, as an EHR fills it in."""
    answers = answered(InstrumentId.PHQ_9, weights)
    answers["69722-7"] = "LA6572-7"
    item = [
        {"linkId": link, "answer": [{"valueCoding": {"system": "http://loinc.org", "code": code}}]}
        for link, code in answers.items()
    ]
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"https://sesame-fhir.fr/ig/Questionnaire/phq-9|{INSTRUMENTS[InstrumentId.PHQ_9].version}",
        "status": "completed",
        "subject": {"reference": subject},
        "authored": instant(world.clock.now()),
        "author": by(GP),
        "item": item,
        **changes,
    }


def request(subject: str, criteria: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A referral with the criteria that the GP has answered."""
    given = CRITERIA if criteria is None else criteria
    parts = [{"url": name, "valueString" if isinstance(v, str) else "valueBoolean": v} for name, v in given.items()]
    return {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "code": concept(REFERRAL.coding("referral")),
        "subject": {"reference": subject},
        "requester": by(GP),
        **({"extension": [{"url": ELIGIBILITY, "extension": parts}]} if parts else {}),
        **changes,
    }


def booking(world: World, subject: str, days: int = 7, **changes: Any) -> dict[str, Any]:
    """A contact by phone."""
    start = world.clock.now() + timedelta(days=days)
    return {
        "resourceType": "Appointment",
        "status": "booked",
        "appointmentType": concept(CONTACT_MODES.coding("phone")),
        "start": instant(start),
        "end": instant(start + timedelta(minutes=30)),
        "participant": [
            {"actor": {"reference": subject}, "status": "accepted"},
            {"actor": by(NURSE), "status": "accepted"},
        ],
        **changes,
    }


def visit(world: World, subject: str, **changes: Any) -> dict[str, Any]:
    """A contact that has just been held."""
    return {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "VR"},
        "type": [concept(CONTACT_MODES.coding("phone"))],
        "subject": {"reference": subject},
        "participant": [{"individual": by(NURSE)}],
        "period": {"start": instant(world.clock.now())},
        "length": {"value": 20, "system": UCUM, "code": "min"},
        **changes,
    }


def agreement(subject: str, purpose: str = "care-team", status: str = "active") -> dict[str, Any]:
    """What the patient says, as an EHR writes it."""
    system = "http://terminology.hl7.org/CodeSystem/consentscope"
    rule = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]}
    return recorded_by(
        {
            "resourceType": "Consent",
            "status": status,
            "scope": {"coding": [{"system": system, "code": "patient-privacy"}]},
            "category": [
                {"coding": [{"system": "https://sesame-fhir.fr/ig/CodeSystem/sesame-consent-purpose", "code": purpose}]}
            ],
            "patient": {"reference": subject},
            "policyRule": rule,
        },
        NURSE,
    )


def screened(world: PathwayWorld, weights: str = "222222220") -> str:
    """A pathway begun by a response; the reference to its patient."""
    made = world.post(world.system(), response(world, weights))
    assert made.status == 201, made.body
    return str(made.body["subject"]["reference"])


def taken(world: PathwayWorld) -> tuple[str, str]:
    """Referred and taken by the nurse: the patient and the referral."""
    subject = screened(world)
    made = world.post(world.system(), request(subject))
    assert made.status == 201, made.body
    task = world.read(f"Task/{made.body['id']}")
    accepted = world.put(world.system(), {**task, "status": "accepted", "owner": by(NURSE)})
    assert accepted.status == 200, accepted.body
    return subject, str(made.body["id"])


def state(world: PathwayWorld, subject: str) -> State:
    return world.engine.load(PathwayId(subject.removeprefix("Patient/"))).state
