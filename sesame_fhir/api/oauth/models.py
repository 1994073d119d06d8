"""Our stored records in the shape that Authlib asks questions to."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.scopes import grantable, parse_scope
from sesame_fhir.services.authorization import AuthorizationCode, OAuthClient, TokenGrant
from sesame_fhir.services.records import ClientKind

AUTH_METHODS = {
    ClientKind.PUBLIC: "none",
    ClientKind.SYMMETRIC: "client_secret_basic",
    ClientKind.ASYMMETRIC: "private_key_jwt",
}
"""How each kind of client authenticates, and no other way. The order of ``ALL_METHODS`` is the order of trial."""

ALL_METHODS = ["private_key_jwt", "client_secret_basic", "none"]


@dataclass(frozen=True)
class Approval:
    """A person's authorization: who, with which launch context, signed in when. Authlib calls it the user."""

    subject: str
    context: dict[str, Any]
    auth_time: datetime


@dataclass(frozen=True)
class ClientView(ClientMixin):  # type: ignore[misc]  # Authlib ships no types
    """A registered client."""

    client: OAuthClient

    @property
    def client_id(self) -> str:
        """Name under which the client is registered."""
        return self.client.client_id

    def get_client_id(self) -> str:
        """Same, for Authlib."""
        return self.client.client_id

    def get_default_redirect_uri(self) -> None:
        """None: SMART clients always say where to go."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The part of ``scope`` that a person's approval may give; None (refused) when nothing is left."""
        return grantable(scope or "", self.client.scopes, frozenset({"patient", "user"})) or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exact comparison of strings."""
        return redirect_uri in self.client.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Constant-time comparison of the hashes."""
        return hmac.compare_digest(self.client.secret_hash or "", secret_hash(client_secret))

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Every endpoint asks for the one method of this kind of client."""
        return AUTH_METHODS[self.client.kind] == method

    def check_response_type(self, response_type: str) -> bool:
        """Codes only: the implicit flow is not part of SMART 2."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Backend services need an asymmetric client with a system scope; the rest, a place to send people back to."""
        if grant_type == "client_credentials":
            scopes = [one for one in map(parse_scope, self.client.scopes) if one]
            return self.client.kind is ClientKind.ASYMMETRIC and any(one.compartment == "system" for one in scopes)
        return bool(self.client.redirect_uris)


@dataclass(frozen=True)
class CodeView(AuthorizationCodeMixin):  # type: ignore[misc]  # Authlib ships no types
    """A code that has been taken out for its exchange."""

    code: AuthorizationCode
    code_challenge_method = "S256"

    @property
    def code_challenge(self) -> str:
        """The PKCE challenge."""
        return self.code.code_challenge

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.code.redirect_uri

    def get_scope(self) -> str:
        """What was granted."""
        return self.code.scope


@dataclass(frozen=True)
class GrantView(TokenMixin):  # type: ignore[misc]  # Authlib ships no types
    """Stored tokens. ``now`` is the time of the request that asks."""

    grant: TokenGrant
    now: datetime
    by_refresh_token: bool = False

    def check_client(self, client: ClientView) -> bool:
        """Tokens belong to the client they were issued to."""
        return self.grant.client_id == client.client_id

    def get_scope(self) -> str:
        """What was granted; a refresh token keeps the whole of it when an access token was narrowed (RFC 6749, 6)."""
        whole = self.grant.context.get(REFRESH_SCOPE)
        return whole if self.by_refresh_token and isinstance(whole, str) else self.grant.scope

    def is_expired(self) -> bool:
        """True once the token presented is too old."""
        expires_at = self.grant.refresh_expires_at if self.by_refresh_token else self.grant.expires_at
        return expires_at is None or expires_at <= self.now

    def is_revoked(self) -> bool:
        """True once revoked or replaced."""
        return self.grant.revoked


REFRESH_SCOPE = "refresh_scope"
"""Key in a grant's context: the scope of its refresh token, when the access token has less."""
