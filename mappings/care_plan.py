"""The plan of care -> CarePlan: one for the whole pathway, from the day care begins; its versions are the plan's.

Each three-month sequence is a CarePlan of its own, part of this one (mappings.sequence_plan).
"""

from collections.abc import Sequence

from mappings.code_systems import ACTIVITIES, PHASES
from mappings.condition import problem_id
from mappings.datatypes import compact, concept, head, instant, note, period, reference
from mappings.fields import FieldMap
from mappings.frame import Frame
from mappings.practitioner import actor_reference
from sesame_fhir.domain.care import PlanOfCare
from sesame_fhir.domain.course import Exit
from sesame_fhir.domain.events import Activity, ExitReason, PlanRecorded
from sesame_fhir.domain.transitions import CLOSED, INTERRUPTED, State
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        PlanOfCare,
        mapped={
            "data": "CarePlan.goal, activity, note",
            "first_at": "CarePlan.created",
            "at": "CarePlan.note.time",
            "by": "CarePlan.author",
        },
        omitted={"version": "The versions of the resource are those of the plan, and of the pathway's phases."},
    ),
    FieldMap(
        PlanRecorded,
        mapped={"goals": "CarePlan.goal", "activities": "CarePlan.activity", "note": "CarePlan.note"},
        omitted={"plan_id": "A pathway has one plan of care: the CarePlan has the pathway's id."},
    ),
    FieldMap(
        Activity,
        mapped={
            "kind": "CarePlan.activity.detail.code",
            "detail": "CarePlan.activity.detail.description",
            "every_days": "CarePlan.activity.detail.scheduled",
        },
    ),
)

_FULFILLED = frozenset(
    {ExitReason.REMISSION, ExitReason.CONCERTED_END, ExitReason.SPECIALISED_CARE, ExitReason.MAXIMUM_DURATION}
)
_ACTIVITY_STATUSES = {
    "active": "in-progress",
    "on-hold": "on-hold",
    "completed": "completed",
    "revoked": "stopped",
}


def care_plan(
    frame: Frame, plan: PlanOfCare | None, left: Exit | None, *, problem: bool, documents: Sequence[str] = ()
) -> Json:
    """Build the pathway's CarePlan.

    Args:
        frame: of a pathway whose care has begun.
        plan: the plan of care, None while care has begun without one.
        left: how the patient left, if so.
        problem: a provisional problem is published.
        documents: ids of the published documents that belong to the plan.
    """
    status = _status(frame, left)
    phase = frame.phase
    return compact(
        {
            **head("CarePlan", frame.pathway_id, "care-plan"),
            "status": status,
            "intent": "plan",
            "category": [concept(PHASES.coding(phase.value))] if phase else None,
            "title": "Plan de soins SÉSAME",
            "subject": frame.subject,
            "period": period(frame.since(State.CARE), frame.ended_at),
            "created": instant(plan.first_at) if plan else None,
            "author": actor_reference(plan.by, frame.subject) if plan else None,
            "careTeam": [reference("CareTeam", frame.pathway_id)],
            "addresses": [reference("Condition", problem_id(frame.pathway_id))] if problem else None,
            "supportingInfo": [reference("DocumentReference", document) for document in documents],
            **(_content(plan, _ACTIVITY_STATUSES[status]) if plan else {}),
        }
    )


def _content(plan: PlanOfCare, activity_status: str) -> Json:
    return {
        "goal": [reference("Goal", goal.goal_id) for goal in plan.data.goals],
        "activity": [{"detail": _detail(activity, activity_status)} for activity in plan.data.activities],
        "note": [note(plan.data.note, plan.at)] if plan.data.note else None,
    }


def _detail(activity: Activity, status: str) -> Json:
    rhythm = None
    if activity.every_days is not None:
        rhythm = {"repeat": {"frequency": 1, "period": activity.every_days, "periodUnit": "d"}}
    return compact(
        {
            "code": concept(ACTIVITIES.coding(activity.kind.value)),
            "status": status,
            "scheduledTiming": rhythm,
            "description": activity.detail,
        }
    )


def _status(frame: Frame, left: Exit | None) -> str:
    if frame.state in CLOSED:
        return "completed" if left is not None and left.reason in _FULFILLED else "revoked"
    return "on-hold" if frame.state in INTERRUPTED else "active"
