"""The ordinary read, answered before Flask: measured, the framework costs more than the two SELECTs of the read.

Only one case is taken: GET of one resource, no query, no condition, no Origin, a token that allows it. Everything else,
every error included, goes on to the Flask routes, which decide alone what to answer; so there is one set of rules.
"""

import re
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sesame_fhir.api.bearer import authenticate
from sesame_fhir.api.compartment import allows
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.facade.auditing import audit
from sesame_fhir.api.facade.exchange import Answer
from sesame_fhir.api.facade.formats import JSON, accepted_format
from sesame_fhir.api.facade.interactions import types_with
from sesame_fhir.api.facade.negotiation import Presentation, accepts_gzip
from sesame_fhir.api.facade.responses import versioned, written
from sesame_fhir.api.limits import at_sites
from sesame_fhir.fhir.schema.primitives import RESOURCE_ID
from sesame_fhir.services.records import StoredResource

_SPECIAL = ("HTTP_ORIGIN", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE", "HTTP_X_REQUEST_ID")


class HotReads:
    """WSGI middleware around the application that holds the facade's routes."""

    def __init__(self, application: WSGIApplication, deps: ApiDeps, prefix: str) -> None:
        self._application = application
        self._deps = deps
        self._address = re.compile(f"{prefix}/({'|'.join(types_with('read'))})/({RESOURCE_ID})")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer an ordinary read; hand over anything else."""
        found = self._find(environ)
        if found is None or found.body is None:
            return self._application(environ, start_response)
        how = Presentation(compressed=accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")))
        body, headers = written(found.body, self._deps.ids.new(), how)
        headers += versioned(Answer(200, version=found.version, last_modified=found.last_updated))
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    def _find(self, environ: WSGIEnvironment) -> StoredResource | None:
        if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return None
        address = self._address.fullmatch(environ.get("PATH_INFO", ""))
        if address is None or any(name in environ for name in _SPECIAL):
            return None
        if accepted_format(environ.get("HTTP_ACCEPT", "")) is not JSON:
            return None
        try:
            return self._allowed(environ.get("HTTP_AUTHORIZATION"), address[1], address[2])
        except Exception:  # noqa: BLE001  whatever it is, the Flask route meets it again and answers for it
            return None

    def _allowed(self, authorization: str | None, resource_type: str, resource_id: str) -> StoredResource | None:
        caller = authenticate(self._deps, authorization)
        if caller.member is not None:  # what the team's people reach is a question to the store
            return None
        access = caller.access(resource_type, "r")
        stored = self._deps.resources.read(resource_type, resource_id)
        if stored is None or stored.body is None or not at_sites(caller, stored):
            return None
        if not allows(access, resource_type, resource_id, stored.body, caller.patient):
            return None
        audit(self._deps, caller, "read", resource_type, resource_id)
        return stored
