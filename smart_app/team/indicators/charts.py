"""Charts of the indicators: values become places on a drawing area, which ``team/indicator_parts.html`` writes as SVG.

Pure: no text is translated here. A value that is hidden or missing (None) leaves a gap: a line is not drawn across it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import floor, log10

LEFT, RIGHT, TOP, BOTTOM = 42.0, 392.0, 12.0, 140.0
"""Edges of the plot of a course in the drawing's units."""
WIDTH = 300.0
"""Length of the longest bar."""

_MOST_TICKS = 8
_STEPS = (1, 2, 2.5, 5, 10)
_WIDEST_COLUMN = 28.0
_LEAST = 2.0


@dataclass(frozen=True, slots=True)
class Dot:
    """One value in time: ``x`` is the middle of its column, ``y`` its top; ``y`` None for a gap."""

    x: float
    y: float | None
    place: int


@dataclass(frozen=True, slots=True)
class Course:
    """Values in time. ``lines`` are ``points`` of polylines, one per run without a gap; ``levels`` mark the scale."""

    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    column: float
    levels: tuple[tuple[float, float], ...]
    ticks: tuple[Dot, ...]


def course(values: Sequence[float | None], highest: float | None = None) -> Course:
    """Lay values out from left to right; ``highest`` fixes the top of the scale (1 for shares)."""
    top = highest or ceiling(max((value for value in values if value is not None), default=0.0))
    step = (RIGHT - LEFT) / max(1, len(values))
    dots = tuple(
        Dot(round(LEFT + (place + 0.5) * step, 1), None if value is None else _y(value, top), place)
        for place, value in enumerate(values)
    )
    runs = [list(run) for known, run in groupby(dots, key=lambda dot: dot.y is not None) if known]
    lines = tuple(" ".join(f"{dot.x},{dot.y}" for dot in run) for run in runs if len(run) > 1)
    every = max(1, -(-len(dots) // _MOST_TICKS))
    levels = tuple((share * top, _y(share * top, top)) for share in (0.0, 0.5, 1.0))
    return Course(dots, lines, round(min(_WIDEST_COLUMN, step * 0.7), 1), levels, dots[::every])


def bars(values: Sequence[float | None], highest: float | None = None) -> tuple[float | None, ...]:
    """Length of each bar, the greatest value being the longest; None for what is hidden or missing."""
    top = highest or max((value for value in values if value is not None), default=0.0) or 1.0
    return tuple(None if value is None else round(min(1.0, value / top) * WIDTH, 1) for value in values)


def ceiling(highest: float) -> float:
    """The round number at the top of a scale: 1, 2, 2.5 or 5 times a power of ten; at least 2: half is whole."""
    if highest <= _LEAST:
        return _LEAST
    power = 10.0 ** floor(log10(highest))
    return next(step * power for step in _STEPS if step * power >= highest)


def _y(value: float, top: float) -> float:
    return round(BOTTOM - min(1.0, value / top) * (BOTTOM - TOP), 1)
