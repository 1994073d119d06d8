"""What no answer may be, whatever was asked."""

import gzip
import json
from collections.abc import Iterator

from lxml import etree

from tests.hostile.target import BLIND, SECRET, Attack, Seen

MARK = "<b>x-hostile"
"""Stands in hostile values: an answer that a browser would read as HTML shows it escaped, or not at all."""
_OFFERED_NOT = 501
_DISCOVERY = ("/fhir/.well-known/", "/fhir/openapi.json")


def faults(attack: Attack, seen: Seen, secrets: list[str]) -> Iterator[str]:
    """Everything that is wrong with an answer, in a few words each."""
    body = _plain(seen)
    if seen.status >= 500 and seen.status != _OFFERED_NOT:
        yield f"status {seen.status} {_summary(seen)}"
    if seen.status >= 400 and attack.method != "HEAD" and _speaks_fhir(attack.path) and not _is_outcome(seen, body):
        yield f"{seen.status} without an OperationOutcome"
    if SECRET.encode() in body and attack.who in BLIND:
        yield f"another patient's data for {attack.who}"
    media = seen.headers.get("Content-Type", "").partition(";")[0]
    if MARK.encode() in body and ("json" not in media or seen.headers.get("X-Content-Type-Options") != "nosniff"):
        yield "input comes back unescaped"
    if any(secret in seen.log for secret in secrets):
        yield "a secret in the log"
    if "unexpected-error" in seen.log:
        yield f"logged: {seen.log[:200]}"


def _plain(seen: Seen) -> bytes:
    packed = seen.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(seen.body) if packed and seen.body else seen.body


def _summary(seen: Seen) -> str:
    return f"{seen.body[:80]!r} {seen.log[:200]}"


def _speaks_fhir(path: str) -> bool:
    return path.startswith("/fhir") and path[5:6] in ("", "/") and not path.startswith(_DISCOVERY)


def _is_outcome(seen: Seen, body: bytes) -> bool:
    media = seen.headers.get("Content-Type", "")
    if media.startswith("application/fhir+xml"):
        root = etree.fromstring(body)
        return root.tag == "{http://hl7.org/fhir}OperationOutcome" and len(root) > 0
    if not media.startswith("application/fhir+json"):
        return False
    said = json.loads(body)
    return said["resourceType"] == "OperationOutcome" and bool(said["issue"])
