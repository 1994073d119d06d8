"""Several applications on one port: by host (the demo EHR on 127.0.0.1, SÉSAME on localhost), then by path.

Different hosts are different sites for a browser, so the demo's cookies are really cross-site.
"""

from collections.abc import Iterable, Mapping
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class HostDispatcher:
    """WSGI application that chooses by the Host header's name (the port does not matter)."""

    def __init__(self, applications: Mapping[str, WSGIApplication]) -> None:
        self._applications = applications

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the request to its application; an unknown host gets 421 Misdirected Request."""
        name = environ.get("HTTP_HOST", "").partition(":")[0].lower()
        application = self._applications.get(name)
        if application is None:
            body = "Hôte inconnu : ouvrez http://127.0.0.1 ou http://localhost sur ce port.".encode()
            start_response("421 Misdirected Request", [("Content-Type", "text/plain; charset=utf-8")])
            return [body]
        return application(environ, start_response)


class PathDispatcher:
    """WSGI application that chooses by the first part of the path, which stays in the path."""

    def __init__(self, default: WSGIApplication, applications: Mapping[str, WSGIApplication]) -> None:
        self._default = default
        self._applications = applications

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand the request to the application of its first path segment, else to the default one."""
        first = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        return self._applications.get(first, self._default)(environ, start_response)
