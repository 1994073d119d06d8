"""A probe of what is published of the team's accounts."""

from mappings import staff
from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.staff import StaffMember
from tests.support.team_pages import MEMBERS
from tests.unit.mappings.probes.probe import Probe

PROBES: dict[tuple[str, type], Probe] = {
    ("staff", StaffMember): (
        staff.staff_resources,
        MEMBERS[Role.NURSE],
        {
            "staff_id": "other",
            "login": "other",
            "name": "Autre Fictive",
            "role": Role.PSYCHIATRIST,
            "sites": (SiteId("other"),),
            "rpps": Rpps("99900000045"),
            "external": ("https://id.example|1",),
            "active": False,
        },
    )
}
