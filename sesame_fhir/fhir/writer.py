"""Canonical JSON bytes: the same resource always gives the same bytes, and decimals keep their digits."""

import math
from decimal import Decimal

import msgspec

from sesame_fhir.fhir.json_types import Json

_ENCODER = msgspec.json.Encoder(decimal_format="number", order="deterministic")


def write_json(resource: Json) -> bytes:
    """Encode with sorted keys, no spaces, UTF-8; Decimal('0.10') is written 0.10.

    Raises:
        ValueError: a number is NaN or infinite.
        msgspec.EncodeError, TypeError: a value is not JSON, or holds a lone surrogate.
    """
    encoded = _ENCODER.encode(resource)
    # The encoder turns NaN into null (float) or writes it bare (Decimal): look only when the output may hold one.
    if b"null" in encoded or b"NaN" in encoded or b"Infinity" in encoded:
        _refuse_non_numbers(resource)
    return encoded


def _refuse_non_numbers(value: object) -> None:
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_non_numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_non_numbers(inner)
    elif isinstance(value, float | Decimal) and not math.isfinite(value):
        raise ValueError("NaN and Infinity are not JSON")
