"""The demo's team: two sites, an account for everybody, and the demo EHR as their OpenID Connect provider."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sesame_fhir.domain.actors import Role
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server.settings import Settings
from sesame_fhir.services.authorization import OAuthClient
from sesame_fhir.services.billing.setting import Coordinator
from sesame_fhir.services.records import ClientKind
from sesame_fhir.services.staff import StaffDirectory, StaffMember
from smart_app.demo_ehr.seed.staff import STAFF

CLIENT_ID = "sesame-team"
_SCOPES = "openid fhirUser"
_HOME_NAME = "Centre de santé de démonstration (fictif)"
_SECOND = ("site-2", "Maison de santé de démonstration (fictive)")


@dataclass(frozen=True, slots=True)
class _Post:
    """What a colleague does in SÉSAME, at the first site, the second, or both."""

    role: Role
    first: bool = True
    second: bool = False


POSTS: Mapping[str, _Post] = {
    "gp-1": _Post(Role.GP),
    "gp-2": _Post(Role.GP, second=True),
    "nurse-1": _Post(Role.NURSE, second=True),
    "nurse-2": _Post(Role.NURSE, first=False, second=True),
    "psychiatrist-1": _Post(Role.PSYCHIATRIST, second=True),
    "psychiatrist-2": _Post(Role.PSYCHIATRIST, first=False, second=True),
    "site-referent-1": _Post(Role.SITE_REFERENT),
    "coordinator-1": _Post(Role.COORDINATOR, second=True),
    "coordinator-2": _Post(Role.COORDINATOR, second=True),  # four eyes: who approves a batch did not freeze it
    "front-desk-1": _Post(Role.FRONT_DESK),
    "admin-1": _Post(Role.ADMINISTRATOR, first=False),
}
"""Everybody of the demo EHR, by logical id."""


def with_team(settings: Settings, issuer: str) -> Settings:
    """The settings of the demo: its two sites unless others are named, and its provider before others."""
    provider = {"name": "DossierDémo", "issuer": issuer, "client_id": CLIENT_ID, "scopes": _SCOPES}
    home = {"id": settings.site_id, "name": _HOME_NAME}
    second = {"id": _SECOND[0], "name": _SECOND[1]}
    return replace(settings, oidc=(provider, *settings.oidc), sites=settings.sites or (home, second))


def client(app: str) -> OAuthClient:
    """How the demo EHR knows the team's sign-in: a public client that learns who somebody is."""
    return OAuthClient(
        client_id=CLIENT_ID,
        name="SÉSAME, espace équipe",
        kind=ClientKind.PUBLIC,
        redirect_uris=(f"{app}/team/callback",),
        launch_uri=None,
        scopes=tuple(_SCOPES.split()),
    )


def members(settings: Settings, issuer: str) -> tuple[StaffMember, ...]:
    """An account for every colleague, recognised by the demo EHR's ``sub``."""
    sites = (SiteId(settings.site_id), SiteId(_SECOND[0]))
    made = []
    for staff_id, post in POSTS.items():
        colleague = STAFF[staff_id]
        at = tuple(site for site, there in zip(sites, (post.first, post.second), strict=True) if there)
        rpps = Rpps.parse(colleague.rpps) if colleague.rpps else None
        external = (f"{issuer}|Practitioner/{staff_id}",)
        made.append(StaffMember(f"demo-{staff_id}", staff_id, colleague.display, post.role, at, rpps, external))
    return tuple(made)


def coordinators(settings: Settings, issuer: str) -> tuple[Coordinator, Coordinator]:
    """The two who bill in the demo: one freezes a batch, the other approves it."""
    found = [one for one in members(settings, issuer) if one.role is Role.COORDINATOR]
    first, second = (Coordinator(member.actor, frozenset(member.sites)) for member in found)
    return first, second


def enrol(staff: StaffDirectory, settings: Settings, issuer: str) -> None:
    """Make the accounts that are missing; one that was changed keeps its changes, on whatever port the demo is now."""
    for member in members(settings, issuer):
        known = staff.by_id(member.staff_id)
        staff.save(member if known is None else replace(known, external=member.external))
