"""An account of the team -> Practitioner (the person) and a PractitionerRole for each site (what they do there).

What our own authorization server names as ``fhirUser`` must be a resource that can be read (SMART 2.2, id 198).
"""

import hashlib

from mappings.care_team import PROFESSIONS
from mappings.code_systems import ROLES
from mappings.datatypes import coding, compact, concept, head, reference, site_reference
from mappings.fields import FieldMap
from mappings.practitioner import practitioner
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.staff import StaffMember

FIELDS = (
    FieldMap(
        StaffMember,
        mapped={
            "staff_id": "Practitioner.id, PractitionerRole.practitioner",
            "name": "Practitioner.name.text",
            "role": "PractitionerRole.code",
            "sites": "PractitionerRole.organization",
            "rpps": "Practitioner.identifier",
            "active": "Practitioner.active, PractitionerRole.active",
        },
        omitted={
            "login": "How somebody signs in is nobody's business but the administrator's.",
            "external": "Identities at other providers are part of signing in, not of who somebody is.",
        },
    ),
)

_SITE_DIGITS = 12


def staff_resources(member: StaffMember) -> tuple[Json, ...]:
    """The Practitioner, then a PractitionerRole for each site of the account."""
    person = {**practitioner(member.actor, member.staff_id), "active": member.active}
    return (person, *(practitioner_role(member, site) for site in member.sites))


def practitioner_role(member: StaffMember, site: SiteId) -> Json:
    """Build the PractitionerRole of an account at one site."""
    profession = PROFESSIONS.get(member.role)
    trade = [concept(coding(canonical.PROFESSION, *profession))] if profession else []
    return compact(
        {
            **head("PractitionerRole", role_id(member.staff_id, site), "staff-role"),
            "active": member.active,
            "practitioner": {**reference("Practitioner", member.staff_id), "display": member.name},
            "organization": site_reference(site),
            "code": [*trade, concept(ROLES.coding(member.role.value))],
        }
    )


def role_id(staff_id: str, site: SiteId) -> str:
    """Id of an account's PractitionerRole at a site, whose own id may be of any length and alphabet."""
    return f"{staff_id}-{hashlib.sha256(site.encode()).hexdigest()[:_SITE_DIGITS]}"
