"""Views of the plan of care: the form, its versions, and the phase of the follow-up."""

from datetime import datetime

from flask import Response
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.events import ActivityKind, GoalStatus, Phase, PlanRecorded
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.transitions import IN_CARE, State
from sesame_fhir.services.care import change_phase, record_plan
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, keep_draft, load_draft
from smart_app.team.fields import Fields
from smart_app.team.instruments import OFFERED
from smart_app.team.plan import texts
from smart_app.team.plan.form import PLAIN, first_values, rows, typed_plan
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

DRAFT = "plan"


def show_plan(page: TeamContext) -> str:
    """The plan as it stands, ready to be recorded again; its earlier versions; the phase."""
    return _shown(page, None)


def post_plan(page: TeamContext) -> ResponseReturnValue:
    """Record the plan, or its next version."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        plan = typed_plan(Fields(posted.values, page.local(page.now).date()), page)
        command, pathway_id = finishing(page, posted.command, DRAFT), page.patient_pathway.pathway_id
        return recorded(page, record_plan(page.deps.engine, command, pathway_id, plan))

    return attempt(page, DRAFT, act, _shown)


def post_plan_draft(page: TeamContext) -> Response:
    """Keep what is being typed (called by the script)."""
    return keep_draft(page, DRAFT)


def post_phase(page: TeamContext) -> ResponseReturnValue:
    """Change to relapse prevention, where the patient gets a written plan, or back to care."""
    posted = read_posted(page)
    fields = Fields(posted.values, page.local(page.now).date())
    phase = fields.choice("phase", Phase)
    fields.check()
    after = change_phase(page.deps.engine, posted.command, page.patient_pathway.pathway_id, phase)
    return recorded(page, after, "show_relapse_plan" if phase is Phase.RELAPSE_PREVENTION else "show_plan")


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    pathway = page.patient_pathway
    draft = load_draft(page, DRAFT)
    values = draft or first_values(pathway, page.deps.engine.policy)
    return render_about(
        page,
        "team/plan.html",
        trouble=trouble,
        restored=bool(draft) and trouble is None,
        values=values,
        goals=rows(values),
        plan=pathway.plan,
        versions=_versions(page),
        may_write=page.may("record-plan") and pathway.state in IN_CARE,
        prevention=pathway.state is State.RELAPSE_PREVENTION,
        contacts=ActivityKind.CONTACTS,
        plain=PLAIN,
        offered=[INSTRUMENTS[name] for name in OFFERED],
        instruments=INSTRUMENTS,
        statuses=list(GoalStatus),
        texts_of=texts,
    )


def _versions(page: TeamContext) -> list[tuple[int, str, datetime, PlanRecorded]]:
    """Every version, newest first: number, author, time, plan."""
    history = page.deps.engine.pathways.history(page.patient_pathway.pathway_id)
    written = [(event.actor.name, event.occurred_at, event.data) for event in history]
    plans = [(name, at, data) for name, at, data in written if isinstance(data, PlanRecorded)]
    return [(number, *found) for number, found in enumerate(plans, start=1)][::-1]


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/plan", "view-patient", show_plan),
    TeamRoute("POST", "/p/<pathway_id>/plan", "record-plan", post_plan, draft=DRAFT),
    TeamRoute("POST", "/p/<pathway_id>/plan/draft", "record-plan", post_plan_draft),
    TeamRoute("POST", "/p/<pathway_id>/phase", "change-phase", post_phase),
)
