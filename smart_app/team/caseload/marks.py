"""Putting a case to the next review, and taking it off: a button of the list, of the patient's page or of the case."""

from dataclasses import replace
from urllib.parse import parse_qsl

from flask import redirect
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.calendar import local_day
from sesame_fhir.services.engine import Command
from sesame_fhir.services.review import mark_for_review, unmark_for_review
from smart_app.team.caseload.asked import parse
from smart_app.team.context import TeamContext
from smart_app.team.fields import Fields
from smart_app.team.posted import Posted, read_posted

ON_PATIENT = "patient"
"""Value of the field ``back`` on the patient's page; on the list it repeats the list's parameters."""

_BACK = {ON_PATIENT: "show_patient", "case": "show_case", "review": "show_review"}
_SEE_OTHER = 303
_LONGEST_QUESTION = 500


def post_mark(page: TeamContext) -> ResponseReturnValue:
    """Put the case to the next review, with or without a question. Raises Refused without agreement to the sharing."""
    posted = read_posted(page)
    fields = Fields(posted.values, local_day(page.now))
    question = fields.text("question", _LONGEST_QUESTION)
    fields.check()
    mark_for_review(page.deps.engine, _command(posted), page.patient_pathway.pathway_id, question)
    return _back(page, posted)


def post_unmark(page: TeamContext) -> ResponseReturnValue:
    """Take the case off the list of the next review. Raises Refused when it is not on it."""
    posted = read_posted(page)
    unmark_for_review(page.deps.engine, _command(posted), page.patient_pathway.pathway_id)
    return _back(page, posted)


def _command(posted: Posted) -> Command:
    """Of any version: a row of the list knows none, and a mark is in nobody's way."""
    return replace(posted.command, expected_version=None)


def _back(page: TeamContext, posted: Posted) -> ResponseReturnValue:
    """To where the button was, on the same row."""
    asked = posted.values.get("back", "")
    if asked in _BACK:
        return redirect(page.url(_BACK[asked]), _SEE_OTHER)
    values = dict(parse_qsl(asked))
    cursor = {"cursor": values["cursor"]} if "cursor" in values else {}
    anchor = f"p-{page.patient_pathway.pathway_id}"
    return redirect(page.url("show_caseload", anchor=anchor, **parse(values).parameters(), **cursor), _SEE_OTHER)
