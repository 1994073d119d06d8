"""A goal of the plan of care <-> Goal: the patient's words, and the total to reach where one was chosen."""

from dataclasses import replace
from datetime import date

from mappings.datatypes import compact, concept, head, quantity
from mappings.fields import FieldMap
from mappings.questionnaire import total_coding
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        ev.Goal,
        mapped={
            "goal_id": "Goal.identifier",
            "text": "Goal.description",
            "instrument": "Goal.target.measure",
            "target": "Goal.target.detail",
            "due": "Goal.target.due",
            "status": "Goal.lifecycleStatus",
        },
    ),
)


def goal(aim: ev.Goal, subject: Json) -> Json:
    """Build the Goal."""
    return compact(
        {
            **head("Goal", aim.goal_id, "goal"),
            "lifecycleStatus": aim.status.value,
            "description": concept(text=aim.text),
            "subject": subject,
            "target": [_target(aim)] if aim.instrument or aim.due else None,
        }
    )


def given_up(aim: ev.Goal) -> ev.Goal:
    """A goal that the next version of the plan does not have any more: given up, unless it was reached before."""
    return replace(aim, status=ev.GoalStatus.CANCELLED) if aim.status is ev.GoalStatus.ACTIVE else aim


def goal_of(resource: Json) -> ev.Goal:
    """Read one of our Goals back.

    Raises:
        ValueError, KeyError: a status or a day that is not one, or no text.
    """
    target: Json = next(iter(resource.get("target", ())), {})
    codes = {c.get("code") for c in target.get("measure", {}).get("coding", ())}
    due = target.get("dueDate")
    return ev.Goal(
        goal_id=str(resource["id"]),
        text=str(resource["description"]["text"]),
        instrument=next((i for i in InstrumentId if total_coding(INSTRUMENTS[i])["code"] in codes), None),
        target=target.get("detailQuantity", {}).get("value"),
        due=date.fromisoformat(due) if due else None,
        status=ev.GoalStatus(resource["lifecycleStatus"]),
    )


def _target(aim: ev.Goal) -> Json:
    measure = None if aim.instrument is None else concept(total_coding(INSTRUMENTS[aim.instrument]))
    reached = None if aim.target is None else {**quantity(aim.target, "score", "{score}"), "comparator": "<="}
    return compact({"measure": measure, "detailQuantity": reached, "dueDate": aim.due.isoformat() if aim.due else None})
