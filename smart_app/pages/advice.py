"""The GP's answer to a recommendation of the case review."""

from flask import redirect
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.events import RecommendationFate
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.review import decide_recommendation
from smart_app.pages.context import PageContext
from smart_app.pages.drafts import becoming_events, save_draft
from smart_app.pages.pathway import about, may_decide
from smart_app.pages.posted import read_posted
from smart_app.pages.to_decide import ADVICE_DRAFT

_SEE_OTHER = 303


def post_decision(page: PageContext, recommendation_id: str) -> Answer:
    """Accept, adapt or decline; without the reason that a change needs, back to it with what was typed.

    Raises:
        Refused: not the GP, no such recommendation, or somebody has answered it already.
    """
    here, pathway = about(page)
    posted = read_posted(here)
    try:
        fate = RecommendationFate(posted.values.get("fate", ""))
    except ValueError:
        raise Refused(Reason(ReasonCode.REASON_REQUIRED)) from None
    if not may_decide(here, pathway):
        raise Refused(Reason(ReasonCode.ROLE_NOT_ALLOWED, "decide-recommendation"))
    draft = ADVICE_DRAFT.format(recommendation_id=recommendation_id)
    if fate is not RecommendationFate.ACCEPTED and posted.text("reason") is None:
        save_draft(here, draft, posted.values)
        return redirect(page.url("show_pathway", incomplete=recommendation_id, anchor="missing"), _SEE_OTHER)
    with becoming_events(here, posted, draft) as command:
        decide_recommendation(
            page.deps.engine,
            command,
            pathway.pathway_id,
            recommendation_id,
            fate=fate,
            reason=posted.whole_text("reason"),
        )
    page.deps.deliver(pathway.pathway_id)
    return redirect(page.url("show_pathway"), _SEE_OTHER)
