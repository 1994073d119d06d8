"""What each role of the team may do on the facade, as a table: what its pages show it, and no more.

Whose patients, and which of their messages, is another question: ``services.reach``. What a write means is judged again
by the use case it becomes (``domain.access.ACTIONS``).
"""

from sesame_fhir.api.scopes import Interaction
from sesame_fhir.domain.access import ACTIONS
from sesame_fhir.domain.actors import CLINICIANS, Role
from sesame_fhir.services.reach import BILLING_TYPES, SHARED_TYPES, SITE_TYPES

_SYSTEMS_ONLY = frozenset({"AuditEvent", "Subscription"})
"""Between systems: an endpoint is nobody's business on a page; whom colleagues saw is the business of who watches."""
_READING: frozenset[Interaction] = frozenset({"r", "s"})


def role_access(role: Role, resource_type: str, interaction: Interaction) -> bool:
    """True when the role may; everybody reads the directory and the definitions, nobody changes them by a token."""
    if resource_type in SHARED_TYPES:
        return interaction in _READING
    if resource_type in BILLING_TYPES:
        return _billing_access(role, resource_type, interaction)
    if resource_type in SITE_TYPES:
        return interaction in _READING and role in ACTIONS["view-indicators"]
    return role in CLINICIANS and resource_type not in _SYSTEMS_ONLY


def _billing_access(role: Role, resource_type: str, interaction: Interaction) -> bool:
    """Who bills reads all of it; who writes down a patient's insurance, in that patient's reach, reads it too."""
    writes = resource_type == "Coverage" and role in CLINICIANS & ACTIONS["record-coverage"]
    return writes or (interaction in _READING and role in ACTIONS["view-billing"])
