"""Item 9 on the team's side: the panel with 3114 and 15, until a named clinician says what was done."""

from flask import redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.events import SafetyAction
from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.pathway import Screening
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.screening import acknowledge_safety
from smart_app.team.about import exists, render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

DRAFT = "safety:{screening_id}"
_SEE_OTHER = 303


def show_safety(page: TeamContext, screening_id: str) -> ResponseReturnValue:
    """What to do now; somebody may have done it already."""
    if not _screening(page, screening_id).needs_acknowledgement:
        return redirect(page.url("show_patient" if exists("show_patient") else "show_home"), _SEE_OTHER)
    return _shown(page, screening_id, None)


def post_safety(page: TeamContext, screening_id: str) -> ResponseReturnValue:
    """Record who took the answer up, and how."""
    posted = read_posted(page)
    screening, draft = _screening(page, screening_id), DRAFT.format(screening_id=screening_id)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        action = fields.choice("action", SafetyAction)
        fields.check()
        command, pathway_id = finishing(page, posted.command, draft), page.patient_pathway.pathway_id
        after = acknowledge_safety(page.deps.engine, command, pathway_id, screening.screening_id, action)
        return recorded(page, after)

    return attempt(page, draft, act, lambda again, trouble: _shown(again, screening_id, trouble))


def _shown(page: TeamContext, screening_id: str, trouble: Trouble | None) -> str:
    screening = _screening(page, screening_id)
    return render_about(
        page, "team/safety.html", screening=screening, actions=list(SafetyAction), trouble=trouble, hide_alert=True
    )


def _screening(page: TeamContext, screening_id: str) -> Screening:
    found = page.patient_pathway.screening(ScreeningId(screening_id))
    if found is None:
        raise NotFound(screening_id)
    return found


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/safety/<screening_id>", "view-patient", show_safety),
    TeamRoute("POST", "/p/<pathway_id>/safety/<screening_id>", "acknowledge-safety", post_safety, draft=DRAFT),
)
