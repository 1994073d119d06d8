"""A posted form, checked: same patient, our own ticket; then it becomes a command."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request

from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.engine import Command
from sesame_fhir.services.ports import Vault
from sesame_fhir.services.records import LaunchSession
from smart_app.pages.context import PageContext
from smart_app.session.csrf import FormTicket, own_fields, posted_ticket
from smart_app.session.guard import assert_same_patient

LONGEST_TEXT = 2000
"""Characters kept of a free text: a note, not a letter."""


@dataclass(frozen=True, slots=True)
class Posted:
    """``values`` are the form's own fields, without the hidden ones; ``command`` is what it asks for."""

    ticket: FormTicket
    command: Command
    values: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """A free text, trimmed and bounded; None when empty."""
        return self.values.get(name, "").strip()[:LONGEST_TEXT] or None

    def whole_text(self, name: str) -> str | None:
        """As ``text``, for words that somebody else will read: a longer one is refused, never cut."""
        if len(self.values.get(name, "").strip()) > LONGEST_TEXT:
            raise Refused(Reason(ReasonCode.TEXT_TOO_LONG, name))
        return self.text(name)


def check_posted(vault: Vault, launch: LaunchSession) -> tuple[FormTicket, dict[str, str]]:
    """The ticket and the own fields of the request's form, which must be one of this launch.

    Raises:
        AppError: other-patient for another patient's form, foreign-origin for one that this launch did not make.
    """
    assert_same_patient(launch, request.form.get("patient", ""))
    return posted_ticket(vault, launch.launch_hash, request.form, launch.patient), own_fields(request.form)


def read_posted(page: PageContext) -> Posted:
    """The request's form as a command. Raises what ``check_posted`` raises."""
    ticket, values = check_posted(page.deps.vault, page.launch)
    command = Command(
        command_id=ticket.command_id(values.items()),
        actor=page.actor,
        site=page.launch.site,
        occurred_at=page.now,
        expected_version=ticket.version,
    )
    return Posted(ticket, command, values)
