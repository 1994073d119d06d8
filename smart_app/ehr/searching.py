"""Searches that may fail: an EHR that refuses or ignores one makes the answer unknown, it does not stop the launch."""

from collections.abc import Mapping
from dataclasses import dataclass

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.snapshot import Note, NoteCode
from smart_app.ehr.client import EhrClient, EhrError
from smart_app.errors import LaunchExpired

SEARCH_SECONDS = 4.0
"""Longest wait for one optional search: the GP is waiting for the page."""


@dataclass(frozen=True, slots=True)
class Found:
    """``complete`` is False when the EHR did not answer, or answered with the first page only."""

    resources: tuple[Json, ...]
    complete: bool
    note: Note | None = None


def search_of_patient(client: EhrClient, resource_type: str, patient: str, params: Mapping[str, str]) -> Found:
    """Search one patient's resources.

    What comes back is filtered again by type and patient: a server that ignores a parameter must not mix two patients.
    """
    query = {"patient": patient.removeprefix("Patient/"), **params}
    try:
        body = client.get(resource_type, query, timeout=SEARCH_SECONDS).body or {}
    except EhrError as refused:
        return _nothing(resource_type, refused.code.value)
    except LaunchExpired:
        return _nothing(resource_type, "unauthorized")
    if body.get("resourceType") != "Bundle":
        return _nothing(resource_type, "not-a-bundle")
    resources = [entry.get("resource") for entry in list_of_objects(body.get("entry"))]
    kept = [r for r in resources if isinstance(r, dict) and r.get("resourceType") == resource_type]
    more = any(link.get("relation") == "next" for link in list_of_objects(body.get("link")))
    return Found(tuple(r for r in kept if _is_about(client, r, patient)), complete=not more)


def list_of_objects(value: object) -> list[Json]:
    """The objects of a JSON list; empty for anything that is not one."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def object_of(value: object) -> Json:
    """The JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def reference_of(client: EhrClient, value: object) -> str | None:
    """A Reference as ``Type/id`` of this EHR; None for a missing, logical or foreign one."""
    reference = object_of(value).get("reference")
    if not isinstance(reference, str) or reference.startswith("#"):
        return None
    try:
        return client.relative(reference)
    except EhrError:
        return None


def _is_about(client: EhrClient, resource: Json, patient: str) -> bool:
    return reference_of(client, resource.get("subject") or resource.get("patient")) == patient


def _nothing(resource_type: str, why: str) -> Found:
    return Found((), complete=False, note=Note(NoteCode.NOT_ANSWERED, f"{resource_type}:{why}"))
