"""Page cursors: sealed, because the sort values of a row may be a patient's name and the cursor travels in a URL."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Any

import orjson

from sesame_fhir.services.errors import InvalidCursor, VaultError
from sesame_fhir.services.ports import Vault


def seal_cursor(vault: Vault, values: Sequence[Any], bound: str) -> str:
    """Return URL-safe text that stands for the position after the row with these sort values.

    ``bound`` is what the position belongs to: the question and its order, without the page's size.
    """
    sealed = vault.seal(orjson.dumps(list(values)), _context(bound))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def open_cursor(vault: Vault, text: str, bound: str) -> list[Any]:
    """Return the sort values. Raises ``InvalidCursor`` for anything that this question did not give out."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        values: list[Any] = orjson.loads(vault.unseal(sealed, _context(bound)))
    except (VaultError, ValueError, binascii.Error) as error:
        raise InvalidCursor from error
    return values


def _context(bound: str) -> str:
    return "cursor " + hashlib.sha256(bound.encode()).hexdigest()
