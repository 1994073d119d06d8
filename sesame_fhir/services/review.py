"""Use cases of the case review and of messages within the care team."""

from collections.abc import Collection

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import (
    CaseReviewed,
    MarkedForReview,
    MessageRead,
    MessageSent,
    Payload,
    RecommendationDecided,
    RecommendationFate,
    ReviewMarkRemoved,
)
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.services.engine import Command, Engine


def mark_for_review(engine: Engine, command: Command, pathway_id: PathwayId, note: str | None = None) -> Pathway:
    """Put the case to the next review."""
    return engine.run(pathway_id, command, "mark-for-review", lambda _pathway: (MarkedForReview(note),))


def unmark_for_review(engine: Engine, command: Command, pathway_id: PathwayId) -> Pathway:
    """Take the case off the list. Raises Refused when it is not on it."""
    return engine.run(pathway_id, command, "unmark-for-review", lambda _pathway: (ReviewMarkRemoved(),))


def review_case(engine: Engine, command: Command, pathway_id: PathwayId, review: CaseReviewed) -> Pathway:
    """Sign a case review: the actor is the psychiatrist, on the patient's care team.

    Raises:
        Refused: another role, not on the care team, no conclusion, a recommendation that says nothing.
    """
    return engine.run(pathway_id, command, "review-case", lambda _pathway: (review,))


def decide_recommendation(
    engine: Engine,
    command: Command,
    pathway_id: PathwayId,
    recommendation_id: str,
    *,
    fate: RecommendationFate,
    reason: str | None = None,
) -> Pathway:
    """The GP accepts, adapts or declines a recommendation.

    Raises:
        Refused: no such recommendation waits, or it is changed or declined without a reason.
    """
    decided = RecommendationDecided(recommendation_id, fate, reason)
    return engine.run(pathway_id, command, "decide-recommendation", lambda _pathway: (decided,))


def send_message(
    engine: Engine, command: Command, pathway_id: PathwayId, message_id: str, *, text: str, to: Role | None = None
) -> Pathway:
    """Write to the care team about this patient; ``to`` None reaches everybody on it."""
    return engine.run(pathway_id, command, "send-message", lambda _pathway: (MessageSent(message_id, text, to),))


def read_messages(
    engine: Engine, command: Command, pathway_id: PathwayId, seen: Collection[str] | None = None
) -> Pathway:
    """Note that the actor has read the messages addressed to them. Nothing happens when none waits.

    Args:
        engine: the engine.
        command: who reads, and when.
        pathway_id: the pathway.
        seen: ids of the messages that were on the screen; None for every one. A message that came after the page was
            opened has not been read: its receipt would be false.
    """

    def waiting(pathway: Pathway) -> tuple[Payload, ...]:
        shown = (m for m in pathway.messages if seen is None or m.message_id in seen)
        return tuple(MessageRead(m.message_id) for m in shown if m.waits_for(command.actor))

    pathway = engine.load(pathway_id)
    return engine.run(pathway_id, command, "read-message", waiting) if waiting(pathway) else pathway
