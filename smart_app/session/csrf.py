"""Form tickets: what a form was opened for, sealed to its session, so that nothing of it can be forged or swapped.

A session is a launch, or a person signed in to the team's pages. The guards already refuse posts from other sites; the
ticket binds the hidden fields (command, version, patient) to one session, so a form copied from another session or
another patient does not pass either. It is a MAC: the vault seals nothing, with the fields as associated data.
"""

import base64
import binascii
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sesame_fhir.domain.ids import CommandId
from sesame_fhir.services.errors import VaultError
from sesame_fhir.services.ports import Vault
from smart_app.errors import AppError

FIELDS = frozenset({"csrf", "command", "version", "patient"})
"""Names of the hidden fields."""

_VERSION_DIGITS = 9


@dataclass(frozen=True, slots=True)
class FormTicket:
    """What a rendered form was opened for.

    ``version`` is the pathway's, 0 before there is one. ``patient`` is the record's patient in a launch; in the team's
    pages the id of what the form is about (a pathway, an account), or empty.
    """

    command: str
    version: int
    patient: str

    def command_id(self, content: Iterable[tuple[str, str]]) -> CommandId:
        """Id of the command that this content makes.

        The same form sent twice gives the same id and acts once; a form changed after « back » gives another id, and
        is then judged on its version instead of being taken for a repetition.
        """
        text = "\n".join(f"{name}={value}" for name, value in sorted(content))
        return CommandId(str(uuid.uuid5(uuid.UUID(self.command), text)))


def seal_ticket(vault: Vault, session_hash: str, ticket: FormTicket) -> str:
    """The ``csrf`` field of a form."""
    return base64.urlsafe_b64encode(vault.seal(b"", _context(session_hash, ticket))).decode("ascii")


def posted_ticket(vault: Vault, session_hash: str, form: Mapping[str, str], patient: str) -> FormTicket:
    """The ticket of a posted form. Raises AppError(foreign-origin) unless this session made it for ``patient``."""
    version = form.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) <= _VERSION_DIGITS):
        raise AppError("foreign-origin")
    ticket = FormTicket(form.get("command", ""), int(version), patient)
    try:
        vault.unseal(base64.urlsafe_b64decode(form.get("csrf", "").encode("ascii")), _context(session_hash, ticket))
    except (VaultError, binascii.Error, UnicodeEncodeError):
        raise AppError("foreign-origin") from None
    return ticket


def own_fields(form: Mapping[str, str]) -> dict[str, str]:
    """A form's fields without the hidden ones."""
    return {name: value for name, value in form.items() if name not in FIELDS}


def _context(session_hash: str, ticket: FormTicket) -> str:
    return f"form|{session_hash}|{ticket.command}|{ticket.version}|{ticket.patient}"
