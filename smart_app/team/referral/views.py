"""Views of a referral: read it, log a call, take the patient, or end it with words for the GP."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext  # type: ignore[import-untyped]  # ships no types

from sesame_fhir.domain import scoring
from sesame_fhir.domain.events import CallResult, ReferralEnd
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.team_referral import accept_referral, end_referral, record_call
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.referral import texts
from smart_app.team.routing import TeamRoute

CALL_DRAFT, END_DRAFT = "call", "referral-end"
_LONGEST_CALL_NOTE = 300


def show_referral(page: TeamContext) -> str:
    """Everything the GP sent, the telephone, and one button for each thing that can come of a call."""
    return _shown(page, None)


def post_call(page: TeamContext) -> ResponseReturnValue:
    """Log a call that did not settle the matter."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        result, note = fields.choice("result", CallResult), fields.text("note", _LONGEST_CALL_NOTE)
        fields.check()
        command = finishing(page, posted.command, CALL_DRAFT)
        after = record_call(page.deps.engine, command, page.patient_pathway.pathway_id, result, note)
        return recorded(page, after, "show_referral")

    return attempt(page, CALL_DRAFT, act, _shown)


def post_accept(page: TeamContext) -> ResponseReturnValue:
    """Take the patient: on to the assessment, or to the appointment for it."""
    command = finishing(page, read_posted(page).command, CALL_DRAFT, END_DRAFT)
    after = accept_referral(page.deps.engine, command, page.patient_pathway.pathway_id)
    return recorded(page, after, "show_assessment")


def post_referral_end(page: TeamContext) -> ResponseReturnValue:
    """End the referral; reason and note go back to the GP's record."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        reason, note = fields.choice("reason", ReferralEnd), fields.text("note")
        fields.check()
        command = finishing(page, posted.command, END_DRAFT, CALL_DRAFT)
        after = end_referral(page.deps.engine, command, page.patient_pathway.pathway_id, reason, note)
        return recorded(page, after, "show_referral")

    return attempt(page, END_DRAFT, act, _shown)


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    pathway = page.patient_pathway
    made, needed = len(pathway.calls), page.deps.engine.policy.call_attempts
    return render_about(
        page,
        "team/referral.html",
        trouble=trouble,
        referral=pathway.referral,
        waiting=pathway.state is State.REFERRED,
        may_end=pathway.state in {State.REFERRED, State.ASSESSMENT},
        sent=tuple(_line(page, screening) for screening in _sent(pathway)),
        texts_of=texts,
        results=list(CallResult),
        ends=list(ReferralEnd),
        made=made,
        needed=needed,
        call_draft=load_draft(page, CALL_DRAFT),
        end_draft=load_draft(page, END_DRAFT),
    )


def _sent(pathway: Pathway) -> tuple[Screening, ...]:
    """The latest answers to each instrument, newest first."""
    latest = {screening.instrument: screening for screening in pathway.screenings}
    return tuple(sorted(latest.values(), key=lambda screening: screening.authored, reverse=True))


def _line(page: TeamContext, screening: Screening) -> tuple[str, str, Screening]:
    """Title, score with its band unless interpretation is off, and the screening."""
    instrument = INSTRUMENTS[screening.instrument]
    band = scoring.published_band(instrument, screening.total, page.deps.engine.policy)
    score = f"{screening.total} / {instrument.maximum}"
    return instrument.title, score if band is None else f"{score} · {gettext(band.label)}", screening


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/referral", "view-patient", show_referral),
    TeamRoute("POST", "/p/<pathway_id>/referral/call", "record-call", post_call, draft=CALL_DRAFT),
    TeamRoute("POST", "/p/<pathway_id>/referral/accept", "accept-referral", post_accept),
    TeamRoute("POST", "/p/<pathway_id>/referral/end", "end-referral", post_referral_end, draft=END_DRAFT),
)
