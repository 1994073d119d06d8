"""Probes of the nurse's work: team, assessment, plan, contacts, messages."""

import dataclasses
from datetime import date, timedelta

from mappings import (
    appointment,
    care_plan,
    care_team,
    condition,
    encounter,
    goal,
    licensed_total,
    message,
    papers,
    sequence_plan,
    task,
)
from mappings.datatypes import patient_reference
from mappings.document import published_document
from mappings.frame import frame_of
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.care import Assessment, Call, Contact, LicensedTotal, Message, PlanOfCare, RelapsePlan
from sesame_fhir.domain.course import Sequence
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.instruments import InstrumentId
from tests.support.story import GP, NURSE, PATHWAY, START
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import pathway
from tests.unit.mappings.probes.probe import Probe, some

SUBJECT = patient_reference(PATHWAY)
LATER = START + timedelta(days=90)
WHOLE = pathway("whole")
FRAME = frame_of(WHOLE)
PLAN = some(pathway("planned").plan)
HELD = some(WHOLE.contact(care.HELD.contact_id))
CANCELLED = some(WHOLE.contact(care.CANCELLED.contact_id))

CONTACT_CHANGES: dict[str, object] = {
    "contact_id": "other",
    "status": ev.ContactStatus.MISSED,
    "mode": ev.ContactMode.ON_SITE,
    "task": ev.ContactTask.CRISIS,
    "planned_at": LATER,
    "at": LATER,
    "minutes": 7,
    "note": "Autre note",
    "private_note": "Autre secret",
    "screenings": (ScreeningId("other"),),
    "by": GP,
    "cancelled_by": ev.CancelledBy.TEAM,
    "moved": 9,
    "corrected": False,
}


def _plan(data: ev.PlanRecorded) -> object:
    return care_plan.care_plan(FRAME, dataclasses.replace(PLAN, data=data), None, problem=True)


def _activity(activity: ev.Activity) -> object:
    return _plan(dataclasses.replace(PLAN.data, activities=(activity,)))


def _assessed(data: ev.AssessmentRecorded) -> object:
    return published_document(papers.assessment_paper(Assessment(data, START, NURSE), PATHWAY), SUBJECT)


def _problem(problem: ev.Problem) -> object:
    return condition.condition(PATHWAY, Assessment(ev.AssessmentRecorded(problem=problem), START, NURSE))


def _relapse(data: ev.RelapsePlanWritten) -> object:
    written = dataclasses.replace(WHOLE, relapse_plan=RelapsePlan(data, 1, START, NURSE))
    return published_document(papers.relapse_paper(written), SUBJECT)


def _running_and_ended(sequence: Sequence) -> object:
    running = dataclasses.replace(sequence, end=None)
    return [sequence_plan.sequence_plan(one, PATHWAY) for one in (running, sequence)]


def _noted(contact: Contact) -> object:
    return published_document(papers.contact_paper(contact), SUBJECT) if papers.has_note(contact) else None


