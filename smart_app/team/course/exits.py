"""The exit: reason and orientation, last scores, the letter to the GP, the survey."""

from flask.typing import ResponseReturnValue

from mappings.displays import DISPLAYS
from mappings.exit_letter import exit_letter, letter_text
from sesame_fhir.domain.consents import survey_agreed
from sesame_fhir.domain.events import ExitReason, Orientation, PathwayExited
from sesame_fhir.domain.instruments import INSTRUMENTS, InstrumentId
from sesame_fhir.domain.transitions import FOLLOWED, State
from sesame_fhir.exports.exit_letter_pdf import exit_letter_pdf
from sesame_fhir.services.course import exit_pathway, record_survey
from sesame_fhir.services.errors import NotFound
from smart_app.team.about import render_about
from smart_app.team.attempts import Trouble, attempt, recorded
from smart_app.team.context import TeamContext
from smart_app.team.course.days import on_day
from smart_app.team.documents import document
from smart_app.team.drafts import finishing, load_draft
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted
from smart_app.team.routing import TeamRoute

_DRAFT = "exit"
_FINAL = (InstrumentId.PHQ_9, InstrumentId.GAD_7)
_BEST_MARK = 10


def show_exit(page: TeamContext) -> str:
    """The form of the exit; once the patient has left, the letter."""
    return _shown(page, None)


def post_exit(page: TeamContext) -> ResponseReturnValue:
    """Record the exit; the running sequence ends with it."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        left = PathwayExited(
            reason=fields.choice("reason", ExitReason),
            note=fields.text("note"),
            orientation=fields.choice("orientation", Orientation, Orientation.NONE),
            survey=fields.raw("survey") == "yes",
        )
        day = fields.day("day")
        fields.check()
        command = on_day(finishing(page, posted.command, _DRAFT), day)
        after = exit_pathway(page.deps.engine, command, page.patient_pathway.pathway_id, left)
        return recorded(page, after, "show_exit")

    return attempt(page, _DRAFT, act, _shown)


def post_survey(page: TeamContext) -> ResponseReturnValue:
    """Note that the survey came back."""
    posted = read_posted(page)

    def act() -> ResponseReturnValue:
        fields = Fields(posted.values, page.local(page.now).date())
        mark = fields.number("satisfaction", high=_BEST_MARK)
        fields.check()
        after = record_survey(page.deps.engine, posted.command, page.patient_pathway.pathway_id, mark)
        return recorded(page, after, "show_exit")

    return attempt(page, _DRAFT, act, _shown)


def download_exit_letter(page: TeamContext) -> ResponseReturnValue:
    """The letter as PDF; as text where this machine makes no document. Raises NotFound before the exit."""
    pathway = page.patient_pathway
    if pathway.exit is None:
        raise NotFound(pathway.pathway_id)
    letter = exit_letter(pathway, policy=page.deps.engine.policy)
    return document("sesame-sortie", lambda: exit_letter_pdf(letter), lambda: letter_text(letter))


def _shown(page: TeamContext, trouble: Trouble | None) -> str:
    pathway, policy = page.patient_pathway, page.deps.engine.policy
    letter = exit_letter(pathway, policy=policy) if pathway.exit else None
    last = [(INSTRUMENTS[i], pathway.last_screening(i)) for i in _FINAL]
    return render_about(
        page,
        "team/exit.html",
        trouble=trouble,
        may_leave=pathway.state in FOLLOWED,
        merged=pathway.state is State.MERGED,
        left=pathway.exit,
        letter=letter_text(letter) if letter else None,
        finals=last,
        survey_agreed=survey_agreed(pathway),
        survey_url=page.deps.team.survey_url,
        reasons=DISPLAYS[ExitReason],
        orientations=DISPLAYS[Orientation],
        today=page.local(page.now).date(),
        draft=load_draft(page, _DRAFT),
    )


ROUTES = (
    TeamRoute("GET", "/p/<pathway_id>/exit", "view-patient", show_exit),
    TeamRoute("POST", "/p/<pathway_id>/exit", "exit", post_exit, draft=_DRAFT),
    TeamRoute("POST", "/p/<pathway_id>/exit/survey", "record-survey", post_survey),
    TeamRoute("GET", "/p/<pathway_id>/exit-letter", "print-document", download_exit_letter),
)
