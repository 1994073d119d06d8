"""Form tickets: what a form was opened for, sealed to its launch, so that nothing of it can be forged or swapped.

The guard already refuses posts from other sites; the ticket binds the hidden fields (command, version, patient) to
one launch, so a form copied from another launch or another patient does not pass either. It is a MAC: the vault seals
nothing, with the fields as associated data.
"""

import base64
import binascii
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sesame_fhir.domain.ids import CommandId
from sesame_fhir.services.errors import VaultError
from sesame_fhir.services.ports import Vault

FIELDS = frozenset({"csrf", "command", "version", "patient"})
"""Names of the hidden fields."""


@dataclass(frozen=True, slots=True)
class FormTicket:
    """What a rendered form was opened for. ``version`` is the pathway's, 0 before there is one."""

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


def seal_ticket(vault: Vault, launch_hash: str, ticket: FormTicket) -> str:
    """The ``csrf`` field of a form."""
    return base64.urlsafe_b64encode(vault.seal(b"", _context(launch_hash, ticket))).decode("ascii")


def ticket_is_ours(vault: Vault, launch_hash: str, ticket: FormTicket, csrf: str) -> bool:
    """True when ``csrf`` was made by this launch for exactly this ticket."""
    try:
        vault.unseal(base64.urlsafe_b64decode(csrf.encode("ascii")), _context(launch_hash, ticket))
    except (VaultError, binascii.Error, UnicodeEncodeError):
        return False
    return True


def _context(launch_hash: str, ticket: FormTicket) -> str:
    return f"form|{launch_hash}|{ticket.command}|{ticket.version}|{ticket.patient}"
