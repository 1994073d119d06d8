"""Page cursors: sealed, because the sort values of a row may be a patient's name and the cursor travels in a URL."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson

from sesame_fhir.services.errors import InvalidCursor, VaultError
from sesame_fhir.services.ports import Vault
from sesame_fhir.services.search import SearchQuery
from sesame_fhir.storage.sorting import SortKey


def seal_cursor(vault: Vault, query: SearchQuery, keys: Sequence[SortKey], values: Sequence[Any]) -> str:
    """Return URL-safe text that stands for the position after the row with these sort values."""
    sealed = vault.seal(orjson.dumps(list(values)), _context(query, keys))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def open_cursor(vault: Vault, query: SearchQuery, keys: Sequence[SortKey]) -> list[Any]:
    """Return the sort values. Raises ``InvalidCursor`` for anything that this query did not give out."""
    text = query.cursor or ""
    try:
        sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        values: list[Any] = orjson.loads(vault.unseal(sealed, _context(query, keys)))
    except (VaultError, ValueError, binascii.Error) as error:
        raise InvalidCursor from error
    return values


def _context(query: SearchQuery, keys: Sequence[SortKey]) -> str:
    """Bind the cursor to the type, the clauses and the sort (the page's size may change)."""
    bound = repr((replace(query, cursor=None, count=0), keys))
    return "cursor " + hashlib.sha256(bound.encode()).hexdigest()
