"""How answers are written: stored bytes as they are, bundles by joining them; no resource is parsed on the way out."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

import orjson
from flask import Response
from werkzeug.http import http_date

from sesame_fhir.api.facade.negotiation import FHIR_JSON
from sesame_fhir.fhir.outcomes import Issue, operation_outcome
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.records import StoredResource

CONTENT_TYPE = f"{FHIR_JSON}; charset=utf-8"
HEADERS = (
    ("Content-Type", CONTENT_TYPE),
    # Patient data stays out of every cache, shared or not.
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
)
"""On every answer with a body."""


def etag(stored: StoredResource) -> str:
    """Weak ETag of one version."""
    return f'W/"{stored.version}"'


def resource_response(stored: StoredResource, body: bytes, status: int = 200) -> Response:
    """One version, as stored."""
    headers = [*HEADERS, ("ETag", etag(stored)), ("Last-Modified", http_date(stored.last_updated))]
    return Response(body, status, headers)


def not_modified(stored: StoredResource) -> Response:
    """304 for a client that has this version."""
    return Response(status=304, headers=[("ETag", etag(stored)), ("Cache-Control", "no-store")])


def json_response(body: bytes, status: int = 200) -> Response:
    """Other FHIR JSON."""
    return Response(body, status, list(HEADERS))


def outcome_response(issues: Iterable[Issue], status: int = 200) -> Response:
    """An OperationOutcome."""
    return json_response(write_json(operation_outcome(issues)), status)


def bundle(kind: str, total: int, links: Sequence[tuple[str, str]], entries: Sequence[bytes]) -> bytes:
    """A Bundle around entries that are JSON already; R4 forbids an empty ``entry``."""
    head: dict[str, Any] = {"resourceType": "Bundle", "type": kind, "total": total}
    if links:
        head["link"] = [{"relation": relation, "url": url} for relation, url in links]
    opened = orjson.dumps(head)[:-1]
    return b"".join((opened, b',"entry":[', b",".join(entries), b"]}")) if entries else opened + b"}"


def search_entry(full_url: str, resource: bytes, mode: str = "match") -> bytes:
    """One entry of a searchset."""
    return b"".join(
        (
            b'{"fullUrl":',
            orjson.dumps(full_url),
            b',"resource":',
            resource,
            b',"search":{"mode":"',
            mode.encode(),
            b'"}}',
        )
    )


def outcome_entry(issues: Iterable[Issue]) -> bytes:
    """The entry that tells what was ignored."""
    return b'{"resource":' + write_json(operation_outcome(issues)) + b',"search":{"mode":"outcome"}}'


def history_entry(base_url: str, stored: StoredResource) -> bytes:
    """One entry of an instance's history."""
    address = f"{stored.resource_type}/{stored.resource_id}"
    method = "DELETE" if stored.deleted else "POST" if stored.version == 1 else "PUT"
    entry: dict[str, Any] = {
        "fullUrl": f"{base_url}/{address}",
        "request": {"method": method, "url": stored.resource_type if method == "POST" else address},
        "response": {
            "status": {"DELETE": "204", "POST": "201"}.get(method, "200"),
            "etag": etag(stored),
            "lastModified": stored.last_updated.astimezone(UTC).isoformat(timespec="milliseconds"),
        },
    }
    if stored.body is None:
        return orjson.dumps(entry)
    return orjson.dumps(entry)[:-1] + b',"resource":' + stored.body + b"}"
