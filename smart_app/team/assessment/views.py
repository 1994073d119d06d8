"""Views of the initial assessment: one page, a draft that survives, one post for everything."""

from dataclasses import replace

from flask import Response
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.appointments import Next, proposed
from sesame_fhir.domain.events import ContactMode, ProblemSystem
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.care import Measured, record_assessment
from smart_app.team.about import render_about
from smart_app.team.assessment.form import first_values, interview_noted, typed_assessment
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.contact import texts as contact_texts
from smart_app.team.contact.form import MINUTES
from smart_app.team.context import TeamContext
from smart_app.team.dates import short_moment
from smart_app.team.drafts import finishing, keep_draft, load_draft
from smart_app.team.fields import Fields
from smart_app.team.instruments import answered_in, inline_forms
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

DRAFT = "assessment"
_PROPOSED = frozenset({InstrumentId.PHQ_9, InstrumentId.GAD_7})


def show_assessment(page: TeamContext) -> str:
    """The form while the assessment is to be done, with the draft if there is one; what was recorded afterwards."""
    return _shown(page, None)


def post_assessment(page: TeamContext) -> ResponseReturnValue:
    """Record everything in one act: care begins, and with it the first sequence; then the plan of care."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        typed = typed_assessment(Fields(posted.values, page.local(page.now).date()), page)
        screenings = answered_in(page, posted.values)
        measured = Measured(screenings, typed.totals)
        if typed.contact is not None:
            measured = Measured((), typed.totals, replace(typed.contact, screenings=screenings))
        command = finishing(page, replace(posted.command, occurred_at=typed.at), DRAFT)
        pathway_id = page.patient_pathway.pathway_id
        after = record_assessment(page.deps.engine, command, pathway_id, typed.assessment, measured)
        return recorded(page, after, "show_plan")

    return attempt(page, DRAFT, act, _shown)


def post_assessment_draft(page: TeamContext) -> Response:
    """Keep what is being typed (called by the script)."""
    return keep_draft(page, DRAFT)


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    pathway = page.patient_pathway
    draft = load_draft(page, DRAFT)
    values = first_values(page)
    for name in draft:
        values.setlist(name, draft.getlist(name))
    incomplete = trouble is not None and any(r.code is ReasonCode.INCOMPLETE_ANSWERS for r in trouble.reasons)
    today, policy = page.local(page.now).date(), page.deps.engine.policy
    return render_about(
        page,
        "team/assessment.html",
        trouble=trouble,
        assessment=pathway.assessment,
        open_now=pathway.state is State.ASSESSMENT and page.may("record-assessment"),
        restored=bool(draft) and trouble is None,
        typed=draft,
        values=values,
        forms=inline_forms(page, values, show_missing=incomplete),
        due=_PROPOSED,
        licensed=LICENSED,
        noted=interview_noted(pathway),
        minutes=MINUTES,
        modes=list(ContactMode),
        systems=list(ProblemSystem),
        texts_of=contact_texts,
        dated=[
            (kind.value, contact_texts.NEXT[kind], short_moment(proposed(kind, page.now, policy), today))
            for kind in (Next.FORTNIGHT, Next.MONTH)
        ],
        fresh=page.deps.ids.new(),
    )


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/assessment", "view-patient", show_assessment),
    TeamRoute("POST", "/p/<pathway_id>/assessment", "record-assessment", post_assessment, draft=DRAFT),
    TeamRoute("POST", "/p/<pathway_id>/assessment/draft", "record-assessment", post_assessment_draft),
)
