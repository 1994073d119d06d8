"""Pathway -> AgendaSlot: the planned contacts, as the calendar shows them."""

from mappings.fields import FieldMap
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import OPEN
from sesame_fhir.services.caseload import AgendaSlot

FIELDS = (
    FieldMap(
        Contact,
        mapped={
            "contact_id": "AgendaSlot.contact_id",
            "status": "AgendaSlot (planned contacts only)",
            "mode": "AgendaSlot.mode",
            "task": "AgendaSlot.task",
            "planned_at": "AgendaSlot.planned_at",
        },
        omitted={
            "at": "A contact still to come has not taken place.",
            "minutes": "A contact still to come has no duration yet.",
            "note": "The calendar shows no clinical text.",
            "private_note": "Its author's own; never shown elsewhere.",
            "screenings": "A contact still to come has none.",
            "by": "The slot is the team's nurse's, whoever planned it.",
            "cancelled_by": "A cancelled contact is not in the calendar.",
            "moved": "The calendar shows where it is now.",
            "corrected": "Only a contact that was held is corrected.",
        },
    ),
)


def agenda_slots(pathway: Pathway) -> tuple[AgendaSlot, ...]:
    """Contacts still to come of an open pathway, soonest first; none for a closed one, or one that has not begun."""
    traits, site, nurse = pathway.traits, pathway.site, pathway.member(Role.NURSE)
    if traits is None or site is None or pathway.state not in OPEN:
        return ()
    return tuple(
        AgendaSlot(
            contact.contact_id,
            pathway.pathway_id,
            site,
            nurse.actor_id if nurse else None,
            traits.family,
            traits.given,
            contact.planned_at,
            contact.mode,
            contact.task,
        )
        for contact in pathway.planned_contacts
        if contact.planned_at is not None
    )
