"""Actor <-> Practitioner, and how a resource of ours names a person.

Our resources refer to professionals by their national identifier, not by a literal reference: the directory of
professionals is not ours (Annuaire Santé is), and the record that receives a resource has its own Practitioner.
Source of the identifiers: FR Core 2.2.0 fr-core-practitioner; idNat_PS is the prefix 8 and the RPPS.
"""

from mappings.claimed import claimed
from mappings.datatypes import compact, identifier
from mappings.fields import FieldMap
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.identifiers import InvalidIdentifier, Rpps
from sesame_fhir.fhir.canonical import FR_CORE_IDENTIFIER_TYPE, IDNAT_PS, RPPS
from sesame_fhir.fhir.json_types import Json

_RPPS_PREFIX = "8"

FIELDS = (
    FieldMap(
        Actor,
        mapped={
            "actor_id": "Practitioner.identifier",
            "name": "Practitioner.name.text",
            "rpps": "Practitioner.identifier",
        },
        omitted={"role": "A Practitioner is a person; the role belongs to PractitionerRole and changes with the site."},
    ),
)


def practitioner(actor: Actor, resource_id: str) -> Json:
    """Build the Practitioner of a professional; claims our profile when name and RPPS are known."""
    known = [] if actor.rpps is None else [_idnat(actor.rpps), _rpps(actor.rpps)]
    return compact(
        {
            "resourceType": "Practitioner",
            "id": resource_id,
            "meta": claimed("Practitioner", "actor") if known and actor.name else None,
            "identifier": known or [identifier("actor", actor.actor_id)],
            "active": True,
            "name": [{"text": actor.name}] if actor.name else None,
        }
    )


def actor_of(resource: Json, role: Role, fallback_id: str) -> Actor:
    """Read an actor from an EHR's Practitioner.

    ``fallback_id`` is the actor's id when the record gives no valid RPPS (``<ehr id>|<resource reference>``); an
    RPPS with a wrong check digit is not an RPPS.
    """
    rpps = next((found for i in resource.get("identifier", ()) if (found := rpps_of(i)) is not None), None)
    return Actor(rpps.value if rpps else fallback_id, role, _read_name(resource), rpps)


def actor_reference(actor: Actor, subject: Json) -> Json:
    """Name who acted: the patient, the software, or a professional by RPPS, else by our own identifier."""
    if actor.role is Role.PATIENT:
        return subject
    if actor.role is Role.SYSTEM:
        return compact({"type": "Device", "display": actor.name})
    known = identifier("actor", actor.actor_id) if actor.rpps is None else {"system": RPPS, "value": actor.rpps.value}
    return compact({"type": "Practitioner", "identifier": known, "display": actor.name})


def _idnat(rpps: Rpps) -> Json:
    return {"use": "official", "type": _type("IDNPS"), "system": IDNAT_PS, "value": _RPPS_PREFIX + rpps.value}


def _rpps(rpps: Rpps) -> Json:
    return {"use": "official", "type": _type("RPPS"), "system": RPPS, "value": rpps.value}


def _type(code: str) -> Json:
    return {"coding": [{"system": FR_CORE_IDENTIFIER_TYPE, "code": code}]}


def rpps_of(entry: Json) -> Rpps | None:
    """The RPPS of one identifier, bare or as idNat_PS; None when it is neither, or fails its check digit."""
    value = str(entry.get("value", ""))
    if entry.get("system") == IDNAT_PS and value.startswith(_RPPS_PREFIX):
        value = value.removeprefix(_RPPS_PREFIX)
    elif entry.get("system") != RPPS:
        return None
    try:
        return Rpps.parse(value)
    except InvalidIdentifier:
        return None


def _read_name(resource: Json) -> str:
    for name in resource.get("name", ()):
        parts = (*name.get("prefix", ()), *name.get("given", ()), name.get("family", ""))
        text = name.get("text") or " ".join(part for part in parts if part)
        if text:
            return str(text)
    return ""
