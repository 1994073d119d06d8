"""A form posted to a team page, checked: our own ticket, about this pathway; then it becomes a command."""

from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from sesame_fhir.services.engine import Command
from smart_app.pages.posted import LONGEST_TEXT
from smart_app.session.csrf import FIELDS, FormTicket, posted_ticket
from smart_app.team.context import TeamContext


@dataclass(frozen=True, slots=True)
class Posted:
    """``values`` are the form's own fields, without the hidden ones; ``command`` is what it asks for."""

    ticket: FormTicket
    command: Command
    values: MultiDict[str, str]

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str | None:
        """A text, trimmed and bounded to ``longest`` characters; None when empty."""
        return self.values.get(name, "").strip()[:longest] or None

    def choices(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may be there several times (checkboxes)."""
        return tuple(self.values.getlist(name))


def own_values() -> MultiDict[str, str]:
    """The fields of the request's form without the hidden ones."""
    return MultiDict([(name, value) for name, value in request.form.items(multi=True) if name not in FIELDS])


def read_posted(page: TeamContext, subject: str | None = None) -> Posted:
    """The request's form as a command.

    Args:
        page: the page that the form is posted to.
        subject: what the form must have been opened for; the pathway of the address (or nothing) when not told.

    Raises:
        AppError: foreign-origin for a form that this session did not make for ``subject``.
    """
    own = "" if page.pathway is None else page.pathway.pathway_id
    expected = own if subject is None else subject
    ticket = posted_ticket(page.deps.vault, page.session.session_hash, request.form, expected)
    values = own_values()
    command = Command(
        command_id=ticket.command_id(values.items(multi=True)),
        actor=page.actor,
        site=page.site,
        occurred_at=page.now,
        expected_version=ticket.version,
        scope=page.scope,
    )
    return Posted(ticket, command, values)
