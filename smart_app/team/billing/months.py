"""The month that is billed, as an address asks for it: ``?month=2026-06``; the month before this one when not told."""

from datetime import timedelta

from flask import request

from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.errors import NotFound
from smart_app.team.billing.desk import Desk

_DAY = timedelta(days=1)


def last_month(desk: Desk) -> Month:
    """The month before this one: its sequences have ended."""
    return before(Month.of(desk.today))


def before(month: Month) -> Month:
    """The month before."""
    return Month.of(month.first - _DAY)


def after(month: Month) -> Month:
    """The month after."""
    return Month.of(month.last + _DAY)


def month_asked(desk: Desk, text: str | None = None) -> Month:
    """The month of the address, or of a form's ``text``. Raises NotFound for what is none, or is still to come."""
    asked = request.args.get("month") if text is None else text
    if not asked:
        return last_month(desk)
    try:
        month = Month.parse(asked)
    except ValueError:
        raise NotFound("month") from None
    if month.first > desk.today:
        raise NotFound("month")
    return month
