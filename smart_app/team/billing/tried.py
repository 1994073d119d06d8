"""A form of billing that a rule stands in the way of comes back as it was typed; these forms are about no pathway."""

from collections.abc import Callable
from http import HTTPStatus

from flask import make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from sesame_fhir.domain.reasons import Refused
from smart_app.team.attempts import Trouble
from smart_app.team.context import TeamContext
from smart_app.team.drafts import save_draft
from smart_app.team.posted import own_values


def tried(
    page: TeamContext, draft: str, act: Callable[[], ResponseReturnValue], again: Callable[[Trouble], str]
) -> ResponseReturnValue:
    """Do what a form asks, and forget its draft; refused, keep what was typed and show the form ``again``."""
    try:
        done = act()
    except Refused as refused:
        save_draft(page, draft, own_values())
        page.trace("refused", request.endpoint or "", outcome="refused")
        return make_response(again(Trouble(refused.reasons)), HTTPStatus.UNPROCESSABLE_ENTITY)
    save_draft(page, draft, MultiDict())
    return done
