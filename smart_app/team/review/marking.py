"""Putting a case to the next review by hand, with the question asked, and taking it off again."""

from flask import redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.services.review import mark_for_review, unmark_for_review
from smart_app.team.context import TeamContext
from smart_app.team.fields import Fields
from smart_app.team.posted import read_posted

_SEE_OTHER = 303
_LONGEST_QUESTION = 500


def post_review_mark(page: TeamContext) -> ResponseReturnValue:
    """Put it to the review. Raises Refused without the patient's agreement to the sharing."""
    posted = read_posted(page)
    fields = Fields(posted.values, local_day(page.now))
    note = fields.text("question", _LONGEST_QUESTION)
    fields.check()
    mark_for_review(page.deps.engine, posted.command, page.patient_pathway.pathway_id, note)
    return redirect(page.url("show_case" if page.may("view-review") else "show_home"), _SEE_OTHER)


def post_review_unmark(page: TeamContext) -> ResponseReturnValue:
    """Take it off the list. Raises Refused when it is not on it."""
    posted = read_posted(page)
    unmark_for_review(page.deps.engine, posted.command, page.patient_pathway.pathway_id)
    # Off the list, a case may be out of a psychiatrist's reach.
    return redirect(page.url("show_review"), _SEE_OTHER)
