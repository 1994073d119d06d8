"""A month that is billed, as people write it: ``2025-03``."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from sesame_fhir.domain.calendar import month_end

_WRITTEN = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month. ``number`` is 1 to 12."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2025-03``. Raises ValueError, with what to write instead, for anything else."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError("a month is written as year and month with a hyphen, for example 2025-03")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of a day."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return month_end(self.first)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02d}"
