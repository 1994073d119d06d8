"""Task: what was done with one that a pathway has published. New Tasks are the record's own."""

from mappings.flag import acknowledgement_id
from mappings.incoming import task as incoming
from mappings.recommendation import decision_of
from sesame_fhir.api.facade.commands.handler import Handler
from sesame_fhir.api.facade.commands.patients import own_pathway
from sesame_fhir.api.facade.commands.submitted import Written
from sesame_fhir.api.facade.commands.write import Write
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.domain.reviews import Advice
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child
from sesame_fhir.services.review import decide_recommendation
from sesame_fhir.services.screening import acknowledge_safety
from sesame_fhir.services.team_referral import accept_referral, end_referral, record_call


def _concerns(_resource: Json) -> bool:
    return False


def _create(write: Write) -> Written:
    raise write.not_offered("Les tâches du parcours naissent du parcours.", "Task")


def _update(write: Write) -> Written:
    pathway, task_id = own_pathway(write), write.submitted.resource_id
    if pathway.referral is not None and pathway.referral.referral_id == task_id:
        return _referral(write, pathway)
    advice = pathway.advice(task_id)
    if advice is not None:
        return _advice(write, pathway, advice)
    flagged = next((s for s in pathway.screenings if acknowledgement_id(s) == task_id), None)
    if flagged is not None:
        return _safety(write, pathway, flagged)
    raise write.not_offered("Cette tâche est d'un adressage antérieur : elle ne change plus.", "Task")


def _referral(write: Write, pathway: Pathway) -> Written:
    task_id = write.submitted.resource_id
    act = incoming.referral_act(write.resource, write.before)
    if act is None:
        return write.keep(pathway, task_id)
    called = isinstance(act, incoming.Called)
    command = write.command(write.acting(child(write.resource, "owner")), pathway, task_id, once=called)
    match act:
        case incoming.Accepted():
            accept_referral(write.engine, command, pathway.pathway_id)
        case incoming.Ended():
            end_referral(write.engine, command, pathway.pathway_id, act.reason, act.note)
        case incoming.Called():
            record_call(write.engine, command, pathway.pathway_id, act.result, act.note)
    return Written(write.kind, task_id, created=False)


def _advice(write: Write, pathway: Pathway, advice: Advice) -> Written:
    task_id, decided = write.submitted.resource_id, decision_of(write.resource)
    if decided == decision_of(write.before):
        if write.resource.get("status") != write.before.get("status"):
            text = "On répond à une recommandation : accepted ou rejected, avec son motif dans statusReason."
            raise write.not_offered(text, "Task.status")
        return write.keep(pathway, task_id)
    if decided is None:
        raise write.not_offered("Une réponse donnée ne se retire pas.", "Task.status")
    command = write.command(write.acting(child(write.resource, "owner")), pathway, task_id)
    number = advice.data.recommendation_id
    decide_recommendation(write.engine, command, pathway.pathway_id, number, fate=decided[0], reason=decided[1])
    return Written(write.kind, task_id, created=False)


def _safety(write: Write, pathway: Pathway, flagged: Screening) -> Written:
    task_id, action = write.submitted.resource_id, incoming.safety_action(write.resource)
    if action is None and write.resource.get("status") != write.before.get("status"):
        text = "Une alerte de sécurité se prend en compte : completed, avec ce qui a été fait."
        raise write.not_offered(text, "Task.status")
    if action is None or action == flagged.acknowledged_action:
        return write.keep(pathway, task_id)
    command = write.command(write.acting(child(write.resource, "owner")), pathway, task_id)
    acknowledge_safety(write.engine, command, pathway.pathway_id, flagged.screening_id, action)
    return Written(write.kind, task_id, created=False)


HANDLER = Handler(_concerns, _create, _update)
