"""Events of the case review (indirect practice): what is put to it, what is advised, what the GP makes of it."""

from dataclasses import dataclass

from sesame_fhir.domain.events.vocabulary import RecommendationFate, RecommendationKind


@dataclass(frozen=True, slots=True)
class MarkedForReview:
    """Somebody wants to discuss this case at the next review."""

    note: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewMarkRemoved:
    """The case needs no discussion any more."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One advice. ``drug`` and ``dose`` for a medication, ``weeks`` for see-again (and for a monitoring's rhythm).

    ``no-change`` and ``see-again`` ask nothing of the GP; every other kind waits for a decision.
    """

    recommendation_id: str
    kind: RecommendationKind
    text: str | None = None
    drug: str | None = None
    dose: str | None = None
    weeks: int | None = None

    @property
    def asks_the_gp(self) -> bool:
        """True when the GP must accept, adapt or decline."""
        return self.kind not in {RecommendationKind.NO_CHANGE, RecommendationKind.SEE_AGAIN}


@dataclass(frozen=True, slots=True)
class CaseReviewed:
    """Nurse and psychiatrist reviewed the case; the event's actor is the psychiatrist who signs.

    ``session_id`` is the review session it was part of; ``minutes`` is what this case took.
    """

    review_id: str
    recommendations: tuple[Recommendation, ...] = ()
    summary: str | None = None
    session_id: str | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class RecommendationDecided:
    """The GP's decision on one recommendation; ``reason`` is required unless it is accepted as it is."""

    recommendation_id: str
    fate: RecommendationFate
    reason: str | None = None
