"""The psychiatrist's advice: what is typed becomes recommendations, signed once and never changed afterwards."""

import hashlib
import json
from collections.abc import Iterator

from flask import Response, redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events import CaseReviewed, Recommendation, RecommendationKind
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reviews import Review
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.ports import Ids
from sesame_fhir.services.review import review_case
from smart_app.pages import pathway_texts
from smart_app.pages.render import age_of
from smart_app.team.about import exists
from smart_app.team.attempts import attempt
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, keep_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.render import render
from smart_app.team.review.case import DRAFT, shown_case
from smart_app.team.review.listing import next_case
from smart_app.team.review.session import session_of_case

_SEE_OTHER = 303
_LONGEST_NAME = 200
_LATEST_WEEK = 52
_LONGEST_CASE = 120
"""Minutes."""
_DRUGS = ("1", "2")
_WITH_WEEKS = frozenset({RecommendationKind.MONITORING, RecommendationKind.SEE_AGAIN})


def post_review(page: TeamContext) -> ResponseReturnValue:
    """Sign; what a rule or a colleague stands in the way of comes back with everything typed."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, local_day(page.now))
        session = session_of_case(page)
        review = CaseReviewed(
            review_id=page.deps.ids.new(),
            recommendations=tuple(recommendations(fields, page.deps.ids)),
            summary=fields.text("summary"),
            session_id=None if session is None else session.session_id,
            minutes=fields.number("minutes", 1, _LONGEST_CASE),
        )
        fields.check()
        command = finishing(page, posted.command, DRAFT)
        after = review_case(page.deps.engine, command, page.patient_pathway.pathway_id, review)
        page.deps.deliver(after.pathway_id)
        return redirect(page.url("show_signed_review", review_id=after.reviews[-1].review_id), _SEE_OTHER)

    return attempt(page, DRAFT, act, shown_case)


def post_review_draft(page: TeamContext) -> Response:
    """Keep what is being typed (called by the script)."""
    return keep_draft(page, DRAFT)


def show_signed_review(page: TeamContext, review_id: str) -> str:
    """The signed text, with its time and digest. Raises NotFound for a review of another case."""
    pathway, today = page.patient_pathway, local_day(page.now)
    review = next((r for r in pathway.reviews if r.review_id == review_id), None)
    if review is None:
        raise NotFound(review_id)
    later = pathway.reviews[pathway.reviews.index(review) + 1 :]
    return render(
        page,
        "team/review/signed.html",
        traits=pathway.traits,
        age=None if pathway.traits is None else age_of(pathway.traits, today),
        review=review,
        digest=digest_of(pathway.pathway_id, review),
        replaced_by=later[-1] if later else None,
        following=next_case(page, pathway.pathway_id),
        words=pathway_texts,
        exists=exists,
    )


def recommendations(fields: Fields, ids: Ids) -> Iterator[Recommendation]:
    """What the form asks for. A kind counts when its box is ticked, or when something is typed for it."""
    for kind in RecommendationKind:
        ticked, text = bool(fields.raw(f"do-{kind.value}")), fields.text(f"text-{kind.value}")
        weeks = fields.number(f"weeks-{kind.value}", 1, _LATEST_WEEK) if kind in _WITH_WEEKS else None
        if kind is RecommendationKind.MEDICATION:
            yield from _medications(fields, ids, text, ticked=ticked)
        elif ticked or text or weeks is not None:
            yield Recommendation(ids.new(), kind, text, weeks=weeks)


def _medications(fields: Fields, ids: Ids, text: str | None, *, ticked: bool) -> Iterator[Recommendation]:
    """Up to two drugs; the precision stands with the first."""
    named = [(fields.text(f"drug-{n}", _LONGEST_NAME), fields.text(f"dose-{n}", _LONGEST_NAME)) for n in _DRUGS]
    chosen = [pair for pair in named if any(pair)]
    if not chosen and (ticked or text):
        chosen = [(None, None)]
    for number, (drug, dose) in enumerate(chosen):
        yield Recommendation(
            ids.new(), RecommendationKind.MEDICATION, text if number == 0 else None, drug=drug, dose=dose
        )


def digest_of(pathway_id: PathwayId, review: Review) -> str:
    """SHA-256 of what was signed (who, when, for whom, every word), not of what became of it since."""
    signed = {
        "pathway": pathway_id,
        "review": review.review_id,
        "at": review.at.isoformat(),
        "by": [review.by.actor_id, review.by.name],
        "summary": review.summary,
        "recommendations": [
            [a.data.recommendation_id, a.data.kind.value, a.data.text, a.data.drug, a.data.dose, a.data.weeks]
            for a in review.advice
        ],
    }
    text = json.dumps(signed, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
