"""The agenda: a nurse's contacts of this week and the next; for the front desk today's names and times, no more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.calendar import PRACTICE_ZONE, local_day
from sesame_fhir.services.caseload import AgendaSlot
from smart_app.team.about import exists
from smart_app.team.context import TeamContext
from smart_app.team.dates import clock, short_day
from smart_app.team.render import render

_MOST_SLOTS = 500
_WEEK = 7
_LATE_DAYS = 60


@dataclass(frozen=True, slots=True)
class Day:
    """One day with its contacts, soonest first."""

    on: date
    slots: tuple[AgendaSlot, ...]


def show_agenda(page: TeamContext) -> str:
    """The agenda of the role that asks."""
    desk = page.member.role is Role.FRONT_DESK
    today = local_day(page.now)
    monday = today - timedelta(days=today.weekday())
    own = None if desk else page.actor.actor_id
    after = today + timedelta(days=1) if desk else monday + timedelta(days=2 * _WEEK)
    slots = slots_of(page, own, today, after)
    late = () if desk else slots_of(page, own, today - timedelta(days=_LATE_DAYS), today)
    return render(
        page,
        "team/agenda.html",
        desk=desk,
        days=days_of(slots),
        late=days_of(late),
        today=today,
        next_monday=monday + timedelta(days=_WEEK),
        several_sites=len(page.member.sites) > 1,
        site_name=page.deps.team.site_name,
        contact_page="show_contact" if exists("show_contact") else "show_patient",
        clock=clock,
        short_day=short_day,
    )


def slots_of(page: TeamContext, nurse_id: str | None, first: date, after: date) -> tuple[AgendaSlot, ...]:
    """Contacts planned from the day ``first`` to before the day ``after``, at the person's sites."""
    return page.deps.engine.pathways.agenda(page.member.sites, nurse_id, midnight(first), midnight(after), _MOST_SLOTS)


def days_of(slots: Iterable[AgendaSlot]) -> tuple[Day, ...]:
    """The slots, which come in order of time, by day at the practice."""
    return tuple(Day(on, tuple(group)) for on, group in groupby(slots, key=lambda slot: local_day(slot.planned_at)))


def midnight(day: date) -> datetime:
    """When a day begins at the practice."""
    return datetime.combine(day, time(), tzinfo=PRACTICE_ZONE)
