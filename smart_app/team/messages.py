"""Messages about a patient between the GP, the nurse and the psychiatrist, on the team's side.

Reading is said with a button, never by opening the page: a browser may fetch a page that nobody looks at, and a receipt
tells a colleague that a clinician has read. It covers the messages that were on the screen, no later one.
"""

from flask import Response, redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.services.review import read_messages, send_message
from smart_app.pages import pathway_texts
from smart_app.pages.messages import recipient, recipients, seen_in
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, keep_draft, load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

DRAFT = "message"
_SEE_OTHER = 303


def show_messages(page: TeamContext) -> str:
    """Every message to this person or by them, with its receipts, newest first, and the form to write one."""
    return _shown(page, None)


def post_message(page: TeamContext) -> ResponseReturnValue:
    """Send a message; sent twice it is one message."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, local_day(page.now))
        text, to = fields.text("text") or "", recipient(posted.values.get("to", "all"))
        fields.check()
        command, message_id = finishing(page, posted.command, DRAFT), page.deps.ids.new()
        pathway_id = page.patient_pathway.pathway_id
        after = send_message(page.deps.engine, command, pathway_id, message_id, text=text, to=to)
        page.deps.deliver(after.pathway_id)
        return redirect(page.url("show_messages"), _SEE_OTHER)

    return attempt(page, DRAFT, act, _shown)


def post_message_draft(page: TeamContext) -> Response:
    """Keep the message being typed (called by the script)."""
    return keep_draft(page, DRAFT)


def post_messages_read(page: TeamContext) -> ResponseReturnValue:
    """Say that the messages which were on the screen have been read."""
    posted = read_posted(page)
    seen = seen_in(posted.values.get("seen", ""))
    read_messages(page.deps.engine, posted.command, page.patient_pathway.pathway_id, seen)
    return redirect(page.url("show_messages"), _SEE_OTHER)


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    messages = tuple(m for m in page.patient_pathway.messages if m.is_for(page.actor))
    return render_about(
        page,
        "team/messages.html",
        messages=messages[::-1],
        unread=tuple(m for m in messages if m.waits_for(page.actor)),
        recipients=recipients(page.actor.role),
        draft=load_draft(page, DRAFT),
        trouble=trouble,
        words=pathway_texts,
    )


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/messages", "read-message", show_messages),
    TeamRoute("POST", "/p/<pathway_id>/messages", "send-message", post_message, draft=DRAFT),
    TeamRoute("POST", "/p/<pathway_id>/messages/draft", "send-message", post_message_draft),
    TeamRoute("POST", "/p/<pathway_id>/messages/read", "read-message", post_messages_read),
)
