"""What is typed into the team's forms, read tolerantly; everything wrong is told at once, by the name of its field."""

import re
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from smart_app.pages.posted import LONGEST_TEXT

E = TypeVar("E", bound=StrEnum)

_FRENCH_DAY = re.compile(r"([0-9]{1,2})[ /.-]([0-9]{1,2})(?:[ /.-]([0-9]{4}|[0-9]{2}))?")
_TIME = re.compile(r"([0-9]{1,2})(?:\s*[h:.]\s*([0-9]{1,2})?)?(?::[0-9]{2}(?:\.[0-9]+)?)?", re.IGNORECASE)
_NUMBER = re.compile(r"([0-9]{1,6})\s*(?:min|mn|minutes?)?", re.IGNORECASE)
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CENTURY = 2000
_TWO_DIGITS = 2
_YEARS = range(1900, 2200)


class Fields:
    """One posted form, read field by field.

    What cannot be read is collected, and a placeholder returned in its place; ``check`` raises before anything of it is
    used. ``today`` completes a day typed without its year.
    """

    def __init__(self, values: MultiDict[str, str], today: date) -> None:
        self.values = values
        self._today = today
        self._reasons: list[Reason] = []

    def check(self) -> None:
        """Raise Refused with everything found wrong."""
        if self._reasons:
            raise Refused(*self._reasons)

    def wrong(self, code: ReasonCode, name: str) -> None:
        """Note a reason against a field; in a list of alike fields (``goal.0``, ``goal.1``) it is the list's."""
        self._reasons.append(Reason(code, name.partition(".")[0]))

    def raw(self, name: str) -> str:
        """The text of a field, trimmed, with one kind of line end."""
        return self.values.get(name, "").replace("\r\n", "\n").strip()

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str | None:
        """A free text, None when empty. Nothing is cut: a longer one is refused."""
        found = self.raw(name)
        if len(found) > longest:
            self.wrong(ReasonCode.TEXT_TOO_LONG, name)
        if _UNREADABLE.search(found):
            self.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD, name)
        return found or None

    def lines(self, name: str, longest: int = LONGEST_TEXT) -> tuple[str, ...]:
        """One entry per line that says something, without the dash or bullet that people put before it."""
        found = (line.strip().lstrip("-•*").strip() for line in (self.text(name, longest) or "").split("\n"))
        return tuple(line for line in found if line)

    def choice(self, name: str, kind: type[E], default: E | None = None) -> E:
        """One of a list; ``default`` when nothing was chosen."""
        found = self.raw(name)
        if not found and default is not None:
            return default
        try:
            return kind(found)
        except ValueError:
            self.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD if found else ReasonCode.REASON_REQUIRED, name)
            return next(iter(kind))

    def number(self, name: str, low: int = 0, high: int | None = None) -> int | None:
        """A whole number within its limits, None when empty."""
        found = self.raw(name)
        if not found:
            return None
        read = _NUMBER.fullmatch(found)
        if read is None:
            self.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD, name)
            return None
        value = int(read[1])
        if value < low or (high is not None and value > high):
            self.wrong(ReasonCode.VALUE_OUT_OF_RANGE, name)
        return value

    def day(self, name: str) -> date | None:
        """A day as browsers send it (2026-11-22) or as people type it (22/11/2026, 22.11.26, 22/11)."""
        found = self.raw(name)
        if not found:
            return None
        try:
            return self._day(found)
        except ValueError:
            self.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD, name)
            return None

    def moment(self, day_name: str, time_name: str) -> datetime | None:
        """A day and a time of the practice's clock, in UTC; None when the day is empty.

        A time that the change to summer time skips is the one an hour later.
        """
        day, clock = self.day(day_name), self._time(time_name)
        if day is None or clock is None:
            return None
        return datetime.combine(day, clock, PRACTICE_ZONE).astimezone(UTC)

    def required_moment(self, day_name: str, time_name: str) -> datetime:
        """As ``moment``, for a form that cannot do without."""
        found = self.moment(day_name, time_name)
        if found is None and not self.raw(day_name):
            self.wrong(ReasonCode.TEXT_REQUIRED, day_name)
        return found or datetime.combine(self._today, time(), PRACTICE_ZONE)

    def _day(self, found: str) -> date:
        if (typed := _FRENCH_DAY.fullmatch(found)) is None:
            read = date.fromisoformat(found)
        else:
            year = self._today.year if typed[3] is None else int(typed[3])
            read = date(year + _CENTURY if len(typed[3] or "") == _TWO_DIGITS else year, int(typed[2]), int(typed[1]))
        if read.year not in _YEARS:
            raise ValueError(found)
        return read

    def _time(self, name: str) -> time | None:
        """A time as browsers send it (14:30) or as people type it (14h30, 14 h, 9.5)."""
        found = self.raw(name)
        read = _TIME.fullmatch(found)
        try:
            return None if read is None else time(int(read[1]), int(read[2] or 0))
        except ValueError:
            read = None
        finally:
            if read is None:
                self.wrong(ReasonCode.VALUE_NOT_UNDERSTOOD if found else ReasonCode.TEXT_REQUIRED, name)
        return None
