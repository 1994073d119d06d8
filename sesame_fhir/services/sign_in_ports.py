"""What proves who somebody is, as it is stored: passwords, one-time codes, passkeys, links, pending sign-ins, failures.

Secrets are hashed when they are only compared (passwords, links, cookies) and sealed when they must be read again
(TOTP). Everything that may be used once is taken out by one statement, so two requests never both get it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sesame_fhir.services.staff import BreakGlassGrants, CalendarFeeds, StaffSessions


@dataclass(frozen=True, slots=True)
class PasswordAndCode:
    """A password and the secret of its one-time codes.

    ``password_hash`` says how it was made. ``totp`` is sealed; ``last_step`` is the time step (RFC 6238) of the last
    code accepted, 0 before the first.
    """

    staff_id: str
    password_hash: str
    totp: bytes
    last_step: int


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential: ``credential_id`` is base64url; ``sign_count`` stays 0 where nothing is counted."""

    credential_id: str
    staff_id: str
    public_key: bytes
    sign_count: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EnrolmentLink:
    """A link that lets one person set up how to sign in, once. ``totp`` is the sealed secret that it shows."""

    link_hash: str
    staff_id: str
    totp: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in on its way: what must come back with the answer.

    ``kind`` is oidc, passkey or enrolment; ``browser_hash`` binds it to the browser that began; ``sealed`` holds the
    nonce, the PKCE verifier or the challenge.
    """

    state_hash: str
    kind: str
    browser_hash: str
    sealed: bytes
    expires_at: datetime


class StaffCredentials(Protocol):
    """How accounts sign in."""

    def save_password(self, credential: PasswordAndCode) -> None:
        """Set, or replace, the password and the secret of the codes."""
        ...

    def password(self, staff_id: str) -> PasswordAndCode | None:
        """The account's password and codes, if it has any."""
        ...

    def use_step(self, staff_id: str, step: int) -> bool:
        """Note that the code of this time step was used; False when it, or a later one, already was."""
        ...

    def add_passkey(self, passkey: Passkey) -> None:
        """Keep a new passkey. Raises ``AlreadyExists`` when its id is known."""
        ...

    def passkey(self, credential_id: str) -> Passkey | None:
        """Find by credential id."""
        ...

    def passkeys(self, staff_id: str) -> tuple[Passkey, ...]:
        """The account's passkeys, oldest first."""
        ...

    def count_passkey(self, credential_id: str, sign_count: int) -> None:
        """Note the authenticator's counter after a use."""
        ...

    def forget(self, staff_id: str) -> None:
        """Forget every way of signing in that we keep for this account."""
        ...


class EnrolmentLinks(Protocol):
    """One-time links."""

    def issue(self, link: EnrolmentLink) -> None:
        """Keep a link; the earlier links of the same account end."""
        ...

    def find(self, link_hash: str, now: datetime) -> EnrolmentLink | None:
        """A link still to be used; None when unknown, used or expired."""
        ...

    def take(self, link_hash: str, now: datetime) -> EnrolmentLink | None:
        """Take the link out, once."""
        ...

    def revoke(self, staff_id: str) -> None:
        """End the links of an account."""
        ...


class PendingSignIns(Protocol):
    """Sign-ins on their way."""

    def begin(self, pending: PendingSignIn) -> None:
        """Keep one until its answer comes."""
        ...

    def take(self, state_hash: str, kind: str, now: datetime) -> PendingSignIn | None:
        """Take it out, once; None when unknown, of another kind, used or expired."""
        ...


class Attempts(Protocol):
    """Failed attempts, by the hash of the login that was typed, whether an account has it or not."""

    def begin(self, login_hash: str, now: datetime, wait: Callable[[int], timedelta]) -> bool:
        """Count an attempt as failed, until ``clear``; False, and nothing counted, while this login must wait.

        ``wait`` gives the time to wait after so many failures. Attempts sent at once are counted one by one.
        """
        ...

    def clear(self, login_hash: str) -> None:
        """Forget the failures: somebody proved who they are."""
        ...


@dataclass(frozen=True, slots=True)
class StaffAccess:
    """Every port of signing in and being signed in; ``purge`` deletes what has ended and returns how many rows went."""

    sessions: StaffSessions
    grants: BreakGlassGrants
    feeds: CalendarFeeds
    credentials: StaffCredentials
    links: EnrolmentLinks
    pending: PendingSignIns
    attempts: Attempts
    purge: Callable[[datetime], int]
