"""FHIR dates as half-open ranges of instants: ``2024-03`` is the whole month, ``2024-03-01T10:00:00Z`` one second.

Dates without a time zone are read in the zone of the practice (France), for stored values and for searches alike:
the FHIR search page asks for the server's zone when none is written.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sesame_fhir.domain.calendar import PRACTICE_ZONE

_FORM = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d+)?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_USUAL = len("2024-03-01T10:00:00.123456+01:00")
"""No longer text is remembered: a hostile one must not stay in memory."""
_REMEMBERED = 8192
DISTANT_PAST = datetime(1, 1, 2, tzinfo=UTC)
DISTANT_FUTURE = datetime(9999, 12, 30, tzinfo=UTC)
"""Bounds of an open period, and of anything beyond: every database can store and compare them."""


def date_range(text: str) -> tuple[datetime, datetime] | None:
    """Return [low, high) in UTC for a FHIR date, dateTime or instant; None when it is none of them.

    Searches may leave seconds out and zones too, so both forms are read.
    """
    return _usual(text) if len(text) <= _USUAL else _read(text)


def _read(text: str) -> tuple[datetime, datetime] | None:
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    try:
        low, high = _range(found)
    except (ValueError, OverflowError):
        return None
    return _storable(low), _storable(high)


_usual = lru_cache(maxsize=_REMEMBERED)(_read)
"""The resources of one pathway, and of one day, repeat the same few dates."""


def _range(found: re.Match[str]) -> tuple[datetime, datetime]:
    year, month, day = (int(found[name] or 1) for name in ("year", "month", "day"))
    if year == DISTANT_FUTURE.year:  # 9999-12-31, with a time or not, is how many systems write "no end"
        return datetime(year, month, day, tzinfo=UTC), DISTANT_FUTURE
    if found["hour"] is not None:
        return _time_range(found)
    low = datetime(year, month, day, tzinfo=PRACTICE_ZONE)
    if found["day"] is not None:
        high = low + timedelta(days=1)  # wall-clock day: 23 or 25 hours when the clocks change
    elif found["month"] is not None:
        high = low.replace(year=year + month // 12, month=month % 12 + 1)
    else:
        high = low.replace(year=year + 1)
    return _utc(low), _utc(high)


def _time_range(found: re.Match[str]) -> tuple[datetime, datetime]:
    leap = found["second"] == "60"
    second = "59" if leap else found["second"] or "00"
    low = datetime.fromisoformat(f"{found.string[: found.end('minute')]}:{second}{found['zone'] or ''}")
    if found["zone"] is None:
        low = low.replace(tzinfo=PRACTICE_ZONE)
    low = _utc(low + timedelta(seconds=1) if leap else low)
    if found["fraction"] is not None:
        microsecond = int(found["fraction"][1:7].ljust(6, "0"))
        digits = min(len(found["fraction"]) - 1, 6)
        low += timedelta(microseconds=microsecond)
        return low, low + timedelta(microseconds=10 ** (6 - digits))
    return low, low + (timedelta(minutes=1) if found["second"] is None else timedelta(seconds=1))


def _utc(moment: datetime) -> datetime:
    """In UTC; the first year keeps its wall clock, since shifting it could leave the calendar."""
    return moment.replace(tzinfo=UTC) if moment.year == DISTANT_PAST.year else moment.astimezone(UTC)


def _storable(moment: datetime) -> datetime:
    return min(max(moment, DISTANT_PAST), DISTANT_FUTURE)
