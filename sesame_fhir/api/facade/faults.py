"""Every error of the facade leaves through here: one table, one builder, no text of an exception."""

from flask import Request, Response
from werkzeug import exceptions as http

from sesame_fhir.api.cors import for_registered
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.formats import JSON
from sesame_fhir.api.facade.negotiation import presentation
from sesame_fhir.api.facade.responses import correlated, outcome_response
from sesame_fhir.fhir.errors import BodyTooLarge, FhirError, MethodNotAllowed, NotAcceptable, explain
from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.journal import correlation_id, log_unexpected

_HTTP: dict[type[Exception], type[Exception]] = {
    http.RequestEntityTooLarge: BodyTooLarge,
    http.BadRequest: FhirError,
    http.NotFound: NotFound,
    http.MethodNotAllowed: MethodNotAllowed,
}


def fault_response(deps: ApiDeps, request: Request, fault: Exception, allowed: tuple[str, ...]) -> Response:
    """The OperationOutcome for whatever was raised; an unexpected exception is logged by type and place only.

    ``allowed`` are the methods of the address.
    """
    known = next((_HTTP[kind] for kind in type(fault).__mro__ if kind in _HTTP), None)
    request_id = correlation_id(deps.ids.new)
    status, issues = explain(known() if known else fault, request_id)
    if status >= 500 and not isinstance(fault, FhirError):  # noqa: PLR2004  server errors
        log_unexpected(fault)
    try:
        wanted = presentation(request).format
    except NotAcceptable:
        wanted = JSON
    response = outcome_response(issues, status, request_id, wanted)
    if status == 401:  # noqa: PLR2004  RFC 6750
        response.headers["WWW-Authenticate"] = _challenge(request)
    if status == 405:  # noqa: PLR2004  RFC 9110
        response.headers["Allow"] = ", ".join(allowed)
    return for_registered(deps, request, correlated(request, response))


def _challenge(request: Request) -> str:
    realm = 'Bearer realm="fhir"'
    return f'{realm}, error="invalid_token"' if request.headers.get("Authorization") else realm
