"""Introspection (RFC 7662) and revocation (RFC 7009): a client asks about, or gives back, its own tokens."""

from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from sesame_fhir.api.bearer import Caller, acting
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.oauth.grants import visible_context
from sesame_fhir.api.oauth.id_token import fhir_user
from sesame_fhir.api.oauth.models import ALL_METHODS, ClientView, GrantView
from sesame_fhir.api.scopes import INTROSPECT
from sesame_fhir.fhir.errors import NotAllowed


def _find(deps: ApiDeps, token: str) -> GrantView | None:
    """Look for an access token, then for a refresh token; hints are not needed, the hashes differ."""
    hashed, now = secret_hash(token), deps.clock.now()
    by_access = deps.authorization.by_access(hashed)
    if by_access is not None:
        return GrantView(by_access, now)
    by_refresh = deps.authorization.by_refresh(hashed)
    return GrantView(by_refresh, now, by_refresh_token=True) if by_refresh else None


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """Giving back one token ends its whole family: the access is over, not one copy of it."""

    CLIENT_AUTH_METHODS = ALL_METHODS

    def query_token(self, token: str, _hint: str | None) -> GrantView | None:
        """Find either kind of token."""
        return _find(self.server.deps, token)

    def revoke_token(self, token: GrantView, _request: Any) -> None:
        """End the family."""
        self.server.deps.authorization.revoke(token.grant.family)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]  # Authlib ships no types
    """What a token of the asking client still is."""

    CLIENT_AUTH_METHODS = ALL_METHODS

    def query_token(self, token: str, _hint: str | None) -> GrantView | None:
        """Find either kind of token, of somebody who may act still."""
        found = _find(self.server.deps, token)
        return found if found is not None and acting(self.server.deps, found.grant) else None

    def check_permission(self, token: GrantView, client: ClientView, _request: Any) -> bool:
        """Own tokens only; anybody else learns ``active: false``."""
        return token.check_client(client)

    def introspect_token(self, token: GrantView) -> dict[str, Any]:
        """As ``describe``."""
        return describe(self.server.deps, token)


def introspected(deps: ApiDeps, caller: Caller, token: str) -> dict[str, Any]:
    """What any client's token still is, for the bearer of a token with our ``introspect`` scope.

    Raises:
        NotAllowed: the bearer's token has not the scope.
    """
    if INTROSPECT not in caller.grant.scope.split():
        raise NotAllowed
    found = _find(deps, token)
    live = found is not None and not found.is_expired() and not found.is_revoked() and acting(deps, found.grant)
    return describe(deps, found) if found is not None and live else {"active": False}


def describe(deps: ApiDeps, token: GrantView) -> dict[str, Any]:
    """SMART 2.2: scope, expiry, launch context, and the id_token's claims when there was one."""
    grant = token.grant
    expires_at = grant.refresh_expires_at if token.by_refresh_token else grant.expires_at
    told: dict[str, Any] = {
        "active": True,
        "client_id": grant.client_id,
        "scope": token.get_scope(),
        "token_type": "Bearer",
        "exp": int(expires_at.timestamp()) if expires_at else None,
        "iat": int(grant.issued_at.timestamp()),
        **visible_context(grant.context),
    }
    scopes = grant.scope.split()
    if "openid" in scopes:
        told |= {"iss": deps.base_url, "sub": grant.subject}
    if "fhirUser" in scopes:
        told["fhirUser"] = fhir_user(deps, grant.subject)
    return told
