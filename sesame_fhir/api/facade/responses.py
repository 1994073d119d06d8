"""From an ``Answer`` to an HTTP response: the one place where headers, formats and compression are decided."""

import gzip
import re
from collections.abc import Iterable

from flask import Request, Response
from werkzeug.http import http_date

from sesame_fhir.api.facade.bundle_writing import etag
from sesame_fhir.api.facade.exchange import Answer, Returned
from sesame_fhir.api.facade.formats import JSON, Format
from sesame_fhir.api.facade.negotiation import Presentation
from sesame_fhir.fhir.outcomes import Issue, operation_outcome
from sesame_fhir.fhir.writer import write_json

COMPRESSED_FROM = 1400
"""Bytes: what fits in one packet gains nothing."""
_LEVEL = 1

_FIXED = (
    # Patient data stays out of every cache, shared or not.
    ("Cache-Control", "no-store"),
    ("Vary", "Accept, Accept-Encoding"),
    ("X-Content-Type-Options", "nosniff"),
)
REQUEST_ID = "X-Request-Id"
CORRELATION_ID = "X-Correlation-Id"
_THEIRS = re.compile(r"[A-Za-z0-9._~-]{1,64}")

Headers = list[tuple[str, str]]


def respond(
    answer: Answer, request_id: str, returned: Returned = "representation", how: Presentation | None = None
) -> Response:
    """The response to an interaction that was not refused."""
    content, status = answer.content, answer.status
    if content is None and returned == "OperationOutcome" and status != 304:  # noqa: PLR2004  304 has no body
        content, status = write_json(operation_outcome(answer.issues)), 200 if status == 204 else status  # noqa: PLR2004
    if content is None:
        headers: Headers = [*_FIXED, (REQUEST_ID, request_id)]
        body = b""
    else:
        body, headers = written(content, request_id, how or Presentation())
    headers += versioned(answer)
    if answer.location is not None:
        headers.append(("Location", answer.location))
        if content is answer.content and content is not None:
            headers.append(("Content-Location", answer.location))
    response = Response(body, status, headers)
    if content is None:
        del response.headers["Content-Type"]
    return response


def written(content: bytes, request_id: str, how: Presentation) -> tuple[bytes, Headers]:
    """Body and headers for FHIR JSON in the format that the client wants.

    Compression tells an eavesdropper something only where a secret and text of an attacker's choice share an answer
    that the attacker can make a browser ask for (BREACH). Answers of the facade hold no secret of a session, and are
    given to a bearer token that no browser sends by itself; pages and tokens, which are otherwise, are not compressed.
    """
    body = how.format.write(content, how.pretty)
    headers = [("Content-Type", how.format.content_type), *_FIXED, (REQUEST_ID, request_id)]
    if how.compressed and len(body) >= COMPRESSED_FROM:
        body = gzip.compress(body, _LEVEL, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    return body, headers


def versioned(answer: Answer) -> Headers:
    """ETag and Last-Modified."""
    headers: Headers = []
    if answer.version is not None:
        headers.append(("ETag", etag(answer.version)))
    if answer.last_modified is not None:
        headers.append(("Last-Modified", http_date(answer.last_modified)))
    return headers


def outcome_response(issues: Iterable[Issue], status: int, request_id: str, how: Format = JSON) -> Response:
    """An OperationOutcome."""
    body, headers = written(write_json(operation_outcome(issues)), request_id, Presentation(how))
    return Response(body, status, headers)


def correlated(request: Request, response: Response) -> Response:
    """Give the client's own request id back beside ours (R4 http.html#custom), when it is one."""
    theirs = request.environ.get("HTTP_X_REQUEST_ID")
    if theirs is not None and _THEIRS.fullmatch(theirs):
        response.headers[CORRELATION_ID] = theirs
    return response
