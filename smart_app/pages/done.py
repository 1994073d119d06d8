"""Where the patient stands, in one sentence, and what the record now holds of it."""

from datetime import datetime

from mappings.summary import plain_text, summary_of
from sesame_fhir.domain.events import ReferralDeclined, WithdrawReason
from sesame_fhir.domain.instruments import INSTRUMENTS
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.transitions import State
from sesame_fhir.services.delivery import Written, WrittenLine, what_was_written
from smart_app.pages.context import PageContext
from smart_app.pages.pathway import in_pathway
from smart_app.pages.reading import LONG_FORMS, may_refer
from smart_app.pages.render import render

WAITING = frozenset({Written.WAITING, Written.WAITING_FOR_LAUNCH, Written.UPDATE_WAITING})


def show_done(page: PageContext) -> str:
    """State, resources written or waiting, text to paste when the record takes nothing."""
    pathway = page.pathway
    lines = () if pathway is None else tuple(what_was_written(page.deps.outbox.of_pathway(pathway.pathway_id)))
    return render(
        page,
        "app/done.html",
        state=State.NEW if pathway is None else pathway.state,
        since=_since(pathway),
        lines=lines,
        titles=_titles(pathway),
        waiting=any(line.written in WAITING for line in lines),
        paste=_text_to_paste(page, pathway, lines),
        may_refer=pathway is not None and may_refer(pathway) and bool(pathway.screenings),
        forms=tuple(INSTRUMENTS[name] for name in LONG_FORMS),
        withdraw_reasons=list(WithdrawReason),
        decline_reason=_decline_reason(page, pathway),
        followed=in_pathway(page) is not None,
    )


def _decline_reason(page: PageContext, pathway: Pathway | None) -> str | None:
    """Why the patient was not referred, when that is how things stand."""
    if pathway is None or pathway.state is not State.NOT_REFERRED:
        return None
    told = (e.data for e in page.deps.engine.pathways.history(pathway.pathway_id))
    return next((d.reason.value for d in reversed(tuple(told)) if isinstance(d, ReferralDeclined)), None)


def _since(pathway: Pathway | None) -> datetime | None:
    """When the state began; for a screening, when the latest answers were given."""
    if pathway is None or not pathway.state_since:
        return None
    return pathway.screenings[-1].authored if pathway.state is State.SCREENED else pathway.state_since[-1][1]


def _titles(pathway: Pathway | None) -> dict[str, str]:
    """Which questionnaire a published resource is about: its id is the screening's."""
    screenings = () if pathway is None else pathway.screenings
    return {screening.screening_id: INSTRUMENTS[screening.instrument].title for screening in screenings}


def _text_to_paste(page: PageContext, pathway: Pathway | None, lines: tuple[WrittenLine, ...]) -> str | None:
    refused = any(line.written is Written.TO_PASTE for line in lines)
    if pathway is None or pathway.traits is None or not (page.read_only or refused):
        return None
    return plain_text(summary_of(pathway, page.actor, page.now, policy=page.deps.engine.policy))
