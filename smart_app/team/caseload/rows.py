"""What a row of the caseload says on a day: week, phase, next contact, course of the PHQ-9, flags that stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events import PatientTraits, Sex
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.domain.progress.model import Rule
from sesame_fhir.domain.transitions import IN_CARE, State
from sesame_fhir.services.caseload import CaseloadRow
from smart_app.pages.render import age_of
from smart_app.team.flags import ShownFlag, shown

_WEEK_DAYS = 7
_OWN_COLUMN = frozenset({Rule.SUICIDE_RISK.value})


class Due(StrEnum):
    """How the next contact stands."""

    NONE = "none"
    PLANNED = "planned"
    TODAY = "today"
    LATE = "late"
    TO_PLAN = "to-plan"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class NextContact:
    """The next contact: ``at`` when it is planned, else ``by`` the day on which it is due; ``days`` it is late."""

    due: Due
    at: datetime | None = None
    by: date | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """First and last PHQ-9; ``points`` is what lies between them, None for a single one.

    ``judged``: words and colours may say how it goes.
    """

    first: int
    last: int
    points: int | None
    judged: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One row as the page shows it. ``week`` counts from 1 since care began."""

    row: CaseloadRow
    age: int | None
    week: int | None
    contact: NextContact
    change: Change | None
    flags: tuple[ShownFlag, ...]
    unread: int

    @property
    def urgent(self) -> bool:
        """True while an answer to item 9 waits for a clinician, whatever is interpreted."""
        return self.row.safety_open


def view_of(
    row: CaseloadRow, now: datetime, policy: PathwayPolicy, unread: int = 0, names: Mapping[Rule, str] | None = None
) -> RowView:
    """What the row says now; ``names`` are ``flags.rule_names`` for many rows."""
    today = local_day(now)
    return RowView(
        row=row,
        age=age_of(PatientTraits(row.family, row.given, row.birth_date, Sex(row.sex)), today),
        week=week_of(row.started_on, today),
        contact=next_contact(row, now),
        change=change_of(row, policy),
        flags=flags_of(row, today, policy, names),
        unread=unread,
    )


def week_of(began: date | None, today: date) -> int | None:
    """Week in the pathway: the first seven days of care are week 1. None before care."""
    return None if began is None or today < began else (today - began).days // _WEEK_DAYS + 1


def next_contact(row: CaseloadRow, now: datetime) -> NextContact:
    """How the next contact stands: planned, today, late, still to be planned, overdue, or none is due."""
    today = local_day(now)
    if row.next_contact_at is not None:
        day = local_day(row.next_contact_at)
        if day < today:
            return NextContact(Due.LATE, row.next_contact_at, days=(today - day).days)
        return NextContact(Due.TODAY if day == today else Due.PLANNED, row.next_contact_at)
    if row.contact_due_on is None or row.state not in IN_CARE | {State.ASSESSMENT}:
        return NextContact(Due.NONE)
    if row.contact_due_on < today:
        return NextContact(Due.OVERDUE, by=row.contact_due_on, days=(today - row.contact_due_on).days)
    return NextContact(Due.TO_PLAN, by=row.contact_due_on)


def change_of(row: CaseloadRow, policy: PathwayPolicy) -> Change | None:
    """First and last PHQ-9, None before the first."""
    if row.first_phq9 is None or row.last_phq9 is None:
        return None
    return Change(row.first_phq9, row.last_phq9, row.phq9_change, policy.interpretation)


def flags_of(
    row: CaseloadRow, today: date, policy: PathwayPolicy, names: Mapping[Rule, str] | None = None
) -> tuple[ShownFlag, ...]:
    """The flags that stand, what asks for somebody first; item 9 is shown on its own, whatever is interpreted."""
    if not policy.interpretation:
        return ()
    standing = [flag for flag in row.raised(today) if flag.rule not in _OWN_COLUMN]
    return tuple(shown(flag, policy, names) for flag in sorted(standing, key=lambda flag: not flag.attention))
