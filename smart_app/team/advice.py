"""The GP answers the case review's recommendations from the team's pages, without a launch from the EHR.

Source: domain page, step 6: recommendations go to the GP, who decides.
"""

from flask import redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events import RecommendationFate
from sesame_fhir.services.review import decide_recommendation
from smart_app.pages import pathway_texts
from smart_app.pages.to_decide import ADVICE_DRAFT, reviews_to_decide
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

_SEE_OTHER = 303


def show_advice(page: TeamContext) -> str:
    """What waits for an answer, newest first, and what became of the rest."""
    return _shown(page, None, None)


def post_decision(page: TeamContext, recommendation_id: str) -> ResponseReturnValue:
    """Accept, adapt or decline; what a rule or a colleague stands in the way of comes back with the reason typed."""
    posted = read_posted(page)
    draft = ADVICE_DRAFT.format(recommendation_id=recommendation_id)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, local_day(page.now))
        fate, reason = fields.choice("fate", RecommendationFate), fields.text("reason")
        fields.check()
        command, pathway_id = finishing(page, posted.command, draft), page.patient_pathway.pathway_id
        after = decide_recommendation(
            page.deps.engine, command, pathway_id, recommendation_id, fate=fate, reason=reason
        )
        if after.waiting_advice:
            page.deps.deliver(pathway_id)
            return redirect(page.url("show_advice"), _SEE_OTHER)
        return recorded(page, after)

    return attempt(page, draft, act, lambda again, trouble: _shown(again, trouble, recommendation_id))


def _shown(page: TeamContext, trouble: Trouble | None, incomplete: str | None) -> str:
    def typed(draft: str) -> str:
        return load_draft(page, draft).get("reason", "")

    pathway = page.patient_pathway
    decided = [advice for review in reversed(pathway.reviews) for advice in review.advice if not advice.waits]
    return render_about(
        page,
        "team/advice.html",
        to_decide=reviews_to_decide(pathway, typed, incomplete),
        decided=decided,
        decisions=list(RecommendationFate),
        trouble=trouble,
        words=pathway_texts,
    )


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/advice", "decide-recommendation", show_advice),
    TeamRoute(
        "POST", "/p/<pathway_id>/advice/<recommendation_id>", "decide-recommendation", post_decision, draft=ADVICE_DRAFT
    ),
)
