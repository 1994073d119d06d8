"""A Contact that was held -> Encounter: how, by whom, how long, for what. Notes are documents (mappings.papers)."""

from datetime import timedelta

from mappings.code_systems import CONTACT_MODES, CONTACT_TASKS
from mappings.datatypes import (
    coding,
    compact,
    concept,
    head,
    identifier,
    patient_reference,
    period,
    quantity,
    reference,
)
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.events import ContactMode
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.canonical import FR_CORE
from sesame_fhir.fhir.json_types import Json

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"

_VISIT = concept(coding(f"{FR_CORE}/CodeSystem/fr-core-cs-identifier-type", "VN", "Visit Number"))
"""FR Core asks every Encounter for a visit number: the contact's own identifier is ours."""

FIELDS = (
    FieldMap(
        Contact,
        mapped={
            "contact_id": "Encounter.identifier",
            "mode": "Encounter.class, Encounter.type",
            "task": "Encounter.type",
            "planned_at": "Encounter.appointment",
            "at": "Encounter.period",
            "minutes": "Encounter.length, Encounter.period",
            "by": "Encounter.participant",
        },
        omitted={
            "status": "Only a contact that was held is an Encounter.",
            "note": "The shared note is a document of its own (mappings.papers).",
            "private_note": "Its author's own; never published.",
            "screenings": "They refer to the Encounter (mappings.questionnaire_response, mappings.observation).",
            "cancelled_by": "A cancelled contact is an Appointment only.",
            "moved": "Every move is a version of the Appointment.",
            "corrected": "A correction is a version of the Encounter.",
        },
    ),
)


def encounter(contact: Contact, pathway_id: PathwayId) -> Json:
    """Build the Encounter. Raises ValueError for a contact that was not held."""
    if contact.at is None or contact.minutes is None:
        raise ValueError("the contact was not held")
    subject = patient_reference(pathway_id)
    on_site = contact.mode is ContactMode.ON_SITE
    act = coding(_ACT_CODE, "AMB", "ambulatory") if on_site else coding(_ACT_CODE, "VR", "virtual")
    return compact(
        {
            **head("Encounter", contact.contact_id, "contact"),
            "identifier": [{"type": _VISIT, **identifier("contact", contact.contact_id)}],
            "status": "finished",
            "class": act,
            "type": [
                concept(CONTACT_TASKS.coding(contact.task.value)),
                concept(CONTACT_MODES.coding(contact.mode.value)),
            ],
            "subject": subject,
            "episodeOfCare": [reference("EpisodeOfCare", pathway_id)],
            "participant": [
                {
                    "type": [concept(coding(_PARTICIPATION, "PPRF", "primary performer"))],
                    "individual": actor_reference(contact.by, subject),
                }
            ]
            if contact.by
            else None,
            "appointment": [reference("Appointment", contact.contact_id)] if contact.planned_at else None,
            "period": period(contact.at, contact.at + timedelta(minutes=contact.minutes)),
            "length": quantity(contact.minutes, "min", "min"),
        }
    )
