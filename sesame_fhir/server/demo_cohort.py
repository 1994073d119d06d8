"""The demo's synthetic cohort: who of the demo's team cares for it, and the way into SÉSAME's store."""

from collections.abc import Callable

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.server.demo_ehr import demo_settings, issuer
from sesame_fhir.server.demo_team import members
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.system import SystemClock
from sesame_fhir.server.wiring import projector
from sesame_fhir.services.cohort.load import Order, load
from sesame_fhir.services.cohort.people import SiteStaff
from sesame_fhir.services.staff import StaffMember
from sesame_fhir.storage import Store


def load_cohort(
    settings: Settings, store: Store, *, patients: int, seed: int, progress: Callable[[int, int], None]
) -> int:
    """Put a cohort into the store; people who are there already are left alone. Returns how many were new."""
    team = members(settings, issuer(settings))
    sites = tuple(dict.fromkeys(site for member in team for site in member.sites))
    staff = tuple(SiteStaff(site, *(_at(team, role, site) for role in _CARE)) for site in sites)
    order = Order(patients, seed, SystemClock().now(), staff, demo_settings(settings).policy)
    return load(order, store.pathways, projector(settings), progress)


_CARE = (Role.GP, Role.NURSE, Role.PSYCHIATRIST)


def _at(team: tuple[StaffMember, ...], role: Role, site: str) -> tuple[Actor, ...]:
    return tuple(m.actor for m in team if m.role is role and site in m.sites)
