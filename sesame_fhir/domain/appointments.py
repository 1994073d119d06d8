"""What the calendar and the plan propose for a contact: its instruments, and when the next one comes.

Sources: domain page, steps 5 and 7 (every fortnight, then monthly), and the patient's plan of care. These are
proposals: whoever holds the contact decides.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum

from sesame_fhir.domain.calendar import PRACTICE_ZONE, at_same_time, local_day, next_contact_day, working_day
from sesame_fhir.domain.events import Activity, ActivityKind
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy

_EARLY = timedelta(days=3)
"""A contact so much ahead of its rhythm still counts as the one it stands for (own choice)."""
_QUARTER = 15


class Next(StrEnum):
    """When the contact after this one takes place."""

    FORTNIGHT = "fortnight"
    MONTH = "month"
    RETRY = "retry"
    OTHER = "other"
    NONE = "none"


def proposed(kind: Next, after: datetime, policy: PathwayPolicy) -> datetime:
    """The appointment that a choice leads to: same time of the wall clock, to the quarter of an hour, on a weekday.

    Raises:
        ValueError: the choice names no day of its own.
    """
    local = after.astimezone(PRACTICE_ZONE)
    clock = local.replace(minute=local.minute // _QUARTER * _QUARTER, second=0, microsecond=0)
    if kind is Next.RETRY:
        day = local.date() + timedelta(days=1)
    elif kind in {Next.FORTNIGHT, Next.MONTH}:
        day = next_contact_day(local.date(), monthly=kind is Next.MONTH, policy=policy)
    else:
        raise ValueError(kind)
    return at_same_time(clock, working_day(day))


def instruments_due(pathway: Pathway, on: date) -> frozenset[InstrumentId]:
    """Instruments that the plan asks for in a contact on this day; without a plan the PHQ-9 at each contact."""
    asked = [a for a in (pathway.plan.data.activities if pathway.plan else ()) if a.kind is ActivityKind.INSTRUMENTS]
    rhythms = asked or ([] if pathway.plan else [Activity(ActivityKind.INSTRUMENTS)])
    return frozenset(name for rhythm in rhythms for name in _named(rhythm) if _due(pathway, name, rhythm, on))


def _named(activity: Activity) -> tuple[InstrumentId, ...]:
    """The instruments whose title the activity names; the PHQ-9 when it names none."""
    words = activity.detail or ""
    return tuple(i.id for i in INSTRUMENTS.values() if i.title in words) or (InstrumentId.PHQ_9,)


def _due(pathway: Pathway, name: InstrumentId, rhythm: Activity, on: date) -> bool:
    last = pathway.last_screening(name)
    if last is None:
        return True
    answered = local_day(last.authored)
    if rhythm.every_days is None:
        return answered != on
    return on - answered >= timedelta(days=rhythm.every_days) - _EARLY
