"""Coverage: the patient's compulsory health insurance; the pathway has one."""

from mappings.coverage import coverage_id
from mappings.incoming import coverage as incoming
from sesame_fhir.api.facade.commands.handler import Handler
from sesame_fhir.api.facade.commands.patients import own_pathway, pathway_of
from sesame_fhir.api.facade.commands.submitted import Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain.events.billing import CoverageRecorded
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child
from sesame_fhir.services.coverage import record_coverage


def _concerns(resource: Json) -> bool:
    return incoming.is_ours(resource) and resource.get("status") == "active"


def _create(write: Write) -> Written:
    pathway, said = pathway_of(write, child(write.resource, "beneficiary")), incoming.recorded(write.resource)
    number = coverage_id(pathway.pathway_id)
    if write.submitted.method != "POST" and write.submitted.resource_id != number:
        raise write.not_offered(f"L'assurance de ce patient a l'id {number}.", "Coverage.id")
    _record(write, pathway, said, number)
    return Written(write.kind, number, created=pathway.coverage is None)


def _update(write: Write) -> Written:
    pathway, number = own_pathway(write), write.submitted.resource_id
    if write.resource.get("status") != "active":
        text = "L'assurance d'un patient se corrige ; elle ne se retire pas."
        raise write.not_offered(text, "Coverage.status")
    said = incoming.recorded(write.resource)
    if said == pathway.coverage:
        return write.keep(pathway, number)
    _record(write, pathway, said, number)
    return Written(write.kind, number, created=False)


def _record(write: Write, pathway: Pathway, said: CoverageRecorded, number: str) -> None:
    command = write.command(write.acting(), pathway, number)
    record_coverage(write.engine, command, pathway.pathway_id, said)


HANDLER = Handler(_concerns, _create, _update)
