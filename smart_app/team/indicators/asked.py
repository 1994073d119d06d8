"""What is asked of the indicators, as the parameters of an address: period, site, nurse, and the day it is seen from.

Nothing is guessed: what cannot be read, or is not in reach, is told at once (``BadQuestion``). Outside the care team a
period is made of whole calendar months, and a past day is the last one of its month: with single days, two questions
could be told apart by one patient (``domain.indicators.disclosure``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.calendar import add_months, local_day, month_end
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.reasons import Refused
from smart_app.team.context import TeamContext
from smart_app.team.fields import Fields

_DAY = timedelta(days=1)


class Preset(StrEnum):
    """A period by its name; ``DAYS`` are two days of one's own."""

    THIS_MONTH = "this-month"
    LAST_MONTH = "last-month"
    LAST_MONTHS = "last-3-months"
    YEAR = "year"
    ALL = "all"
    DAYS = "days"


class AskedProblem(StrEnum):
    """Why a question cannot be answered."""

    DAY_UNREADABLE = "day-unreadable"
    DAY_IN_FUTURE = "day-in-future"
    DAYS_REVERSED = "days-reversed"
    PERIOD_UNKNOWN = "period-unknown"
    SITE_UNKNOWN = "site-unknown"
    NURSE_UNKNOWN = "nurse-unknown"


class BadQuestion(Exception):  # noqa: N818  an answer to a question, not a fault
    """Carries everything that is wrong with a question."""

    def __init__(self, *problems: AskedProblem) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Asked:
    """A question whose days are checked. ``as_of`` is today unless a past day was asked for."""

    today: date
    as_of: date
    preset: Preset = Preset.YEAR
    start: date | None = None
    end: date | None = None
    site: SiteId | None = None
    nurse: str | None = None

    def parameters(self, **changes: str) -> dict[str, str]:
        """The address's parameters that ask for this; ``period`` as a change drops the two days."""
        days = {} if "period" in changes else {"start": _iso(self.start), "end": _iso(self.end)}
        period = "" if self.preset is Preset.DAYS else self.preset.value
        seen_from = "" if self.as_of == self.today else self.as_of.isoformat()
        asked = {"period": period, **days, "site": self.site or "", "nurse": self.nurse or "", "as_of": seen_from}
        return {name: value for name, value in (asked | changes).items() if value}

    def window(self, reach: frozenset[SiteId], beginning: date | None) -> Window:
        """The window of the question; ``beginning`` is the first day of which anything is known."""
        start, end = self._days(beginning or self.as_of)
        sites = reach if self.site is None else frozenset({self.site})
        return Window(min(start, end), end, self.as_of, sites, self.nurse)

    def _days(self, beginning: date) -> tuple[date, date]:
        month = self.as_of.replace(day=1)
        if self.preset is Preset.DAYS:
            return self.start or beginning, self.end or self.as_of
        if self.preset is Preset.LAST_MONTH:
            return add_months(month, -1), month - _DAY
        first = {
            Preset.THIS_MONTH: month,
            Preset.LAST_MONTHS: add_months(month, -2),
            Preset.YEAR: month.replace(month=1),
        }.get(self.preset, beginning)
        return first, self.as_of


def parse(page: TeamContext, values: Mapping[str, str]) -> Asked:
    """Read an address's parameters.

    Raises:
        BadQuestion: a day that cannot be read, a future or reversed period, a site out of reach.
    """
    today = local_day(page.now)
    fields = Fields(MultiDict(values), today)
    start, end, as_of = fields.day("start"), fields.day("end"), fields.day("as_of")
    problems: list[AskedProblem] = []
    try:
        fields.check()
    except Refused:
        problems.append(AskedProblem.DAY_UNREADABLE)
    if any(day is not None and day > today for day in (start, end, as_of)):
        problems.append(AskedProblem.DAY_IN_FUTURE)
    if start is not None and start > (end or as_of or today):
        problems.append(AskedProblem.DAYS_REVERSED)
    preset = next((known for known in Preset if known.value == values.get("period", "")), None)
    if values.get("period") and preset is None:
        problems.append(AskedProblem.PERIOD_UNKNOWN)
    site = SiteId(values["site"]) if values.get("site") else None
    if site is not None and site not in page.member.sites:
        problems.append(AskedProblem.SITE_UNKNOWN)
    if problems:
        raise BadQuestion(*problems)
    named = Preset.DAYS if start or end else preset or Preset.YEAR
    return Asked(today, as_of or today, named, start, end, site, values.get("nurse") or None)


def by_months(asked: Asked) -> Asked:
    """The same question in whole months, for readers outside the care team."""
    as_of = min(month_end(asked.as_of), asked.today)
    start = None if asked.start is None else asked.start.replace(day=1)
    end = None if asked.end is None else min(month_end(asked.end), as_of)
    return replace(asked, as_of=as_of, start=start, end=end)


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()
