"""Total of an instrument whose text may not be shown: value and date only, at any time of the follow-up."""

from flask.typing import ResponseReturnValue

from sesame_fhir.domain.events import LicensedInstrument
from sesame_fhir.domain.licensed import LICENSED
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.care import record_total
from smart_app.team.about import render_about
from smart_app.team.assessment.form import typed_total
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.drafts import finishing, load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

DRAFT = "total"


def show_total(page: TeamContext) -> str:
    """The form, and the totals there are."""
    return _shown(page, None)


def post_total(page: TeamContext) -> ResponseReturnValue:
    """Record one total."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        instrument = fields.choice("instrument", LicensedInstrument)
        total = typed_total(fields, page, instrument, "total", page.now)
        if total is None and not fields.raw("total"):
            fields.wrong(ReasonCode.TEXT_REQUIRED, "total")
        fields.check()
        if total is None:  # pragma: no cover  the check above has said why
            raise Refused
        command, pathway_id = finishing(page, posted.command, DRAFT), page.patient_pathway.pathway_id
        return recorded(page, record_total(page.deps.engine, command, pathway_id, total))

    return attempt(page, DRAFT, act, _shown)


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    return render_about(
        page,
        "team/total.html",
        trouble=trouble,
        licensed=LICENSED,
        totals=page.patient_pathway.totals,
        values=load_draft(page, DRAFT),
        today=page.local(page.now).date().isoformat(),
    )


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/total", "view-patient", show_total),
    TeamRoute("POST", "/p/<pathway_id>/total", "record-total", post_total, draft=DRAFT),
)
