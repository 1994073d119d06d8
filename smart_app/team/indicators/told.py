"""A value in words: the figure, and the numbers behind it."""

from flask_babel import format_decimal, format_percent, gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain.indicators.disclosure import Shown
from sesame_fhir.domain.indicators.model import Unit
from smart_app.team.indicators import texts

NO_CASE = "–"


def figure(shown: Shown, unit: Unit, limit: int) -> str:
    """« 54 % », « 7 jours », « < 5 » (below ``limit``, outside the care team), « – » without any case."""
    if shown.hidden:
        return str(gettext(texts.BESIDE)) if shown.beside else f"< {limit}"
    if shown.value is None:
        return NO_CASE
    if unit is Unit.SHARE:
        return percent(shown.value)
    number = str(format_decimal(shown.value, "#,##0" if unit is Unit.COUNT else "#,##0.#"))
    if unit is Unit.DAYS:
        return str(gettext("%(number)s j", number=number))
    return str(gettext("%(number)s min", number=number)) if unit is Unit.MINUTES else number


def percent(share: float) -> str:
    """A share of 1 as a whole percentage."""
    return str(format_percent(share, "#,##0\u00a0%"))


def behind(shown: Shown, unit: Unit) -> str:
    """The numbers behind a figure: « 54 sur 100 » for a share, how many cases for the rest; empty for a count."""
    if shown.count is None or shown.total is None or unit is Unit.COUNT or not shown.total:
        return ""
    if unit is Unit.SHARE:
        return str(gettext("%(count)s sur %(total)s", count=shown.count, total=shown.total))
    if shown.count == shown.total:
        return str(gettext("%(count)s cas", count=shown.total))
    return str(gettext("%(count)s pour %(total)s", count=shown.count, total=shown.total))
