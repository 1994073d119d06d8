"""What may be shown outside the care team, so that nobody is recognised in a number.

Three rules together (issue: no re-identification from small counts; the limit is configuration, ``small_cell``):

- a count from 1 to below the limit is not shown, nor a share whose rest is that small (``model.hidden``);
- in a table that has a total, what is not shown is at least two cells that hold the limit together: the total minus
  the other cells gives no hidden one away;
- what is shown is rounded to the nearest multiple of the limit, and a share is made from rounded counts: two questions
  that differ by one patient (another period, another site, another day) get answers that are equal or a multiple of
  the limit apart, so that no subtraction between two pages isolates anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sesame_fhir.domain.indicators.model import Unit, Value, hidden
from sesame_fhir.domain.policy import PathwayPolicy

_DIGITS = 1
_AT_LEAST_HIDDEN = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as one reader gets it: exact, rounded, or ``hidden`` (then there is no number at all).

    ``beside``: it is hidden only so that a smaller one beside it stays so.
    """

    value: float | None
    count: int | None
    total: int | None
    hidden: bool = False
    rounded: bool = False
    beside: bool = False


HIDDEN = Shown(None, None, None, hidden=True)
"""There is something, but too few to be shown."""
BESIDE = Shown(None, None, None, hidden=True, beside=True)
"""Enough to be shown, but it would give a smaller one away."""


def exact(value: Value) -> Shown:
    """As the care team sees it."""
    return Shown(value.value, value.count, value.total)


def coarse(value: Value, unit: Unit, policy: PathwayPolicy) -> Shown:
    """As anybody else sees it: hidden or rounded."""
    if hidden(value, policy, unit):
        return HIDDEN
    count, total = _rounded(value.count, policy), _rounded(value.total, policy)
    figure = value.value
    if figure is not None and unit is Unit.SHARE:
        figure = count / total
    elif figure is not None:
        figure = float(count) if unit is Unit.COUNT else round(figure, _DIGITS)
    return Shown(figure, count, total, rounded=policy.small_cell > 1)


def coarse_line(total: Value, cells: Sequence[Value], unit: Unit, policy: PathwayPolicy) -> list[Shown]:
    """The cells of a table beside their total: hidden so that the total and the other cells do not give one away."""
    if hidden(total, policy, unit):
        return [HIDDEN] * len(cells)
    kept_back = withheld(cells, unit, policy)
    seen = [coarse(cell, unit, policy) for cell in cells]
    return [BESIDE if place in kept_back and not one.hidden else one for place, one in enumerate(seen)]


def withheld(cells: Sequence[Value], unit: Unit, policy: PathwayPolicy) -> frozenset[int]:
    """Places of the cells that are not shown: the small ones, and the smallest others that these need to hide among."""
    out = {place for place, cell in enumerate(cells) if hidden(cell, policy, unit)}
    others = sorted((cell.total, place) for place, cell in enumerate(cells) if cell.total and place not in out)
    for _, place in others:
        if not out or _hide_each_other([cells[p] for p in out], policy):
            break
        out.add(place)
    return frozenset(out)


def _hide_each_other(cells: Sequence[Value], policy: PathwayPolicy) -> bool:
    few = range(1, policy.small_cell)
    sums = (
        sum(cell.count for cell in cells),
        sum(cell.total - cell.count for cell in cells),
        sum(cell.total for cell in cells),
    )
    return len(cells) >= _AT_LEAST_HIDDEN and not any(number in few for number in sums)


def _rounded(number: int, policy: PathwayPolicy) -> int:
    base = max(1, policy.small_cell)
    return (number + base // 2) // base * base
