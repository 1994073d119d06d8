"""Decimals as texts that sort as the numbers do: exact at any precision, the same on every database.

A double would take 0.1 + 0.2 for 0.3's neighbour and NUMERIC does not exist on SQLite; a text compared by code point
needs neither. Laid out as sign, exponent, digits, mark: ``1.50`` and ``1.5`` give one text. The mark leaves room for
"just below" and "just above" a number, which no other number takes.
"""

from decimal import Decimal
from typing import Literal

LOWEST = ""
"""Before every number: stored for a quantity without a lower bound."""

HIGHEST = "9"
"""After every number: stored for a quantity without an upper bound."""

Side = Literal[-1, 0, 1]
"""Just below, at, just above."""

_NEGATIVE, _ZERO, _POSITIVE = "0", "1", "2"
_MARK, _MIRRORED_MARK = ord(","), ord("b")  # before, and after, every digit; with their neighbours
_MIDDLE = 50_000
_MIRROR = str.maketrans("0123456789", "9876543210")


def sortable(number: Decimal, side: Side = 0) -> str:
    """Return the text of a finite number, or of the place next to it."""
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    if not digits:
        return _ZERO + chr(_MARK + side)
    exponent = min(max(number.adjusted(), 1 - _MIDDLE), _MIDDLE - 1)
    body = f"{exponent + _MIDDLE:05d}{digits}"
    if number > 0:
        return _POSITIVE + body + chr(_MARK + side)
    return _NEGATIVE + body.translate(_MIRROR) + chr(_MIRRORED_MARK + side)
