"""Appointment: a contact to plan, to move, to call off, or one that the patient missed."""

from mappings.code_systems import CONTACT_MODES, CONTACT_TASKS
from mappings.incoming import appointment as incoming
from mappings.incoming.elements import codings
from sesame_fhir.api.facade.commands.handler import Handler
from sesame_fhir.api.facade.commands.patients import own_pathway, pathway_of
from sesame_fhir.api.facade.commands.submitted import Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects
from sesame_fhir.services.contacts import NextContact, cancel_contact, miss_contact, move_contact, plan_contact
from sesame_fhir.services.errors import NotFound


def _concerns(resource: Json) -> bool:
    return incoming.is_ours(resource) and resource.get("status") not in incoming.UNDECIDED


def _create(write: Write) -> Written:
    planned = incoming.planned(write.resource, write.submitted.resource_id)
    pathway = pathway_of(write, incoming.subject_of(write.resource))
    command = write.command(write.acting(_professional(write.resource)), pathway, planned.contact_id)
    plan_contact(write.engine, command, pathway.pathway_id, planned)
    return Written(write.kind, planned.contact_id)


def _update(write: Write) -> Written:
    pathway, contact_id = own_pathway(write), write.submitted.resource_id
    contact = pathway.contact(contact_id)
    if contact is None:
        raise NotFound(contact_id)
    if write.resource.get("status") == write.before.get("status") != "booked":
        return write.keep(pathway, contact_id)
    act = incoming.outcome(write.resource)
    if isinstance(act, NextContact):
        return _still_planned(write, pathway, contact, act)
    command = write.command(write.acting(_professional(write.resource)), pathway, contact_id)
    if isinstance(act, incoming.Cancelled):
        cancel_contact(write.engine, command, pathway.pathway_id, contact_id, by=act.by, note=act.note)
    else:
        miss_contact(write.engine, command, pathway.pathway_id, contact_id, note=act.note)
    return Written(write.kind, contact_id, created=False)


def _still_planned(write: Write, pathway: Pathway, contact: Contact, planned: NextContact) -> Written:
    if _codes(write.resource) != _codes(write.before):
        text = "Un rendez-vous change d'heure ; pour un autre mode ou un autre objet, l'annuler et en prendre un autre."
        raise write.not_offered(text, "Appointment.appointmentType", "Appointment.serviceType")
    if planned.planned_at == contact.planned_at and write.before.get("status") == "booked":
        return write.keep(pathway, contact.contact_id)
    command = write.command(write.acting(_professional(write.resource)), pathway, contact.contact_id)
    move_contact(write.engine, command, pathway.pathway_id, contact.contact_id, planned.planned_at)
    return Written(write.kind, contact.contact_id, created=False)


def _codes(resource: Json) -> set[tuple[str, str]]:
    concepts = [child(resource, "appointmentType"), *objects(resource, "serviceType")]
    ours = {CONTACT_MODES.url, CONTACT_TASKS.url}
    return {(c["system"], c.get("code", "")) for c in codings(*concepts) if c.get("system") in ours}


def _professional(resource: Json) -> Json:
    """Who is expected beside the patient."""
    actors = [child(one, "actor") for one in objects(resource, "participant")]
    named = (a for a in actors if a.get("type") == "Practitioner" or "Practitioner/" in str(a.get("reference", "")))
    return next(named, {})


HANDLER = Handler(_concerns, _create, _update)
