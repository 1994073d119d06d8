"""The form of the plan of care: an ordinary first plan that takes one click, later versions from the one before."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.events import Activity, ActivityKind, Goal, GoalStatus, PlanRecorded
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode
from smart_app.team.context import TeamContext
from smart_app.team.fields import Fields
from smart_app.team.instruments import OFFERED
from smart_app.team.plan.texts import FIRST_GOAL

MORE_GOALS = 2
"""Empty rows below the goals there are."""
PLAIN = tuple(k for k in ActivityKind if k not in {ActivityKind.CONTACTS, ActivityKind.INSTRUMENTS})
"""Activities that are ticked, with words of detail."""
_LONGEST_GOAL = 300
_MOST_GOALS = 20


@dataclass(frozen=True, slots=True)
class GoalRow:
    """One row of goals, as texts."""

    goal_id: str = ""
    text: str = ""
    instrument: str = ""
    target: str = ""
    due: str = ""
    status: str = GoalStatus.ACTIVE.value


def first_values(pathway: Pathway, policy: PathwayPolicy) -> MultiDict[str, str]:
    """The plan as it stands; without one, the patient's own goals, remission, and the pathway's usual activities."""
    plan = pathway.plan
    goals = _first_goals(pathway, policy) if plan is None else tuple(map(_row, plan.data.goals))
    activities = _first_activities(pathway, policy) if plan is None else plan.data.activities
    values: MultiDict[str, str] = MultiDict()
    for number, row in enumerate((*goals, *(GoalRow() for _ in range(MORE_GOALS)))):
        for name in ("goal_id", "text", "instrument", "target", "due", "status"):
            values.add(f"{'goal' if name == 'text' else name}.{number}", getattr(row, name))
    for activity in activities:
        _add(values, activity)
    values.add("note", "" if plan is None else plan.data.note or "")
    return values


def rows(values: MultiDict[str, str]) -> tuple[GoalRow, ...]:
    """The goals of a form, as rows."""
    return tuple(
        GoalRow(
            goal_id=values.get(f"goal_id.{number}", ""),
            text=values.get(f"goal.{number}", ""),
            instrument=values.get(f"instrument.{number}", ""),
            target=values.get(f"target.{number}", ""),
            due=values.get(f"due.{number}", ""),
            status=values.get(f"status.{number}", GoalStatus.ACTIVE.value),
        )
        for number in _numbers(values)
    )


def typed_plan(fields: Fields, page: TeamContext) -> PlanRecorded:
    """Read the form. Raises Refused with every field found wrong."""
    plan = page.patient_pathway.plan
    known = {goal.goal_id for goal in plan.data.goals} if plan else set()
    goals = tuple(goal for n in _numbers(fields.values) if (goal := _goal(fields, page, n, known)))
    activities = (*_contacts(fields), *_instruments(fields), *_plain(fields))
    note = fields.text("note")
    fields.check()
    return PlanRecorded(plan.data.plan_id if plan else page.deps.ids.new(), goals, activities, note)


def _numbers(values: MultiDict[str, str]) -> list[int]:
    return [number for number in range(_MOST_GOALS) if f"goal.{number}" in values]


def _row(goal: Goal) -> GoalRow:
    return GoalRow(
        goal.goal_id,
        goal.text,
        goal.instrument or "",
        "" if goal.target is None else str(goal.target),
        goal.due.isoformat() if goal.due else "",
        goal.status,
    )


def _first_goals(pathway: Pathway, policy: PathwayPolicy) -> tuple[GoalRow, ...]:
    words = pathway.assessment.data.patient_goals if pathway.assessment else ()
    # A target is a treat-to-target rule: where interpretation is off, the goal is proposed without it.
    remission = ("", FIRST_GOAL, InstrumentId.PHQ_9, str(policy.remission_below - 1))
    first = GoalRow(*remission) if policy.interpretation else GoalRow(text=FIRST_GOAL)
    return (*(GoalRow(text=text[:_LONGEST_GOAL]) for text in words), first)


def _first_activities(pathway: Pathway, policy: PathwayPolicy) -> tuple[Activity, ...]:
    treated = pathway.assessment is not None and bool(pathway.assessment.data.treatments)
    usual = (
        Activity(ActivityKind.CONTACTS, every_days=policy.care_days),
        Activity(ActivityKind.INSTRUMENTS, INSTRUMENTS[InstrumentId.PHQ_9].title),
        Activity(ActivityKind.PSYCHOEDUCATION),
    )
    return (*usual, Activity(ActivityKind.TREATMENT_FOLLOW_UP)) if treated else usual


def _add(values: MultiDict[str, str], activity: Activity) -> None:
    """An activity as fields."""
    if activity.kind is ActivityKind.CONTACTS:
        values.setlist("contacts", [str(activity.every_days or "")])
    elif activity.kind is ActivityKind.INSTRUMENTS:
        for name in OFFERED:
            if INSTRUMENTS[name].title in (activity.detail or ""):
                values.setlist(f"rhythm.{name.value}", [str(activity.every_days or 0)])
    else:
        values.add("activity", activity.kind)
        values.setlist(f"detail.{activity.kind.value}", [activity.detail or ""])


def _goal(fields: Fields, page: TeamContext, number: int, known: set[str]) -> Goal | None:
    text = fields.text(f"goal.{number}", _LONGEST_GOAL)
    target, due = fields.number(f"target.{number}"), fields.day(f"due.{number}")
    chosen = fields.raw(f"instrument.{number}")
    instrument = fields.choice(f"instrument.{number}", InstrumentId) if chosen else None
    status = fields.choice(f"status.{number}", GoalStatus, GoalStatus.ACTIVE)
    if text is None:
        if target is not None or due is not None:
            fields.wrong(ReasonCode.TEXT_REQUIRED, "goal")
        return None
    asked = fields.raw(f"goal_id.{number}")
    goal_id = asked if asked in known else page.deps.ids.new()
    return Goal(goal_id, text, instrument if target is not None else None, target, due, status)


def _contacts(fields: Fields) -> tuple[Activity, ...]:
    days = fields.number("contacts")
    return () if days is None else (Activity(ActivityKind.CONTACTS, every_days=days),)


def _instruments(fields: Fields) -> tuple[Activity, ...]:
    found = ((name, fields.number(f"rhythm.{name.value}")) for name in OFFERED)
    return tuple(
        Activity(ActivityKind.INSTRUMENTS, INSTRUMENTS[name].title, days or None)
        for name, days in found
        if days is not None
    )


def _plain(fields: Fields) -> tuple[Activity, ...]:
    ticked = set(fields.values.getlist("activity"))
    if ticked - {kind.value for kind in PLAIN}:
        fields.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD, "actions")
    return tuple(Activity(k, fields.text(f"detail.{k.value}", _LONGEST_GOAL)) for k in PLAIN if k.value in ticked)
