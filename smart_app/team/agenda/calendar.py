"""Planned contacts as an iCalendar file (RFC 5545), for a calendar that somebody else keeps.

It leaves SÉSAME for a telephone or a mail service, so it says that there is a contact and when, and nothing about whom:
no name, no place, no reason. The link leads to the patient's page, which asks for a session.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event

from sesame_fhir.domain.calendar import PRACTICE_ZONE
from sesame_fhir.services.caseload import AgendaSlot

SUMMARY = "Contact SÉSAME"
DURATION = timedelta(minutes=30)
"""What a calendar shows of a contact, whose length is known only afterwards (own choice)."""

REFRESH = timedelta(hours=1)
"""How often a subscriber is asked to look again (RFC 7986, 5.7)."""


def calendar_of(slots: Iterable[AgendaSlot], now: datetime, link: Callable[[AgendaSlot], str]) -> bytes:
    """The feed. A contact that moved keeps its UID; one that was called off is not in it any more."""
    calendar = Calendar()
    calendar.add("prodid", "-//SÉSAME//Agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "SÉSAME")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for slot in slots:
        calendar.add_component(_event(slot, now, link(slot)))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(slot: AgendaSlot, now: datetime, url: str) -> Event:
    event = Event()
    event.add("uid", f"{slot.contact_id}@sesame-fhir.fr")
    event.add("dtstamp", now)
    event.add("dtstart", slot.planned_at.astimezone(PRACTICE_ZONE))
    event.add("duration", DURATION)
    event.add("summary", SUMMARY)
    event.add("class", "PRIVATE")
    event.add("url", url)
    return event


def etag_of(slots: Iterable[AgendaSlot]) -> str:
    """Changes when a contact is added, moved, or called off; not with the time at which the feed is made."""
    content = "\n".join(f"{slot.contact_id} {slot.planned_at.isoformat()}" for slot in slots)
    return hashlib.sha256(content.encode("utf-8")).hexdigest()[:32]
