"""A suicide-risk flag -> Flag, and the Task that stands until a named clinician has acknowledged it.

Source: domain page, "Safety". Whether answers raise the flag is decided by ``domain.scoring``; nothing is decided here.
"""

from mappings.claimed import claimed
from mappings.code_systems import SAFETY, SAFETY_ACTIONS
from mappings.datatypes import coding, compact, concept, identifier, instant, reference
from mappings.fields import FieldMap
from mappings.practitioner import actor_reference
from sesame_fhir.domain.pathway import Screening
from sesame_fhir.fhir.json_types import Json

FLAG_CATEGORY = "http://terminology.hl7.org/CodeSystem/flag-category"

FIELDS = (
    FieldMap(
        Screening,
        mapped={
            "screening_id": "Flag.identifier",
            "safety_flag": "Flag.status",
            "authored": "Flag.period",
            "author": "Flag.author",
            "acknowledged_by": "Task.owner",
            "acknowledged_at": "Task.lastModified",
            "acknowledged_action": "Task.output",
        },
        omitted={
            "instrument": "The response and its Observation say which instrument it was.",
            "first_authored": "The Flag stands from the answers that raised it.",
            "instrument_version": "The response says which version it was.",
            "answers": "They are in the response.",
            "total": "It is in the Observation; the flag stands whatever the total.",
            "amended": "It is the response's status; a correction that removes the flag is safety_flag.",
        },
    ),
)


def acknowledgement_id(screening: Screening) -> str:
    """Logical id of the acknowledgement's Task (a referral's Task has the referral's id)."""
    return f"{screening.screening_id}-safety"


def flag(screening: Screening, subject: Json) -> Json:
    """Build the Flag: active until acknowledged, entered-in-error once a correction has removed its reason."""
    acknowledged = screening.acknowledged_at
    return compact(
        {
            "resourceType": "Flag",
            "id": screening.screening_id,
            "meta": claimed("Flag", "screening"),
            "language": "fr",
            "identifier": [identifier("screening", screening.screening_id)],
            "status": _flag_status(screening),
            "category": [concept(coding(FLAG_CATEGORY, "safety", "Safety"))],
            "code": concept(SAFETY.coding("suicide-risk"), text=SAFETY.concepts["suicide-risk"]),
            "subject": subject,
            "period": compact(
                {
                    "start": instant(screening.authored),
                    "end": instant(max(acknowledged, screening.authored)) if acknowledged else None,
                }
            ),
            "author": actor_reference(screening.author, subject),
        }
    )


def acknowledgement_task(screening: Screening, subject: Json) -> Json:
    """Build the Task: to be done at once by a clinician; completed with who did what, when."""
    by, at, action = screening.acknowledged_by, screening.acknowledged_at, screening.acknowledged_action
    return compact(
        {
            "resourceType": "Task",
            "id": acknowledgement_id(screening),
            "meta": claimed("Task", "safety-acknowledgement"),
            "language": "fr",
            "identifier": [identifier("safety-acknowledgement", screening.screening_id)],
            "status": _task_status(screening),
            "intent": "order",
            "priority": "stat",
            "code": concept(SAFETY.coding("acknowledge")),
            "focus": reference("Flag", screening.screening_id),
            "for": subject,
            "authoredOn": instant(screening.authored),
            "lastModified": instant(max(at or screening.authored, screening.authored)),
            "owner": actor_reference(by, subject) if by else None,
            "output": [
                {
                    "type": concept(text="Suite donnée"),
                    "valueCodeableConcept": concept(SAFETY_ACTIONS.coding(action.value)),
                }
            ]
            if action
            else None,
        }
    )


def _flag_status(screening: Screening) -> str:
    if not screening.safety_flag:
        return "entered-in-error"
    return "active" if screening.needs_acknowledgement else "inactive"


def _task_status(screening: Screening) -> str:
    if not screening.safety_flag:
        return "entered-in-error"
    return "requested" if screening.needs_acknowledgement else "completed"
