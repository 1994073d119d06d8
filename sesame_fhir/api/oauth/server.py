"""The authorization server: Authlib's machinery over our store, independent of Flask.

Authlib's Flask integration is not used: it reads the global request, generates tokens from the application's
configuration and keeps nothing of the launch context; the framework-agnostic class under it does not.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidGrantError, OAuth2Payload, OAuth2Request
from flask import Request, Response, json

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.oauth.client_assertion import ClientAssertion
from sesame_fhir.api.oauth.client_secret import client_secret_basic
from sesame_fhir.api.oauth.grants import BackendGrant, CodeGrant, LaunchContext, RotatingRefreshGrant, SmartRules
from sesame_fhir.api.oauth.models import REFRESH_SCOPE, ClientView, GrantView
from sesame_fhir.api.oauth.public_client import public_client
from sesame_fhir.api.oauth.token_endpoints import Introspection, Revocation
from sesame_fhir.services.authorization import TokenGrant


class _Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib ships no types
    """Query parameters of a GET, form of a POST; never a mixture of both."""

    def __init__(self, request: Request) -> None:
        self._values = request.form if request.method == "POST" else request.args

    @property
    def data(self) -> Any:
        """First value of each parameter."""
        return self._values

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        """All values of each parameter."""
        return defaultdict(list, {name: self._values.getlist(name) for name in self._values})


class HttpRequest(OAuth2Request):  # type: ignore[misc]  # Authlib ships no types
    """A Flask request as Authlib wants it. ``url`` is our configured address, not what a Host header claims."""

    def __init__(self, request: Request, url: str) -> None:
        super().__init__(request.method, url, headers=request.headers)
        self._request = request
        self.payload = _Payload(request)

    @property
    def args(self) -> Any:
        """Query parameters."""
        return self._request.args

    @property
    def form(self) -> Any:
        """Form parameters."""
        return self._request.form


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where fresh tokens come from."""

    family: str
    subject: str
    context: dict[str, Any]
    refresh_until: datetime | None
    replaces: str | None = None


class SmartServer(AuthorizationServer):  # type: ignore[misc]  # Authlib ships no types
    """One server over one set of ports."""

    def __init__(self, deps: ApiDeps) -> None:
        super().__init__()
        self.deps = deps
        self.register_client_auth_method("private_key_jwt", ClientAssertion(deps))
        self.register_client_auth_method("client_secret_basic", client_secret_basic)
        self.register_client_auth_method("none", public_client(deps))
        self.register_grant(CodeGrant, [SmartRules(required=True), LaunchContext()])
        self.register_grant(RotatingRefreshGrant, [LaunchContext()])
        self.register_grant(BackendGrant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def query_client(self, client_id: str) -> ClientView | None:
        """A registered client."""
        found = self.deps.authorization.client(client_id)
        return ClientView(found) if found and found.active else None

    def create_oauth2_request(self, request: Any) -> Any:
        """Adapt a Flask request; an adapted one passes through."""
        return request if isinstance(request, HttpRequest) else HttpRequest(request, self.deps.oauth_base)

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        """Answer with Flask."""
        return Response(json.dumps(body) if isinstance(body, dict) else body, status=status, headers=headers)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def generate_token(  # noqa: PLR0917  Authlib's signature
        self,
        grant_type: str,  # noqa: ARG002  same
        client: ClientView,  # noqa: ARG002  same
        user: str | None = None,  # noqa: ARG002  same
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,  # noqa: FBT001, FBT002  same
    ) -> dict[str, Any]:
        """A token response; a refresh token only when the scope asks for one (SMART: online_access, offline_access)."""
        lifetime = min(expires_in or self.deps.access_token_seconds, self.deps.access_token_seconds)
        token: dict[str, Any] = {
            "token_type": "Bearer",
            "access_token": self.deps.ids.secret(),
            "expires_in": lifetime,
            "scope": scope or "",
        }
        if include_refresh_token and {"online_access", "offline_access"} & set(token["scope"].split()):
            token["refresh_token"] = self.deps.ids.secret()
        return token

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Store the hashes of fresh tokens.

        Raises:
            InvalidGrantError: the refresh token was used by somebody else a moment ago; the family is revoked.
        """
        now = self.deps.clock.now()
        origin = self._origin(token, request, now)
        refresh = token.get("refresh_token")
        grant = TokenGrant(
            access_hash=secret_hash(token["access_token"]),
            refresh_hash=secret_hash(refresh) if refresh else None,
            family=origin.family,
            client_id=request.client.client_id,
            subject=origin.subject,
            scope=token["scope"],
            context=origin.context,
            issued_at=now,
            expires_at=now + timedelta(seconds=token["expires_in"]),
            refresh_expires_at=origin.refresh_until if refresh else None,
        )
        if origin.replaces is None:
            self.deps.authorization.save_grant(grant)
        elif not self.deps.authorization.rotate(origin.replaces, grant):
            self.deps.authorization.revoke(origin.family)
            raise InvalidGrantError

    def _origin(self, token: dict[str, Any], request: Any, now: datetime) -> _Origin:
        if request.authorization_code is not None:
            code = request.authorization_code.code
            offline = "offline_access" in code.scope.split()
            lifetime = self.deps.offline_seconds if offline else self.deps.session_seconds
            # The family is named by the code, so that a second use of the code finds what the first one gave.
            return _Origin(code.code_hash, code.subject, dict(code.context), now + timedelta(seconds=lifetime))
        if request.refresh_token is not None:
            return _renewed(request.refresh_token, token["scope"])
        return _Origin(self.deps.ids.new(), request.client.client_id, {}, None)


def _renewed(old: GrantView, scope: str) -> _Origin:
    grant = old.grant
    context = {name: value for name, value in grant.context.items() if name != REFRESH_SCOPE}
    if scope != old.get_scope():
        context[REFRESH_SCOPE] = old.get_scope()
    return _Origin(grant.family, grant.subject, context, grant.refresh_expires_at, grant.refresh_hash)
