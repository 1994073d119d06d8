"""What may be shown outside the care team, so that nobody is recognised in a number.

Three rules together (issue: no re-identification from small counts; the limit is configuration, ``small_cell``):

- a count from 1 to below the limit is not shown, nor a share whose rest is that small (``model.hidden``);
- in a table that has a total, what is not shown is at least two cells that hold the limit together, all marked alike:
  the total minus the other cells gives no hidden one away, and nothing tells the small ones from those they hide among;
- what is shown is rounded to the nearest multiple of the limit, and a share is made from rounded counts: two questions
  that differ by one patient (another period, another site, another day) get answers that are equal or a multiple of
  the limit apart, so that no subtraction between two pages isolates anybody.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sesame_fhir.domain.indicators.model import Unit, Value, hidden
from sesame_fhir.domain.policy import PathwayPolicy

_DIGITS = 1
_AT_LEAST_HIDDEN = 2


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as one reader gets it: exact, rounded, or ``hidden`` (then there is no number at all).

    ``masked``: hidden in company; it is small itself, or it would give a small one away.
    """

    value: float | None
    count: int | None
    total: int | None
    hidden: bool = False
    rounded: bool = False
    masked: bool = False


HIDDEN = Shown(None, None, None, hidden=True)
"""There is something, but too few to be shown."""
MASKED = Shown(None, None, None, hidden=True, masked=True)
"""One of several cells of which some are too small."""


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


def coarse_line(whole: Shown, cells: Sequence[Value], unit: Unit, policy: PathwayPolicy) -> list[Shown]:
    """The cells of a table beside their total, ``whole``: none of them is given away by the total and the others."""
    if whole.hidden:
        return [whole] * len(cells)
    kept_back = withheld(cells, unit, policy)
    return [MASKED if place in kept_back else coarse(cell, unit, policy) for place, cell in enumerate(cells)]


def withheld(cells: Sequence[Value], unit: Unit, policy: PathwayPolicy) -> frozenset[int]:
    """Places of the cells that are not shown: the small ones, and the smallest others that these need to hide among."""
    out = {place for place, cell in enumerate(cells) if hidden(cell, policy, unit)}
    others = sorted((cell.total, place) for place, cell in enumerate(cells) if cell.total and place not in out)
    for _, place in others:
        if not out or _hide_each_other(cells, out, policy):
            break
        out.add(place)
    return frozenset(out)


def _hide_each_other(cells: Sequence[Value], out: Collection[int], policy: PathwayPolicy) -> bool:
    """True when no number behind the hidden cells can be told from the total and the shown ones."""
    parts = ([c.count for c in cells], [c.total - c.count for c in cells], [c.total for c in cells])
    return len(out) >= _AT_LEAST_HIDDEN and all(_untold(numbers, out, policy) for numbers in parts)


def _untold(numbers: Sequence[int], out: Collection[int], policy: PathwayPolicy) -> bool:
    """True when the hidden ones of these numbers hold the limit together and none is pinned by the rounded others.

    Those who know the rules know that a hidden number is either small or no greater than the least one shown; when the
    rounded total leaves the hidden ones so much that a small one must be just below the limit, it is told.
    """
    few = range(1, policy.small_cell)
    kept = [numbers[place] for place in out]
    shown = [_rounded(n, policy) for place, n in enumerate(numbers) if n and place not in out]
    if sum(kept) in few:
        return False
    if not shown or not any(n in few for n in kept):
        return True
    below = policy.small_cell // 2
    above = policy.small_cell - 1 - below
    least = _rounded(sum(numbers), policy) - below - sum(n + above for n in shown)
    return least - (len(kept) - 1) * (min(shown) + above) < policy.small_cell - 1


def _rounded(number: int, policy: PathwayPolicy) -> int:
    base = max(1, policy.small_cell)
    return (number + base // 2) // base * base
