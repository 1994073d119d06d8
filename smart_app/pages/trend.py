"""The course of a score, small enough for a panel: first, last, and a line drawn on the server. Raw values only."""

from dataclasses import dataclass
from datetime import date

from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.progress.trajectory import Point, Trajectory, trajectory

WIDTH, HEIGHT = 240, 56
_MARGIN = 5
FOLLOWED_SCORES = (InstrumentId.PHQ_9, InstrumentId.GAD_7)


@dataclass(frozen=True, slots=True)
class Dot:
    """One total on the drawing, in its own units: ``x`` from the left, ``y`` from the top."""

    x: int
    y: int
    on: date
    total: int


@dataclass(frozen=True, slots=True)
class Trend:
    """What is shown of one instrument; ``change`` is last minus first, None for a single total."""

    title: str
    maximum: int
    first: Point
    last: Point
    change: int | None
    dots: tuple[Dot, ...]

    @property
    def line(self) -> str:
        """The ``points`` of an SVG polyline."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


def trends(pathway: Pathway) -> tuple[Trend, ...]:
    """The scores that follow a patient, those that have a total."""
    found = ((name, trajectory(pathway, name)) for name in FOLLOWED_SCORES)
    return tuple(_trend(name, course) for name, course in found if course is not None)


def _trend(name: InstrumentId, course: Trajectory) -> Trend:
    instrument = INSTRUMENTS[name]
    points = course.points if course.baseline is None else (course.baseline, *course.follow_ups)
    change = points[-1].total - points[0].total if len(points) > 1 else None
    return Trend(instrument.title, instrument.maximum, points[0], points[-1], change, _dots(points, instrument.maximum))


def _dots(points: tuple[Point, ...], maximum: int) -> tuple[Dot, ...]:
    began = points[0].on
    days = max((points[-1].on - began).days, 1)

    def dot(point: Point) -> Dot:
        x = _MARGIN + round((WIDTH - 2 * _MARGIN) * (point.on - began).days / days)
        y = _MARGIN + round((HEIGHT - 2 * _MARGIN) * (maximum - point.total) / maximum)
        return Dot(x, y, point.on, point.total)

    return tuple(map(dot, points))
