"""The course of one instrument's totals: the start, the last one, the changes. Raw values: nothing is judged here."""

from dataclasses import dataclass
from datetime import date, datetime

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.vocabulary import LicensedInstrument
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import State


@dataclass(frozen=True, slots=True)
class Point:
    """A total on the day of its answers; ``known_at`` is when the team had it as it stands (a correction is later)."""

    on: date
    total: int
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Totals of one instrument, oldest first, one a day: of two on the same day the later one counts.

    ``baseline`` is where this course started (see ``trajectory``); None while it has no total of its own.
    """

    instrument: InstrumentId | LicensedInstrument
    points: tuple[Point, ...]
    baseline: Point | None

    @property
    def last(self) -> Point:
        """The latest total."""
        return self.points[-1]

    @property
    def follow_ups(self) -> tuple[Point, ...]:
        """Totals after the start; empty without one."""
        start = self.baseline
        return () if start is None else tuple(p for p in self.points if p.on > start.on)

    @property
    def change(self) -> int | None:
        """Last minus start, in points; None while there is nothing to compare."""
        return self.last.total - self.baseline.total if self.baseline and self.follow_ups else None

    @property
    def previous_change(self) -> int | None:
        """Last minus the one before, in points; None for a single total."""
        return self.last.total - self.points[-2].total if len(self.points) > 1 else None

    def days_since_last(self, today: date) -> int:
        """Days since the latest total."""
        return (today - self.last.on).days


def trajectory(pathway: Pathway, instrument: InstrumentId | LicensedInstrument) -> Trajectory | None:
    """Course of one instrument; None when it has no total.

    The start of the course is the last total up to and including the day on which care began; else the first one after
    it. Before care begins it is the latest. Totals from before the day of the referral's screening belong to an earlier
    episode: they are shown, and are never the start. (Own definition: the domain page says "since baseline" only; in
    the studies it quotes the baseline is the measure at the initial assessment.)
    """
    points = _points(pathway, instrument)
    return Trajectory(instrument, points, _start(pathway, points)) if points else None


def baseline(pathway: Pathway, instrument: InstrumentId | LicensedInstrument) -> int | None:
    """Total at the start of the course; None while there is none."""
    found = trajectory(pathway, instrument)
    return None if found is None or found.baseline is None else found.baseline.total


def _points(pathway: Pathway, instrument: InstrumentId | LicensedInstrument) -> tuple[Point, ...]:
    if isinstance(instrument, LicensedInstrument):
        found = [Point(t.on, t.total, t.at) for t in pathway.totals if t.instrument is instrument]
        taken = sorted(found, key=lambda point: point.on)
    else:
        known = sorted((s for s in pathway.screenings if s.instrument is instrument), key=lambda s: s.taken_at)
        taken = [Point(local_day(s.taken_at), s.total, s.authored) for s in known if s.total is not None]
    return tuple({point.on: point for point in taken}.values())


def _start(pathway: Pathway, points: tuple[Point, ...]) -> Point | None:
    referral, began = pathway.referral, pathway.since(State.CARE)
    screened = pathway.screening(referral.screening_id) if referral else None
    course = [p for p in points if screened is None or p.on >= local_day(screened.taken_at)]
    before = [p for p in course if began is None or p.on <= local_day(began)]
    return before[-1] if before else next(iter(course), None)
