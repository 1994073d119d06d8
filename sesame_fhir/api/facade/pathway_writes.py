"""Which writes of the facade are commands of a pathway: they pass the use cases that the pages pass.

What is no command stays a resource of the record: ``pathway_write`` says so with None, and the caller stores it as it
came.
"""

from collections.abc import Mapping

from mappings.consent import consent_id
from mappings.coverage import coverage_id
from mappings.incoming.elements import refuse_modifiers
from sesame_fhir.api.bearer import Caller
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.commands import appointment, consent, coverage, encounter, referral, screening, task
from sesame_fhir.api.facade.commands.handler import Handler
from sesame_fhir.api.facade.commands.submitted import Submitted, Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.services.records import Origin
from sesame_fhir.services.unit import Unit

__all__ = ["Submitted", "Written", "pathway_write"]

_HANDLERS: Mapping[str, Handler] = {
    "Appointment": appointment.HANDLER,
    "Consent": consent.HANDLER,
    "Coverage": coverage.HANDLER,
    "Encounter": encounter.HANDLER,
    "QuestionnaireResponse": screening.HANDLER,
    "ServiceRequest": referral.HANDLER,
    "Task": task.HANDLER,
}


def pathway_write(deps: ApiDeps, unit: Unit, caller: Caller, submitted: Submitted) -> Written | None:
    """Stage the command in the unit; None when this is no command, and the resource is to be stored as it is.

    The id that a create proposes may give way to another one: a contact has the same as Appointment and as Encounter,
    and a pathway has one Consent for each purpose.

    Raises:
        Refused: the rules of the pathway stand against it; every reason is given.
        UnprocessableResource: something that the use case needs is absent or contradictory.
        BelongsToPathway: there is no use case for this change.
        Conflict: the pathway has changed meanwhile.
    """
    handler, current = _HANDLERS.get(str(submitted.resource["resourceType"])), submitted.current
    if unit.engine is None or handler is None:
        return None
    write = Write(deps, unit, unit.engine, caller, submitted)
    published = current is not None and current.origin is Origin.PATHWAY
    if not published and not handler.concerns(submitted.resource):
        return None
    refuse_modifiers(submitted.resource)
    if published:
        return handler.update(write)
    if current is not None:
        text = (
            "Ce brouillon ne devient pas une ressource du parcours : l'envoyer par POST, puis supprimer le brouillon."
        )
        raise write.not_offered(text, f"{write.kind}.status")
    return _done_before(write) or handler.create(write)


def _done_before(write: Write) -> Written | None:
    """What this very request has made already, when it comes again."""
    pathways = write.engine.pathways
    pathway_id = pathways.applied(write.command_id)
    if pathway_id is None:
        return None
    events = (event for event in pathways.history(pathway_id) if event.command_id == write.command_id)
    made = (_made(event.data, pathway_id) for event in events)
    return next((Written(*one, created=False) for one in made if one is not None), None)


def _made(data: ev.Payload, pathway_id: PathwayId) -> tuple[str, str] | None:
    match data:
        case ev.ScreeningRecorded():
            return "QuestionnaireResponse", data.screening_id
        case ev.PatientReferred():
            return "ServiceRequest", data.referral_id
        case ev.ContactPlanned():
            return "Appointment", data.contact_id
        case ev.ContactHeld():
            return "Encounter", data.contact_id
        case _:
            return _made_of_the_pathway(data, pathway_id)


def _made_of_the_pathway(data: ev.Payload, pathway_id: PathwayId) -> tuple[str, str] | None:
    """What a pathway has one of, or one of for each purpose."""
    match data:
        case ev.ConsentRecorded():
            return "Consent", consent_id(pathway_id, data.purpose)
        case ev.CoverageRecorded():
            return "Coverage", coverage_id(pathway_id)
        case _:
            return None
