"""One recommendation of a case review <-> Task: proposed to the GP, who accepts, adapts or declines it.

What asks nothing of the GP (no change, see again) is no task: the review's Communication says it.
"""

from datetime import datetime

from mappings.care_team import member_reference
from mappings.code_systems import FATES, RECOMMENDATION_DETAILS, RECOMMENDATIONS
from mappings.datatypes import compact, concept, head, instant, patient_reference, quantity, reference
from mappings.displays import display
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.events import Recommendation, RecommendationFate, RecommendationKind, TeamMember
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reviews import Advice, Decision, Review
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        Recommendation,
        mapped={
            "recommendation_id": "Task.identifier",
            "kind": "Task.code",
            "text": "Task.description",
            "drug": "Task.input, Task.description",
            "dose": "Task.input, Task.description",
            "weeks": "Task.input, Task.description",
        },
    ),
    FieldMap(
        Decision,
        mapped={
            "fate": "Task.status, Task.businessStatus",
            "reason": "Task.statusReason",
            "at": "Task.lastModified",
            "by": "Task.owner",
        },
    ),
    FieldMap(
        Advice,
        mapped={"data": "Task.code, Task.input", "decision": "Task.status"},
    ),
)

_STATUSES = {
    RecommendationFate.ACCEPTED: "accepted",
    RecommendationFate.ADAPTED: "accepted",
    RecommendationFate.DECLINED: "rejected",
}
_WEEK = "wk"


def words(advice: Recommendation) -> str:
    """The recommendation in one line: kind, drug and dose, delay or rhythm, and the psychiatrist's own words."""
    kind, delay = display(advice.kind), _delay(advice)
    drug = " ".join(part for part in (advice.drug, advice.dose) if part)
    if delay and drug:
        drug = f"{drug} ({delay})"
    elif delay:
        kind = f"{kind} {delay}"
    return " : ".join(part for part in (kind, drug, advice.text) if part)


def _delay(advice: Recommendation) -> str | None:
    if advice.weeks is None:
        return None
    if advice.kind is RecommendationKind.MONITORING:
        return "toutes les semaines" if advice.weeks == 1 else f"toutes les {advice.weeks} semaines"
    return f"dans {advice.weeks} semaine{'s' if advice.weeks > 1 else ''}"


def recommendation_task(advice: Advice, review: Review, gp: TeamMember | None, pathway_id: PathwayId) -> Json:
    """Build the Task; ``gp`` is the one of the care team, who owns it until somebody has decided."""
    data, decision = advice.data, advice.decision
    subject = patient_reference(pathway_id)
    return compact(
        {
            **head("Task", data.recommendation_id, "recommendation"),
            "status": _STATUSES[decision.fate] if decision else "requested",
            "statusReason": concept(text=decision.reason) if decision and decision.reason else None,
            "businessStatus": concept(FATES.coding(decision.fate.value)) if decision else None,
            "intent": "proposal",
            "code": concept(RECOMMENDATIONS.coding(data.kind.value)),
            "description": words(data),
            "for": subject,
            "authoredOn": instant(review.at),
            "lastModified": instant(_changed_at(review, decision)),
            # The owner is named first: a record replaces the first professional named by its own Practitioner.
            "owner": _owner(decision, gp, subject),
            "requester": actor_reference(review.by, subject),
            "reasonReference": reference("Communication", review.review_id),
            "input": _inputs(data),
        }
    )


def decision_of(resource: Json) -> tuple[RecommendationFate, str | None] | None:
    """Read what a GP decided in their own record; None while they have not.

    Our own status of an adapted recommendation comes first: R4's statuses cannot tell it from an accepted one.
    """
    ours = resource.get("businessStatus", {}).get("coding", ())
    fate = next((c.get("code") for c in ours if c.get("system") == FATES.url), None)
    reason = resource.get("statusReason", {}).get("text")
    if fate in set(RecommendationFate):
        return RecommendationFate(fate), reason
    status = resource.get("status")
    if status in {"accepted", "in-progress", "completed"}:
        return RecommendationFate.ACCEPTED, reason
    return (RecommendationFate.DECLINED, reason) if status == "rejected" else None


def _changed_at(review: Review, decision: Decision | None) -> datetime:
    return max(review.at, decision.at) if decision else review.at


def _owner(decision: Decision | None, gp: TeamMember | None, subject: Json) -> Json | None:
    if decision is not None:
        return actor_reference(decision.by, subject)
    return None if gp is None else member_reference(gp)


def _inputs(data: Recommendation) -> list[Json]:
    given = {
        "drug": {"valueString": data.drug} if data.drug else None,
        "dose": {"valueString": data.dose} if data.dose else None,
        "weeks": {"valueDuration": quantity(data.weeks, "semaine", _WEEK)} if data.weeks else None,
    }
    return [{"type": concept(RECOMMENDATION_DETAILS.coding(name)), **value} for name, value in given.items() if value]
