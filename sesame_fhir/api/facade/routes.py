"""HTTP of the facade: an address under /fhir becomes an ``Ask``, its ``Answer`` a response; nothing is decided here."""

from functools import cache
from http import HTTPStatus
from typing import cast

import orjson
from flask import Blueprint, Flask, Response, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from sesame_fhir.api.cors import for_registered, open_to_all, preflight
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.addresses import allowed_methods, asked
from sesame_fhir.api.facade.capability import capability_statement
from sesame_fhir.api.facade.exchange import Answer, Method
from sesame_fhir.api.facade.faults import fault_response
from sesame_fhir.api.facade.hot_reads import HotReads
from sesame_fhir.api.facade.negotiation import presentation
from sesame_fhir.api.facade.openapi import openapi, software_version
from sesame_fhir.api.facade.performing import perform
from sesame_fhir.api.facade.requests import ask_of
from sesame_fhir.api.facade.responses import correlated, respond
from sesame_fhir.api.limits import enter
from sesame_fhir.api.oauth.discovery import openid_configuration, smart_configuration
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.journal import correlation_id

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_SHAPES = (
    "/<resource_type>",
    "/<resource_type>/_search",
    "/<resource_type>/_history",
    "/<resource_type>/<resource_id>",
    "/<resource_type>/<resource_id>/_history",
    "/<resource_type>/<resource_id>/_history/<version>",
    "/<path:rest>",
)
"""The log names a request by the one that it has; what an address means is in ``addresses``."""


def facade_blueprint(deps: ApiDeps) -> Blueprint:
    """Routes under ``/fhir``. No hooks around requests: a read pays for what it does only."""
    blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")
    _add_discovery(blueprint, deps)
    _add_interactions(blueprint, deps)

    @blueprint.record_once
    def read_before_flask(state: BlueprintSetupState) -> None:
        if not isinstance(state.app, Flask):
            raise TypeError("the facade needs a Flask application")
        before = HotReads(state.app.wsgi_app, deps, state.url_prefix or "")
        state.app.wsgi_app = before  # type: ignore[method-assign]  # the documented place for middleware

    @blueprint.errorhandler(Exception)
    def fault(raised: Exception) -> Response:
        return fault_response(deps, request, raised, allowed_methods(_path()))

    @blueprint.app_errorhandler(HTTPException)
    def unrouted(raised: HTTPException) -> Response | HTTPException:
        """What no route takes below our address (PROPFIND, a line break, no host) reaches no handler of a blueprint."""
        ours = f"{request.path}/".startswith(f"{blueprint.url_prefix}/")
        return fault(raised) if ours and raised.code and raised.code >= HTTPStatus.BAD_REQUEST else raised

    return blueprint


def _add_discovery(blueprint: Blueprint, deps: ApiDeps) -> None:
    statement = Answer(200, write_json(capability_statement(deps, deps.clock.now())))

    @blueprint.get("/metadata", provide_automatic_options=False)
    def metadata() -> Response:
        return open_to_all(respond(statement, correlation_id(deps.ids.new), how=presentation(request)))

    described = _description(deps.base_url, deps.oauth_base)

    @blueprint.get("/openapi.json", provide_automatic_options=False)
    def description() -> Response:
        return open_to_all(Response(described, content_type="application/json"))

    @blueprint.get("/.well-known/smart-configuration", provide_automatic_options=False)
    def smart() -> Response:
        return open_to_all(Response(orjson.dumps(smart_configuration(deps)), content_type="application/json"))

    @blueprint.get("/.well-known/openid-configuration", provide_automatic_options=False)
    def openid() -> Response:
        return open_to_all(Response(orjson.dumps(openid_configuration(deps)), content_type="application/json"))


@cache
def _description(base_url: str, oauth_base: str) -> bytes:
    """The OpenAPI file: long to make, and the same for every facade at these addresses."""
    return orjson.dumps(openapi(base_url, oauth_base, software_version()))


def _add_interactions(blueprint: Blueprint, deps: ApiDeps) -> None:
    def interact(**_steps: str) -> Response:
        path = _path()
        if request.method == "OPTIONS":
            return preflight(deps, request, public=path[:1] in (("metadata",), ("openapi.json",), (".well-known",)))
        interaction = asked(cast("Method", request.method), path)
        within, caller = enter(deps, request.environ.get("HTTP_AUTHORIZATION"))
        how = presentation(request)
        ask = ask_of(request, path, interaction)
        answer = perform(within, caller, ask)
        response = respond(answer, correlation_id(deps.ids.new), ask.returned, how)
        return for_registered(deps, request, correlated(request, response))

    for shape in ("", "/", *_SHAPES):
        blueprint.add_url_rule(shape, "interact", interact, methods=_METHODS, provide_automatic_options=False)


def _path() -> tuple[str, ...]:
    """The steps of the address below the base URL; a slash at the end is an empty step."""
    below = request.path.split("/")[2:]
    return tuple(below) if any(below) else ()
