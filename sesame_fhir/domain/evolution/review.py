"""How case reviews change a pathway's state."""

from collections.abc import Mapping
from dataclasses import replace

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.evolution.altered import altered
from sesame_fhir.domain.evolution.handler import Handler
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reviews import Advice, Decision, Discussion, Review


def _marked(p: Pathway, e: ev.Event, d: ev.MarkedForReview) -> Pathway:
    return altered(p, discussion=Discussion(e.occurred_at, e.actor, d.note))


def _unmarked(p: Pathway, _e: ev.Event, _d: ev.ReviewMarkRemoved) -> Pathway:
    return altered(p, discussion=None)


def _reviewed(p: Pathway, e: ev.Event, d: ev.CaseReviewed) -> Pathway:
    review = Review(
        d.review_id,
        e.occurred_at,
        e.actor,
        tuple(Advice(data) for data in d.recommendations),
        d.summary,
        d.session_id,
        d.minutes,
    )
    return altered(p, reviews=(*p.reviews, review), discussion=None)


def _decided(p: Pathway, e: ev.Event, d: ev.RecommendationDecided) -> Pathway:
    decision = Decision(d.fate, d.reason, e.occurred_at, e.actor)

    def with_decision(advice: Advice) -> Advice:
        return replace(advice, decision=decision) if advice.data.recommendation_id == d.recommendation_id else advice

    reviews = tuple(replace(r, advice=tuple(map(with_decision, r.advice))) for r in p.reviews)
    return altered(p, reviews=reviews)


HANDLERS: Mapping[type, Handler] = {
    ev.MarkedForReview: _marked,
    ev.ReviewMarkRemoved: _unmarked,
    ev.CaseReviewed: _reviewed,
    ev.RecommendationDecided: _decided,
}
