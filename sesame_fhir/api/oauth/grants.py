"""The three ways to get tokens, and what SMART adds to them.

Authlib keeps the protocol's order and error codes; our subclasses say where codes and tokens are kept.
"""

from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from sesame_fhir.api.bearer import acting
from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.launches import CONTEXT_FIELDS
from sesame_fhir.api.oauth.id_token import id_token
from sesame_fhir.api.oauth.models import ALL_METHODS, Approval, ClientView, CodeView, GrantView
from sesame_fhir.api.scopes import INTROSPECT, grantable
from sesame_fhir.services.authorization import AuthorizationCode

BACKEND_SECONDS = 300
"""SMART Backend Services: access tokens live five minutes at most."""


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib ships no types
    """Authorization code, exchanged once."""

    TOKEN_ENDPOINT_AUTH_METHODS = ALL_METHODS

    @property
    def deps(self) -> ApiDeps:
        """The server's ports."""
        found: ApiDeps = self.server.deps
        return found

    def generate_authorization_code(self) -> str:
        """256 random bits."""
        return self.deps.ids.secret()

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep the code with everything the token will need."""
        approval: Approval = request.user
        data = request.payload.data
        now = self.deps.clock.now()
        self.deps.authorization.save_code(
            AuthorizationCode(
                code_hash=secret_hash(code),
                client_id=request.client.client_id,
                redirect_uri=request.payload.redirect_uri,
                scope=_granted(request, approval),
                code_challenge=data["code_challenge"],
                nonce=data.get("nonce"),
                subject=approval.subject,
                context=approval.context,
                auth_time=approval.auth_time,
                expires_at=now + timedelta(seconds=self.deps.code_seconds),
            )
        )

    def query_authorization_code(self, code: str, client: ClientView) -> CodeView | None:
        """Take the code out. One that is not there any more may have been stolen: the tokens it gave are revoked."""
        hashed = secret_hash(code)
        found = self.deps.authorization.take_code(hashed, self.deps.clock.now())
        if found is None:
            self.deps.authorization.revoke(hashed)
            return None
        return CodeView(found) if found.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: CodeView) -> None:
        """Nothing left to do: taking a code out deletes it."""

    def authenticate_user(self, authorization_code: CodeView) -> str:
        """Who approved."""
        return authorization_code.code.subject


def _granted(request: Any, approval: Approval) -> str:
    """What is left of the scope once the context is known: ``patient/`` scopes need a patient, and so on.

    Raises:
        InvalidScopeError: nothing is left; goes back to the app.
    """
    client: ClientView = request.client
    compartments = frozenset({"patient", "user"} if "patient" in approval.context else {"user"})
    granted = grantable(request.scope, client.client.scopes, compartments).split()
    missing = {f"launch/{field}" for field in ("patient", "encounter") if field not in approval.context}
    kept = " ".join(one for one in granted if one not in missing)
    if not kept:
        raise InvalidScopeError(redirect_uri=request.payload.redirect_uri)
    return kept


IDENTITY_SCOPES = frozenset({"openid", "fhirUser", "profile"})
"""A token for these alone reads nothing: it only says who signed in."""


class SmartRules(CodeChallenge):  # type: ignore[misc]  # Authlib ships no types
    """What every authorization request must hold: PKCE by S256, a ``state``, and for SMART our ``aud``.

    A plain OpenID Connect client asks for identity scopes only and knows no ``aud``.
    """

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse before anybody is asked anything."""
        super().validate_code_challenge(grant, redirect_uri)
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with code_challenge_method S256 is required")
        plain = "aud" not in data and IDENTITY_SCOPES.issuperset(data.get("scope", "").split())
        if not plain and data.get("aud") != grant.server.deps.base_url:
            raise InvalidRequestError("aud is not this FHIR server")
        if not data.get("state"):
            raise InvalidRequestError("state is required")


class LaunchContext:
    """Adds the SMART context and the id_token to the token response."""

    def __call__(self, grant: Any) -> None:
        """Authlib's way to extend a grant."""
        grant.register_hook("after_create_token_response", self._complete)

    @staticmethod
    def _complete(grant: Any, response: tuple[int, dict[str, Any], Any]) -> None:
        token = response[1]
        code: AuthorizationCode | None = getattr(grant.request.authorization_code, "code", None)
        context = code.context if code else grant.request.refresh_token.grant.context
        scopes = set(token["scope"].split())
        token.update(visible_context(context))
        if code is not None and "openid" in scopes:
            token["id_token"] = id_token(grant.server.deps, code, scopes, token)


def visible_context(context: Any) -> dict[str, Any]:
    """The launch context fields that a client is told."""
    return {field: context[field] for field in CONTEXT_FIELDS if field in context}


class RotatingRefreshGrant(RefreshTokenGrant):  # type: ignore[misc]  # Authlib ships no types
    """Refresh tokens work once. A second use means that two parties hold it: the whole family is revoked."""

    TOKEN_ENDPOINT_AUTH_METHODS = ALL_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> GrantView | None:
        """The tokens it belongs to, still valid."""
        deps: ApiDeps = self.server.deps
        found = deps.authorization.by_refresh(secret_hash(refresh_token))
        if found is None:
            return None
        view = GrantView(found, deps.clock.now(), by_refresh_token=True)
        if view.is_revoked():
            deps.authorization.revoke(found.family)
            return None
        return view if not view.is_expired() and acting(deps, found) else None

    def authenticate_user(self, refresh_token: GrantView) -> str:
        """Who approved."""
        return refresh_token.grant.subject

    def revoke_old_credential(self, refresh_token: GrantView) -> None:
        """Nothing left to do: saving the fresh tokens replaced the old ones, in one transaction."""


class BackendGrant(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib ships no types
    """SMART Backend Services: ``system/`` scopes for an asymmetric client that acts for itself."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("private_key_jwt",)

    def validate_requested_scope(self) -> None:
        """Keep the system scopes that the client is registered for.

        Raises:
            InvalidScopeError: none asked or none left.
        """
        client: ClientView = self.request.client
        scope = grantable(self.request.payload.scope or "", client.client.scopes, frozenset({"system"}))
        scope = " ".join(one for one in scope.split() if one.startswith("system/") or one == INTROSPECT)
        if not scope:
            raise InvalidScopeError
        self.request.scope = scope

    def generate_token(self, **_wanted: Any) -> dict[str, Any]:
        """A short token for the scope kept (Authlib would give the scope asked), never a refresh token."""
        token: dict[str, Any] = super().generate_token(
            scope=self.request.scope, expires_in=BACKEND_SECONDS, include_refresh_token=False
        )
        return token
