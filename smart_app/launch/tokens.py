"""The access token of an open launch: unsealed when needed, refreshed ahead of its expiry, by one caller at a time.

An authorization server that rotates refresh tokens revokes the whole grant when an old one comes twice. So one worker
claims the refresh through the store (which all workers share), and the others wait and read again.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from sesame_fhir.services.errors import VaultError
from sesame_fhir.services.ports import Vault
from sesame_fhir.services.records import LaunchSession
from smart_app.deps import AppDeps
from smart_app.ehr.client import EhrClient
from smart_app.errors import LaunchExpired
from smart_app.launch.exchange import TokenFault, TokenRefused, TokenUnavailable, refresh

AHEAD = timedelta(seconds=60)
"""A token is replaced when it has less than this to live."""

_POLL_SECONDS = 0.05
_LEASE_MARGIN_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is sealed in the launch. ``token_endpoint`` is kept so that a refresh needs no discovery."""

    access_token: str
    refresh_token: str | None
    token_endpoint: str


def seal_tokens(vault: Vault, launch_hash: str, tokens: Tokens) -> bytes:
    """Encrypt tokens, bound to their launch."""
    plain = orjson.dumps(
        {"access": tokens.access_token, "refresh": tokens.refresh_token, "endpoint": tokens.token_endpoint}
    )
    return vault.seal(plain, _context(launch_hash))


def unseal_tokens(vault: Vault, session: LaunchSession) -> Tokens:
    """Decrypt a launch's tokens. Raises LaunchExpired when they cannot be read any more (key replaced)."""
    try:
        data: Mapping[str, Any] = orjson.loads(vault.unseal(session.tokens, _context(session.launch_hash)))
    except VaultError:
        raise LaunchExpired from None
    return Tokens(data["access"], data["refresh"], data["endpoint"])


def access_token(deps: AppDeps, session: LaunchSession) -> str:
    """The token to use now, refreshed ahead of its expiry. Raises LaunchExpired when there is none to be had."""
    return LaunchTokens(deps, session).current()


def client_for(deps: AppDeps, session: LaunchSession) -> EhrClient:
    """A client for the launch's EHR, to be closed by the caller. Raises LaunchExpired for an EHR no longer known."""
    registration = deps.ehrs.by_id(session.ehr_id)
    if registration is None:
        raise LaunchExpired
    return EhrClient(registration.issuer, LaunchTokens(deps, session), deps.http_timeout, deps.clock)


class LaunchTokens:
    """The ``TokenProvider`` of one open launch."""

    def __init__(self, deps: AppDeps, session: LaunchSession) -> None:
        self._deps = deps
        self._session = session

    def current(self) -> str:
        """The token to use now. Raises LaunchExpired."""
        return self._settle(rejected=None)

    def renewed(self, rejected: str) -> str:
        """A token other than the rejected one. Raises LaunchExpired."""
        return self._settle(rejected=rejected)

    def _settle(self, rejected: str | None) -> str:
        give_up = time.monotonic() + self._lease_seconds()
        stale = True
        while True:
            tokens = unseal_tokens(self._deps.vault, self._session)
            now = self._deps.clock.now()
            if tokens.access_token != rejected and self._session.token_expires_at - now > AHEAD:
                return tokens.access_token
            if stale:
                # Another worker may have refreshed since this session was read.
                stale = False
                self._reread()
                continue
            if tokens.refresh_token is None:
                return self._last_resort(tokens, rejected, now)
            if self._claim(now):
                return self._refresh(tokens, rejected)
            if time.monotonic() > give_up:
                return self._last_resort(tokens, rejected, now)
            time.sleep(_POLL_SECONDS)
            self._reread()

    def _claim(self, now: datetime) -> bool:
        session = self._session
        return self._deps.launches.claim_refresh(
            session.launch_hash, session.token_expires_at, now, self._lease_seconds()
        )

    def _refresh(self, tokens: Tokens, rejected: str | None) -> str:
        session, deps = self._session, self._deps
        registration = deps.ehrs.by_id(session.ehr_id)
        if registration is None or tokens.refresh_token is None:
            raise LaunchExpired
        try:
            fresh = refresh(deps, registration, tokens.token_endpoint, tokens.refresh_token)
        except TokenRefused as refused:
            # The grant is over: keep no refresh token, so that nobody tries it again.
            over = refused.error == "invalid_grant"
            kept = Tokens(tokens.access_token, None, tokens.token_endpoint) if over else tokens
            self._save(kept, session.token_expires_at)
            return self._last_resort(tokens, rejected, deps.clock.now())
        except (TokenUnavailable, TokenFault):
            self._save(tokens, session.token_expires_at)
            return self._last_resort(tokens, rejected, deps.clock.now())
        kept = Tokens(fresh.access_token, fresh.refresh_token or tokens.refresh_token, tokens.token_endpoint)
        self._save(kept, fresh.expires_at, fresh.scope)
        self._reread()
        return fresh.access_token

    def _save(self, tokens: Tokens, expires_at: datetime, scope: str | None = None) -> None:
        session, deps = self._session, self._deps
        sealed = seal_tokens(deps.vault, session.launch_hash, tokens)
        granted = scope if scope is not None else session.granted_scopes
        deps.launches.save_tokens(session.launch_hash, sealed, expires_at, granted)

    def _reread(self) -> None:
        found = self._deps.launches.get(self._session.launch_hash, self._deps.clock.now())
        if found is None:
            raise LaunchExpired("launch-expired")
        self._session = found

    def _last_resort(self, tokens: Tokens, rejected: str | None, now: datetime) -> str:
        """Without a fresh token, the present one serves to its last second, unless the EHR has rejected it."""
        if tokens.access_token == rejected or self._session.token_expires_at <= now:
            raise LaunchExpired
        return tokens.access_token

    def _lease_seconds(self) -> int:
        # A call may take its timeout twice, once to connect and once to answer.
        return 2 * int(self._deps.http_timeout) + _LEASE_MARGIN_SECONDS


def _context(launch_hash: str) -> str:
    return f"launch:{launch_hash}"
