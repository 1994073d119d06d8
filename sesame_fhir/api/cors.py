"""Which browsers may call: any origin for discovery, registered origins for tokens and data."""

from flask import Request, Response

from sesame_fhir.api.deps import ApiDeps

_EXPOSED = "ETag, Location, Content-Location, Last-Modified, WWW-Authenticate"
_ALLOWED_HEADERS = "Authorization, Content-Type, Accept, If-Match, If-None-Match, If-None-Exist, Prefer"


def open_to_all(response: Response) -> Response:
    """Let any origin read a discovery document (SMART 2.2)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def for_registered(deps: ApiDeps, request: Request, response: Response) -> Response:
    """Let registered origins read the answer; requests without an Origin header cost one look-up."""
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is not None:
        response.vary.add("Origin")
        if origin in deps.allowed_origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    return response


def preflight(deps: ApiDeps, request: Request, *, public: bool = False) -> Response:
    """Answer an OPTIONS request; an origin that is not registered gets no permission."""
    response = Response(status=204)
    origin = request.headers.get("Origin", "")
    if public:
        open_to_all(response)
    else:
        for_registered(deps, request, response)
    if public or origin in deps.allowed_origins:
        response.headers["Access-Control-Allow-Methods"] = "GET" if public else "GET, POST, PUT"
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = "600"
    return response
