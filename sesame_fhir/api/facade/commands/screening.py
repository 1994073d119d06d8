"""QuestionnaireResponse: a completed instrument to record, or its answers corrected."""

from dataclasses import replace

from mappings.incoming import questionnaire_response as incoming
from mappings.incoming.elements import literal_id
from mappings.questionnaire_response import answers_of
from sesame_fhir.api.facade.commands.handler import Handler
from sesame_fhir.api.facade.commands.patients import about, own_pathway
from sesame_fhir.api.facade.commands.submitted import Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain.events import ContactStatus
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child
from sesame_fhir.services.screening import RecordScreening, correct_screening, record_for, record_screening


def _concerns(resource: Json) -> bool:
    return incoming.is_ours(resource) and resource.get("status") in incoming.FINISHED


def _create(write: Write) -> Written:
    given, at = incoming.screening(write.resource, write.submitted.resource_id)
    found = about(write, child(write.resource, "subject"))
    who = write.acting(child(write.resource, "author"))
    if found.pathway is not None and found.is_open:
        command = write.command(who, found.pathway, given.screening_id, at)
        record_for(write.engine, command, found.pathway.pathway_id, _in_contact(write, found.pathway, given))
    elif found.patient is None:
        raise Refused(Reason(ReasonCode.PATIENT_UNKNOWN))
    else:
        # Somebody new, or somebody who left and comes back.
        record_screening(write.engine, write.command(who, None, given.screening_id, at), found.patient, given)
    return Written(write.kind, given.screening_id)


def _in_contact(write: Write, pathway: Pathway, given: RecordScreening) -> RecordScreening:
    """A response that names a contact noted before was taken in it; one noted later finds the response itself."""
    contact_id = literal_id(child(write.resource, "encounter"), "Encounter")
    known = None if contact_id is None else pathway.contact(contact_id)
    held = known is not None and known.status is ContactStatus.HELD
    return replace(given, contact_id=contact_id) if held else given


def _update(write: Write) -> Written:
    pathway, screening_id = own_pathway(write), ScreeningId(write.submitted.resource_id)
    if write.resource.get("status") not in incoming.FINISHED:
        text = "Des réponses enregistrées se corrigent (amended) ; elles ne se retirent pas."
        raise write.not_offered(text, "QuestionnaireResponse.status")
    given, at = incoming.screening(write.resource, screening_id)
    known = pathway.screening(screening_id)
    instrument = INSTRUMENTS[given.instrument]
    if known is not None and answers_of(write.before, instrument) == given.answers:
        return write.keep(pathway, screening_id)
    # The time of the first answers, sent back as it was published, is not that of the correction.
    corrected_at = None if known is not None and at == known.authored else at
    command = write.command(write.acting(child(write.resource, "author")), pathway, screening_id, corrected_at)
    correct_screening(write.engine, command, pathway.pathway_id, given)
    return Written(write.kind, screening_id, created=False)


HANDLER = Handler(_concerns, _create, _update)
