"""Score charts: a pathway becomes places on a drawing area, which ``team/patient/chart.html`` writes as SVG.

One chart per instrument with a total, licensed ones included, all with the same days from left to right, so that they
can be read one below the other. Pure: no text is translated here and nothing is judged; the bands of an instrument are
drawn only where interpretation is on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise

from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.calendar import add_months, local_day
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.trajectory import Point, trajectory
from sesame_fhir.domain.transitions import State

LEFT, RIGHT, TOP, BOTTOM = 26, 388, 34, 150
"""Edges of the plot in the drawing's units; marks stand above it, months below."""

Kind = InstrumentId | ev.LicensedInstrument

_FOLLOWED: tuple[Kind, ...] = (InstrumentId.PHQ_9, InstrumentId.GAD_7, *ev.LicensedInstrument)
_ORDER: tuple[Kind, ...] = (*_FOLLOWED, *(one for one in InstrumentId if one not in _FOLLOWED))
_MOST_TICKS = 7
_LETTER, _NAME_ABOVE, _NAME_BELOW = 4.8, 10, 2
"""Width of a letter of a level's name and how far the name reaches from its line, in the drawing's units."""
_NUMBER = (0, 8, 16)
_PARTS = 8
_SHORTEST_DAYS = 28


class MarkKind(StrEnum):
    """What is marked on the days of a chart."""

    CONTACT = "contact"
    MISSED = "missed"
    REVIEW = "review"
    TREATMENT = "treatment"
    PHASE = "phase"
    SEQUENCE = "sequence"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Mark:
    """An event at ``x``; ``detail`` is a state's code, a rank or what was advised."""

    kind: MarkKind
    on: date
    x: float
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    """One total. ``x`` and ``y`` are its place."""

    on: date
    total: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Level:
    """A horizontal line at the lower end of a band; ``y`` is its place. Its name stands where less is drawn."""

    label: str
    y: float
    left: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month below the plot."""

    on: date
    x: float


@dataclass(frozen=True, slots=True)
class Chart:
    """One instrument's chart. ``line`` is the ``points`` of a polyline; empty for a single total."""

    code: str
    title: str
    low: int
    high: int
    dots: tuple[Dot, ...]
    line: str
    levels: tuple[Level, ...]
    marks: tuple[Mark, ...] = ()
    ticks: tuple[Tick, ...] = ()


@dataclass(frozen=True, slots=True)
class _Axis:
    """Days from ``start`` to ``end`` on the plot's width."""

    start: date
    end: date

    def x(self, day: date) -> float:
        share = (day - self.start).days / (self.end - self.start).days
        return round(LEFT + share * (RIGHT - LEFT), 1)


def charts_of(pathway: Pathway, policy: PathwayPolicy, today: date) -> tuple[Chart, ...]:
    """The charts of every instrument that has a total, those that follow the course of care first."""
    courses = [course for one in _ORDER if (course := trajectory(pathway, one)) is not None]
    if not courses:
        return ()
    axis = _axis((point.on for course in courses for point in course.points), today, pathway)
    marks, ticks = marks_of(pathway, axis), _ticks(axis)
    drawn = (_drawn(course.instrument, course.points, axis, judged=policy.interpretation) for course in courses)
    return tuple(replace(chart, marks=marks, ticks=ticks) for chart in drawn)


def marks_of(pathway: Pathway, axis: _Axis) -> tuple[Mark, ...]:
    """Everything that is marked, oldest first; what lies outside the days of the charts is left out."""
    found = sorted(_events(pathway), key=lambda event: event[1])
    return tuple(Mark(kind, on, axis.x(on), detail) for kind, on, detail in found if axis.start <= on <= axis.end)


