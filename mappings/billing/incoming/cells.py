"""Cells -> ids, days and euros. Nothing is guessed: what can be read in two ways is refused."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from mappings.billing.layout import Layout
from sesame_fhir.domain.billing.money import euros
from sesame_fhir.services.billing.incoming import LineCode

_CLAIM_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
_REFERENCE_LENGTH = 100
_AMOUNT = re.compile(r"(-?)([0-9]{1,8})(?:([,.])([0-9]{1,2}))?", re.ASCII)


class LineRefused(Exception):  # noqa: N818  an answer about a line, not an error of ours
    """A line, or a whole file, says nothing that can be used: why, and in which column or place."""

    def __init__(self, code: LineCode, detail: str | None = None) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


class Cells:
    """The cells of one line, read by the layout."""

    def __init__(self, cells: Mapping[str, str], layout: Layout) -> None:
        self._cells, self._layout = cells, layout

    def text(self, value: str, longest: int = 500) -> str | None:
        """A text, None for an empty cell. Raises LineRefused when it is too long."""
        found = self._cells.get(value)
        if found is not None and len(found) > longest:
            raise self._refused(LineCode.VALUE_WRONG, value)
        return found

    def claim_id(self) -> str:
        """The claim's id. Raises LineRefused for what cannot be one."""
        if not is_claim_id(found := self._needed("claim-id")):
            raise self._refused(LineCode.VALUE_WRONG, "claim-id")
        return found

    def reference(self, value: str) -> str:
        """An id that somebody else gave. Raises LineRefused when it is absent, too long or cannot be printed."""
        if not is_reference(found := self._needed(value)):
            raise self._refused(LineCode.VALUE_WRONG, value)
        return found

    def day(self, value: str) -> date:
        """A day. Raises LineRefused for any other form than the layout's, and for a day that is in no calendar."""
        found = self._needed(value)
        try:
            day = datetime.strptime(found, self._layout.day_pattern).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            raise self._refused(LineCode.DATE_WRONG, value) from None
        # Otherwise 2025-1-5 would pass.
        if self._layout.day(day) != found:
            raise self._refused(LineCode.DATE_WRONG, value)
        return day

    def amount(self, value: str, *, below_zero: bool = False) -> Decimal | None:
        """Euros, None for an empty cell. Raises LineRefused for another decimal sign, thousands, a third decimal."""
        found = self._cells.get(value)
        if found is None:
            return None
        parts = _AMOUNT.fullmatch(found)
        if parts is None or parts[3] not in {None, self._layout.decimal_sign}:
            raise self._refused(LineCode.AMOUNT_WRONG, value)
        if parts[1] and not below_zero:
            raise self._refused(LineCode.AMOUNT_NEGATIVE, value)
        return euros(f"{parts[1]}{parts[2]}.{parts[4] or '0'}")

    def needed_amount(self, value: str, *, below_zero: bool = False) -> Decimal:
        """The same, which must be there."""
        found = self.amount(value, below_zero=below_zero)
        if found is None:
            raise self._refused(LineCode.VALUE_MISSING, value)
        return found

    def code(self, value: str, codes: tuple[str, ...], wrong: LineCode) -> str:
        """One of our codes, as the layout writes it. Raises LineRefused with ``wrong`` for another word."""
        found, column = self._needed(value), self._layout.column(value)
        known = {code if column is None else column.word(code): code for code in codes}
        if found not in known:
            raise self._refused(wrong, value)
        return known[found]

    def _needed(self, value: str) -> str:
        found = self._cells.get(value)
        if found is None:
            raise self._refused(LineCode.VALUE_MISSING, value)
        return found

    def _refused(self, code: LineCode, value: str) -> LineRefused:
        column = self._layout.column(value)
        return LineRefused(code, value if column is None else column.name)


def is_claim_id(text: str) -> bool:
    """True for what can be the id of a claim: it may then be repeated to who sent it."""
    return _CLAIM_ID.fullmatch(text) is not None


def is_reference(text: str) -> bool:
    """True for an id that can be kept and shown."""
    return 0 < len(text) <= _REFERENCE_LENGTH and text.isprintable()
