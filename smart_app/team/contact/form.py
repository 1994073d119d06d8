"""The form of a contact: what it is filled with when it opens, and what was typed into it."""

from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.appointments import Next, proposed
from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.events import ContactMode, ContactTask
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import CLOSED, INTERRUPTED, State
from sesame_fhir.services.contacts import NextContact
from smart_app.team.context import TeamContext
from smart_app.team.fields import Fields

MINUTES = (10, 15, 20, 30, 45)
"""Durations that are one click away."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form says of a contact."""

    at: datetime
    mode: ContactMode
    minutes: int
    task: ContactTask
    note: str | None
    private: str | None


def first_values(page: TeamContext, contact: Contact | None) -> MultiDict[str, str]:
    """The planned time when it has come, else now; everything as it mostly is."""
    pathway = page.patient_pathway
    planned = None if contact is None else contact.planned_at
    when = planned if planned is not None and planned <= page.now else page.now
    usual = _usual_task(pathway)
    return MultiDict(
        {
            **moment_fields(when),
            "mode": ContactMode.PHONE if contact is None else contact.mode,
            "task": usual if contact is None or contact.task is ContactTask.FOLLOW_UP else contact.task,
            "next": usual_next(pathway, contact),
            **moment_fields(proposed(Next.FORTNIGHT, when, page.deps.engine.policy), "next-"),
        }
    )


def moment_fields(moment: datetime, prefix: str = "") -> dict[str, str]:
    """A moment as the two fields that ask for it."""
    local = moment.astimezone(PRACTICE_ZONE)
    return {f"{prefix}day": local.date().isoformat(), f"{prefix}time": f"{local:%H:%M}"}


def usual_next(pathway: Pathway, contact: Contact | None) -> Next:
    """None when another one is planned already or no care goes on, else the rhythm of the phase."""
    if pathway.state in INTERRUPTED | CLOSED:
        return Next.NONE
    own = None if contact is None else contact.contact_id
    if any(other.contact_id != own for other in pathway.planned_contacts):
        return Next.NONE
    return Next.MONTH if pathway.state is State.RELAPSE_PREVENTION else Next.FORTNIGHT


def typed_minutes(fields: Fields) -> int:
    """The duration: the free field goes before the choices. The rules judge whether it is plausible."""
    minutes = fields.number("minutes-other")
    if minutes is None:
        minutes = fields.number("minutes")
    if minutes is None:
        fields.wrong(ReasonCode.TEXT_REQUIRED, "minutes")
    return minutes or 0


def typed_contact(fields: Fields) -> Typed:
    """Read the form; ``fields.check()`` must pass before any of it is used."""
    return Typed(
        at=fields.required_moment("day", "time"),
        mode=fields.choice("mode", ContactMode),
        minutes=typed_minutes(fields),
        task=fields.choice("task", ContactTask, ContactTask.FOLLOW_UP),
        note=fields.text("note"),
        private=fields.text("private"),
    )


def typed_next(
    fields: Fields, page: TeamContext, after: datetime, mode: ContactMode, policy: PathwayPolicy
) -> NextContact | None:
    """The next appointment, if one was chosen."""
    kind = fields.choice("next", Next, Next.NONE)
    if kind is Next.NONE:
        return None
    at = fields.required_moment("next-day", "next-time") if kind is Next.OTHER else proposed(kind, after, policy)
    return NextContact(page.deps.ids.new(), at, mode, _usual_task(page.patient_pathway))


def _usual_task(pathway: Pathway) -> ContactTask:
    prevention = pathway.state is State.RELAPSE_PREVENTION
    return ContactTask.RELAPSE_PREVENTION if prevention else ContactTask.FOLLOW_UP
