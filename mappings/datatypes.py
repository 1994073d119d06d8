"""FHIR R4 datatypes as plain dicts, written once: every mapping builds its resources from these."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mappings.claimed import claimed
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.fhir.canonical import UCUM, identifier_system
from sesame_fhir.fhir.json_types import Json


def compact(values: Mapping[str, Any]) -> Json:
    """Drop what is absent: FHIR JSON has no nulls, no empty strings, no empty lists, no empty objects."""
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def instant(moment: datetime) -> str:
    """Write a time in UTC with milliseconds: the same moment gives the same text whatever its zone was."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: object) -> datetime | None:
    """Read a time with its zone; None for anything else (a day, no zone, a time that UTC's calendar does not have)."""
    try:
        found = datetime.fromisoformat(str(text))
        found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return None if found.tzinfo is None else found


def coding(system: str, code: str, display: str | None = None) -> Json:
    """Build a Coding."""
    return compact({"system": system, "code": code, "display": display})


def concept(*codings: Json, text: str | None = None) -> Json:
    """Build a CodeableConcept."""
    return compact({"coding": list(codings), "text": text})


def identifier(kind: str, value: str) -> Json:
    """Build one of our business identifiers, e.g. ``identifier("screening", id)``."""
    return {"system": identifier_system(kind), "value": value}


def reference(resource_type: str, resource_id: str) -> Json:
    """Build a literal reference to a resource that we publish."""
    return {"reference": f"{resource_type}/{resource_id}"}


def patient_reference(pathway_id: PathwayId) -> Json:
    """The subject of everything published for a pathway: our Patient has the pathway's id."""
    return reference("Patient", pathway_id)


def site_reference(site: SiteId) -> Json:
    """A site is configuration, not a published resource: a logical reference."""
    return {"type": "Organization", "identifier": identifier("site", site)}


def extension(url: str, kind: str, value: object) -> Json:
    """Build a simple extension; ``kind`` is the type's suffix, e.g. ``Decimal`` for valueDecimal."""
    return {"url": url, f"value{kind}": value}


def note(text: str, at: datetime, author: Json | None = None) -> Json:
    """Build an Annotation."""
    return compact({"authorReference": author, "time": instant(at), "text": text})


def period(start: datetime | None, end: datetime | None = None) -> Json:
    """Build a Period; an end that was recorded with an earlier time than its start becomes the start."""
    last = max(start, end) if start and end else end
    return compact({"start": start and instant(start), "end": last and instant(last)})


def quantity(value: int, unit: str, code: str) -> Json:
    """Build a Quantity or Duration with its UCUM code."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code}


def head(resource_type: str, resource_id: str, kind: str) -> Json:
    """Begin a resource of ours: its profile, French, a business identifier of this kind whose value is its id."""
    return {
        "resourceType": resource_type,
        "id": resource_id,
        "meta": claimed(resource_type, kind),
        "language": "fr",
        "identifier": [identifier(kind, resource_id)],
    }
