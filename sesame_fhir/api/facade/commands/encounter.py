"""Encounter: a contact that was held, planned before or not, or written again."""

from mappings.incoming import encounter as incoming
from sesame_fhir.api.facade.commands.handler import Handler
from sesame_fhir.api.facade.commands.patients import own_pathway, pathway_of
from sesame_fhir.api.facade.commands.submitted import Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.events import ContactCorrected
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.walk import child, objects
from sesame_fhir.services.contacts import HoldContact, correct_contact, hold_contact
from sesame_fhir.services.errors import NotFound


def _concerns(resource: Json) -> bool:
    return incoming.is_ours(resource) and resource.get("status") == "finished"


def _create(write: Write) -> Written:
    """A contact has one id, as Appointment and as Encounter: that of the planned one, when it is named."""
    held = incoming.held(write.resource)
    pathway = pathway_of(write, child(write.resource, "subject"))
    planned = None if held.appointment is None else pathway.contact(held.appointment)
    contact_id = write.submitted.resource_id if planned is None else planned.contact_id
    if write.submitted.method != "POST" and contact_id != write.submitted.resource_id:
        raise write.not_offered(f"Le contact de ce rendez-vous a l'id {contact_id}.", "Encounter.id")
    contact = HoldContact(
        contact_id, held.mode, held.minutes, held.task, taken=_taken(pathway, write.submitted.resource_id, contact_id)
    )
    command = write.command(write.acting(_performer(write.resource)), pathway, contact_id, held.at)
    hold_contact(write.engine, command, pathway.pathway_id, contact)
    return Written(write.kind, contact_id)


def _taken(pathway: Pathway, *encounters: str) -> tuple[ScreeningId, ...]:
    """Screenings whose responses came before, and named this Encounter."""
    named = {f"Encounter/{one}" for one in encounters}
    return tuple(
        screening.screening_id
        for screening in pathway.screenings
        if _encounter(pathway.kept.get(f"QuestionnaireResponse/{screening.screening_id}")) in named
    )


def _encounter(kept: str | None) -> str:
    return "" if kept is None else str(child(read_json(kept.encode()), "encounter").get("reference", ""))


def _update(write: Write) -> Written:
    pathway, contact_id = own_pathway(write), write.submitted.resource_id
    contact = pathway.contact(contact_id)
    if contact is None:
        raise NotFound(contact_id)
    if write.resource.get("status") != "finished":
        text = "Un contact tenu se corrige ; il ne se retire pas."
        raise write.not_offered(text, "Encounter.status")
    held = incoming.held(write.resource)
    if held.at != contact.at:
        raise write.not_offered("Le début d'un contact tenu ne change plus.", "Encounter.period.start")
    if _same(contact, held):
        return write.keep(pathway, contact_id)
    command = write.command(write.acting(_performer(write.resource)), pathway, contact_id)
    corrected = ContactCorrected(contact_id, held.mode, held.minutes, contact.note, held.task, contact.private_note)
    correct_contact(write.engine, command, pathway.pathway_id, corrected)
    return Written(write.kind, contact_id, created=False)


def _same(contact: Contact, held: incoming.Held) -> bool:
    return (contact.mode, contact.minutes, contact.task) == (held.mode, held.minutes, held.task)


def _performer(resource: Json) -> Json:
    people = [child(one, "individual") for one in objects(resource, "participant")]
    named = (p for p in people if p.get("type") == "Practitioner" or "Practitioner/" in str(p.get("reference", "")))
    return next(named, {})


HANDLER = Handler(_concerns, _create, _update)
