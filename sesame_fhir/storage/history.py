"""A pathway's events as rows, and back."""

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, SiteId
from sesame_fhir.storage import codec
from sesame_fhir.storage.event_codec import dump_event, load_event
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.session import Session, Value

_HISTORY = """
SELECT e.event_id, e.sequence, e.kind, e.recorded_at, e.site, e.command_id, e.body
FROM event e JOIN pathway p ON p.pathway_key = e.pathway_key
WHERE p.pathway_id = ? AND e.sequence > ? ORDER BY e.sequence"""

APPEND = """
INSERT INTO event (pathway_key, sequence, event_id, kind, occurred_at, recorded_at, site, command_id, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def event_row(pathway_key: int, event: Event) -> tuple[Value, ...]:
    """Return the parameters of ``APPEND``."""
    body = dump_event(event.occurred_at, event.actor, event.data)
    return (
        pathway_key,
        event.sequence,
        event.event_id,
        event.kind,
        to_micros(event.occurred_at),
        to_micros(event.recorded_at),
        event.site,
        event.command_id,
        codec.to_storage(body, event.pathway_id, event.sequence),
    )


def events_of(session: Session, pathway_id: PathwayId, after: int = 0) -> tuple[Event, ...]:
    """The events of a pathway that follow the ``after``-th, in order."""
    events = []
    for event_id, sequence, kind, recorded_at, site, command_id, body in session.rows(_HISTORY, (pathway_id, after)):
        occurred_at, actor, data = load_event(kind, codec.from_storage(body, pathway_id, sequence))
        event = Event(
            event_id=EventId(event_id),
            pathway_id=pathway_id,
            sequence=sequence,
            occurred_at=occurred_at,
            recorded_at=from_micros(recorded_at),
            actor=actor,
            site=SiteId(site),
            command_id=CommandId(command_id),
            data=data,
        )
        events.append(event)
    return tuple(events)
