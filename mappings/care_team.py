"""The care team -> CareTeam: who cares for the patient, in which role.

Members are named by their national identifier, as everywhere (mappings.practitioner); the participant carries what a
PractitionerRole would say, the role and the profession, because the directory of professionals is not ours.
"""

from collections.abc import Sequence

from mappings.code_systems import ROLES
from mappings.datatypes import coding, compact, concept, head, identifier, period, site_reference
from mappings.fields import FieldMap
from mappings.frame import Frame
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.events import TeamMember
from sesame_fhir.domain.transitions import FOLLOWED, INTERRUPTED, State
from sesame_fhir.fhir import canonical
from sesame_fhir.fhir.json_types import Json

FIELDS = (
    FieldMap(
        TeamMember,
        mapped={
            "actor_id": "CareTeam.participant.member.identifier",
            "name": "CareTeam.participant.member.display",
            "role": "CareTeam.participant.role",
            "rpps": "CareTeam.participant.member.identifier",
            "function": "CareTeam.participant.role.text",
        },
    ),
)

PROFESSIONS = {
    Role.GP: ("10", "Médecin"),
    Role.PSYCHIATRIST: ("10", "Médecin"),
    Role.NURSE: ("60", "Infirmier"),
}
"""TRE_G15; what tells a psychiatrist from a GP is our own role."""


def care_team(frame: Frame, team: Sequence[TeamMember]) -> Json:
    """Build the CareTeam as it is now; its versions are its history."""
    status = _status(frame.state)
    return compact(
        {
            **head("CareTeam", frame.pathway_id, "care-team"),
            "status": status,
            "name": "Équipe de soins SÉSAME",
            "subject": frame.subject,
            "period": period(frame.since(State.REFERRED), frame.state_since[-1][1] if status == "inactive" else None),
            "participant": [_participant(member) for member in team],
            "managingOrganization": [site_reference(frame.site)] if frame.site else None,
        }
    )


def member_reference(member: TeamMember) -> Json:
    """Name a member as ``practitioner.actor_reference`` names an actor; somebody outside SÉSAME has no type."""
    rpps = member.rpps
    known = identifier("actor", member.actor_id) if rpps is None else {"system": canonical.RPPS, "value": rpps.value}
    return compact({"type": "Practitioner" if member.role else None, "identifier": known, "display": member.name})


def _status(state: State) -> str:
    if state in INTERRUPTED:
        return "suspended"
    if state in FOLLOWED:
        return "active"
    return "proposed" if state is State.REFERRED else "inactive"


def member_role(member: TeamMember) -> Json:
    """A member's role in the team, with the profession; empty for somebody whose role is not known."""
    codings = [] if member.role is None else [ROLES.coding(member.role.value)]
    profession = PROFESSIONS.get(member.role) if member.role else None
    if profession is not None:
        codings.append(coding(canonical.PROFESSION, *profession))
    return concept(*codings, text=member.function)


def _participant(member: TeamMember) -> Json:
    role = member_role(member)
    return compact({"role": [role] if role else None, "member": member_reference(member)})
