"""What the client sends and accepts: FHIR JSON, and nothing else; and what it prefers (R4 http.html)."""

import re
from functools import lru_cache

from flask import Request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from sesame_fhir.fhir.errors import InvalidResource, NotAcceptable, UnsupportedMedia
from sesame_fhir.fhir.outcomes import IssueType, error

FHIR_JSON = "application/fhir+json"
FORM = "application/x-www-form-urlencoded"
_ASKED_FORMATS = frozenset({"json", "application/json", "text/json", FHIR_JSON})
_SERVED = (FHIR_JSON, "application/json", "text/json")
_R4 = frozenset({"", "4.0"})
_ETAG = re.compile(r'(?:W/)?"([1-9][0-9]{0,8})"')


def check_acceptable(request: Request) -> None:
    """Refuse a client that wants another format. ``_format`` wins over Accept.

    Raises:
        NotAcceptable: neither names JSON.
    """
    environ = request.environ
    if environ.get("QUERY_STRING"):
        asked = request.args.get("_format")
        if asked is not None:
            if asked.partition(";")[0].strip() not in _ASKED_FORMATS:
                raise NotAcceptable
            return
    if not accepts_json(environ.get("HTTP_ACCEPT", "")):
        raise NotAcceptable


@lru_cache(maxsize=256)
def accepts_json(accept: str) -> bool:
    """True when an Accept header allows FHIR JSON of R4; an empty one allows everything."""
    if not accept.strip():
        return True
    offered = parse_accept_header(accept, MIMEAccept)
    for value, quality in offered:
        name, options = parse_options_header(value)
        if quality > 0 and options.get("fhirversion", "") in _R4 and _matches(name):
            return True
    return False


def _matches(name: str) -> bool:
    return name in ("*/*", "application/*", *_SERVED)


def check_body_type(request: Request, wanted: str = FHIR_JSON) -> None:
    """Refuse a body of another media type.

    Raises:
        UnsupportedMedia: the Content-Type is missing or another one, or its charset is not UTF-8.
    """
    name, options = parse_options_header(request.environ.get("CONTENT_TYPE", ""))
    version, charset = options.get("fhirversion", ""), options.get("charset", "utf-8")
    if name != wanted or version not in _R4 or charset.lower() not in ("utf-8", "utf8"):
        raise UnsupportedMedia


def preferred_return(request: Request) -> str:
    """``minimal``, ``representation`` or ``OperationOutcome``; the default is what R4 advises: the resource."""
    return _preference(request, "return") or "representation"


def strict_handling(request: Request) -> bool:
    """True for ``Prefer: handling=strict``."""
    return _preference(request, "handling") == "strict"


def _preference(request: Request, name: str) -> str | None:
    for part in re.split(r"[,;]", request.headers.get("Prefer", "")):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value.strip('"')
    return None


def wanted_version(request: Request) -> int | None:
    """The version in If-Match, None without the header.

    Raises:
        InvalidResource: the header is not one of our ETags.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise InvalidResource(error(IssueType.VALUE, 'If-Match attend un ETag de cette ressource : W/"version".'))
    return int(found[1])
