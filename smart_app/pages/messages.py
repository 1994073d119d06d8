"""Messages about the patient between the GP, the nurse and the psychiatrist, seen from the record.

Reading is said with a button, never by opening the page: a browser or an EHR may fetch a page that nobody looks at, and
a receipt tells a colleague that a clinician has read.
"""

from flask import Response, redirect
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.actors import CLINICIANS, Role
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.review import read_messages, send_message
from smart_app.pages import pathway_texts
from smart_app.pages.context import PageContext
from smart_app.pages.drafts import becoming_events, keep_draft, load_draft
from smart_app.pages.pathway import about
from smart_app.pages.posted import read_posted
from smart_app.pages.render import render

DRAFT = "message"
_SEE_OTHER = 303
_EVERYBODY = "all"


def show_messages(page: PageContext) -> str:
    """Every message to this person or by them, with its receipts, newest first, and the form to write one."""
    here, pathway = about(page)
    messages = tuple(m for m in pathway.messages if m.is_for(page.actor))
    return render(
        here,
        "app/messages.html",
        messages=messages[::-1],
        unread=tuple(m for m in messages if m.waits_for(page.actor)),
        recipients=recipients(page.actor.role),
        draft=load_draft(page, DRAFT),
        words=pathway_texts,
    )


def post_message(page: PageContext) -> Answer:
    """Send a message; sent twice it is one message. Raises Refused for an empty one."""
    here, pathway = about(page)
    posted = read_posted(here)
    with becoming_events(here, posted, DRAFT) as command:
        text, to = posted.whole_text("text") or "", recipient(posted.values.get("to", _EVERYBODY))
        send_message(page.deps.engine, command, pathway.pathway_id, page.deps.ids.new(), text=text, to=to)
    page.deps.deliver(pathway.pathway_id)
    return redirect(page.url("show_messages"), _SEE_OTHER)


def post_message_draft(page: PageContext) -> Response:
    """Keep the message being typed (called by the script)."""
    here, _ = about(page)
    return keep_draft(here, DRAFT)


def post_messages_read(page: PageContext) -> Answer:
    """Say that the messages which were on the screen have been read."""
    here, pathway = about(page)
    posted = read_posted(here)
    read_messages(page.deps.engine, posted.command, pathway.pathway_id, seen_in(posted.values.get("seen", "")))
    return redirect(page.url("show_messages"), _SEE_OTHER)


def recipients(writer: Role) -> dict[str, str]:
    """Choices of the form -> French text; nobody writes to their own role alone."""
    others = ((role, text) for role, text in pathway_texts.RECIPIENTS.items() if role is not writer)
    return {role.value if role else _EVERYBODY: text for role, text in others}


def recipient(chosen: str) -> Role | None:
    """The role of a choice, None for everybody. Raises Refused for one that the form does not offer."""
    if chosen == _EVERYBODY:
        return None
    role = next((role for role in CLINICIANS if role.value == chosen), None)
    if role is None:
        raise Refused(Reason(ReasonCode.VALUE_OUT_OF_RANGE, "to"))
    return role


def seen_in(field: str) -> frozenset[str]:
    """Ids of the messages that a form showed."""
    return frozenset(field.split())
