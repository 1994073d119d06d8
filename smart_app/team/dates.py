"""Short dates for tables, on the practice's clock: the day of the week, the day, the time."""

from datetime import date, datetime

from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain.calendar import PRACTICE_ZONE

WEEKDAYS = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")


def short_day(day: date, today: date) -> str:
    """« jeu. 12/03 », with the year where it is another one than today's."""
    year = "" if day.year == today.year else f"/{day.year}"
    return f"{gettext(WEEKDAYS[day.weekday()])} {day:%d/%m}{year}"


def clock(moment: datetime) -> str:
    """« 10:30 »."""
    return f"{moment.astimezone(PRACTICE_ZONE):%H:%M}"


def short_moment(moment: datetime, today: date) -> str:
    """« jeu. 12/03 10:30 »."""
    return f"{short_day(moment.astimezone(PRACTICE_ZONE).date(), today)} {clock(moment)}"
