"""Small public JSON documents of an EHR (discovery, keys, style): fetched without any token."""

from http import HTTPStatus

from sesame_fhir.fhir.errors import UnreadableBody
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from smart_app.ehr.transport import Call, Fault, TransportError, open_session, send

_MAX_BYTES = 256 * 1024


def fetch_json(url: str, timeout: float) -> Json:
    """GET a JSON object. Raises TransportError: timeout, unreachable, too-large, or not-json for anything else."""
    with open_session() as session:
        call = Call("GET", url, headers={"Accept": "application/json"})
        reply = send(session, call, timeout=timeout, max_bytes=_MAX_BYTES)
    if reply.status != HTTPStatus.OK:
        later = reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status == HTTPStatus.TOO_MANY_REQUESTS
        raise TransportError(Fault.UNREACHABLE if later else Fault.NOT_JSON)
    try:
        return read_json(reply.content, max_bytes=_MAX_BYTES)
    except UnreadableBody:
        raise TransportError(Fault.NOT_JSON) from None
