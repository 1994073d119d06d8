"""The form of a contact that takes place: made for an uneventful call in under two minutes, one post for all of it."""

import re
from dataclasses import replace

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.appointments import Next, instruments_due, proposed
from sesame_fhir.domain.care import Contact
from sesame_fhir.domain.events import CancelledBy, ContactMode, ContactStatus, ContactTask
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import CLOSED, IN_CARE, INTERRUPTED, State
from sesame_fhir.services.contacts import HoldContact, hold_contact
from sesame_fhir.services.errors import NotFound
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.contact import texts
from smart_app.team.contact.closed import shown_closed
from smart_app.team.contact.form import MINUTES, first_values, typed_contact, typed_next
from smart_app.team.contact.names import CHANGE, CONTACT, CONTACT_ID
from smart_app.team.context import TeamContext
from smart_app.team.dates import short_moment
from smart_app.team.drafts import finishing, keep_draft, load_draft
from smart_app.team.fields import Fields
from smart_app.team.instruments import answered_in, inline_forms
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

FOR_STATES = IN_CARE | {State.ASSESSMENT}
"""In which contacts take place."""
LATE_STATES = INTERRUPTED | {State.EXITED}
"""In which a contact from before is still noted."""


def show_contact(page: TeamContext, contact_id: str) -> str:
    """A contact that is planned, or new (an id of no contact): its form. One that is over: what was written."""
    return shown(page, contact_id, None)


def post_contact(page: TeamContext, contact_id: str) -> ResponseReturnValue:
    """Record the contact, its instruments and the next appointment, all or nothing."""
    posted = read_posted(page)
    draft = _checked(CONTACT, contact_id)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        typed = typed_contact(fields)
        following = typed_next(fields, page, typed.at, typed.mode, page.deps.engine.policy)
        fields.check()
        held = HoldContact(
            contact_id=_recorded_id(page, contact_id),
            mode=typed.mode,
            minutes=typed.minutes,
            task=typed.task,
            note=typed.note,
            private_note=typed.private,
            screenings=answered_in(page, posted.values),
            following=following,
        )
        command = replace(posted.command, occurred_at=typed.at)
        command = finishing(page, command, draft, _checked(CONTACT, fields.raw("from") or contact_id))
        return recorded(page, hold_contact(page.deps.engine, command, page.patient_pathway.pathway_id, held))

    return attempt(page, draft, act, lambda again, trouble: shown(again, contact_id, trouble))


def post_contact_draft(page: TeamContext, contact_id: str) -> Response:
    """Keep what is being typed (called by the script)."""
    return keep_draft(page, _checked(CONTACT, contact_id))


def shown(page: TeamContext, contact_id: str, trouble: Trouble | None) -> str:
    """The page of a contact, with what stood in the way of its last form."""
    _checked(CONTACT, contact_id)
    contact = page.patient_pathway.contact(contact_id)
    if contact is not None and contact.status is not ContactStatus.PLANNED:
        return shown_closed(page, contact, trouble)
    source = request.args.get("from", contact_id)
    draft = load_draft(page, _checked(CONTACT, source))
    values = first_values(page, contact)
    for name in draft:
        values.setlist(name, draft.getlist(name))
    incomplete = trouble is not None and any(r.code is ReasonCode.INCOMPLETE_ANSWERS for r in trouble.reasons)
    return render_about(
        page,
        "team/contact.html",
        contact=contact,
        contact_id=contact_id,
        source=source if source != contact_id else "",
        trouble=trouble,
        restored=bool(draft) and trouble is None,
        allowed=page.patient_pathway.state in FOR_STATES,
        late=page.patient_pathway.state in LATE_STATES,
        closed=page.patient_pathway.state in CLOSED,
        values=values,
        when=Fields(values, page.local(page.now).date()).moment("day", "time"),
        forms=inline_forms(page, values, show_missing=incomplete),
        **_choices(page, contact, values),
    )


def _choices(page: TeamContext, contact: Contact | None, values: MultiDict[str, str]) -> dict[str, object]:
    """What can be chosen, in words."""
    when = contact.planned_at if contact is not None and contact.planned_at else page.now
    base, policy, today = min(when, page.now), page.deps.engine.policy, page.local(page.now).date()

    def dated(kind: Next) -> tuple[str, str, str]:
        return kind.value, texts.NEXT[kind], short_moment(proposed(kind, base, policy), today)

    own = None if contact is None else contact.contact_id
    return {
        "texts_of": texts,
        "modes": list(ContactMode),
        "tasks": list(ContactTask),
        "minutes": MINUTES,
        "due": instruments_due(page.patient_pathway, today),
        "dated": [dated(Next.FORTNIGHT), dated(Next.MONTH)],
        "retry": dated(Next.RETRY),
        "others": [c for c in page.patient_pathway.planned_contacts if c.contact_id != own],
        "cancellers": list(CancelledBy),
        "change": load_draft(page, CHANGE.format(contact_id=own or "")),
        "folded_other": values.get("next") != Next.OTHER,
    }


def _recorded_id(page: TeamContext, contact_id: str) -> str:
    """A contact's own id; a new one for what was not planned: an address must not choose the id of a resource."""
    return page.deps.ids.new() if page.patient_pathway.contact(contact_id) is None else contact_id


def _checked(name: str, contact_id: str) -> str:
    if re.fullmatch(CONTACT_ID, contact_id) is None:
        raise NotFound(contact_id)
    return name.format(contact_id=contact_id)


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/contact/<contact_id>", "view-patient", show_contact),
    TeamRoute("POST", "/p/<pathway_id>/contact/<contact_id>", "hold-contact", post_contact, draft=CONTACT),
    TeamRoute("POST", "/p/<pathway_id>/contact/<contact_id>/draft", "hold-contact", post_contact_draft),
)
