"""One indicator by site, by nurse or by month: the counts behind a number."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from sesame_fhir.domain.calendar import add_months
from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.indicators.model import Indicator, Value
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.policy import PathwayPolicy

_DAY = timedelta(days=1)


class By(StrEnum):
    """How an indicator is broken down."""

    SITE = "site"
    NURSE = "nurse"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Cell:
    """``key`` is a site, a nurse (empty: nobody yet) or the first day of a month within the period."""

    key: str
    value: Value


def broken_down(
    indicator: Indicator, by: By, facts: Sequence[PathwayFacts], window: Window, policy: PathwayPolicy
) -> list[Cell]:
    """The indicator's cells; every pathway of ``facts`` (chosen by ``window.selected``) is in one site and nurse."""
    if by is By.MONTH:
        parts = (replace(window, start=start, end=end) for start, end in months(window.start, window.end))
        return [Cell(part.start.isoformat(), indicator.compute(facts, part, policy)) for part in parts]
    key_of: Callable[[PathwayFacts], str] = _site if by is By.SITE else _nurse
    groups: dict[str, list[PathwayFacts]] = {}
    for fact in facts:
        groups.setdefault(key_of(fact), []).append(fact)
    return [Cell(key, indicator.compute(groups[key], window, policy)) for key in sorted(groups)]


def months(start: date, end: date) -> Iterator[tuple[date, date]]:
    """First and last day of each calendar month of a period, the first and the last one cut to the period."""
    first = start.replace(day=1)
    while first <= end:
        following = add_months(first, 1)
        yield max(first, start), min(following - _DAY, end)
        first = following


def beginning(facts: Sequence[PathwayFacts]) -> date | None:
    """The first day of which anything is known."""
    days = [day for fact in facts for day in (fact.referred_on, *(s.on for s in fact.scores[:1])) if day is not None]
    return min(days, default=None)


def _site(fact: PathwayFacts) -> str:
    return fact.site


def _nurse(fact: PathwayFacts) -> str:
    return fact.nurse_id or ""
