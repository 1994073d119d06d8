"""What else can become of a contact: missed, called off, moved; and a new one put in the calendar."""

from collections.abc import Callable
from dataclasses import replace

from flask.typing import ResponseReturnValue

from sesame_fhir.domain.events import CancelledBy, ContactMode, ContactTask
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.contacts import NextContact, cancel_contact, miss_contact, move_contact, plan_contact
from sesame_fhir.services.engine import Command
from smart_app.team.attempts import attempt, recorded
from smart_app.team.contact.form import typed_next
from smart_app.team.contact.names import CHANGE
from smart_app.team.contact.views import shown
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

Act = Callable[[Fields, Command], Pathway]


def post_missed(page: TeamContext, contact_id: str) -> ResponseReturnValue:
    """The patient did not come or answer, and when to try again."""

    def act(fields: Fields, command: Command) -> Pathway:
        at, note = fields.required_moment("day", "time"), fields.text("note")
        known = page.patient_pathway.contact(contact_id)
        mode = ContactMode.PHONE if known is None else known.mode
        following = typed_next(fields, page, at, mode, page.deps.engine.policy)
        fields.check()
        own = page.deps.ids.new() if known is None else contact_id
        missed = replace(command, occurred_at=at)
        return miss_contact(
            page.deps.engine, missed, page.patient_pathway.pathway_id, own, note=note, following=following
        )

    return _change(page, contact_id, act)


def post_cancelled(page: TeamContext, contact_id: str) -> ResponseReturnValue:
    """Call a planned contact off."""

    def act(fields: Fields, command: Command) -> Pathway:
        by, note = fields.choice("by", CancelledBy), fields.text("note")
        fields.check()
        engine, pathway_id = page.deps.engine, page.patient_pathway.pathway_id
        return cancel_contact(engine, command, pathway_id, contact_id, by=by, note=note)

    return _change(page, contact_id, act)


def post_moved(page: TeamContext, contact_id: str) -> ResponseReturnValue:
    """Give a planned contact another time."""

    def act(fields: Fields, command: Command) -> Pathway:
        at = fields.required_moment("next-day", "next-time")
        fields.check()
        return move_contact(page.deps.engine, command, page.patient_pathway.pathway_id, contact_id, at)

    return _change(page, contact_id, act)


def post_planned(page: TeamContext, contact_id: str) -> ResponseReturnValue:
    """Put a contact in the calendar."""

    def act(fields: Fields, command: Command) -> Pathway:
        at, mode = fields.required_moment("next-day", "next-time"), fields.choice("mode", ContactMode)
        task = fields.choice("task", ContactTask, ContactTask.FOLLOW_UP)
        fields.check()
        planned = NextContact(page.deps.ids.new(), at, mode, task)
        return plan_contact(page.deps.engine, command, page.patient_pathway.pathway_id, planned)

    return _change(page, contact_id, act)


def _change(page: TeamContext, contact_id: str, act: Act) -> ResponseReturnValue:
    posted = read_posted(page)
    draft = CHANGE.format(contact_id=contact_id)

    def run() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        return recorded(page, act(fields, finishing(page, posted.command, draft)))

    return attempt(page, draft, run, lambda again, trouble: shown(again, contact_id, trouble))


_AT = "/p/<pathway_id>/contact/<contact_id>"
ROUTES = (
    TeamRoute("POST", f"{_AT}/missed", "miss-contact", post_missed, draft=CHANGE),
    TeamRoute("POST", f"{_AT}/cancelled", "cancel-contact", post_cancelled, draft=CHANGE),
    TeamRoute("POST", f"{_AT}/moved", "move-contact", post_moved, draft=CHANGE),
    TeamRoute("POST", f"{_AT}/planned", "plan-contact", post_planned, draft=CHANGE),
)
