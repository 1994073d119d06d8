"""What a signed-in person is shown when a rule, a colleague or a wrong address stands in the way; nothing is lost."""

from http import HTTPStatus

from flask import Blueprint, make_response, request
from flask.typing import ResponseReturnValue

from sesame_fhir.domain.reasons import Refused
from sesame_fhir.services.errors import Conflict, NotFound
from smart_app.errors import AppError
from smart_app.team.addresses import page_of
from smart_app.team.context import TeamContext, current_page
from smart_app.team.errors import TEAM_ERRORS, TeamError, error_answer
from smart_app.team.posted import own_values
from smart_app.team.render import render


def handle_refusals(blueprint: Blueprint) -> None:
    """Answer what the team's views raise."""
    blueprint.register_error_handler(Refused, _refused)
    blueprint.register_error_handler(Conflict, _conflict)
    blueprint.register_error_handler(NotFound, _not_found)
    blueprint.register_error_handler(AppError, _app_error)


def _refused(refused: Refused) -> ResponseReturnValue:
    page = _page()
    page.trace("refused", request.endpoint or "", outcome="refused")
    body = render(page, "team/refused.html", reasons=refused.reasons, back=page_of(request.path), typed=_typed(page))
    return make_response(body, HTTPStatus.UNPROCESSABLE_ENTITY)


def _conflict(conflict: Conflict) -> ResponseReturnValue:
    """What changed meanwhile, beside what was typed: both versions are on the screen."""
    page = _page()
    body = render(page, "team/conflict.html", changes=conflict.changes, back=page_of(request.path), typed=_typed(page))
    return make_response(body, HTTPStatus.CONFLICT)


def _not_found(_missing: NotFound) -> ResponseReturnValue:
    return make_response(render(_page(), "team/not_found.html"), HTTPStatus.NOT_FOUND)


def _app_error(error: AppError) -> ResponseReturnValue:
    code = error.code if error.code in TEAM_ERRORS else "request-invalid"
    return error_answer(code, error.shown if isinstance(error, TeamError) else None)


def _page() -> TeamContext:
    page = current_page()
    if page is None:
        raise RuntimeError("only the views of signed-in people raise this")
    return page


def _typed(page: TeamContext) -> tuple[str, ...]:
    """The sentences of the refused form, to be copied; only those about a pathway, never a credential."""
    if page.pathway is None:
        return ()
    return tuple(text for text in own_values().values() if " " in text.strip())
