"""Guards of the case review. Source: domain page, step 6: nurse and psychiatrist review, the GP decides."""

from collections.abc import Mapping

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.guards.setting import Guard, Reasons, Setting, blank, refused, without_agreement
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode

_LATEST_WEEK = 52
_NEEDS_WORDS = frozenset(
    {ev.RecommendationKind.MONITORING, ev.RecommendationKind.THERAPY, ev.RecommendationKind.ORIENTATION}
)


def _marked(p: Pathway, _d: ev.MarkedForReview, _s: Setting) -> Reasons:
    return without_agreement(p)


def _unmarked(p: Pathway, _d: ev.ReviewMarkRemoved, _s: Setting) -> Reasons:
    return refused(ReasonCode.NOT_PUT_TO_REVIEW, when=p.discussion is None)


def _reviewed(p: Pathway, d: ev.CaseReviewed, s: Setting) -> Reasons:
    return (
        *without_agreement(p),
        *refused(ReasonCode.PSYCHIATRIST_REQUIRED, s.actor.role.value, when=s.actor.role is not Role.PSYCHIATRIST),
        *refused(ReasonCode.NOT_ON_CARE_TEAM, when=not p.on_team(s.actor)),
        *refused(ReasonCode.RECOMMENDATION_REQUIRED, when=not d.recommendations),
        *(reason for one in d.recommendations for reason in _recommendation(one)),
    )


def _recommendation(d: ev.Recommendation) -> Reasons:
    unsaid = d.kind in _NEEDS_WORDS and blank(d.text)
    unnamed = d.kind is ev.RecommendationKind.MEDICATION and blank(d.drug) and blank(d.text)
    when = d.weeks if d.weeks is not None else (0 if d.kind is ev.RecommendationKind.SEE_AGAIN else 1)
    return (
        *refused(ReasonCode.TEXT_REQUIRED, d.kind.value, when=unsaid or unnamed),
        *refused(ReasonCode.VALUE_OUT_OF_RANGE, "weeks", when=not 1 <= when <= _LATEST_WEEK),
    )


def _decided(p: Pathway, d: ev.RecommendationDecided, _s: Setting) -> Reasons:
    advice = p.advice(d.recommendation_id)
    if advice is None or not advice.data.asks_the_gp:
        return refused(ReasonCode.NO_SUCH_RECOMMENDATION)
    changed = d.fate is not ev.RecommendationFate.ACCEPTED
    return (
        *refused(ReasonCode.ALREADY_DECIDED, when=advice.decision is not None),
        *refused(ReasonCode.REASON_REQUIRED, when=changed and blank(d.reason)),
    )


GUARDS: Mapping[type, Guard] = {
    ev.MarkedForReview: _marked,
    ev.ReviewMarkRemoved: _unmarked,
    ev.CaseReviewed: _reviewed,
    ev.RecommendationDecided: _decided,
}
