"""How the nurse's work changes a pathway's state."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.care import Assessment, Contact, Message, PlanOfCare, RelapsePlan
from sesame_fhir.domain.evolution.altered import altered
from sesame_fhir.domain.evolution.handler import Handler
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused


def _assessed(p: Pathway, e: ev.Event, d: ev.AssessmentRecorded) -> Pathway:
    return altered(p, assessment=Assessment(d, e.occurred_at, e.actor))


def _team(p: Pathway, _e: ev.Event, d: ev.CareTeamChanged) -> Pathway:
    return altered(p, team=d.members)


def _planned_care(p: Pathway, e: ev.Event, d: ev.PlanRecorded) -> Pathway:
    version = 1 if p.plan is None else p.plan.version + 1
    first_at = e.occurred_at if p.plan is None else p.plan.first_at
    return altered(p, plan=PlanOfCare(d, version, first_at, e.occurred_at, e.actor))


def _relapse_plan(p: Pathway, e: ev.Event, d: ev.RelapsePlanWritten) -> Pathway:
    version = 1 if p.relapse_plan is None else p.relapse_plan.version + 1
    return altered(p, relapse_plan=RelapsePlan(d, version, e.occurred_at, e.actor))


def _planned(p: Pathway, e: ev.Event, d: ev.ContactPlanned) -> Pathway:
    contact = Contact(d.contact_id, ev.ContactStatus.PLANNED, d.mode, d.task, d.planned_at, by=e.actor)
    return altered(p, contacts=(*p.contacts, contact))


def _changed(p: Pathway, contact_id: str, **changes: Any) -> Pathway:
    if p.contact(contact_id) is None:
        raise Refused(Reason(ReasonCode.NO_SUCH_CONTACT))
    return altered(p, contacts=tuple(replace(c, **changes) if c.contact_id == contact_id else c for c in p.contacts))


def _moved(p: Pathway, e: ev.Event, d: ev.ContactMoved) -> Pathway:
    known = p.contact(d.contact_id)
    moved = 0 if known is None else known.moved + 1
    return _changed(p, d.contact_id, planned_at=d.planned_at, moved=moved, by=e.actor)


def _cancelled(p: Pathway, e: ev.Event, d: ev.ContactCancelled) -> Pathway:
    return _changed(
        p, d.contact_id, status=ev.ContactStatus.CANCELLED, cancelled_by=d.by, note=d.note, at=e.occurred_at, by=e.actor
    )


def _held(p: Pathway, e: ev.Event, d: ev.ContactHeld) -> Pathway:
    known = p.contact(d.contact_id)
    contact = Contact(
        d.contact_id,
        ev.ContactStatus.HELD,
        d.mode,
        d.task,
        planned_at=known.planned_at if known else None,
        at=e.occurred_at,
        minutes=d.minutes,
        note=d.note,
        private_note=d.private_note,
        screenings=d.screenings,
        by=e.actor,
        moved=known.moved if known else 0,
    )
    others = tuple(c for c in p.contacts if c.contact_id != d.contact_id)
    return altered(p, contacts=(*others, contact))


def _written_again(p: Pathway, e: ev.Event, d: ev.ContactCorrected) -> Pathway:
    known = p.contact(d.contact_id)
    # A colleague's correction keeps the author's private note: they never saw it.
    own = known is None or known.by is None or known.by.actor_id == e.actor.actor_id
    private = d.private_note if own or known is None else known.private_note
    by = e.actor if known is None or known.by is None else known.by
    return _changed(
        p,
        d.contact_id,
        mode=d.mode,
        minutes=d.minutes,
        note=d.note,
        task=d.task,
        private_note=private,
        by=by,
        corrected=True,
    )


def _missed(p: Pathway, e: ev.Event, d: ev.ContactMissed) -> Pathway:
    known = p.contact(d.contact_id)
    if known is not None:
        return _changed(p, d.contact_id, status=ev.ContactStatus.MISSED, at=e.occurred_at, note=d.note, by=e.actor)
    contact = Contact(
        d.contact_id,
        ev.ContactStatus.MISSED,
        ev.ContactMode.PHONE,
        ev.ContactTask.FOLLOW_UP,
        at=e.occurred_at,
        note=d.note,
        by=e.actor,
    )
    return altered(p, contacts=(*p.contacts, contact))


def _sent(p: Pathway, e: ev.Event, d: ev.MessageSent) -> Pathway:
    return altered(p, messages=(*p.messages, Message(d.message_id, d.text, d.to, e.occurred_at, e.actor)))


def _read(p: Pathway, e: ev.Event, d: ev.MessageRead) -> Pathway:
    def seen(message: Message) -> Message:
        if message.message_id != d.message_id or e.actor.actor_id in message.read:
            return message
        read = {**message.read, e.actor.actor_id: e.occurred_at}
        return replace(message, read=read, readers=(*message.readers, e.actor))

    return altered(p, messages=tuple(map(seen, p.messages)))


HANDLERS: Mapping[type, Handler] = {
    ev.AssessmentRecorded: _assessed,
    ev.CareTeamChanged: _team,
    ev.PlanRecorded: _planned_care,
    ev.RelapsePlanWritten: _relapse_plan,
    ev.ContactPlanned: _planned,
    ev.ContactMoved: _moved,
    ev.ContactCancelled: _cancelled,
    ev.ContactHeld: _held,
    ev.ContactCorrected: _written_again,
    ev.ContactMissed: _missed,
    ev.MessageSent: _sent,
    ev.MessageRead: _read,
}
