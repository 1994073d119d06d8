"""Bundles, written by joining: stored bytes go in as they are, no resource is parsed on the way out."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from http import HTTPStatus
from typing import Any

import orjson

from sesame_fhir.api.facade.exchange import Answer, Returned
from sesame_fhir.fhir.outcomes import Issue, operation_outcome
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.records import StoredResource


def etag(version: int) -> str:
    """Weak ETag of a version."""
    return f'W/"{version}"'


def bundle(kind: str, total: int | None, links: Sequence[tuple[str, str]], entries: Sequence[bytes]) -> bytes:
    """A Bundle around entries that are JSON already; R4 forbids an empty ``entry``. ``total`` None: not counted."""
    head: dict[str, Any] = {"resourceType": "Bundle", "type": kind}
    if total is not None:
        head["total"] = total
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
            "etag": etag(stored.version),
            "lastModified": stored.last_updated.astimezone(UTC).isoformat(timespec="milliseconds"),
        },
    }
    if stored.body is None:
        return orjson.dumps(entry)
    return orjson.dumps(entry)[:-1] + b',"resource":' + stored.body + b"}"


def response_entry(answer: Answer, returned: Returned, full_url: str | None = None) -> bytes:
    """What one entry of a batch or of a transaction was answered."""
    response: dict[str, Any] = {"status": f"{answer.status} {HTTPStatus(answer.status).phrase}"}
    if answer.location is not None:
        response["location"] = answer.location
    if answer.version is not None:
        response["etag"] = etag(answer.version)
    if answer.last_modified is not None:
        response["lastModified"] = answer.last_modified.astimezone(UTC).isoformat(timespec="milliseconds")
    if answer.issues or (returned == "OperationOutcome" and answer.content is None):
        response["outcome"] = operation_outcome(answer.issues)
    entry: dict[str, Any] = {} if full_url is None else {"fullUrl": full_url}
    opened = orjson.dumps({**entry, "response": response})
    if answer.content is None:
        return opened
    return opened[:-1] + b',"resource":' + answer.content + b"}"
