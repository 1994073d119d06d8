"""What the rules ask of a resource: codes, periods, references; nothing here assumes that the structure is valid."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sesame_fhir.fhir.dates import date_range
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects, text


def codings(node: Json, key: str) -> Iterator[Json]:
    """Codings of a CodeableConcept, or of each of a list of them."""
    found = node.get(key)
    for concept in found if isinstance(found, list) else [found]:
        if isinstance(concept, dict):
            yield from objects(concept, "coding")


def codes(node: Json, key: str, system: str | None = None) -> set[str]:
    """Codes of a concept, of one system or of any."""
    return {text(one, "code") for one in codings(node, key) if system in (None, one.get("system"))}


def status(node: Json) -> str:
    """The resource's status."""
    return text(node, "status")


def ended(node: Json) -> bool:
    """True when its period has an end."""
    return "end" in child(node, "period")


def starts(node: Json, key: str) -> datetime | None:
    """Where a date or time begins; None when it is absent or not one."""
    span = date_range(text(node, key))
    return span[0] if span else None


def points_at_patient(reference: Any) -> bool:
    """True for a reference that says it points at a Patient."""
    if not isinstance(reference, dict):
        return False
    return reference.get("type") == "Patient" or "Patient/" in text(reference, "reference")
