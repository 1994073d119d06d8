"""A value in words: the figure, and the numbers behind it."""

from flask_babel import format_decimal, format_percent, gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain.indicators.disclosure import Shown
from sesame_fhir.domain.indicators.model import Unit
from smart_app.team.indicators import texts

NO_CASE = "–"


def figure(shown: Shown, unit: Unit, limit: int) -> str:
    """« 54 % », « 7 jours », « < 5 » (below ``limit``, outside the care team), « – » without any case."""
    if shown.hidden:
        return str(gettext(texts.MASKED)) if shown.masked else f"< {limit}"
    if shown.value is None:
        return NO_CASE
    if unit is Unit.SHARE:
        return percent(shown.value)
    told = number(shown.value)
    if unit is Unit.DAYS:
        return str(gettext("%(number)s j", number=told))
    return str(gettext("%(number)s min", number=told)) if unit is Unit.MINUTES else told


def number(value: float) -> str:
    """A number as it is written in the reader's language, with one decimal at most."""
    return str(format_decimal(value, "#,##0.#"))


def percent(share: float) -> str:
    """A share of 1 as a whole percentage."""
    return str(format_percent(share, "#,##0\u00a0%"))


def behind(shown: Shown, unit: Unit) -> str:
    """The numbers behind a figure: « 54 sur 100 » for a share, how many cases for the rest; empty for a count."""
    if shown.count is None or shown.total is None or unit is Unit.COUNT or not shown.total:
        return ""
    if unit is Unit.SHARE:
        return str(gettext("%(count)s sur %(total)s", count=number(shown.count), total=number(shown.total)))
    if shown.count == shown.total:
        return str(gettext("%(count)s cas", count=number(shown.total)))
    return str(gettext("%(count)s pour %(total)s", count=number(shown.count), total=number(shown.total)))
