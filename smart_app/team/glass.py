"""Opening a patient outside one's reach, with a reason."""

from flask import redirect, request
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.break_glass import ACTION, GLASS_MINUTES, GlassReason, GlassRequest, break_glass
from smart_app.team.addresses import own_page
from smart_app.team.context import TeamContext
from smart_app.team.posted import read_posted
from smart_app.team.render import render
from smart_app.team.routing import TeamRoute
from smart_app.team.texts import GLASS_REASONS

_SEE_OTHER = 303
_LONGEST = 200


def show_break_glass(page: TeamContext, target: str) -> str:
    """Ask why. Nothing of the patient is shown. Raises NotFound for an unknown pathway."""
    pathway = page.deps.engine.load(PathwayId(target))
    return render(
        page,
        "team/glass.html",
        target=pathway.pathway_id,
        reasons=list(GlassReason),
        reason_words=GLASS_REASONS,
        minutes=GLASS_MINUTES,
        next_page=own_page(request.args.get("next")) or "",
    )


def post_break_glass(page: TeamContext, target: str) -> ResponseReturnValue:
    """Open the patient, then go where the person was going."""
    posted = read_posted(page, target)
    try:
        reason = GlassReason(posted.values.get("reason", ""))
    except ValueError:
        raise Refused(Reason(ReasonCode.REASON_REQUIRED)) from None
    asked = GlassRequest(PathwayId(target), reason, posted.text("text", _LONGEST))
    break_glass(page.deps.engine, page.deps.staff_access.grants, page.member, asked, page.now)
    return redirect(own_page(posted.values.get("next")) or page.url("show_home"), _SEE_OTHER)


# The address names its pathway ``target``: with ``pathway_id`` the router would refuse what is out of reach.
ROUTES = (
    TeamRoute("GET", "/break-glass/<target>", ACTION, show_break_glass),
    TeamRoute("POST", "/break-glass/<target>", ACTION, post_break_glass),
)
