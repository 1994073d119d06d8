"""People who sign in without an EHR: accounts, their sessions, and what proves who they are.

A person with two roles has two accounts: every act has one role. Secrets rest sealed or hashed; nothing here reads a
clock or makes an id.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.identifiers import Rpps
from sesame_fhir.domain.ids import PathwayId, SiteId


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One account. ``login`` is unique, in lower case; ``external`` are ``issuer|subject`` of OpenID providers.

    ``sites`` are where this person works; an administrator needs none.
    """

    staff_id: str
    login: str
    name: str
    role: Role
    sites: tuple[SiteId, ...]
    rpps: Rpps | None = None
    external: tuple[str, ...] = ()
    active: bool = True

    @property
    def actor(self) -> Actor:
        """The person as pathways know them: by RPPS when there is one, so that a launch and an account are the same."""
        return Actor(self.rpps.value if self.rpps else f"staff|{self.staff_id}", self.role, self.name, self.rpps)


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A signed-in browser; found by the hash of its cookie. ``method`` is passkey, totp, oidc or launch."""

    session_hash: str
    staff_id: str
    method: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """Access to one pathway outside one's sites, for a stated reason and a short time; audited."""

    staff_id: str
    pathway_id: PathwayId
    reason: str
    until: datetime


class StaffDirectory(Protocol):
    """Accounts, by the ways a person is found."""

    def save(self, member: StaffMember) -> None:
        """Create the account, or replace it. Raises ``AlreadyExists`` when another account has the login."""
        ...

    def by_id(self, staff_id: str) -> StaffMember | None:
        """Find by id."""
        ...

    def by_login(self, login: str) -> StaffMember | None:
        """Find by login, whatever its case."""
        ...

    def by_external(self, subject: str) -> StaffMember | None:
        """Find by ``issuer|subject`` of an OpenID provider."""
        ...

    def by_actor(self, actor_id: str) -> StaffMember | None:
        """Find by the id under which pathways know the person."""
        ...

    def at_sites(self, sites: tuple[SiteId, ...]) -> tuple[StaffMember, ...]:
        """Active accounts with at least one of these sites, by name."""
        ...

    def all(self) -> tuple[StaffMember, ...]:
        """Every account, by name."""
        ...

    def page(self, after: str, limit: int) -> tuple[StaffMember, ...]:
        """The first accounts by login, after this one (empty: from the beginning)."""
        ...


class StaffSessions(Protocol):
    """Signed-in browsers."""

    def open(self, session: StaffSession) -> None:
        """Store a session."""
        ...

    def get(self, session_hash: str, now: datetime) -> StaffSession | None:
        """A session still open; None when unknown, closed or expired."""
        ...

    def ended(self, session_hash: str, now: datetime) -> StaffSession | None:
        """A session that ended in the last 7 days.

        It gives no access any more; it only tells whose words those are that come too late.
        """
        ...

    def touch(self, session_hash: str, now: datetime, expires_at: datetime) -> None:
        """Note activity and move the idle expiry."""
        ...

    def close(self, session_hash: str, now: datetime) -> None:
        """Sign out."""
        ...

    def close_all(self, staff_id: str, now: datetime) -> None:
        """Sign a person out everywhere: the account was deactivated, or is enrolled anew."""
        ...


class BreakGlassGrants(Protocol):
    """Accesses outside one's sites."""

    def grant(self, grant: BreakGlass) -> None:
        """Open one pathway to one person until then; the grant is kept with its reason when it is over."""
        ...

    def live(self, staff_id: str, now: datetime) -> tuple[BreakGlass, ...]:
        """What is open to this person now."""
        ...


class CalendarFeeds(Protocol):
    """The secret addresses of calendars: one per person, found by its hash, revocable."""

    def issue(self, staff_id: str, token_hash: str, now: datetime) -> None:
        """Open a feed; the person's earlier address ends."""
        ...

    def owner(self, token_hash: str) -> str | None:
        """The ``staff_id`` whose feed this is."""
        ...

    def issued_at(self, staff_id: str) -> datetime | None:
        """When the person's feed was opened; None without one."""
        ...

    def revoke(self, staff_id: str) -> None:
        """Close the person's feed."""
        ...
