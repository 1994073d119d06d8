"""The copy of a published resource that goes to an EHR's record: its references become the record's own.

What was published stays as it is; nothing of our server (ids, meta, hosts) reaches the record, except the business
identifier, by which the record is searched before anything is written a second time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.datatypes import compact, identifier
from sesame_fhir.fhir.json_types import Json

_WITH_ENCOUNTER = frozenset({"QuestionnaireResponse", "Observation", "ServiceRequest", "Task"})
_OURS: dict[str, str] = {
    "QuestionnaireResponse": "screening",
    "Observation": "screening",
    "Flag": "screening",
    "ServiceRequest": "referral",
    "Task": "referral",
    "Communication": "review",
}
"""Types that others refer to by one of our business identifiers whose value is their id: kind of identifier by type."""


@dataclass(frozen=True, slots=True)
class _Record:
    patient: str
    practitioner: str | None
    named: tuple[str, str] | None
    delivered: Mapping[str, str]


def for_record(
    resource: Mapping[str, Any],
    ehr_patient: str,
    ehr_encounter: str | None,
    ehr_practitioner: str | None,
    delivered: Mapping[str, str],
) -> Json:
    """Build the copy for the record.

    Args:
        resource: a published resource of ours; not changed.
        ehr_patient: the record's ``Patient/…``; replaces our Patient wherever it is referred to.
        ehr_encounter: the record's ``Encounter/…`` of the consultation in which ``resource`` was made, if any.
        ehr_practitioner: the record's ``Practitioner/…`` of the professional whom ``resource`` names first. None when
            the record does not know that person: the name alone is sent, never somebody else's reference.
        delivered: our ``Type/id`` -> the record's; a reference to something not delivered becomes a logical one by our
            business identifier, or is left out when it has none.
    """
    record = _Record(ehr_patient, ehr_practitioner, next(named_practitioners(resource), None), delivered)
    copy = {name: _rewritten(value, record) for name, value in resource.items() if name not in {"id", "meta"}}
    if ehr_encounter is not None and resource.get("resourceType") in _WITH_ENCOUNTER:
        copy["encounter"] = {"reference": ehr_encounter}
    return compact(copy)


def named_practitioners(value: Any) -> Iterator[tuple[str, str]]:
    """System and value of each professional whom a resource of ours names, in the order of its elements."""
    if isinstance(value, list):
        for inner in value:
            yield from named_practitioners(inner)
    elif isinstance(value, Mapping):
        if value.get("type") == "Practitioner" and isinstance(value.get("identifier"), Mapping):
            yield _identity(value)
        for inner in value.values():
            yield from named_practitioners(inner)


def _rewritten(value: Any, record: _Record) -> Any:
    if isinstance(value, list):
        return [item for item in (_rewritten(inner, record) for inner in value) if item not in (None, {}, [])]
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("reference"), str):
        return _reference(value, record)
    if value.get("type") == "Practitioner":
        return _practitioner(value, record)
    return compact({name: _rewritten(inner, record) for name, inner in value.items()})


def _reference(value: Mapping[str, Any], record: _Record) -> Json | None:
    target = str(value["reference"])
    resource_type, _, resource_id = target.partition("/")
    display = value.get("display")
    if resource_type == "Patient":
        return compact({"reference": record.patient, "display": display})
    if target in record.delivered:
        return compact({"reference": record.delivered[target], "display": display})
    kind = _OURS.get(resource_type)
    if kind is None:
        return None
    return compact({"type": resource_type, "identifier": identifier(kind, resource_id), "display": display})


def _practitioner(value: Mapping[str, Any], record: _Record) -> Json:
    known = record.practitioner if _identity(value) == record.named else None
    return compact({"reference": known, "display": value.get("display")})


def _identity(value: Mapping[str, Any]) -> tuple[str, str]:
    identifier_of = value.get("identifier", {})
    return str(identifier_of.get("system", "")), str(identifier_of.get("value", ""))
