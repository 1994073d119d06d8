"""The referral itself: what the nurse will see, then one button; and taking it back."""

from flask import Response, redirect
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.eligibility import phq2_total
from sesame_fhir.domain.events import WithdrawReason
from sesame_fhir.domain.ids import ReferralId
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.referral import ReferralRequest, refer, withdraw
from smart_app.pages import eligibility
from smart_app.pages.context import PageContext
from smart_app.pages.drafts import becoming_events, keep_draft, load_draft
from smart_app.pages.posted import read_posted
from smart_app.pages.reading import Reading, may_refer, read_screening
from smart_app.pages.render import render

DRAFT = "referral"
_SEE_OTHER = 303


def show_referral(page: PageContext) -> str | Answer:
    """Patient, telephone, scores, flags: what the nurse needs to call."""
    pathway = page.pathway
    if pathway is None or pathway.eligibility is None or not may_refer(pathway):
        return redirect(page.url("show_home"), _SEE_OTHER)
    if pathway.eligibility.phq2_total != phq2_total(pathway):
        return redirect(page.url("show_eligibility"), _SEE_OTHER)
    if pathway.unacknowledged:
        waiting = pathway.unacknowledged[0].screening_id
        return redirect(page.url("show_safety", screening_id=waiting), _SEE_OTHER)
    return render(
        page,
        "app/referral.html",
        readings=latest_readings(page, pathway),
        standing=pathway.eligibility.reasons,
        override=eligibility.override_of(page),
        note=load_draft(page, DRAFT).get("note", ""),
    )


def post_referral(page: PageContext) -> Answer:
    """Send the referral; what is written to the record goes at once."""
    posted = read_posted(page)
    if page.pathway is None:
        raise Refused(Reason(ReasonCode.NOT_SCREENED))
    request = ReferralRequest(
        ReferralId(page.deps.ids.new()),
        override_reason=eligibility.override_of(page),
        note=posted.text("note"),
        medications=page.record.medications,
    )
    with becoming_events(page, posted, DRAFT, eligibility.DRAFT) as command:
        after = refer(page.deps.engine, command, page.pathway.pathway_id, request)
    page.deps.deliver(after.pathway_id)
    return redirect(page.url("show_done"), _SEE_OTHER)


def post_referral_draft(page: PageContext) -> Response:
    """Keep the note being typed (called by the script)."""
    return keep_draft(page, DRAFT)


def post_withdraw(page: PageContext) -> Answer:
    """Take the referral back before the nurse has started."""
    posted = read_posted(page)
    try:
        reason = WithdrawReason(posted.values.get("reason", ""))
    except ValueError:
        raise Refused(Reason(ReasonCode.REASON_REQUIRED)) from None
    if page.pathway is None:
        raise Refused(Reason(ReasonCode.NOT_SCREENED))
    after = withdraw(page.deps.engine, posted.command, page.pathway.pathway_id, reason)
    page.deps.deliver(after.pathway_id)
    return redirect(page.url("show_done"), _SEE_OTHER)


def latest_readings(page: PageContext, pathway: Pathway) -> tuple[Reading, ...]:
    """The latest screening with each instrument, newest first."""
    latest: dict[str, Screening] = {s.instrument.value: s for s in pathway.screenings}
    newest_first = sorted(latest.values(), key=lambda s: s.authored, reverse=True)
    return tuple(read_screening(page, screening) for screening in newest_first)
