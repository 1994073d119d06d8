"""The one place where bodies turn into stored bytes and back.

Bodies rest in clear today; per-patient encryption is switched on here and nowhere else. ``name`` and ``version`` are
what such a cipher binds as associated data (``Type/id`` and the version, or the pathway and the sequence).
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson


def _number(value: object) -> orjson.Fragment:
    """Keep the digits of a decimal as they were written (0.10 stays 0.10)."""
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(type(value).__name__)


def dump(body: Mapping[str, Any]) -> bytes:
    """Write compact JSON, keys in their order. Raises TypeError for a value that JSON does not know."""
    return orjson.dumps(body, default=_number)


def to_storage(body: bytes, name: str, version: int) -> bytes:  # noqa: ARG001  bound by the cipher to come
    """Return the bytes to store."""
    return body


def from_storage(stored: bytes, name: str, version: int) -> bytes:  # noqa: ARG001  bound by the cipher to come
    """Return the body as it was given to ``to_storage``."""
    return stored
