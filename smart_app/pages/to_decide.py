"""Recommendations that wait for the GP, as the panel in the EHR and the team's page both show them."""

from collections.abc import Callable
from dataclasses import dataclass

from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reviews import Advice, Review

ADVICE_DRAFT = "advice:{recommendation_id}"
"""Name of the draft of a reason given for a recommendation."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recommendation that waits; ``reason`` is what the GP has typed for it already."""

    advice: Advice
    reason: str
    incomplete: bool

    @property
    def lacking(self) -> bool:
        """True when it came back for the reason that a change needs."""
        return self.incomplete and not self.reason


@dataclass(frozen=True, slots=True)
class ToDecide:
    """What waits of one review; ``older``: the psychiatrist has signed another one since."""

    review: Review
    waiting: tuple[Waiting, ...]
    older: bool


def reviews_to_decide(pathway: Pathway, typed: Callable[[str], str], incomplete: str | None) -> tuple[ToDecide, ...]:
    """Reviews with recommendations that wait, newest first.

    Args:
        pathway: the patient's.
        typed: the reason already typed for a recommendation, by the name of its draft; empty when there is none.
        incomplete: id of the recommendation that came back, if one did.
    """

    def shown(advice: Advice) -> Waiting:
        name = advice.data.recommendation_id
        return Waiting(advice, typed(ADVICE_DRAFT.format(recommendation_id=name)).strip(), incomplete == name)

    waiting = ((review, tuple(shown(a) for a in review.advice if a.waits)) for review in reversed(pathway.reviews))
    return tuple(ToDecide(review, ones, review is not pathway.reviews[-1]) for review, ones in waiting if ones)
