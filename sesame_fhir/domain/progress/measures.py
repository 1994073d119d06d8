"""Rules on the PHQ-9: response, remission, no improvement, worsening, an old measure. Sources: ``progress.rules``.

``course`` is the pathway's trajectory of the PHQ-9, None while there is none: computed once for all of them.
"""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import takewhile

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.model import Flag, Rule
from sesame_fhir.domain.progress.trajectory import Point, Trajectory
from sesame_fhir.domain.transitions import State

_PERCENT = 100
_DAY = timedelta(days=1)


def response(_pathway: Pathway, policy: PathwayPolicy, course: Trajectory | None) -> Flag | None:
    """Since the PHQ-9 from which on every one has fallen by half or more since the start."""
    return _good_news(Rule.RESPONSE, course, policy, _responds)


def remission(_pathway: Pathway, policy: PathwayPolicy, course: Trajectory | None) -> Flag | None:
    """Since the PHQ-9 from which on every one is below the threshold of remission."""
    return _good_news(Rule.REMISSION, course, policy, _remits)


def ready_for_relapse_prevention(_pathway: Pathway, policy: PathwayPolicy, course: Trajectory | None) -> Flag | None:
    """Since the second of at least two PHQ-9 in a row, on different days, in response or remission."""
    start, follow_ups = _to_improve(course, policy)
    if start is None:
        return None
    run = _last_in_a_row(follow_ups, lambda p: _improved(start, p, policy))
    if len(run) < 2:  # noqa: PLR2004  two measures in a row: one good day is not a course
        return None
    return Flag(Rule.READY_FOR_RELAPSE_PREVENTION, run[1].on, detail=_values(start, run[-2], run[-1]))


def no_improvement(pathway: Pathway, policy: PathwayPolicy, course: Trajectory | None) -> Flag | None:
    """From week 8 of care on, while neither response nor remission is shown, until the case is reviewed."""
    began = pathway.since(State.CARE)
    start, follow_ups = _to_improve(course, policy)
    if began is None or start is None:
        return None
    opens = local_day(began) + timedelta(weeks=policy.review_after_weeks)
    closes = local_day(began) + timedelta(weeks=policy.review_before_weeks)
    improved = bool(follow_ups) and _improved(start, follow_ups[-1], policy)
    if improved or any(local_day(review.at) >= opens for review in pathway.reviews):
        return None
    run = _last_in_a_row(follow_ups, lambda p: not _improved(start, p, policy))
    # Improved once and lost since: true from the day on which it was lost.
    since = opens if len(run) == len(follow_ups) else max(opens, run[0].on)
    detail = f"{_values(start, follow_ups[-1] if follow_ups else start)}>{closes.isoformat()}"
    return Flag(Rule.NO_IMPROVEMENT, since, detail=detail)


def worsening(pathway: Pathway, policy: PathwayPolicy, course: Trajectory | None) -> Flag | None:
    """Since the PHQ-9 that rose too far above the best one of the course, until it falls again or the case is reviewed.

    Against the best one, not the one before: a slow rise in small steps is a worsening too.
    """
    if course is None or course.baseline is None:
        return None
    points = (course.baseline, *course.follow_ups)
    reviewed = max((review.at for review in pathway.reviews), default=None)
    best = {p: min(q.total for q in points[:n]) for n, p in enumerate(points) if n}
    before = dict(zip(points[1:], points, strict=False))

    def worse(p: Point) -> bool:
        seen = reviewed is not None and reviewed >= p.known_at
        return not seen and p.total - best[p] >= policy.worsening_points and p.total >= before[p].total

    run = _last_in_a_row(points[1:], worse)
    return Flag(Rule.WORSENING, run[0].on, detail=f"{best[run[-1]]}>{run[-1].total}") if run else None


def measure_due(pathway: Pathway, policy: PathwayPolicy, course: Trajectory | None) -> Flag | None:
    """From the day on which the last PHQ-9 is old; from the start of care when there is none."""
    began = pathway.since(State.CARE)
    if course is None:
        return Flag(Rule.MEASURE_DUE, local_day(began)) if began else None
    last: date = course.last.on
    return Flag(Rule.MEASURE_DUE, last + timedelta(days=policy.measure_days) + _DAY, detail=last.isoformat())


def _to_improve(course: Trajectory | None, policy: PathwayPolicy) -> tuple[Point | None, tuple[Point, ...]]:
    """Start and follow-ups, when the start leaves something to improve: at or above the threshold of remission."""
    if course is None or course.baseline is None or course.baseline.total < policy.remission_below:
        return None, ()
    return course.baseline, course.follow_ups


def _good_news(
    rule: Rule, course: Trajectory | None, policy: PathwayPolicy, holds: Callable[[Point, Point, PathwayPolicy], bool]
) -> Flag | None:
    start, follow_ups = _to_improve(course, policy)
    if start is None:
        return None
    run = _last_in_a_row(follow_ups, lambda p: holds(start, p, policy))
    return Flag(rule, run[0].on, detail=_values(start, run[-1]), attention=False) if run else None


def _responds(start: Point, point: Point, policy: PathwayPolicy) -> bool:
    return point.total * _PERCENT <= start.total * (_PERCENT - policy.response_percent)


def _remits(_start: Point, point: Point, policy: PathwayPolicy) -> bool:
    return point.total < policy.remission_below


def _improved(start: Point, point: Point, policy: PathwayPolicy) -> bool:
    return _responds(start, point, policy) or _remits(start, point, policy)


def _last_in_a_row(points: tuple[Point, ...], holds: Callable[[Point], bool]) -> tuple[Point, ...]:
    return tuple(reversed(tuple(takewhile(holds, reversed(points)))))


def _values(*points: Point) -> str:
    return ">".join(str(point.total) for point in points)
