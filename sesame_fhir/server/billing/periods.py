"""Periods of a scheme file: which overlap, and which days no one of them covers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sesame_fhir.server.billing.toml_lines import KeyPath

_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` to ``end``, both included (None: without end), of what is written at ``path``."""

    start: date
    end: date | None
    path: KeyPath = ()

    def __str__(self) -> str:
        return f"{self.start} to {self.end}" if self.end else f"{self.start} without end"

    @property
    def last(self) -> date:
        """Last day; the last of the calendar when there is no end."""
        return self.end or date.max


def period_of(table: Mapping[str, Any], path: KeyPath, default: date | None = None) -> Period | None:
    """The period of a table; None when one of its days is missing or cannot be read."""
    start = day_of(table["start"]) if "start" in table else default
    end = day_of(table["end"]) if "end" in table else None
    if start is None or ("end" in table and end is None):
        return None
    return Period(start, end, path)


def day_of(value: object) -> date | None:
    """A day as written; None when it is none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def overlaps(periods: Sequence[Period]) -> Iterator[tuple[Period, Period]]:
    """Each period that shares a day with one written before it, and the first such."""
    for number, period in enumerate(periods):
        for earlier in periods[:number]:
            if period.start <= earlier.last and earlier.start <= period.last:
                yield period, earlier
                break


def gaps(whole: Period, periods: Sequence[Period]) -> Iterator[Period]:
    """Days of ``whole`` that none of the periods has."""
    free = whole.start
    for period in sorted(periods, key=lambda one: one.start):
        if period.start > whole.last:
            break
        if period.start > free:
            yield Period(free, period.start - _ONE)
        if period.last >= whole.last:
            return
        free = max(free, period.last + _ONE)
    yield Period(free, whole.end)
