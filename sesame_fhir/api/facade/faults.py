"""Every error of the facade leaves through here: one table, one builder, no text of an exception."""

from flask import Request, Response
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from sesame_fhir.api.cors import for_registered
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.responses import outcome_response
from sesame_fhir.fhir.errors import BodyTooLarge, FhirError, explain
from sesame_fhir.services.journal import correlation_id, log_unexpected

_HTTP: dict[type[HTTPException], type[FhirError]] = {RequestEntityTooLarge: BodyTooLarge, BadRequest: FhirError}


def fault_response(deps: ApiDeps, request: Request, fault: Exception) -> Response:
    """The OperationOutcome for whatever was raised; an unexpected exception is logged by type and place only."""
    known = _HTTP.get(type(fault)) if isinstance(fault, HTTPException) else None
    status, issues = explain(known() if known else fault, correlation_id(deps.ids.new))
    if status >= 500 and not isinstance(fault, FhirError):  # noqa: PLR2004  server errors
        log_unexpected(fault)
    response = outcome_response(issues, status)
    if status == 401:  # noqa: PLR2004  RFC 6750
        response.headers["WWW-Authenticate"] = _challenge(request)
    return for_registered(deps, request, response)


def _challenge(request: Request) -> str:
    realm = 'Bearer realm="fhir"'
    return f'{realm}, error="invalid_token"' if request.headers.get("Authorization") else realm
