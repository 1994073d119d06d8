"""Sequences of the pathway: what runs, what follows, and what interrupts it."""

from flask.typing import ResponseReturnValue

from sesame_fhir.domain.transitions import IN_CARE, INTERRUPTED
from sesame_fhir.services.course import decide_renewal, interrupt, resume, start_sequence
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.course.days import on_day
from smart_app.team.drafts import finishing, load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

RENEWAL, INTERRUPTION = "renewal", "interruption"


def show_course(page: TeamContext) -> str:
    """The sequences with their days, the decision on the next one, and the interruption."""
    return _shown(page, None)


def post_renewal(page: TeamContext) -> ResponseReturnValue:
    """Decide whether another sequence follows."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        reason = fields.text("reason")
        fields.check()
        command = finishing(page, posted.command, RENEWAL)
        renew = fields.raw("decision") == "renew"
        key = page.patient_pathway.pathway_id
        return recorded(page, decide_renewal(page.deps.engine, command, key, renew=renew, reason=reason), "show_course")

    return attempt(page, RENEWAL, act, _shown)


def post_sequence(page: TeamContext) -> ResponseReturnValue:
    """Start the next sequence today, when it was decided late."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        after = start_sequence(page.deps.engine, posted.command, page.patient_pathway.pathway_id)
        return recorded(page, after, "show_course")

    return attempt(page, RENEWAL, act, _shown)


def post_interruption(page: TeamContext) -> ResponseReturnValue:
    """Suspend care from a day on."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        reason, day = fields.text("reason"), fields.day("day")
        fields.check()
        command = on_day(finishing(page, posted.command, INTERRUPTION), day)
        after = interrupt(page.deps.engine, command, page.patient_pathway.pathway_id, reason)
        return recorded(page, after, "show_course")

    return attempt(page, INTERRUPTION, act, _shown)


def post_resumption(page: TeamContext) -> ResponseReturnValue:
    """Take care up again."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        day = fields.day("day")
        fields.check()
        command = on_day(finishing(page, posted.command, INTERRUPTION), day)
        return recorded(page, resume(page.deps.engine, command, page.patient_pathway.pathway_id), "show_course")

    return attempt(page, INTERRUPTION, act, _shown)


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    pathway, policy = page.patient_pathway, page.deps.engine.policy
    running = pathway.open_sequence
    return render_about(
        page,
        "team/course.html",
        trouble=trouble,
        running=running,
        interrupted=pathway.state in INTERRUPTED,
        may_start=pathway.state in IN_CARE and running is None and len(pathway.sequences) < policy.maximum_sequences,
        last_rank=running is not None and running.rank >= policy.maximum_sequences,
        maximum=policy.maximum_sequences,
        on_interruption=policy.on_interruption.value,
        in_care=pathway.state in IN_CARE,
        today=page.local(page.now).date(),
        renewal_draft=load_draft(page, RENEWAL),
        interruption_draft=load_draft(page, INTERRUPTION),
    )


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/course", "view-patient", show_course),
    TeamRoute("POST", "/p/<pathway_id>/course/renewal", "decide-renewal", post_renewal, draft=RENEWAL),
    TeamRoute("POST", "/p/<pathway_id>/course/sequence", "start-sequence", post_sequence),
    TeamRoute("POST", "/p/<pathway_id>/course/interruption", "interrupt", post_interruption, draft=INTERRUPTION),
    TeamRoute("POST", "/p/<pathway_id>/course/resumption", "resume", post_resumption, draft=INTERRUPTION),
)
