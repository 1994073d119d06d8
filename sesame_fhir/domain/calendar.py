"""Days and months of the pathway: sequences by the calendar, contacts by the wall clock of the practice.

Source: domain page, "Séquence" (three months, rank 1 to 4, at most one year of follow-up) and steps 5 and 7 (every
fortnight, then monthly). Days are those of the practice: an event at 23:30 UTC on 31 March happened on 1 April. A month
later is the same day of the month, or its last day; counted from the first sequence, so that a chain of sequences that
began on a 31st does not drift.
"""

from calendar import monthrange
from collections.abc import Sequence as Listed
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sesame_fhir.domain.course import Sequence
from sesame_fhir.domain.policy import PathwayPolicy

PRACTICE_ZONE = ZoneInfo("Europe/Paris")
_MONTHS = 12
_DAY = timedelta(days=1)
_SATURDAY, _MONDAY_AFTER = 5, 7


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``start`` to ``end``, both included."""

    start: date
    end: date


@lru_cache(maxsize=65_536)  # asked for the same few moments of a pathway again and again, at every command
def local_day(moment: datetime) -> date:
    """The day it is at the practice."""
    return moment.astimezone(PRACTICE_ZONE).date()


def add_months(day: date, months: int) -> date:
    """The same day of the month, ``months`` later; the month's last day where it has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """The last day of the month."""
    return add_months(day.replace(day=1), 1) - _DAY


def at_same_time(moment: datetime, day: date) -> datetime:
    """The same time of the wall clock on another day, through a change to or from summer time."""
    return datetime.combine(day, moment.astimezone(PRACTICE_ZONE).time(), tzinfo=PRACTICE_ZONE)


def working_day(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, _MONDAY_AFTER - day.weekday())) if day.weekday() >= _SATURDAY else day


def sequence_period(before: Listed[Sequence], start: date, policy: PathwayPolicy) -> Period:
    """Period of a sequence that begins on ``start`` after the sequences ``before``.

    In an unbroken chain the ends are counted in months from the chain's first day; after a gap or a sequence that did
    not end as planned a new chain begins.
    """
    anchor, position, follows = start, 0, start
    for back, earlier in enumerate(reversed(before), start=1):
        unbroken = (earlier.end or earlier.planned_end) + _DAY == follows
        if not unbroken or add_months(earlier.start, back * policy.sequence_months) != start:
            break
        anchor, position, follows = earlier.start, back, earlier.start
    return Period(start, add_months(anchor, (position + 1) * policy.sequence_months) - _DAY)


def next_start(before: Listed[Sequence], today: date) -> date:
    """First day of the sequence after these: today, or the day after the last one where that is later."""
    last = before[-1] if before else None
    if last is None:
        return today
    return max(today, (last.end or last.planned_end) + _DAY)


def extended_end(planned_end: date, interrupted_on: date, resumed_on: date) -> date:
    """Planned end moved by the days between interruption and resumption."""
    return planned_end + (resumed_on - interrupted_on)


def next_contact_day(last: date, *, monthly: bool, policy: PathwayPolicy) -> date:
    """Day by which the next contact is due."""
    return add_months(last, policy.relapse_months) if monthly else last + timedelta(days=policy.care_days)
