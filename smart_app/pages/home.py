"""The address that the launch opens: it leads to the obvious next step and shows nothing itself."""

from flask import redirect
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import State
from smart_app.pages.context import PageContext
from smart_app.pages.pathway import in_pathway
from smart_app.pages.reading import may_refer, referral_advised

_SEE_OTHER = 303

Step = tuple[str, dict[str, str]]
"""An endpoint and its values."""


def show_home(page: PageContext) -> Answer:
    """Go to the next step."""
    endpoint, values = next_step(page)
    return redirect(page.url(endpoint, **values), _SEE_OTHER)


def next_step(page: PageContext) -> Step:
    """The one thing to do now: an open safety flag, the form that the EHR asked for, then the pathway's own step."""
    pathway = page.pathway
    if pathway is not None and pathway.unacknowledged:
        return "show_safety", {"screening_id": pathway.unacknowledged[0].screening_id}
    asked = page.launch.context.get("form")
    if asked is not None and not _answered_since_launch(page, InstrumentId(asked)):
        return "show_form", {"instrument": asked}
    if page.launch.context.get("intent") == "referral" and pathway is not None and may_refer(pathway):
        return "show_eligibility", {}
    return _by_state(page, pathway)


def _answered_since_launch(page: PageContext, instrument: InstrumentId) -> bool:
    last = None if page.pathway is None else page.pathway.last_screening(instrument)
    return last is not None and last.authored >= page.launch.created_at


def _by_state(page: PageContext, pathway: Pathway | None) -> Step:
    if in_pathway(page) is not None and not _moved_in_this_launch(page, pathway):
        return "show_pathway", {}
    if pathway is None or pathway.state is State.NEW:
        return "show_form", {"instrument": InstrumentId.PHQ_2.value}
    if pathway.state is not State.SCREENED:
        return "show_done", {}
    last = pathway.screenings[-1]
    today = page.local(last.authored).date() == page.local(page.now).date()
    if today or referral_advised(page, pathway) is not False:
        return "show_result", {"screening_id": last.screening_id}
    # A negative screen of another day is history: the next step is to ask again.
    return "show_form", {"instrument": InstrumentId.PHQ_2.value}


def _moved_in_this_launch(page: PageContext, pathway: Pathway | None) -> bool:
    """True for a referral sent or ended since the launch opened: what the record has taken is what matters then."""
    if pathway is None or pathway.state not in {State.REFERRED, State.NOT_STARTED}:
        return False
    return pathway.state_since[-1][1] >= page.launch.created_at
