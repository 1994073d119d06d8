"""A contact that is over: what was written, a correction, and both versions where two people wrote at once."""

from flask import redirect
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.events import ContactCorrected, ContactMode, ContactStatus, ContactTask
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.services.contacts import correct_contact
from sesame_fhir.services.errors import NotFound
from smart_app.pages.answers import FIELD_PREFIX
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.contact import texts
from smart_app.team.contact.form import MINUTES, typed_minutes
from smart_app.team.contact.names import CONTACT, CORRECTION
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, load_draft, save_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

_SEE_OTHER = 303


def post_correction(page: TeamContext, contact_id: str) -> ResponseReturnValue:
    """Write a held contact again; the first writing stays in the history."""
    posted = read_posted(page)
    draft = CORRECTION.format(contact_id=contact_id)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        corrected = ContactCorrected(
            contact_id=contact_id,
            mode=fields.choice("mode", ContactMode),
            minutes=typed_minutes(fields),
            note=fields.text("note"),
            task=fields.choice("task", ContactTask),
            private_note=fields.text("private"),
        )
        fields.check()
        command = finishing(page, posted.command, draft, *_taken_over(page, _closed(page, contact_id)))
        after = correct_contact(page.deps.engine, command, page.patient_pathway.pathway_id, corrected)
        return recorded(page, after, "show_contact", contact_id=contact_id)

    return attempt(page, draft, act, lambda again, trouble: shown_closed(again, _closed(again, contact_id), trouble))


def post_discard(page: TeamContext, contact_id: str) -> ResponseReturnValue:
    """Let go of what was typed and not recorded: the colleague's version stands."""
    read_posted(page)
    for name in (CONTACT, CORRECTION):
        save_draft(page, name.format(contact_id=contact_id), MultiDict())
    return redirect(page.url("show_contact", contact_id=contact_id), _SEE_OTHER)


def shown_closed(page: TeamContext, contact: Contact, trouble: Trouble | None) -> str:
    """What was recorded beside what this person typed and could not record, if anything."""
    unsaved = load_draft(page, CONTACT.format(contact_id=contact.contact_id))
    correction = load_draft(page, CORRECTION.format(contact_id=contact.contact_id))
    own = contact.by is not None and contact.by.actor_id == page.actor.actor_id
    values = correction or unsaved or MultiDict(_written(contact, own=own))
    return render_about(
        page,
        "team/contact_closed.html",
        contact=contact,
        own=own,
        trouble=trouble,
        unsaved=unsaved,
        typed_at=Fields(unsaved, page.local(page.now).date()).moment("day", "time"),
        answers=_answers(unsaved),
        another=page.deps.ids.new(),
        screenings=_screenings(page, contact),
        values=values,
        correcting=bool(correction or unsaved),
        may_correct=contact.status is ContactStatus.HELD and page.may("correct-contact"),
        texts_of=texts,
        modes=list(ContactMode),
        tasks=list(ContactTask),
        minutes=MINUTES,
    )


def _taken_over(page: TeamContext, contact: Contact) -> tuple[str, ...]:
    """The unsaved version is in the correction then, unless it has what a correction cannot hold.

    That is: answers to instruments, and beside a colleague's contact a private note.
    """
    draft = CONTACT.format(contact_id=contact.contact_id)
    unsaved = load_draft(page, draft)
    own = contact.by is not None and contact.by.actor_id == page.actor.actor_id
    more = _answers(unsaved) or (unsaved.get("private") and not own)
    return () if more else (draft,)


def _answers(values: MultiDict[str, str]) -> int:
    return sum(name.startswith(FIELD_PREFIX) for name in values)


def _written(contact: Contact, *, own: bool) -> dict[str, str]:
    """The fields of the correction as they stand; a private note is its author's alone."""
    minutes = contact.minutes or 0
    return {
        "mode": contact.mode.value,
        "minutes" if minutes in MINUTES else "minutes-other": str(minutes),
        "task": contact.task.value,
        "note": contact.note or "",
        "private": (contact.private_note or "") if own else "",
    }


def _screenings(page: TeamContext, contact: Contact) -> tuple[tuple[str, str], ...]:
    found = (page.patient_pathway.screening(screening_id) for screening_id in contact.screenings)
    return tuple(
        (INSTRUMENTS[s.instrument].title, f"{s.total} / {INSTRUMENTS[s.instrument].maximum}")
        for s in found
        if s is not None
    )


def _closed(page: TeamContext, contact_id: str) -> Contact:
    contact = page.patient_pathway.contact(contact_id)
    if contact is None:
        raise NotFound(contact_id)
    return contact


ROUTES = (
    TeamRoute(
        "POST", "/p/<pathway_id>/contact/<contact_id>/correction", "correct-contact", post_correction, draft=CORRECTION
    ),
    TeamRoute("POST", "/p/<pathway_id>/contact/<contact_id>/discard", "hold-contact", post_discard),
)
