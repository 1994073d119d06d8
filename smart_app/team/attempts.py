"""A form that a rule or a colleague stands in the way of comes back filled in, with what is wrong above it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as Answer

from sesame_fhir.domain.events import Event
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.reasons import Reason, Refused
from sesame_fhir.services.errors import Conflict
from smart_app.team.about import exists
from smart_app.team.context import TeamContext, begin_page
from smart_app.team.drafts import save_draft
from smart_app.team.posted import own_values

_SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form comes back: ``reasons`` of a rule, or somebody wrote meanwhile (``changed``): the ``changes``."""

    reasons: tuple[Reason, ...] = ()
    changed: bool = False
    changes: tuple[Event, ...] = ()


def attempt(
    page: TeamContext,
    draft: str,
    act: Callable[[], ResponseReturnValue],
    again: Callable[[TeamContext, Trouble], str],
) -> ResponseReturnValue:
    """Do what a form asks; when it cannot be done, keep what was typed as ``draft`` and show the form ``again``."""
    try:
        return act()
    except Refused as refused:
        save_draft(page, draft, own_values())
        page.trace("refused", request.endpoint or "", outcome="refused")
        return make_response(again(page, Trouble(refused.reasons)), HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict as conflict:
        save_draft(page, draft, own_values())
        fresh = replace(page, pathway=page.deps.engine.load(page.patient_pathway.pathway_id))
        body = again(begin_page(fresh), Trouble(changed=True, changes=conflict.changes))
        return make_response(body, HTTPStatus.CONFLICT)


def recorded(page: TeamContext, after: Pathway, endpoint: str = "show_patient", **values: str) -> Answer:
    """Send what is new to the record, then go on: first of all to an answer to item 9 that nobody has taken up yet."""
    page.deps.deliver(after.pathway_id)
    if after.unacknowledged:
        waiting = after.unacknowledged[0].screening_id
        return redirect(page.url("show_safety", screening_id=waiting), _SEE_OTHER)
    return redirect(page.url(endpoint, **values) if exists(endpoint) else page.url("show_home"), _SEE_OTHER)
