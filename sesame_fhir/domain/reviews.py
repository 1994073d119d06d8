"""What case reviews leave in a pathway's state."""

from dataclasses import dataclass
from datetime import datetime

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor


@dataclass(frozen=True, slots=True)
class Discussion:
    """The case is put to the next review by hand."""

    at: datetime
    by: Actor
    note: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the GP made of one recommendation."""

    fate: ev.RecommendationFate
    reason: str | None
    at: datetime
    by: Actor


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation with the GP's decision, None while it waits or needs none."""

    data: ev.Recommendation
    decision: Decision | None = None

    @property
    def waits(self) -> bool:
        """True while the GP's decision is awaited."""
        return self.data.asks_the_gp and self.decision is None


@dataclass(frozen=True, slots=True)
class Review:
    """One case review, signed by the psychiatrist ``by`` at ``at``."""

    review_id: str
    at: datetime
    by: Actor
    advice: tuple[Advice, ...]
    summary: str | None = None
    session_id: str | None = None
    minutes: int | None = None

    @property
    def see_again_weeks(self) -> int | None:
        """Weeks after which the case is to be seen again, when the psychiatrist said so."""
        return next(
            (a.data.weeks for a in self.advice if a.data.kind is ev.RecommendationKind.SEE_AGAIN and a.data.weeks), None
        )
