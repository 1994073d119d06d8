"""Folding a pathway's events into its state. Pure: ``fold(events)`` and ``evolve(pathway, event)``."""

from collections.abc import Iterable

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.course import Stay
from sesame_fhir.domain.evolution import billing, care, course, kept, referral, review, screening
from sesame_fhir.domain.evolution.altered import altered
from sesame_fhir.domain.evolution.handler import Handler
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, Refused
from sesame_fhir.domain.transitions import next_state

# Events without a handler (a declined referral, a change of phase) move the state only.
_HANDLERS: dict[type, Handler] = {
    **screening.HANDLERS,
    **referral.HANDLERS,
    **care.HANDLERS,
    **review.HANDLERS,
    **course.HANDLERS,
    **billing.HANDLERS,
    **kept.HANDLERS,
}


def evolve(pathway: Pathway, event: ev.Event) -> Pathway:
    """Apply one event that was accepted when it happened.

    Raises:
        Refused: the event is not in the table for this state (a corrupt or foreign list of events).
    """
    target = next_state(pathway.state, event.data)
    if isinstance(target, Reason):
        raise Refused(target)
    handler = _HANDLERS.get(type(event.data))
    changed = pathway if handler is None else handler(pathway, event, event.data)
    since = pathway.state_since
    if target is not pathway.state or not since:
        # Two servers' clocks may disagree by minutes: a state never begins before the one it follows.
        since = (*since, (target, max([event.occurred_at, *(at for _, at in since[-1:])])))
    return altered(
        changed,
        state=target,
        version=event.sequence,
        site=changed.site or event.site,
        stays=changed.stays or (Stay(event.site, event.occurred_at),),
        opened_at=pathway.opened_at or event.occurred_at,
        updated_at=event.recorded_at,
        state_since=since,
    )


def fold(pathway_id: PathwayId, history: Iterable[ev.Event]) -> Pathway:
    """Fold a pathway's events, in order, into its state."""
    pathway = Pathway(pathway_id)
    for event in history:
        pathway = evolve(pathway, event)
    return pathway
