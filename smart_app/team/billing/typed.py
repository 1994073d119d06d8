"""Amounts as people type them: « 1 234,50 », « 300 € », « 300.5 »."""

import re
from decimal import Decimal

from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.domain.reasons import ReasonCode
from smart_app.team.fields import Fields

_SPACES = re.compile(r"[\s\u00a0\u202f]")
_AMOUNT = re.compile(r"(-?[0-9]{1,9})(?:[.,]([0-9]{1,2}))?€?", re.ASCII)


def amount_of(fields: Fields, name: str) -> Decimal:
    """The amount of a field, in euros; nothing when it cannot be read, which is noted against the field."""
    found = fields.raw(name)
    read = _AMOUNT.fullmatch(_SPACES.sub("", found))
    if read is None:
        fields.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD if found else ReasonCode.TEXT_REQUIRED, name)
        return ZERO
    return Decimal(f"{read[1]}.{(read[2] or '').ljust(2, '0')}")
