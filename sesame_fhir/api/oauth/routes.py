"""HTTP of the authorization server: /oauth/authorize, token, introspect, revoke, jwks.json."""

from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Blueprint, Request, Response, jsonify, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from sesame_fhir.api.bearer import authenticate
from sesame_fhir.api.cors import for_registered, open_to_all, preflight
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.launches import person
from sesame_fhir.api.oauth import style
from sesame_fhir.api.oauth.authorize import (
    PatientWanted,
    UnsafeRequest,
    check_destination,
    decide,
    patients_of,
    trace,
)
from sesame_fhir.api.oauth.keys import published
from sesame_fhir.api.oauth.picker import CARRIED, html_page, picked, picker_page
from sesame_fhir.api.oauth.server import SmartServer
from sesame_fhir.api.oauth.token_endpoints import introspected
from sesame_fhir.fhir.errors import NotAllowed, NotAuthenticated
from sesame_fhir.services.journal import correlation_id, log_unexpected

REFUSALS = {
    "malformed": "La demande d’ouverture est incomplète.",
    "unknown-client": "Cette application n’est pas enregistrée dans ce logiciel. Prévenir l’administrateur.",
    "unknown-address": "L’adresse de retour de cette application n’est pas enregistrée. Prévenir l’administrateur.",
}
_MAX_LENGTH = 2048


def oauth_blueprint(deps: ApiDeps) -> Blueprint:
    """Routes under ``/oauth``."""
    blueprint = Blueprint("oauth", __name__, url_prefix="/oauth", template_folder="templates", static_folder="static")
    server = SmartServer(deps)

    @blueprint.errorhandler(Exception)
    def fault(raised: Exception) -> Response:
        return _fault(deps, raised)

    @blueprint.route("/authorize", methods=["GET", "POST"])
    def authorize() -> Response:
        return _private(_authorize(deps, server, request))

    @blueprint.post("/token", provide_automatic_options=False)
    def token() -> Response:
        return for_registered(deps, request, _malformed(request) or server.create_token_response(request))

    @blueprint.post("/introspect")
    def introspect() -> Response:
        return _malformed(request) or _introspect(deps, server, request)

    @blueprint.post("/revoke", provide_automatic_options=False)
    def revoke() -> Response:
        answer = _malformed(request) or _made(server.create_endpoint_response("revocation", request))
        return for_registered(deps, request, answer)

    @blueprint.get("/jwks.json")
    def jwks() -> Response:
        response = open_to_all(jsonify(published(deps)))
        response.headers["Cache-Control"] = "public, max-age=300"
        return response

    @blueprint.get(style.PATH)
    def look() -> Response:
        response = open_to_all(jsonify(style.STYLE))
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    @blueprint.route("/token", methods=["OPTIONS"], provide_automatic_options=False)
    @blueprint.route("/revoke", methods=["OPTIONS"], provide_automatic_options=False)
    def options() -> Response:
        return preflight(deps, request)

    return blueprint


def _authorize(deps: ApiDeps, server: SmartServer, asked: Request) -> Response:
    values = asked.form if asked.method == "POST" else asked.args
    try:
        check_destination(deps, values)
    except UnsafeRequest as unsafe:
        page = render_template("oauth/refused.html", text=REFUSALS[unsafe.reason])
        return html_page(deps, page, status=400)
    if values.get("response_type") != "code":
        return _back(values, "unsupported_response_type")
    if any(len(values.getlist(name)) > 1 or _unusable(values[name]) for name in values):
        return _back(values, "invalid_request")
    try:
        return _approve(deps, server, asked, values)
    except OAuth2Error as error:
        return _back(values, error.error, error.description)


def _approve(deps: ApiDeps, server: SmartServer, asked: Request, values: MultiDict[str, str]) -> Response:
    who = person(deps, asked.cookies)
    grant = server.get_consent_grant(asked, who.subject if who else None)
    if who is None:
        return _go(f"{deps.sign_in_url}?{urlencode({'next': _resume(deps, values)})}")
    approval = decide(deps, grant, who, picked(values, who.session, method=asked.method))
    if isinstance(approval, PatientWanted):
        trace(deps, who, values["client_id"], "ok")
        patients = patients_of(deps, who, grant.request.client.client)
        return picker_page(deps, patients, values, who.session, approval.query)
    answer: Response = server.create_authorization_response(grant.request, approval, grant=grant)
    return answer


def _back(values: MultiDict[str, str], error: str, description: str = "") -> Response:
    """Tell the app (its address has been checked) what went wrong; its state goes back untouched."""
    told = {"error": error, "error_description": description, "state": values.get("state", "")}
    query = urlencode({name: value for name, value in told.items() if value})
    separator = "&" if "?" in values["redirect_uri"] else "?"
    return _go(f"{values['redirect_uri']}{separator}{query}")


def _go(url: str) -> Response:
    return Response(status=302, headers={"Location": url})


def _resume(deps: ApiDeps, values: MultiDict[str, str]) -> str:
    """The same request as a link, for after the sign-in."""
    carried = {name: values[name] for name in CARRIED if name in values}
    return f"{deps.oauth_base}/authorize?{urlencode(carried)}"


def _unusable(value: str) -> bool:
    return len(value) > _MAX_LENGTH or not value.isprintable()


def _malformed(asked: Request) -> Response | None:
    """Refuse repeated or unprintable parameters: RFC 6749 forbids the first, nothing needs the second."""
    if all(len(values) == 1 and values[0].isprintable() for values in asked.form.listvalues()):
        return None
    response = jsonify(error="invalid_request")
    response.status_code = 400
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def _introspect(deps: ApiDeps, server: SmartServer, asked: Request) -> Response:
    if asked.headers.get("Authorization", "")[:7].lower() == "bearer ":
        return _introspected(deps, asked)
    return _made(server.create_endpoint_response("introspection", asked))


def _introspected(deps: ApiDeps, asked: Request) -> Response:
    """Introspection with an access token as the proof (SMART 2.2, token-introspection; errors of RFC 6750)."""
    token = asked.form.get("token")
    if not token:
        return _refused("invalid_request", 400)
    try:
        caller = authenticate(deps, asked.headers["Authorization"])
        response = jsonify(introspected(deps, caller, token))
    except NotAuthenticated:
        return _refused("invalid_token", 401)
    except NotAllowed:
        return _refused("insufficient_scope", 403)
    return _private(response)


def _refused(error: str, status: int) -> Response:
    response = jsonify(error=error)
    response.status_code = status
    response.headers["WWW-Authenticate"] = f'Bearer error="{error}"'
    return _private(response)


def _made(response: Response | None) -> Response:
    if response is None:  # only for endpoints that leave the answer to the application: none of ours
        raise RuntimeError("no answer")
    return response


def _fault(deps: ApiDeps, raised: Exception) -> Response:
    """RFC 6749's ``server_error`` with a reference for the log; werkzeug's own refusals keep their status."""
    if isinstance(raised, HTTPException):
        return Response(status=raised.code, headers={"Cache-Control": "no-store"})
    reference = correlation_id(deps.ids.new)
    log_unexpected(raised)
    response = jsonify(error="server_error", error_description=f"reference {reference}")
    response.status_code = 500
    return _private(response)


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
