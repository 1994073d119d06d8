"""From an Authorization header to the caller: one look-up, a second one for our own people; no state in memory."""

from dataclasses import dataclass

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.roles import role_access
from sesame_fhir.api.scopes import Access, Interaction, access
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.fhir.errors import NotAllowed, NotAuthenticated
from sesame_fhir.services.authorization import STAFF_ID, TokenGrant
from sesame_fhir.services.staff import StaffMember

_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever presented a valid access token.

    ``sites`` are what its client is limited to, None: nothing. ``member`` is the account of our team that acts through
    it, as the account is now, and ``opened`` the pathways opened to it by breaking the glass.
    """

    grant: TokenGrant
    sites: frozenset[SiteId] | None = None
    member: StaffMember | None = None
    opened: tuple[PathwayId, ...] = ()
    may_assert_professionals: bool = False

    @property
    def patient(self) -> str | None:
        """Logical id of the patient the token was launched on."""
        patient = self.grant.context.get("patient")
        return patient if isinstance(patient, str) else None

    @property
    def is_system(self) -> bool:
        """True when the client acts for itself: nobody has signed in."""
        return self.grant.subject == self.grant.client_id

    def access(self, resource_type: str, interaction: Interaction) -> Access:
        """What the token allows.

        Raises:
            NotAllowed: no scope covers the interaction, or the person's role has nothing to do with the type.
        """
        allowed = access(self.grant.scope, resource_type, interaction)
        if allowed is None or (
            self.member is not None and not role_access(self.member.role, resource_type, interaction)
        ):
            raise NotAllowed
        return allowed


def authenticate(deps: ApiDeps, authorization: str | None) -> Caller:
    """Find the token's grant. ``limits.enter`` is what a request goes through: it also narrows what is in reach.

    Raises:
        NotAuthenticated: no bearer token, or one that is unknown, expired or revoked; or its client, or the account
            that acts, is not active any more.
    """
    if authorization is None or authorization[:7].lower() != _SCHEME:
        raise NotAuthenticated
    presented = deps.authorization.presented(secret_hash(authorization[7:].strip()))
    now = deps.clock.now()
    if presented is None or presented.grant.revoked or presented.grant.expires_at <= now:
        raise NotAuthenticated
    member: StaffMember | None = None
    opened: tuple[PathwayId, ...] = ()
    if (staff_id := presented.grant.context.get(STAFF_ID)) is not None:
        member = _active(deps, staff_id)
        if member is None:
            raise NotAuthenticated
        if deps.glass is not None:
            opened = tuple(sorted(one.pathway_id for one in deps.glass.live(member.staff_id, now)))
    sites = frozenset(presented.sites) if presented.sites else None
    return Caller(presented.grant, sites, member, opened, presented.may_assert_professionals)


def acting(deps: ApiDeps, grant: TokenGrant) -> bool:
    """True while whoever approved may act: an account of our team must be active still."""
    staff_id = grant.context.get(STAFF_ID)
    return staff_id is None or _active(deps, staff_id) is not None


def _active(deps: ApiDeps, staff_id: str) -> StaffMember | None:
    member = None if deps.staff is None else deps.staff.by_id(staff_id)
    return member if member is not None and member.active else None
