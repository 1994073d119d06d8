"""The timeline: what happened, newest first, a page at a time by the number of the last event shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.events import Event
from smart_app.pages.texts import EVENTS
from smart_app.team.patient.told import Telling, told

PAGE_EVENTS = 25

_SILENT = frozenset(
    {
        *("MessageRead", "EligibilityChecked", "ElementsKept"),
        *("CoverageRecorded", "ClaimAnswered", "ClaimPaid", "ClaimCancelled", "ClaimConfirmed"),
    }
)
"""Kinds that say nothing to a clinician: who read what is on the messages' page, criteria are with the referral.

What becomes of a claim is the coordinator's; that a sequence was billed is told.
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is told. ``private`` is the viewer's own private note of a contact."""

    at: datetime
    title: str
    by: str
    lines: tuple[str, ...]
    private: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page; ``before`` leads to the next, older one (None: that was all)."""

    entries: tuple[Entry, ...]
    before: int | None


def timeline_of(history: Sequence[Event], viewer: Actor, telling: Telling, before: int | None = None) -> Timeline:
    """The page of events older than number ``before``; the newest page when not told."""
    shown = [e for e in reversed(history) if _told_to(e, viewer) and (before is None or e.sequence < before)]
    entries = tuple(_entry(event, viewer, telling) for event in shown[:PAGE_EVENTS])
    more = len(shown) > PAGE_EVENTS
    return Timeline(entries, shown[PAGE_EVENTS - 1].sequence if more else None)


def _told_to(event: Event, viewer: Actor) -> bool:
    if event.kind in _SILENT:
        return False
    data = event.data
    if isinstance(data, ev.MessageSent):
        return data.to in {None, viewer.role} or event.actor.actor_id == viewer.actor_id
    return True


def _entry(event: Event, viewer: Actor, telling: Telling) -> Entry:
    data, private = event.data, None
    if isinstance(data, ev.ContactHeld | ev.ContactCorrected) and event.actor.actor_id == viewer.actor_id:
        private = data.private_note
    title = str(gettext(EVENTS[event.kind]))
    title = title[:1].upper() + title[1:]
    return Entry(event.occurred_at, title, event.actor.name, told(data, telling), private)
