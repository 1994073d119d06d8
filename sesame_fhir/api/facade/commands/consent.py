"""Consent: what the patient said for one purpose; the pathway has one Consent for each."""

from mappings.consent import consent_id
from mappings.incoming import consent as incoming
from sesame_fhir.api.facade.commands.handler import Handler
from sesame_fhir.api.facade.commands.patients import own_pathway, pathway_of
from sesame_fhir.api.facade.commands.submitted import Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child
from sesame_fhir.services.care import record_consent

_UNSAID = frozenset({"draft"})


def _concerns(resource: Json) -> bool:
    return incoming.is_ours(resource) and resource.get("status") not in _UNSAID


def _create(write: Write) -> Written:
    pathway, said = pathway_of(write, child(write.resource, "patient")), incoming.said(write.resource)
    number, known = consent_id(pathway.pathway_id, said.purpose), pathway.consents.get(said.purpose)
    if write.submitted.method != "POST" and write.submitted.resource_id != number:
        raise write.not_offered(f"Le consentement de cet objet a l'id {number}.", "Consent.id")
    _record(write, pathway, said, number)
    return Written(write.kind, number, created=known is None)


def _update(write: Write) -> Written:
    pathway, number, said = own_pathway(write), write.submitted.resource_id, incoming.said(write.resource)
    if consent_id(pathway.pathway_id, said.purpose) != number:
        raise write.not_offered("L'objet d'un consentement ne change pas.", "Consent.category")
    known = pathway.consents.get(said.purpose)
    if known is not None and (known.status, known.at) == (said.status, said.at or known.at):
        return write.keep(pathway, number)
    _record(write, pathway, said, number)
    return Written(write.kind, number, created=False)


def _record(write: Write, pathway: Pathway, said: incoming.Said, number: str) -> None:
    known = pathway.consents.get(said.purpose)
    # The time that was published, sent back with another answer, is not that of the answer.
    at = None if write.before and known is not None and said.at == known.at else said.at
    command = write.command(write.acting(), pathway, number, at)
    record_consent(write.engine, command, pathway.pathway_id, said.purpose, said.status, notice=said.notice)


HANDLER = Handler(_concerns, _create, _update)
