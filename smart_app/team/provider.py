"""What an OpenID provider says about itself and about a person, and whose account that is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sesame_fhir.domain.identifiers import InvalidIdentifier, Rpps
from sesame_fhir.fhir.errors import UnreadableBody
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.services.staff import StaffMember
from smart_app.deps import AppDeps
from smart_app.ehr.cache import ShortCache
from smart_app.ehr.public_json import fetch_json
from smart_app.ehr.transport import Bearer, Call, TransportError, open_session, send
from smart_app.errors import AppError
from smart_app.launch.discovery import DISCOVERY_CODES, checked_url
from smart_app.team.settings import OidcProvider

_MAX_BYTES = 64 * 1024
_OK = 200
_RPPS = re.compile(r"8?(\d{11})")
"""Pro Santé Connect gives ``SubjectNameID``: the national identifier, an 8 before the RPPS (ANS, IdNat_PS)."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What we use of a discovery document; URLs are absolute and checked."""

    issuer: str
    authorization: str
    token: str
    jwks: str
    userinfo: str | None
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom a provider vouches for."""

    issuer: str
    subject: str
    rpps: Rpps | None = None

    @property
    def external(self) -> str:
        """How an account names this person."""
        return f"{self.issuer}|{self.subject}"


_CACHE: ShortCache[Endpoints] = ShortCache(timedelta(minutes=5))


def endpoints(deps: AppDeps, provider: OidcProvider) -> Endpoints:
    """The provider's endpoints, remembered for five minutes.

    Raises:
        AppError: discovery-timeout, discovery-unreachable, discovery-invalid.
    """
    return _CACHE.get(provider.issuer, deps.clock.now(), lambda: _ask(provider.issuer, deps.http_timeout))


def rpps_claim(
    deps: AppDeps, provider: OidcProvider, found: Endpoints, claims: Mapping[str, Any], access_token: str
) -> Rpps | None:
    """The RPPS in the claim that the settings name: of the id_token, else of the userinfo endpoint."""
    if provider.claim is None:
        return None
    value = claims.get(provider.claim)
    if value is None and found.userinfo is not None:
        told = _userinfo(deps, found.userinfo, access_token)
        # OpenID Connect Core 5.3.2: an answer about somebody else must not be used.
        value = told.get(provider.claim) if told.get("sub") == claims["sub"] else None
    match = _RPPS.fullmatch(value) if isinstance(value, str) else None
    try:
        return Rpps.parse(match[1]) if match else None
    except InvalidIdentifier:
        return None


def find_member(deps: AppDeps, provider: OidcProvider, identity: Identity) -> StaffMember | None:
    """The active account of an identity: by ``issuer|sub``, else by RPPS where the settings trust the provider's."""
    member = deps.staff.by_external(identity.external)
    if member is None and provider.claim is not None and identity.rpps is not None:
        member = deps.staff.by_actor(identity.rpps.value)
    return member if member is not None and member.active else None


def _ask(issuer: str, timeout: float) -> Endpoints:
    try:
        document = fetch_json(checked_url(issuer, f"{issuer.rstrip('/')}/.well-known/openid-configuration"), timeout)
    except TransportError as broken:
        raise AppError(DISCOVERY_CODES[broken.fault]) from None
    if document.get("issuer") != issuer:
        raise AppError("discovery-invalid")
    userinfo = document.get("userinfo_endpoint")
    return Endpoints(
        issuer=issuer,
        authorization=checked_url(issuer, document.get("authorization_endpoint")),
        token=checked_url(issuer, document.get("token_endpoint")),
        jwks=checked_url(issuer, document.get("jwks_uri")),
        userinfo=None if userinfo is None else checked_url(issuer, userinfo),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _userinfo(deps: AppDeps, url: str, access_token: str) -> Mapping[str, Any]:
    """What the provider tells about the bearer; empty when it does not answer in JSON."""
    call = Call("GET", url, headers={"Accept": "application/json"})
    try:
        with open_session() as session:
            reply = send(session, call, timeout=deps.http_timeout, auth=Bearer(access_token), max_bytes=_MAX_BYTES)
        return read_json(reply.content, max_bytes=_MAX_BYTES) if reply.status == _OK else {}
    except (TransportError, UnreadableBody):
        return {}
