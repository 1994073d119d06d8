"""An entry of the audit log -> AuditEvent: who did what to which patient's data, when, allowed or refused.

Its id is the entry's position in the chain. Nothing of what was seen is in it, nor what was searched for. Someone whose
account is published here is a literal reference, everyone else an identifier: the log holds no names.
"""

from collections.abc import Iterator

from mappings import audit_codes as codes
from mappings.claimed import claimed
from mappings.code_systems import ROLES
from mappings.datatypes import compact, concept, identifier, instant
from mappings.fields import FieldMap
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.identifiers import InvalidIdentifier, Rpps
from sesame_fhir.fhir.canonical import RPPS
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.schema.resource_types import RESOURCE_TYPES
from sesame_fhir.services.records import AuditEntry

_RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
_ACCOUNT = "Practitioner/"
_OF_AN_EHR = "|"

FIELDS = (
    FieldMap(
        AuditEntry,
        mapped={
            "at": "AuditEvent.recorded",
            "actor_id": "AuditEvent.agent.who",
            "role": "AuditEvent.agent.role",
            "action": "AuditEvent.type, AuditEvent.subtype, AuditEvent.action",
            "outcome": "AuditEvent.outcome",
            "patient": "AuditEvent.entity.what",
            "detail": "AuditEvent.entity.what, AuditEvent.entity.type, AuditEvent.subtype",
            "site": "AuditEvent.source.site",
            "extra": "AuditEvent.agent.who, AuditEvent.entity.what",
        },
    ),
)


def audit_event(position: int, entry: AuditEntry) -> Json:
    """Build the AuditEvent of the entry at a position of the chain."""
    return compact(
        {
            "resourceType": "AuditEvent",
            "id": str(position),
            "meta": {**claimed("AuditEvent", "access"), "lastUpdated": instant(entry.at)},
            "language": "fr",
            "type": codes.TYPES.get(entry.action, codes.RECORD),
            "subtype": list(_subtypes(entry)),
            "action": codes.LETTERS.get(entry.action, codes.EXECUTED),
            "recorded": instant(entry.at),
            "outcome": codes.OUTCOMES.get(entry.outcome, codes.REFUSED),
            "agent": list(_agents(entry)),
            "source": compact({"site": entry.site, "observer": {"display": "SÉSAME"}}),
            "entity": list(_entities(entry)),
        }
    )


def is_rpps(actor_id: str) -> bool:
    """True for an actor who is known by the national identifier."""
    try:
        return Rpps.parse(actor_id).value == actor_id
    except InvalidIdentifier:
        return False


def _subtypes(entry: AuditEntry) -> Iterator[Json]:
    code = codes.INTERACTIONS.get(entry.action)
    if code is not None:
        yield {"system": codes.RESTFUL, "code": code, "display": code}
    else:
        yield {"system": codes.OWN_ACTION, "code": entry.action}
    if entry.detail and entry.detail not in RESOURCE_TYPES:
        yield {"system": codes.OWN_DETAIL, "code": entry.detail}


def _agents(entry: AuditEntry) -> Iterator[Json]:
    client = entry.extra.get("client")
    role = concept(ROLES.coding(entry.role)) if entry.role in ROLES.concepts else None
    yield compact({"role": [role] if role else None, "who": _who(entry), "requestor": True})
    if client is not None and client != entry.actor_id and entry.action != codes.CLIENTS_CHANGED:
        yield {"type": concept(codes.APPLICATION), "who": _client(client), "requestor": False}


def _who(entry: AuditEntry) -> Json:
    actor_id = entry.actor_id
    if actor_id.startswith(_ACCOUNT):
        return {"reference": actor_id}
    if actor_id == entry.extra.get("client"):
        return _client(actor_id)
    if is_rpps(actor_id):
        return {"type": "Practitioner", "identifier": {"system": RPPS, "value": actor_id}}
    kind = {Role.SYSTEM.value: "Device", Role.PATIENT.value: "Patient"}.get(entry.role, "Practitioner")
    return {"type": kind, "identifier": identifier("actor", actor_id)}


def _client(client_id: str) -> Json:
    return {"type": "Device", "identifier": identifier("client", client_id)}


def _entities(entry: AuditEntry) -> Iterator[Json]:
    named = _patient(entry.patient) if entry.patient else None
    if named is not None:
        yield {"what": named}
    resource_id = entry.extra.get("id")
    if entry.detail in RESOURCE_TYPES:
        held = {"reference": f"{entry.detail}/{resource_id}"} if resource_id else None
        if held is None or held != named:
            kind = {"system": _RESOURCE_TYPES, "code": entry.detail, "display": entry.detail}
            yield compact({"what": held, "type": kind})
    if entry.action == codes.CLIENTS_CHANGED and "client" in entry.extra:
        yield {"what": _client(entry.extra["client"])}
    if "staff_id" in entry.extra:
        yield {"what": {"reference": _ACCOUNT + entry.extra["staff_id"]}}


def _patient(patient: str) -> Json:
    """A patient of ours by reference; one that only an EHR knows by ``<ehr id>|<reference>``."""
    if _OF_AN_EHR in patient:
        return {"type": "Patient", "identifier": identifier("record-patient", patient)}
    return {"reference": patient if patient.startswith("Patient/") else f"Patient/{patient}"}
