"""A signed act -> Provenance: who did it, in which role, when it happened and when it was written down.

One per event, never changed: the resources that it speaks of have versions, the act has none.
"""

from collections.abc import Sequence

from mappings.claimed import claimed
from mappings.code_systems import ACTS, EXIT_REASONS, ROLES
from mappings.consent import consent_id
from mappings.coverage import coverage_id
from mappings.datatypes import coding, compact, concept, instant, patient_reference, reference, site_reference
from mappings.fields import FieldMap
from mappings.leaving import exit_id
from mappings.papers import assessment_id, assessment_text, relapse_plan_id
from mappings.practitioner import actor_reference
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.json_types import Json

_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"

FIELDS = (
    FieldMap(
        ev.Event,
        mapped={
            "event_id": "Provenance.id",
            "pathway_id": "Provenance.target",
            "occurred_at": "Provenance.occurred",
            "recorded_at": "Provenance.recorded",
            "actor": "Provenance.agent",
            "site": "Provenance.agent.onBehalfOf",
            "data": "Provenance.activity, Provenance.target",
        },
        omitted={
            "sequence": "The order of events is the store's; times order what is published.",
            "command_id": "How a request is recognised when it comes twice concerns nobody else.",
        },
    ),
)


def targets_of(data: ev.Payload, pathway_id: PathwayId) -> tuple[Json, ...]:
    """What a signed act made or changed; empty for an act that nobody signs."""
    match data:
        case ev.SafetyAcknowledged():
            # The answers: the Flag and its Task are not published where interpretation is off.
            return (reference("QuestionnaireResponse", data.screening_id),)
        case ev.ConsentRecorded():
            return (reference("Consent", consent_id(pathway_id, data.purpose)),)
        case ev.PatientReferred():
            return (reference("ServiceRequest", data.referral_id),)
        case ev.CaseReviewed():
            tasks = (reference("Task", one.recommendation_id) for one in data.recommendations if one.asks_the_gp)
            return (reference("Communication", data.review_id), *tasks)
        case ev.RecommendationDecided():
            return (reference("Task", data.recommendation_id),)
        case _:
            return _of_the_pathway(data, pathway_id)


def _of_the_pathway(data: ev.Payload, pathway_id: PathwayId) -> tuple[Json, ...]:
    match data:
        case ev.AssessmentRecorded():
            written = assessment_text(data)
            papers = (reference("DocumentReference", assessment_id(pathway_id)),) if written else ()
            return (reference("EpisodeOfCare", pathway_id), *papers)
        case ev.PlanRecorded():
            return (reference("CarePlan", pathway_id),)
        case ev.RelapsePlanWritten():
            return (reference("DocumentReference", relapse_plan_id(pathway_id)),)
        case ev.PathwayExited():
            return (
                reference("EpisodeOfCare", pathway_id),
                reference("Observation", exit_id(pathway_id)),
                reference("DocumentReference", exit_id(pathway_id)),
            )
        case _:
            return _of_billing(data, pathway_id)


def _of_billing(data: ev.Payload, pathway_id: PathwayId) -> tuple[Json, ...]:
    match data:
        case ev.CoverageRecorded():
            return (reference("Coverage", coverage_id(pathway_id)),)
        case ev.SequenceBilled(terms=None):
            return ()  # made before this software made the claims: nothing is published of it
        case ev.SequenceBilled() | ev.ClaimAnswered() | ev.ClaimPaid() | ev.ClaimCancelled() | ev.ClaimConfirmed():
            return (reference("Claim", data.claim_id),)
        case _:
            return ()


def provenance(event: ev.Event, targets: Sequence[Json]) -> Json:
    """Build the Provenance of a signed act; ``targets`` as ``targets_of`` gives them."""
    subject = patient_reference(event.pathway_id)
    left = event.data.reason if isinstance(event.data, ev.PathwayExited) else None
    return compact(
        {
            "resourceType": "Provenance",
            "id": event.event_id,
            "meta": claimed("Provenance", "act"),
            "language": "fr",
            "target": [*targets, subject],
            "occurredDateTime": instant(event.occurred_at),
            "recorded": instant(event.recorded_at),
            "reason": [concept(EXIT_REASONS.coding(left.value))] if left else None,
            "activity": concept(ACTS.coding(event.kind)),
            "agent": [
                {
                    "type": concept(coding(_PARTICIPANT, "author", "Author")),
                    "role": [concept(ROLES.coding(event.actor.role.value))],
                    "who": actor_reference(event.actor, subject),
                    "onBehalfOf": site_reference(event.site),
                }
            ],
        }
    )
