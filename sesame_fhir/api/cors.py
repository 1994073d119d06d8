"""Which browsers may call: any origin for discovery, registered origins for tokens and data."""

from flask import Request, Response

from sesame_fhir.api.deps import ApiDeps

_EXPOSED = "Allow, Content-Location, ETag, Last-Modified, Location, WWW-Authenticate, X-Correlation-Id, X-Request-Id"
_ALLOWED_HEADERS = (
    "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, "
    "X-Request-Id"
)
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"


def open_to_all(response: Response) -> Response:
    """Let any origin read a discovery document (SMART 2.2)."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def registered(deps: ApiDeps, origin: str) -> bool:
    """True for an origin of this deployment, or one that an active client is registered with."""
    return origin in deps.allowed_origins or (bool(origin) and origin in deps.authorization.origins())


def for_registered(deps: ApiDeps, request: Request, response: Response) -> Response:
    """Let registered origins read the answer; requests without an Origin header cost one look-up."""
    origin = request.environ.get("HTTP_ORIGIN")
    if origin is not None:
        response.vary.add("Origin")
        if registered(deps, origin):
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
    if public or registered(deps, origin):
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD" if public else _METHODS
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = "600"
    return response
