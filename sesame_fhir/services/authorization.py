"""Values and port of our own authorization server: clients, launches it issued, codes, tokens, browser sessions.

Secrets never rest in clear: every ``*_hash`` is the SHA-256 of a 256-bit random value.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.records import ClientKind
from sesame_fhir.services.staff import StaffMember


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A registered app. ``jwks`` is its public key set (asymmetric), ``secret_hash`` its hashed secret (symmetric).

    ``sites`` are whose data it may reach, through whomever it acts; empty: all of the deployment. ``origins`` may call
    us from a browser (CORS); ``notify_origins`` may be named as endpoints of its subscriptions.
    ``may_assert_professionals``: what it writes may name the professional who acted. A client that is not ``active``
    gets nothing, and the tokens it has open nothing.
    """

    client_id: str
    name: str
    kind: ClientKind
    redirect_uris: tuple[str, ...]
    launch_uri: str | None
    scopes: tuple[str, ...]
    secret_hash: str | None = None
    jwks: Mapping[str, Any] | None = None
    jwks_uri: str | None = None
    sites: tuple[SiteId, ...] = ()
    origins: tuple[str, ...] = ()
    notify_origins: tuple[str, ...] = ()
    may_assert_professionals: bool = False
    active: bool = True

    @property
    def jwks_text(self) -> str:
        """The registered key set as it is written; empty when there is none."""
        return "" if self.jwks is None else json.dumps(self.jwks)


@dataclass(frozen=True, slots=True)
class IssuedLaunch:
    """A ``launch`` parameter we handed out: who launched, and the SMART context that comes with it.

    ``context`` holds the token response's fields: patient, encounter, fhirContext, intent, need_patient_banner,
    smart_style_url.
    """

    launch_hash: str
    client_id: str
    subject: str
    context: Mapping[str, Any]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """A code waiting to be exchanged, once."""

    code_hash: str
    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str
    nonce: str | None
    subject: str
    context: Mapping[str, Any]
    auth_time: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """An access token and its refresh token. ``family`` links rotated tokens: reuse of an old one revokes them all."""

    access_hash: str
    refresh_hash: str | None
    family: str
    client_id: str
    subject: str
    scope: str
    context: Mapping[str, Any]
    issued_at: datetime
    expires_at: datetime
    refresh_expires_at: datetime | None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Presented:
    """An access token with what its client may reach now; ``sites`` empty: all of the deployment."""

    grant: TokenGrant
    sites: tuple[SiteId, ...]
    may_assert_professionals: bool


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """A person signed in at the authorization server. ``subject`` is ``Practitioner/<id>``."""

    session_hash: str
    subject: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Whoever is behind a request of a browser, signed in since then; ``subject`` is ``Practitioner/<id>``.

    ``session`` is known to this browser's session and to nobody else. ``member`` is the account of SÉSAME's own team;
    None where people are not ours (an EHR's).
    """

    subject: str
    since: datetime
    session: str
    member: StaffMember | None = None


FindPerson = Callable[[Mapping[str, str]], SignedInPerson | None]
"""From a request's cookies to who is signed in, if anybody is."""


STAFF_ID = "staff_id"
"""Key in a launch's or a token's context: the account of our team that acts. Its role and sites are those it has when
the token is presented, not those of the day it was given."""


class AuthorizationStore(Protocol):
    """State of the authorization server."""

    def save_client(self, client: OAuthClient) -> None:
        """Register or replace a client."""
        ...

    def client(self, client_id: str) -> OAuthClient | None:
        """Find a client."""
        ...

    def clients(self) -> tuple[OAuthClient, ...]:
        """Every client, by id."""
        ...

    def remove_client(self, client_id: str) -> bool:
        """Forget a client and end its tokens; False when there was none."""
        ...

    def origins(self) -> frozenset[str]:
        """Origins that active clients are registered with."""
        ...

    def save_launch(self, launch: IssuedLaunch) -> None:
        """Keep a launch we handed out."""
        ...

    def launch(self, launch_hash: str, now: datetime) -> IssuedLaunch | None:
        """A launch still valid, None otherwise."""
        ...

    def save_code(self, code: AuthorizationCode) -> None:
        """Keep a fresh code."""
        ...

    def take_code(self, code_hash: str, now: datetime) -> AuthorizationCode | None:
        """Take a code out, once; None when unknown, used or expired."""
        ...

    def save_grant(self, grant: TokenGrant) -> None:
        """Store fresh tokens."""
        ...

    def by_access(self, access_hash: str) -> TokenGrant | None:
        """Find tokens by access token."""
        ...

    def presented(self, access_hash: str) -> Presented | None:
        """A token of an active client, with its client's limits: the hot path of every authorized read."""
        ...

    def by_refresh(self, refresh_hash: str) -> TokenGrant | None:
        """Find tokens by refresh token, revoked ones included."""
        ...

    def revoke(self, family: str) -> None:
        """Revoke every token of a family."""
        ...

    def revoke_client(self, client_id: str) -> None:
        """Revoke every token of a client."""
        ...

    def revoke_online(self, subject: str) -> None:
        """Revoke the tokens that somebody's approval gave for as long as they are there: all but offline access."""
        ...

    def rotate(self, old_refresh_hash: str, grant: TokenGrant) -> bool:
        """Replace tokens by fresh ones; False (and nothing stored) when the old refresh token was already used."""
        ...

    def first_use(self, issuer: str, jti: str, expires_at: datetime, now: datetime) -> bool:
        """True the first time an assertion's jti is seen (replay protection)."""
        ...

    def save_session(self, session: BrowserSession) -> None:
        """Sign a person in."""
        ...

    def session(self, session_hash: str, now: datetime) -> BrowserSession | None:
        """A session still valid."""
        ...

    def end_session(self, session_hash: str) -> None:
        """Sign out."""
        ...

    def purge(self, now: datetime) -> int:
        """Delete what has expired; returns how many rows went."""
        ...
