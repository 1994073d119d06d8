"""Pages of the questionnaires: fill in, keep a draft, send, correct."""

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.ids import ScreeningId
from sesame_fhir.domain.instruments import INSTRUMENTS, Instrument
from sesame_fhir.domain.pathway import Pathway, Screening
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.screening import RecordScreening, correct_screening, record_screening
from smart_app.pages.answers import FIELD_PREFIX, form_view, instrument_named, missing_items, valid_answers
from smart_app.pages.context import PageContext
from smart_app.pages.drafts import becoming_events, keep_draft, load_draft, save_draft
from smart_app.pages.posted import read_posted
from smart_app.pages.render import render

_SEE_OTHER = 303
_INCOMPLETE = "incomplete"
CORRECTION = "correct:{screening_id}"
"""Name of a correction's draft."""


def show_form(page: PageContext, instrument: str) -> str:
    """The questionnaire, with the draft if there is one."""
    chosen = instrument_named(instrument)
    view = form_view(page, chosen, load_draft(page, chosen.id), show_missing=_INCOMPLETE in request.args)
    return render(
        page,
        "app/form.html",
        view=view,
        today=_of_today(page, chosen),
        here=page.url("post_form", instrument=chosen.id),
        draft_url=page.url("post_draft", instrument=chosen.id),
    )


def post_form(page: PageContext, instrument: str) -> Answer:
    """Record the answers, or come back to the form with what is missing; nothing typed is lost either way."""
    chosen = instrument_named(instrument)
    posted = read_posted(page)
    answers = valid_answers(chosen, posted.values)
    if missing_items(chosen, answers):
        save_draft(page, chosen.id, posted.values)
        back = page.url("show_form", instrument=chosen.id, incomplete="1", anchor="missing")
        return redirect(back, _SEE_OTHER)
    screening = RecordScreening(ScreeningId(page.deps.ids.new()), chosen.id, answers)
    with becoming_events(page, posted, chosen.id) as command:
        pathway = record_screening(page.deps.engine, command, page.patient, screening)
    recorded = pathway.last_screening(chosen.id)
    if recorded is None:
        raise NotFound(chosen.id)
    return _after(page, pathway, recorded)


def post_draft(page: PageContext, instrument: str) -> Response:
    """Keep what has been tapped so far (called by the script)."""
    chosen = instrument_named(instrument)
    return keep_draft(page, chosen.id)


def show_correction(page: PageContext, screening_id: str) -> str:
    """The questionnaire filled with the recorded answers."""
    screening = screening_of(page, screening_id)
    instrument = INSTRUMENTS[screening.instrument]
    recorded = {FIELD_PREFIX + link_id: code for link_id, code in screening.answers.items()}
    draft = load_draft(page, _correction(screening_id))
    view = form_view(page, instrument, draft or recorded, show_missing=_INCOMPLETE in request.args)
    return render(
        page,
        "app/form.html",
        view=view,
        correcting=screening,
        restored=bool(draft),
        here=page.url("post_correction", screening_id=screening_id),
        draft_url=page.url("post_correction_draft", screening_id=screening_id),
    )


def post_correction(page: PageContext, screening_id: str) -> Answer:
    """Replace the answers of a recorded screening."""
    posted = read_posted(page)
    screening = screening_of(page, screening_id)
    instrument = INSTRUMENTS[screening.instrument]
    answers = valid_answers(instrument, posted.values)
    if missing_items(instrument, answers):
        save_draft(page, _correction(screening_id), posted.values)
        back = page.url("show_correction", screening_id=screening_id, incomplete="1", anchor="missing")
        return redirect(back, _SEE_OTHER)
    if page.pathway is None:
        raise NotFound(screening_id)
    corrected = RecordScreening(screening.screening_id, instrument.id, answers)
    with becoming_events(page, posted, _correction(screening_id)) as command:
        pathway = correct_screening(page.deps.engine, command, page.pathway.pathway_id, corrected)
    return _after(page, pathway, pathway.screening(screening.screening_id) or screening)


def post_correction_draft(page: PageContext, screening_id: str) -> Response:
    """Keep a correction being made (called by the script)."""
    screening_of(page, screening_id)
    return keep_draft(page, _correction(screening_id))


def screening_of(page: PageContext, screening_id: str) -> Screening:
    """A screening of this patient's pathway. Raises NotFound for any other id."""
    found = None if page.pathway is None else page.pathway.screening(ScreeningId(screening_id))
    if found is None:
        raise NotFound(screening_id)
    return found


def _after(page: PageContext, pathway: Pathway, screening: Screening) -> Answer:
    page.deps.deliver(pathway.pathway_id)
    endpoint = "show_safety" if screening.needs_acknowledgement else "show_result"
    return redirect(page.url(endpoint, screening_id=screening.screening_id), _SEE_OTHER)


def _correction(screening_id: str) -> str:
    return CORRECTION.format(screening_id=screening_id)


def _of_today(page: PageContext, instrument: Instrument) -> Screening | None:
    last = None if page.pathway is None else page.pathway.last_screening(instrument.id)
    if last is None or page.local(last.authored).date() != page.local(page.now).date():
        return None
    return last
