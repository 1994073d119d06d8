"""HTTP of the facade: addresses under /fhir, each handed to its interaction."""

import orjson
from flask import Blueprint, Flask, Response, request
from flask.sansio.blueprints import BlueprintSetupState

from sesame_fhir.api.cors import for_registered, open_to_all, preflight
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade import reading, searching, writing
from sesame_fhir.api.facade.capability import capability_statement
from sesame_fhir.api.facade.faults import fault_response
from sesame_fhir.api.facade.hot_reads import HotReads
from sesame_fhir.api.facade.interactions import Offered, allowed_methods, types_with
from sesame_fhir.api.facade.negotiation import check_acceptable
from sesame_fhir.api.facade.responses import json_response
from sesame_fhir.api.oauth.discovery import openid_configuration, smart_configuration
from sesame_fhir.fhir.errors import MethodNotAllowed
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.errors import NotFound

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def facade_blueprint(deps: ApiDeps) -> Blueprint:
    """Routes under ``/fhir``. No hooks around requests: a read pays for what it does only."""
    blueprint = Blueprint("fhir", __name__, url_prefix="/fhir")
    _add_discovery(blueprint, deps)
    _add_reads(blueprint, deps)
    _add_writes(blueprint, deps)
    _add_everything_else(blueprint, deps)

    @blueprint.record_once
    def read_before_flask(state: BlueprintSetupState) -> None:
        if not isinstance(state.app, Flask):
            raise TypeError("the facade needs a Flask application")
        before = HotReads(state.app.wsgi_app, deps, state.url_prefix or "")
        state.app.wsgi_app = before  # type: ignore[method-assign]  # the documented place for middleware

    @blueprint.errorhandler(Exception)
    def fault(raised: Exception) -> Response:
        return fault_response(deps, request, raised)

    return blueprint


def _types(interaction: Offered) -> str:
    return f"<any({', '.join(types_with(interaction))}):resource_type>"


def _add_discovery(blueprint: Blueprint, deps: ApiDeps) -> None:
    statement = write_json(capability_statement(deps, deps.clock.now()))

    @blueprint.get("/metadata", provide_automatic_options=False)
    def metadata() -> Response:
        check_acceptable(request)
        return open_to_all(json_response(statement))

    @blueprint.get("/.well-known/smart-configuration", provide_automatic_options=False)
    def smart() -> Response:
        return open_to_all(Response(orjson.dumps(smart_configuration(deps)), content_type="application/json"))

    @blueprint.get("/.well-known/openid-configuration", provide_automatic_options=False)
    def openid() -> Response:
        return open_to_all(Response(orjson.dumps(openid_configuration(deps)), content_type="application/json"))


def _add_reads(blueprint: Blueprint, deps: ApiDeps) -> None:
    @blueprint.get(f"/{_types('read')}/<resource_id>", provide_automatic_options=False)
    def read(resource_type: str, resource_id: str) -> Response:
        return for_registered(deps, request, reading.read(deps, request, resource_type, resource_id))

    @blueprint.get(f"/{_types('history-instance')}/<resource_id>/_history", provide_automatic_options=False)
    def history(resource_type: str, resource_id: str) -> Response:
        return for_registered(deps, request, reading.history(deps, request, resource_type, resource_id))

    @blueprint.get(f"/{_types('vread')}/<resource_id>/_history/<version>", provide_automatic_options=False)
    def vread(resource_type: str, resource_id: str, version: str) -> Response:
        return for_registered(deps, request, reading.vread(deps, request, resource_type, resource_id, version))

    @blueprint.get(f"/{_types('search-type')}", provide_automatic_options=False)
    @blueprint.post(f"/{_types('search-type')}/_search", provide_automatic_options=False)
    def search(resource_type: str) -> Response:
        return for_registered(deps, request, searching.search(deps, request, resource_type))


def _add_writes(blueprint: Blueprint, deps: ApiDeps) -> None:
    @blueprint.post(f"/{_types('create')}", provide_automatic_options=False)
    def create(resource_type: str) -> Response:
        return for_registered(deps, request, writing.create(deps, request, resource_type))

    @blueprint.put(f"/{_types('update')}/<resource_id>", provide_automatic_options=False)
    def update(resource_type: str, resource_id: str) -> Response:
        return for_registered(deps, request, writing.update(deps, request, resource_type, resource_id))


def _add_everything_else(blueprint: Blueprint, deps: ApiDeps) -> None:
    @blueprint.route("", methods=_METHODS, provide_automatic_options=False)
    @blueprint.route("/", methods=_METHODS, provide_automatic_options=False)
    @blueprint.route("/<path:rest>", methods=_METHODS, provide_automatic_options=False)
    def nothing(rest: str = "") -> Response:
        allowed = allowed_methods(rest)
        if request.method == "OPTIONS":
            return preflight(deps, request, public=rest.startswith(("metadata", ".well-known/")))
        if not allowed:
            raise NotFound
        response = fault_response(deps, request, MethodNotAllowed())
        response.headers["Allow"] = ", ".join(allowed)
        return response
