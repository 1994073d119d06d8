"""Who a resource names, in the record's own terms: its Practitioner there, or nothing rather than somebody else's."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from mappings.to_record import named_practitioners
from sesame_fhir.domain.actors import Actor
from sesame_fhir.fhir.canonical import RPPS, identifier_system
from sesame_fhir.fhir.json_types import Json
from smart_app.ehr.client import EhrClient, EhrError
from smart_app.ehr.faults import Remedy, record_fault
from smart_app.ehr.recognition import is_id
from smart_app.ehr.searching import list_of_objects
from smart_app.ehr.upsert import Support


def practitioner_in_record(
    resource: Mapping[str, Any], client: EhrClient, support: Support, launched_by: Actor, practitioner: str | None
) -> str | None:
    """The record's ``Practitioner/id`` of whom ``resource`` names first; None when that person is not known there.

    ``practitioner`` is ``launched_by``'s own reference, from the launch: most often the same person. Another person
    is looked up by RPPS.

    Raises:
        RecordFault: the record cannot be asked now; a lookup that it refuses is no fault.
    """
    named = next(named_practitioners(resource), None)
    if named is None:
        return None
    system, value = named
    if named in _identifiers(launched_by):
        return practitioner
    if system != RPPS or not support.can("Practitioner", "search-type"):
        return None
    try:
        bundle = client.get(f"Practitioner?identifier={quote(f'{system}|{value}', safe='')}").body or {}
    except EhrError as error:
        fault = record_fault(error)
        if fault.remedy is Remedy.DEGRADE:
            return None
        raise fault from None
    people = [entry.get("resource") for entry in list_of_objects(bundle.get("entry"))]
    found = {r["id"] for r in list_of_objects(people) if _is_person(r) and named in _carried(r)}
    return f"Practitioner/{found.pop()}" if len(found) == 1 else None


def _is_person(resource: Json) -> bool:
    return resource.get("resourceType") == "Practitioner" and is_id(resource.get("id"))


def _carried(resource: Json) -> set[tuple[str, str]]:
    return {(str(i.get("system")), str(i.get("value"))) for i in list_of_objects(resource.get("identifier"))}


def _identifiers(actor: Actor) -> set[tuple[str, str]]:
    known = {(identifier_system("actor"), actor.actor_id)}
    return known if actor.rpps is None else known | {(RPPS, actor.rpps.value)}
