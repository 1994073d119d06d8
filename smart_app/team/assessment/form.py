"""The form of the assessment: what it is filled with when it opens, and what was typed into it."""

from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.appointments import Next, proposed
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.events import (
    AssessmentRecorded,
    ContactMode,
    ContactStatus,
    ContactTask,
    LicensedInstrument,
    Problem,
    ProblemSystem,
    TotalRecorded,
    Treatment,
)
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.services.contacts import HoldContact
from smart_app.team.contact.form import moment_fields, typed_minutes, typed_next, usual_next
from smart_app.team.context import TeamContext
from smart_app.team.fields import Fields

_FIRST = frozenset({ContactTask.ASSESSMENT, ContactTask.FIRST_CONTACT})


@dataclass(frozen=True, slots=True)
class TypedAssessment:
    """What the form says; ``contact`` is None when the interview was noted before."""

    at: datetime
    assessment: AssessmentRecorded
    totals: tuple[TotalRecorded, ...]
    contact: HoldContact | None


def first_values(page: TeamContext) -> MultiDict[str, str]:
    """Now, on the spot, with the medications that the record named at the referral."""
    pathway = page.patient_pathway
    planned = planned_interview(pathway)
    came = planned is not None and planned.planned_at is not None and planned.planned_at <= page.now
    when = planned.planned_at if came and planned is not None and planned.planned_at is not None else page.now
    medications = pathway.referral.medications if pathway.referral else ()
    return MultiDict(
        {
            **moment_fields(when),
            "mode": ContactMode.ON_SITE if planned is None else planned.mode,
            "treatments": "\n".join(medications),
            "next": usual_next(pathway, planned),
            **moment_fields(proposed(Next.FORTNIGHT, when, page.deps.engine.policy), "next-"),
        }
    )


def planned_interview(pathway: Pathway) -> Contact | None:
    """The appointment that the assessment takes place in."""
    return next((c for c in pathway.planned_contacts if c.task in _FIRST), None)


def interview_noted(pathway: Pathway) -> bool:
    """True when a contact for the assessment was noted already: its time must not be counted twice."""
    return any(c.task is ContactTask.ASSESSMENT and c.status is ContactStatus.HELD for c in pathway.contacts)


def typed_assessment(fields: Fields, page: TeamContext) -> TypedAssessment:
    """Read the form. Raises Refused with every field found wrong."""
    at = fields.required_moment("day", "time")
    assessment = AssessmentRecorded(
        summary=fields.text("summary"),
        history=fields.text("history"),
        treatments=_treatments(fields, page.patient_pathway),
        social_situation=fields.text("social"),
        resources=fields.text("resources"),
        preferences=fields.text("preferences"),
        patient_goals=fields.lines("goals"),
        problem=_problem(fields),
    )
    totals = tuple(total for i in LICENSED if (total := typed_total(fields, page, i, f"total-{i.value}", at)))
    contact = None if interview_noted(page.patient_pathway) else _contact(fields, page, at)
    fields.check()
    return TypedAssessment(at, assessment, totals, contact)


def typed_total(
    fields: Fields, page: TeamContext, instrument: LicensedInstrument, name: str, at: datetime
) -> TotalRecorded | None:
    """A total as read on paper, on its own day or else on that of ``at``; None when none was typed."""
    limits = LICENSED[instrument]
    total = fields.number(name, limits.low, limits.high)
    on = fields.day(name.replace("total", "on")) or page.local(at).date()
    return None if total is None else TotalRecorded(page.deps.ids.new(), instrument, total, on)


def _treatments(fields: Fields, pathway: Pathway) -> tuple[Treatment, ...]:
    known = pathway.referral.medications if pathway.referral else ()
    return tuple(Treatment(line, from_record=line in known) for line in fields.lines("treatments"))


def _problem(fields: Fields) -> Problem | None:
    text, code = fields.text("problem", 200), (fields.text("problem-code", 20) or "").upper() or None
    system = fields.choice("problem-system", ProblemSystem, ProblemSystem.ICPC_2)
    if text is None:
        if code is not None:
            fields.wrong(ReasonCode.TEXT_REQUIRED, "problem")
        return None
    return Problem(text, None if code is None else system, code)


def _contact(fields: Fields, page: TeamContext, at: datetime) -> HoldContact:
    planned = planned_interview(page.patient_pathway)
    mode = fields.choice("mode", ContactMode)
    return HoldContact(
        contact_id=page.deps.ids.new() if planned is None else planned.contact_id,
        mode=mode,
        minutes=typed_minutes(fields),
        task=ContactTask.ASSESSMENT,
        following=typed_next(fields, page, at, mode, page.deps.engine.policy),
    )