def _events(pathway: Pathway) -> Iterable[tuple[MarkKind, date, str | None]]:
    for contact in pathway.contacts:
        if contact.at is not None and contact.status in {ev.ContactStatus.HELD, ev.ContactStatus.MISSED}:
            held = contact.status is ev.ContactStatus.HELD
            yield MarkKind.CONTACT if held else MarkKind.MISSED, local_day(contact.at), contact.mode.value
    for review in pathway.reviews:
        yield MarkKind.REVIEW, local_day(review.at), review.by.name
        for advice in review.advice:
            decided = advice.decision
            if decided is not None and decided.fate is not ev.RecommendationFate.DECLINED:
                yield MarkKind.TREATMENT, local_day(decided.at), advice.data.kind.value
    yield from _course(pathway)


def _course(pathway: Pathway) -> Iterable[tuple[MarkKind, date, str | None]]:
    for state, at in pathway.state_since:
        if state in {State.CARE, State.RELAPSE_PREVENTION}:
            yield MarkKind.PHASE, local_day(at), state.value
    for sequence in pathway.sequences:
        yield MarkKind.SEQUENCE, sequence.start, str(sequence.rank)
    if pathway.exit is not None:
        yield MarkKind.EXIT, local_day(pathway.exit.at), pathway.exit.reason.value


def _drawn(instrument: Kind, points: tuple[Point, ...], axis: _Axis, *, judged: bool) -> Chart:
    title, low, high = _scale(instrument)
    dots = tuple(Dot(p.on, p.total, axis.x(p.on), _y(p.total, low, high)) for p in points)
    line = " ".join(f"{dot.x},{dot.y}" for dot in dots) if len(dots) > 1 else ""
    levels = tuple(_beside(level, dots) for level in _levels(instrument, low, high)) if judged else ()
    return Chart(instrument.value, title, low, high, dots, line, levels)


def _scale(instrument: Kind) -> tuple[str, int, int]:
    if isinstance(instrument, ev.LicensedInstrument):
        known = LICENSED[instrument]
        return gettext(known.title), known.low, known.high
    return INSTRUMENTS[instrument].title, 0, INSTRUMENTS[instrument].maximum


def _levels(instrument: Kind, low: int, high: int) -> tuple[Level, ...]:
    bands = () if isinstance(instrument, ev.LicensedInstrument) else INSTRUMENTS[instrument].bands
    return tuple(Level(band.label, _y(band.low, low, high)) for band in bands if band.low > low)


def _beside(level: Level, dots: tuple[Dot, ...]) -> Level:
    """The level with its name at the end of the line where the curve and its numbers leave more room."""
    width, ink = len(level.label) * _LETTER, tuple(_ink(dots))
    low, high = level.y - _NAME_ABOVE, level.y + _NAME_BELOW
    right = sum(RIGHT - width <= x and low <= y <= high for x, y in ink)
    left = sum(x <= LEFT + width and low <= y <= high for x, y in ink)
    return replace(level, left=left < right)


def _ink(dots: tuple[Dot, ...]) -> Iterable[tuple[float, float]]:
    """Places at which the curve and the numbers above its dots are drawn."""
    for one, after in pairwise(dots):
        for part in range(_PARTS):
            yield one.x + (after.x - one.x) * part / _PARTS, one.y + (after.y - one.y) * part / _PARTS
    for dot in dots:
        yield from ((dot.x, dot.y - above) for above in _NUMBER)


def _y(total: int, low: int, high: int) -> float:
    return round(BOTTOM - (total - low) / (high - low) * (BOTTOM - TOP), 1)


def _axis(days: Iterable[date], today: date, pathway: Pathway) -> _Axis:
    """From the first total to today, or to the exit; four weeks at least, so that one total does not fill a chart."""
    known = sorted(days)
    end = local_day(pathway.exit.at) if pathway.exit else today
    start, end = known[0], max(known[-1], end)
    return _Axis(start, max(end, date.fromordinal(start.toordinal() + _SHORTEST_DAYS)))


def _ticks(axis: _Axis) -> tuple[Tick, ...]:
    first = add_months(axis.start.replace(day=1), 1)
    months = (axis.end.year - first.year) * 12 + axis.end.month - first.month
    step = max(1, -(-(months + 1) // _MOST_TICKS))
    days = (add_months(first, n) for n in range(0, months + 1, step))
    return tuple(Tick(day, axis.x(day)) for day in days if day <= axis.end)
