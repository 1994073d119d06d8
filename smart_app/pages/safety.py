"""Item 9: the safety panel, acknowledged by a named clinician before anything else happens."""

from dataclasses import replace

from flask import redirect
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.events import SafetyAction
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.screening import acknowledge_safety
from smart_app.launch.opening import UNNAMED
from smart_app.pages.context import PageContext
from smart_app.pages.forms import screening_of
from smart_app.pages.posted import Posted, read_posted
from smart_app.pages.render import render

_SEE_OTHER = 303


def show_safety(page: PageContext, screening_id: str) -> str | Answer:
    """3114, 15, and what the clinician did."""
    screening = screening_of(page, screening_id)
    if not screening.needs_acknowledgement:
        return redirect(page.url("show_result", screening_id=screening_id), _SEE_OTHER)
    return render(
        page, "app/safety.html", screening=screening, actions=list(SafetyAction), named=page.actor.name != UNNAMED
    )


def post_safety(page: PageContext, screening_id: str) -> Answer:
    """Record the acknowledgement, in the name of who is signed in."""
    posted = read_posted(page)
    screening = screening_of(page, screening_id)
    try:
        action = SafetyAction(posted.values.get("action", ""))
    except ValueError:
        raise Refused(Reason(ReasonCode.REASON_REQUIRED)) from None
    if page.pathway is None:
        raise NotFound(screening_id)
    command = replace(posted.command, actor=_named(page.actor, posted))
    after = acknowledge_safety(page.deps.engine, command, page.pathway.pathway_id, screening.screening_id, action)
    page.deps.deliver(after.pathway_id)
    return redirect(page.url("show_result", screening_id=screening_id), _SEE_OTHER)


def _named(actor: Actor, posted: Posted) -> Actor:
    """Who acknowledges, by name: the EHR's word for it, else what the clinician typed."""
    if actor.name != UNNAMED:
        return actor
    name = posted.text("clinician")
    if name is None:
        raise Refused(Reason(ReasonCode.CLINICIAN_REQUIRED, "name"))
    return replace(actor, name=name)
