"""What the client sends and accepts, and what it prefers, read from a request's headers (R4 http.html)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Request
from werkzeug.http import parse_date, parse_options_header

from sesame_fhir.api.facade.exchange import Conditions, Returned
from sesame_fhir.api.facade.formats import JSON, Format, accepted_format, asked_format, called
from sesame_fhir.fhir.errors import InvalidResource, NotAcceptable, UnsupportedMedia
from sesame_fhir.fhir.outcomes import IssueType, error

FORM = "application/x-www-form-urlencoded"
JSON_PATCH = "application/json-patch+json"
RETURNED: frozenset[Returned] = frozenset({"minimal", "representation", "OperationOutcome"})

_UTF8 = frozenset({"utf-8", "utf8"})
_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')
_QUOTED = re.compile(r'"([^"]*)"')
_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(0(?:\.\d*)?|1(?:\.0*)?)\s*)?(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Presentation:
    """How an answer is written."""

    format: Format = JSON
    pretty: bool = False
    compressed: bool = False


def presentation(request: Request) -> Presentation:
    """What the client wants to get. ``_format`` wins over Accept.

    Raises:
        NotAcceptable: neither names a format of ours.
    """
    environ = request.environ
    asked, pretty = None, False
    if environ.get("QUERY_STRING"):
        asked, pretty = request.args.get("_format"), request.args.get("_pretty") == "true"
    accept = environ.get("HTTP_ACCEPT", "")
    found = accepted_format(accept) if asked is None else asked_format(asked)
    if found is None:
        raise NotAcceptable
    return Presentation(found, pretty, accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")))


def accepts_gzip(accepted: str) -> bool:
    """True when an Accept-Encoding header allows gzip."""
    found = _GZIP.search(accepted) if accepted else None
    return found is not None and (found[1] is None or float(found[1]) > 0)


def body_format(request: Request) -> Format:
    """The format of the body.

    Raises:
        UnsupportedMedia: the Content-Type is missing or another one, or its charset is not UTF-8.
    """
    name, options = _content_type(request)
    found = called(name, options.get("fhirversion", ""))
    if found is None:
        raise UnsupportedMedia
    return found


def check_body_type(request: Request, wanted: str) -> None:
    """Refuse a body of another media type.

    Raises:
        UnsupportedMedia: the Content-Type is missing or another one, or its charset is not UTF-8.
    """
    if _content_type(request)[0] != wanted:
        raise UnsupportedMedia(error(IssueType.NOT_SUPPORTED, f"Envoyer {wanted}."))


def _content_type(request: Request) -> tuple[str, dict[str, str]]:
    name, options = parse_options_header(request.environ.get("CONTENT_TYPE", ""))
    if options.get("charset", "utf-8").lower() not in _UTF8:
        raise UnsupportedMedia
    return name, options


def preferred_return(request: Request) -> Returned:
    """``minimal``, ``representation`` or ``OperationOutcome``; the default is what R4 advises: the resource."""
    wanted = _preference(request, "return")
    return wanted if wanted in RETURNED else "representation"


def strict_handling(request: Request) -> bool:
    """True for ``Prefer: handling=strict``."""
    return _preference(request, "handling") == "strict"


def _preference(request: Request, name: str) -> str | None:
    for part in re.split(r"[,;]", request.environ.get("HTTP_PREFER", "")):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value.strip('"')
    return None


def header_conditions(request: Request) -> Conditions:
    """The conditional headers of a request.

    Raises:
        InvalidResource: If-Match is not one of our ETags.
    """
    environ = request.environ
    return conditions(
        environ.get("HTTP_IF_MATCH"),
        environ.get("HTTP_IF_NONE_MATCH"),
        parse_date(environ.get("HTTP_IF_MODIFIED_SINCE")),
        environ.get("HTTP_IF_NONE_EXIST"),
    )


def conditions(
    if_match: str | None, if_none_match: str | None, if_modified_since: datetime | None, if_none_exist: str | None
) -> Conditions:
    """Conditions from their texts, of headers or of an entry's ``request``.

    Raises:
        InvalidResource: If-Match is not one of our ETags.
    """
    known = frozenset(_known_versions(if_none_match or ""))
    return Conditions(wanted_version(if_match), known, if_modified_since, if_none_exist)


def _known_versions(header: str) -> Iterable[str]:
    return ("*",) if header.strip() == "*" else _QUOTED.findall(header)


def wanted_version(header: str | None) -> int | None:
    """The version in If-Match, None without the header.

    Raises:
        InvalidResource: the header is not one of our ETags.
    """
    if header is None:
        return None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise InvalidResource(error(IssueType.VALUE, 'If-Match attend un ETag de cette ressource : W/"version".'))
    return int(found[1])
