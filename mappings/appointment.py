"""A planned Contact -> Appointment: where it stands now; every move is a version of it."""

from datetime import timedelta

from mappings.care_team import member_reference
from mappings.code_systems import CONTACT_MODES, CONTACT_TASKS
from mappings.datatypes import coding, compact, concept, head, instant
from mappings.fields import FieldMap
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.events import CancelledBy, ContactStatus, TeamMember
from sesame_fhir.fhir.json_types import Json

PLANNED_MINUTES = 30
"""Length of a slot in the calendar (own choice: a contact is planned by its start only, and R4 asks for an end)."""

_STATUSES = {
    ContactStatus.PLANNED: "booked",
    ContactStatus.HELD: "fulfilled",
    ContactStatus.MISSED: "noshow",
    ContactStatus.CANCELLED: "cancelled",
}
_CANCELLATION = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
_CANCELLED_BY = {CancelledBy.PATIENT: ("pat", "Patient"), CancelledBy.TEAM: ("prov", "Provider")}

FIELDS = (
    FieldMap(
        Contact,
        mapped={
            "contact_id": "Appointment.identifier",
            "status": "Appointment.status",
            "mode": "Appointment.appointmentType",
            "task": "Appointment.serviceType",
            "planned_at": "Appointment.start",
            "note": "Appointment.comment",
            "cancelled_by": "Appointment.cancelationReason",
        },
        omitted={
            "at": "When it took place is the Encounter's period.",
            "minutes": "How long it took is the Encounter's length.",
            "private_note": "Its author's own; never published.",
            "screenings": "They refer to the Encounter in which they were taken.",
            "by": "The nurse of the team is expected; who held the contact is in the Encounter.",
            "moved": "Every move is a version of the Appointment.",
            "corrected": "A correction is about the contact that was held: the Encounter.",
        },
    ),
)


def appointment(contact: Contact, nurse: TeamMember | None, subject: Json, *, over: bool = False) -> Json:
    """Build the Appointment of a contact that was planned. Raises ValueError for one that was not.

    The note of a contact that was held is the Encounter's document; here is why one was missed or called off.
    ``over``: the pathway is closed, and what was still planned will not take place.
    """
    start = contact.planned_at
    if start is None:
        raise ValueError("the contact was not planned")
    by = None if contact.cancelled_by is None else _CANCELLED_BY[contact.cancelled_by]
    return compact(
        {
            **head("Appointment", contact.contact_id, "contact"),
            "status": "cancelled" if over and contact.status is ContactStatus.PLANNED else _STATUSES[contact.status],
            "cancelationReason": concept(coding(_CANCELLATION, *by)) if by else None,
            "serviceType": [concept(CONTACT_TASKS.coding(contact.task.value))],
            "appointmentType": concept(CONTACT_MODES.coding(contact.mode.value)),
            "start": instant(start),
            "end": instant(start + timedelta(minutes=PLANNED_MINUTES)),
            "comment": None if contact.status is ContactStatus.HELD else contact.note,
            "participant": [
                {"actor": subject, "status": "accepted"},
                *([{"actor": member_reference(nurse), "status": "accepted"}] if nurse else ()),
            ],
        }
    )
