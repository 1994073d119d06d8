"""Who acts, in which role. An actor is an argument of every use case; nothing here looks one up."""

from dataclasses import dataclass
from enum import StrEnum

from sesame_fhir.domain.identifiers import Rpps


class Role(StrEnum):
    """Roles of collaborative care (reference: domain page, "Who does what")."""

    GP = "gp"
    NURSE = "nurse"
    PSYCHIATRIST = "psychiatrist"
    SITE_REFERENT = "site-referent"
    FRONT_DESK = "front-desk"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    PATIENT = "patient"
    SYSTEM = "system"


CLINICIANS = frozenset({Role.GP, Role.NURSE, Role.PSYCHIATRIST})
"""Who gives care, and reads what concerns it."""

STAFF = CLINICIANS | {Role.SITE_REFERENT, Role.FRONT_DESK, Role.COORDINATOR, Role.ADMINISTRATOR}
"""Roles that an account may have."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system) acting in one role.

    ``actor_id`` is stable within its source: the RPPS when known, else ``<ehr id>|<resource reference>``.
    ``name`` is what a colleague would recognise on a page or in a document.
    """

    actor_id: str
    role: Role
    name: str
    rpps: Rpps | None = None
