"""The token endpoint: a code, or a refresh token, for tokens. Authlib speaks the protocol; the limits are ours."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from sesame_fhir.fhir.errors import UnreadableBody
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.services.records import EhrRegistration
from smart_app.deps import AppDeps
from smart_app.ehr.transport import TransportError, bypass_proxies, harden, read_limited
from smart_app.launch.client_auth import ClientAuth, client_auth

DEFAULT_LIFETIME = 3600
"""Seconds, when the server gives no ``expires_in``: SMART's longest; a 401 before then also leads to a refresh."""

_LONGEST_LIFETIME = 86_400
_MAX_BYTES = 256 * 1024
_OAUTH_ERRORS = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)


class TokenRefused(Exception):  # noqa: N818  named as the answer it stands for
    """The server said no; ``error`` is one of OAuth's codes, or ``other``."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class TokenUnavailable(Exception):  # noqa: N818  named as the fact it reports
    """No answer, or a server error: worth another try."""


class TokenFault(Exception):  # noqa: N818  named as the fact it reports
    """An answer that cannot be used."""


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """A usable token response. ``scope`` is None when the server left it out; ``context`` is the whole answer."""

    access_token: str
    refresh_token: str | None
    expires_at: datetime
    scope: str | None
    id_token: str | None
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TokenClient:
    """Who asks at a token endpoint, and how it proves it."""

    client_id: str
    auth: ClientAuth


class _LimitedReply:
    """What Authlib reads instead of the raw response: size and time limited, strict JSON, errors already sorted."""

    def __init__(self, response: requests.Response, deadline: float) -> None:
        with response:
            content = read_limited(response, deadline, _MAX_BYTES)
        self.status_code = response.status_code
        self._body = self._parse(content)

    def json(self) -> Json:
        """The token response."""
        return self._body

    def raise_for_status(self) -> None:
        """Nothing: the status was judged on construction."""

    def _parse(self, content: bytes) -> Json:
        if self.status_code >= 500 or self.status_code == 429:  # noqa: PLR2004  HTTP status
            raise TokenUnavailable
        try:
            body = read_json(content, max_bytes=_MAX_BYTES)
        except UnreadableBody:
            raise TokenFault from None
        if not 200 <= self.status_code < 300:  # noqa: PLR2004  HTTP status
            error = body.get("error")
            raise TokenRefused(error if isinstance(error, str) and error in _OAUTH_ERRORS else "other")
        body["expires_in"] = _lifetime(body.get("expires_in"))
        body.pop("expires_at", None)
        return body


def exchange(
    deps: AppDeps, registration: EhrRegistration, token_endpoint: str, *, code: str, verifier: str, redirect_uri: str
) -> TokenAnswer:
    """Exchange an EHR's authorization code. Raises TokenRefused, TokenUnavailable, TokenFault."""
    client = _client(deps, registration, token_endpoint)
    return exchange_code(deps, client, token_endpoint, code=code, verifier=verifier, redirect_uri=redirect_uri)


def exchange_code(
    deps: AppDeps, client: TokenClient, token_endpoint: str, *, code: str, verifier: str, redirect_uri: str
) -> TokenAnswer:
    """Exchange an authorization code. Raises TokenRefused, TokenUnavailable, TokenFault."""
    params = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": redirect_uri}
    return _ask(deps, client, token_endpoint, "fetch_token", params)


def refresh(deps: AppDeps, registration: EhrRegistration, token_endpoint: str, refresh_token: str) -> TokenAnswer:
    """Exchange a refresh token, for the scopes already granted. Raises TokenRefused, TokenUnavailable, TokenFault."""
    client = _client(deps, registration, token_endpoint)
    return _ask(deps, client, token_endpoint, "refresh_token", {"refresh_token": refresh_token})


def _client(deps: AppDeps, registration: EhrRegistration, token_endpoint: str) -> TokenClient:
    return TokenClient(registration.client_id, client_auth(deps, registration, token_endpoint))


def _ask(
    deps: AppDeps, client: TokenClient, token_endpoint: str, operation: str, params: Mapping[str, str]
) -> TokenAnswer:
    auth = client.auth
    asked_at = deps.clock.now()
    deadline = time.monotonic() + deps.http_timeout
    with OAuth2Session(client.client_id, auth.secret, token_endpoint_auth_method=auth.method) as session:
        harden(session)
        for hook in ("access_token_response", "refresh_token_response"):
            session.register_compliance_hook(hook, lambda response: _LimitedReply(response, deadline))
        try:
            answer = getattr(session, operation)(
                token_endpoint,
                timeout=deps.http_timeout,
                allow_redirects=False,
                stream=True,
                proxies=bypass_proxies(token_endpoint),
                **params,
            )
        except OAuthError:
            raise TokenRefused("other") from None
        except (TransportError, requests.RequestException, OSError):
            raise TokenUnavailable from None
        except ValueError:
            raise TokenFault from None
    return _answer(dict(answer), asked_at)


def _answer(answer: Mapping[str, Any], asked_at: datetime) -> TokenAnswer:
    token, kind = answer.get("access_token"), answer.get("token_type")
    if not (isinstance(token, str) and token.isascii() and token.isprintable() and token and " " not in token):
        raise TokenFault
    if not (isinstance(kind, str) and kind.lower() == "bearer"):
        raise TokenFault
    return TokenAnswer(
        access_token=token,
        refresh_token=_text(answer.get("refresh_token")),
        expires_at=asked_at + timedelta(seconds=int(answer["expires_in"])),
        scope=_text(answer.get("scope")),
        id_token=_text(answer.get("id_token")),
        context=answer,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _lifetime(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:  # noqa: PLR2004  digits
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value <= 0:
        return DEFAULT_LIFETIME
    return min(int(value), _LONGEST_LIFETIME)