PROBES: dict[tuple[str, type], Probe] = {
    ("care_team", ev.TeamMember): (
        lambda member: care_team.care_team(FRAME, (member,)),
        dataclasses.replace(care.MEMBERS[1], rpps=None),
        {
            "actor_id": "other",
            "name": "Autre",
            "role": Role.PSYCHIATRIST,
            "rpps": Rpps("10000000025"),
            "function": "cadre",
        },
    ),
    ("condition", ev.Problem): (
        _problem,
        some(care.ASSESSED.problem),
        {"text": "Autre", "system": ev.ProblemSystem.ICD_10, "code": "P03"},
    ),
    ("papers", ev.AssessmentRecorded): (
        _assessed,
        care.ASSESSED,
        {
            "summary": "Autre",
            "history": "Autre",
            "treatments": (),
            "social_situation": None,
            "resources": "Autre",
            "preferences": "Autre",
            "patient_goals": ("Autre",),
            "problem": care.ICD_10,
        },
    ),
    ("papers", ev.Treatment): (
        lambda treatment: _assessed(ev.AssessmentRecorded(treatments=(treatment,))),
        ev.Treatment("Sertraline 50 mg"),
        {"text": "Autre", "from_record": True},
    ),
    ("papers", ev.RelapsePlanWritten): (
        _relapse,
        care.RELAPSE_PLAN,
        {
            "helps": ("Autre",),
            "warning_signs": ("Autre",),
            "who_to_call": (ev.Helper("Autre"),),
            "first_steps": ("Autre",),
        },
    ),
    ("papers", ev.Helper): (
        lambda helper: _relapse(dataclasses.replace(care.RELAPSE_PLAN, who_to_call=(helper,))),
        ev.Helper("Ma sœur", "0199000001"),
        {"name": "Autre", "phone": None},
    ),
    ("papers", Contact): (_noted, HELD, CONTACT_CHANGES),
    ("encounter", Contact): (
        lambda contact: encounter.encounter(contact, PATHWAY),
        dataclasses.replace(HELD, mode=ev.ContactMode.PHONE),
        {**CONTACT_CHANGES, "planned_at": None},
    ),
    ("appointment", Contact): (
        lambda contact: appointment.appointment(contact, care.MEMBERS[1], SUBJECT),
        CANCELLED,
        {**CONTACT_CHANGES, "corrected": True},
    ),
    ("care_plan", PlanOfCare): (
        lambda plan: care_plan.care_plan(FRAME, plan, None, problem=True),
        PLAN,
        {"data": care.PLAN_2, "version": 9, "first_at": LATER, "at": LATER, "by": GP},
    ),
    ("care_plan", ev.PlanRecorded): (
        _plan,
        PLAN.data,
        {"plan_id": "other", "goals": (care.GOAL,), "activities": (), "note": "Autre"},
    ),
    ("care_plan", ev.Activity): (
        _activity,
        ev.Activity(ev.ActivityKind.CONTACTS, "Le soir", 15),
        {"kind": ev.ActivityKind.OTHER, "detail": "Autre", "every_days": None},
    ),
    ("goal", ev.Goal): (
        lambda aim: goal.goal(aim, SUBJECT),
        care.GOAL,
        {
            "goal_id": "other",
            "text": "Autre",
            "instrument": InstrumentId.GAD_7,
            "target": 9,
            "due": date(2026, 7, 1),
            "status": ev.GoalStatus.COMPLETED,
        },
    ),
    ("sequence_plan", Sequence): (
        _running_and_ended,
        Sequence(1, date(2026, 3, 2), date(2026, 6, 1), date(2026, 5, 1)),
        {
            "rank": 2,
            "start": date(2026, 3, 3),
            "planned_end": date(2026, 6, 2),
            "end": date(2026, 6, 1),
            "interrupted": True,
            "claim_id": "claim-1",
            "billed_at": LATER,
        },
    ),
    ("licensed_total", LicensedTotal): (
        lambda total: licensed_total.licensed_observation(total, SUBJECT),
        WHOLE.totals[0],
        {
            "total_id": "other",
            "instrument": ev.LicensedInstrument.WSAS,
            "total": 18,
            "on": date(2026, 3, 1),
            "by": GP,
            "at": LATER,
        },
    ),
    ("message", Message): (
        lambda sent: message.message_communication(sent, PATHWAY),
        WHOLE.messages[0],
        {
            "message_id": "other",
            "text": "Autre",
            "to": Role.PSYCHIATRIST,
            "at": START,
            "by": GP,
            "read": {GP.actor_id: LATER},
            "readers": (),
        },
    ),
    ("task", Call): (
        lambda call: task.referral_task(some(WHOLE.referral), SUBJECT, (call,)),
        pathway("called").calls[0],
        {"at": LATER, "by": GP, "result": ev.CallResult.LEFT_MESSAGE, "note": "Autre"},
    ),
}
