"""The relapse-prevention plan: written with the patient, printed on one page to take home."""

from flask import Response
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from mappings.relapse_leaflet import ALWAYS, leaflet_of, leaflet_text
from sesame_fhir.domain.events import Helper, RelapsePlanWritten
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import ReasonCode
from sesame_fhir.domain.transitions import IN_CARE
from sesame_fhir.exports.relapse_plan_pdf import relapse_plan_pdf
from sesame_fhir.services.care import write_relapse_plan
from sesame_fhir.services.errors import NotFound
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.documents import document
from smart_app.team.drafts import finishing, keep_draft, load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

DRAFT = "relapse-plan"
HELPERS = 4
"""People to call, beside 3114 and 15."""
MOST_LINES = 8
_LONGEST_PART = 600
"""Characters of one part: with ``MOST_LINES`` the plan stays on one page."""
_LONGEST_NAME = 60
_LONGEST_PHONE = 20


def show_relapse_plan(page: TeamContext) -> str:
    """The plan as it stands, ready to be written again, and its printed page."""
    return _shown(page, None)


def post_relapse_plan(page: TeamContext) -> ResponseReturnValue:
    """Write the plan."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        plan = _typed(fields)
        fields.check()
        command, pathway_id = finishing(page, posted.command, DRAFT), page.patient_pathway.pathway_id
        after = write_relapse_plan(page.deps.engine, command, pathway_id, plan)
        return recorded(page, after, "show_relapse_plan")

    return attempt(page, DRAFT, act, _shown)


def post_relapse_plan_draft(page: TeamContext) -> Response:
    """Keep what is being typed (called by the script)."""
    return keep_draft(page, DRAFT)


def download_relapse_plan(page: TeamContext) -> Response:
    """The page to take home; as text where this machine makes no documents. Raises NotFound without a plan."""
    if page.patient_pathway.relapse_plan is None:
        raise NotFound("relapse-plan")
    leaflet = leaflet_of(page.patient_pathway)
    return document("plan-prevention-rechutes", lambda: relapse_plan_pdf(leaflet), lambda: leaflet_text(leaflet))


def _typed(fields: Fields) -> RelapsePlanWritten:
    helps, signs, steps = (_part(fields, name) for name in ("helps", "warning-signs", "first-steps"))
    who = []
    for number in range(HELPERS):
        name, phone = fields.text(f"name.{number}", _LONGEST_NAME), fields.text(f"phone.{number}", _LONGEST_PHONE)
        if name is not None:
            who.append(Helper(name, phone))
        elif phone is not None:
            fields.wrong(ReasonCode.TEXT_REQUIRED, "name")
    return RelapsePlanWritten(helps, signs, tuple(who), steps)


def _part(fields: Fields, name: str) -> tuple[str, ...]:
    lines = fields.lines(name, _LONGEST_PART)
    if len(lines) > MOST_LINES:
        fields.wrong(ReasonCode.TEXT_TOO_LONG, name)
    return lines


def _first_values(pathway: Pathway) -> MultiDict[str, str]:
    """The plan as it stands; without one, the people of the care team whom the patient knows."""
    values: MultiDict[str, str] = MultiDict()
    plan = pathway.relapse_plan
    helpers = [Helper(m.name) for m in pathway.team if m.role and m.role.value in {"nurse", "gp"}]
    if plan is not None:
        values.add("helps", "\n".join(plan.data.helps))
        values.add("warning-signs", "\n".join(plan.data.warning_signs))
        values.add("first-steps", "\n".join(plan.data.first_steps))
        helpers = list(plan.data.who_to_call)
    for number, helper in enumerate(helpers[:HELPERS]):
        values.add(f"name.{number}", helper.name)
        values.add(f"phone.{number}", helper.phone or "")
    return values


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    pathway = page.patient_pathway
    draft = load_draft(page, DRAFT)
    return render_about(
        page,
        "team/relapse_plan.html",
        trouble=trouble,
        restored=bool(draft) and trouble is None,
        values=draft or _first_values(pathway),
        plan=pathway.relapse_plan,
        rows=range(HELPERS),
        most=MOST_LINES,
        longest=_LONGEST_PART,
        always=ALWAYS,
        may_write=page.may("write-relapse-plan") and pathway.state in IN_CARE,
    )


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/relapse-plan", "view-patient", show_relapse_plan),
    TeamRoute("POST", "/p/<pathway_id>/relapse-plan", "write-relapse-plan", post_relapse_plan, draft=DRAFT),
    TeamRoute("POST", "/p/<pathway_id>/relapse-plan/draft", "write-relapse-plan", post_relapse_plan_draft),
    TeamRoute("GET", "/p/<pathway_id>/relapse-plan/document", "print-document", download_relapse_plan),
)
