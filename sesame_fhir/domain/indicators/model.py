"""What an indicator is, and what it gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sesame_fhir.domain.indicators.facts import PathwayFacts
from sesame_fhir.domain.indicators.window import Window
from sesame_fhir.domain.policy import PathwayPolicy


class Unit(StrEnum):
    """How a value is read."""

    COUNT = "count"
    SHARE = "share"
    DAYS = "days"
    MEAN = "mean"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Value:
    """``value`` is None without cases. ``count`` of ``total`` are the patients (or events) behind it.

    For a share, ``value`` is count / total (0 to 1); for days, the median; for a mean or minutes, the average.
    """

    value: float | None
    count: int
    total: int


Compute = Callable[[Sequence[PathwayFacts], Window, PathwayPolicy], Value]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. ``definition`` says who is counted among whom, in French; ``source`` where it is asked for.

    ``published`` is the value that the source gives, for comparison, never a target.
    """

    code: str
    name: str
    definition: str
    source: str
    unit: Unit
    compute: Compute
    group: str
    published: float | None = None


def counted(count: int) -> Value:
    """A plain number."""
    return Value(float(count), count, count)


def share(among: Sequence[PathwayFacts], test: Callable[[PathwayFacts], bool]) -> Value:
    """Part of ``among`` that passes; no value without anybody."""
    count = sum(map(test, among))
    return Value(count / len(among) if among else None, count, len(among))


def average(numbers: Sequence[float], cases: int | None = None) -> Value:
    """Mean of numbers, over ``cases`` when they are not one each."""
    number = len(numbers) if cases is None else cases
    return Value(sum(numbers) / number if number else None, len(numbers), number)


def middle(numbers: Sequence[int]) -> Value:
    """Median."""
    ordered = sorted(numbers)
    if not ordered:
        return Value(None, 0, 0)
    half, odd = divmod(len(ordered), 2)
    median = float(ordered[half]) if odd else (ordered[half - 1] + ordered[half]) / 2
    return Value(median, len(ordered), len(ordered))


def hidden(value: Value, policy: PathwayPolicy, unit: Unit) -> bool:
    """True for a value that may not be shown outside the care team: too few people, or all but a few.

    Source: issue and domain page (no re-identification from small counts); the limit is configuration.
    """
    few = range(1, policy.small_cell)
    if unit is Unit.SHARE:
        return value.total in few or value.count in few or value.total - value.count in few
    return value.count in few or value.total in few
