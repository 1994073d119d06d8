"""ServiceRequest: a referral with the criteria that the GP has answered, or a referral taken back."""

from dataclasses import replace

from mappings.incoming import service_request as incoming
from mappings.incoming.elements import refusals
from sesame_fhir.api.facade.commands.handler import Handler
from sesame_fhir.api.facade.commands.patients import own_pathway, pathway_of
from sesame_fhir.api.facade.commands.submitted import Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child
from sesame_fhir.services.engine import Command
from sesame_fhir.services.referral import confirm_eligibility, refer, withdraw

_HOW = f"Joindre les réponses aux critères : extension {incoming.ELIGIBILITY}."
_BACK = frozenset({"revoked", "entered-in-error"})


def _concerns(resource: Json) -> bool:
    return incoming.is_ours(resource) and resource.get("status") == "active"


def _create(write: Write) -> Written:
    referral_id = write.submitted.resource_id
    asked = incoming.referring(write.resource, referral_id)
    pathway = pathway_of(write, child(write.resource, "subject"))
    who = write.acting(child(write.resource, "requester"))
    command = write.command(who, pathway, referral_id, asked.at, ours=incoming.READ)
    if asked.checked is not None:
        _confirm(write, command, pathway, asked.checked)
    try:
        refer(write.engine, command, pathway.pathway_id, asked.request)
    except Refused as refused:
        if asked.checked is None and any(r.code is ReasonCode.ELIGIBILITY_NOT_CHECKED for r in refused.reasons):
            raise refusals(refused.reasons, {ReasonCode.ELIGIBILITY_NOT_CHECKED: _HOW}) from None
        raise
    return Written(write.kind, referral_id)


def _confirm(write: Write, command: Command, pathway: Pathway, checked: incoming.Checked) -> None:
    """What was checked is a fact of its own, recorded before the referral and with it, or not at all."""
    first = replace(command, command_id=CommandId(f"{command.command_id}/criteria"), alongside=())
    confirm_eligibility(write.engine, first, pathway.pathway_id, checked.criteria, checked.consent)


def _update(write: Write) -> Written:
    pathway, referral_id = own_pathway(write), write.submitted.resource_id
    status = write.resource.get("status")
    if status == write.before.get("status"):
        return write.keep(pathway, referral_id, incoming.READ)
    if pathway.referral is None or pathway.referral.referral_id != referral_id or status not in _BACK:
        text = "Un adressage en cours se retire : revoked ou entered-in-error ; la suite est dans sa Task."
        raise write.not_offered(text, "ServiceRequest.status")
    reason, note = incoming.withdrawal(write.resource, write.before)
    who = write.acting(child(write.resource, "requester"))
    command = write.command(who, pathway, referral_id, ours=incoming.READ)
    withdraw(write.engine, command, pathway.pathway_id, reason, note)
    return Written(write.kind, referral_id, created=False)


HANDLER = Handler(_concerns, _create, _update)
