"""Everything below ``/app/team``: one table of routes, collected from the feature modules."""

from itertools import chain

from flask import Blueprint, Response, request

from smart_app.pages.languages import keep_language
from smart_app.security import allow_framing
from smart_app.team import (
    accounts,
    advice,
    agenda,
    apps,
    billing,
    caseload,
    clients,
    course,
    enrolment,
    glass,
    handouts,
    home,
    indicators,
    messages,
    nursing,
    oidc,
    patient,
    review,
    sign_in,
)
from smart_app.team.addresses import TEAM_ROOT
from smart_app.team.errors import TeamError
from smart_app.team.refusals import handle_refusals
from smart_app.team.routing import OpenRoute, TeamRoute, guarded

# A feature module adds itself here and in ROUTES, and nowhere else.
ROUTES: tuple[TeamRoute, ...] = (
    *home.ROUTES,
    *glass.ROUTES,
    *accounts.ROUTES,
    *clients.ROUTES,
    *caseload.ROUTES,
    *patient.ROUTES,
    *apps.ROUTES,
    *agenda.ROUTES,
    *handouts.ROUTES,
    *review.ROUTES,
    *advice.ROUTES,
    *messages.ROUTES,
    *course.ROUTES,
    *indicators.ROUTES,
    *nursing.ROUTES,
    *billing.ROUTES,
)
"""Every page for somebody signed in."""

OPEN_ROUTES: tuple[OpenRoute, ...] = (
    *sign_in.OPEN_ROUTES,
    *enrolment.OPEN_ROUTES,
    *oidc.OPEN_ROUTES,
    *agenda.OPEN_ROUTES,
)
"""Pages for people who are not signed in yet."""


def create_team() -> Blueprint:
    """Blueprint of the team's pages; the application it is registered on has ``bind_deps``."""
    blueprint = Blueprint("team", __name__, url_prefix=TEAM_ROOT)
    for route in ROUTES:
        blueprint.add_url_rule(route.path, route.view.__name__, guarded(route), methods=[route.method])
    for method, path, view in OPEN_ROUTES:
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    handle_refusals(blueprint)
    blueprint.before_request(_at_the_door)
    blueprint.after_request(_remember_language)
    return blueprint


def _at_the_door() -> None:
    """Nobody frames these pages, error pages included; a null character, which no database keeps, is refused.

    Raises:
        TeamError: request-invalid.
    """
    allow_framing(())
    given = chain.from_iterable((name, *texts) for name, texts in chain(request.args.lists(), request.form.lists()))
    if any("\x00" in text for text in (request.path, *given)):
        raise TeamError("request-invalid")


def _remember_language(response: Response) -> Response:
    keep_language(response, TEAM_ROOT)
    return response
