"""The result of a questionnaire and its next step; the decision not to refer."""

from flask import redirect
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.eligibility import phq2_total
from sesame_fhir.domain.events import DeclineReason
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.referral import decline
from smart_app.pages.context import PageContext
from smart_app.pages.drafts import finishing
from smart_app.pages.earlier import previous_score
from smart_app.pages.forms import screening_of
from smart_app.pages.posted import read_posted
from smart_app.pages.reading import may_refer, not_yet_today, read_screening, referral_advised
from smart_app.pages.render import render

_SEE_OTHER = 303


def show_result(page: PageContext, screening_id: str) -> str | Answer:
    """Score, meaning, next step; the safety panel comes first while it waits."""
    screening = screening_of(page, screening_id)
    if screening.needs_acknowledgement:
        return redirect(page.url("show_safety", screening_id=screening_id), _SEE_OTHER)
    if page.pathway is None:
        raise NotFound(screening_id)
    return render(
        page,
        "app/result.html",
        reading=read_screening(page, screening),
        previous=previous_score(page, screening.instrument, screening.authored),
        may_refer=may_refer(page.pathway),
        advised=referral_advised(page, page.pathway),
        has_phq2=phq2_total(page.pathway) is not None,
        complements=not_yet_today(page, page.pathway),
        decline_reasons=list(DeclineReason),
    )


def post_decline(page: PageContext) -> Answer:
    """Record that this screened patient is not referred, and why."""
    posted = read_posted(page)
    try:
        reason = DeclineReason(posted.values.get("reason", ""))
    except ValueError:
        raise Refused(Reason(ReasonCode.REASON_REQUIRED)) from None
    if page.pathway is None:
        raise Refused(Reason(ReasonCode.NOT_SCREENED))
    command = finishing(page, posted.command, "eligibility", "referral")
    after = decline(page.deps.engine, command, page.pathway.pathway_id, reason)
    page.deps.deliver(after.pathway_id)
    return redirect(page.url("show_done"), _SEE_OTHER)
