"""Who is in front of the screen: the id_token, verified as OpenID Connect Core 3.1.3.7 asks.

Only asymmetric signatures by the server's published keys are accepted, so neither ``none`` nor a key confused with a
shared secret can pass. A key id we do not know leads to one fresh look at the key set (rotation).
"""

import base64
import hashlib
import hmac
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from smart_app.deps import AppDeps
from smart_app.ehr.cache import ShortCache
from smart_app.ehr.public_json import fetch_json
from smart_app.ehr.searching import list_of_objects
from smart_app.ehr.transport import TransportError
from smart_app.errors import AppError
from smart_app.launch.discovery import SmartConfiguration, checked_url

_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "ES256", "ES384", "ES512")
_LEEWAY = timedelta(seconds=60)
_LONGEST_TOKEN = 16_384
Key = RSAKey | ECKey

_KEYS: ShortCache[tuple[Key, ...]] = ShortCache(timedelta(minutes=10))
_PROVIDERS: ShortCache[tuple[str, str]] = ShortCache(timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class Identity:
    """The verified user: ``subject`` is unique within the EHR; ``fhir_user`` is the claim as given, if any."""

    subject: str
    fhir_user: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What an id_token must say: who made it, with keys from where, for whom, in answer to what."""

    issuer: str
    jwks_uri: str
    client_id: str
    nonce: str


def verified_identity(
    deps: AppDeps, base: str, configuration: SmartConfiguration, client_id: str, *, id_token: str, nonce: str
) -> Identity:
    """Verify signature, issuer, audience, times and nonce. Raises AppError(identity-invalid)."""
    issuer, jwks_uri = _provider(deps, base, configuration)
    claims = verified_claims(deps, id_token, Expected(issuer, jwks_uri, client_id, nonce))
    fhir_user, name = claims.get("fhirUser"), claims.get("name")
    return Identity(
        claims["sub"],
        fhir_user if isinstance(fhir_user, str) else None,
        name if isinstance(name, str) and name else None,
    )


def verified_claims(
    deps: AppDeps, id_token: str, expected: Expected, access_token: str | None = None
) -> dict[str, Any]:
    """Verify signature, issuer, audience, times and nonce, and ``at_hash`` where it is given with an access token.

    Returns the claims; ``sub`` is a text. Raises AppError(identity-invalid).
    """
    algorithm, claims = _signed_claims(deps, id_token, expected.jwks_uri)
    subject = claims.get("sub")
    if not (
        claims.get("iss") == expected.issuer
        and _for_us(claims, expected.client_id)
        and _in_time(claims, deps.clock.now())
        and claims.get("nonce") == expected.nonce
        and isinstance(subject, str)
        and subject
        and _goes_with(claims, algorithm, access_token)
    ):
        raise AppError("identity-invalid")
    return claims


def _provider(deps: AppDeps, base: str, configuration: SmartConfiguration) -> tuple[str, str]:
    """Issuer and key set address; from OpenID Connect discovery where the SMART document leaves them out."""
    if configuration.issuer and configuration.jwks_uri:
        return configuration.issuer, configuration.jwks_uri
    wanted = configuration.issuer or base

    def ask() -> tuple[str, str]:
        address = checked_url(base, f"{wanted.rstrip('/')}/.well-known/openid-configuration")
        document = _fetch(address, deps.http_timeout)
        if document.get("issuer") != wanted:
            raise AppError("identity-invalid")
        return wanted, checked_url(base, document.get("jwks_uri"))

    return _PROVIDERS.get(wanted, deps.clock.now(), ask)


def _signed_claims(deps: AppDeps, id_token: str, jwks_uri: str) -> tuple[str, dict[str, Any]]:
    if len(id_token) > _LONGEST_TOKEN:
        raise AppError("identity-invalid")
    try:
        header = jws.extract_compact(id_token.encode()).headers()
        for key in _candidates(deps, jwks_uri, header):
            try:
                token = jwt.decode(id_token, key, algorithms=list(_ALGORITHMS))
                return str(token.header["alg"]), dict(token.claims)
            except JoseError:
                continue
    except (JoseError, ValueError, TypeError):
        raise AppError("identity-invalid") from None
    raise AppError("identity-invalid")


def _candidates(deps: AppDeps, jwks_uri: str, header: dict[str, Any]) -> list[Key]:
    kid = header.get("kid")
    for _attempt in range(2):
        keys = _KEYS.get(jwks_uri, deps.clock.now(), lambda: _key_set(jwks_uri, deps.http_timeout))
        if found := [k for k in keys if kid is None or k.kid == kid]:
            return found
        _KEYS.forget(jwks_uri)
    return []


def _key_set(jwks_uri: str, timeout: float) -> tuple[Key, ...]:
    """The server's signature keys; one that cannot be read does not spoil the others (RFC 7517, section 5)."""
    keys = []
    for data in list_of_objects(_fetch(jwks_uri, timeout).get("keys")):
        with suppress(JoseError, ValueError, TypeError, KeyError):
            keys.append(JWKRegistry.import_key(data))
    return tuple(k for k in keys if isinstance(k, RSAKey | ECKey) and k.get("use") in (None, "sig"))


def _fetch(url: str, timeout: float) -> dict[str, Any]:
    try:
        return fetch_json(url, timeout)
    except TransportError:
        raise AppError("identity-invalid") from None


def _for_us(claims: dict[str, Any], client_id: str) -> bool:
    audience, party = claims.get("aud"), claims.get("azp")
    if party is not None and party != client_id:
        return False
    if isinstance(audience, str):
        return audience == client_id
    if not isinstance(audience, list) or client_id not in audience:
        return False
    return len(audience) == 1 or party is not None


def _in_time(claims: dict[str, Any], now: datetime) -> bool:
    expires, issued = claims.get("exp"), claims.get("iat")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        return False
    if isinstance(issued, bool) or not isinstance(issued, int | float):
        return False
    leeway = _LEEWAY.total_seconds()
    return now.timestamp() < expires + leeway and issued <= now.timestamp() + leeway


def _goes_with(claims: dict[str, Any], algorithm: str, access_token: str | None) -> bool:
    """OpenID Connect Core 3.1.3.8: ``at_hash`` is the left half of the access token's hash, by the same digest."""
    given = claims.get("at_hash")
    if given is None or access_token is None:
        return True
    digest = hashlib.new(f"sha{algorithm[2:]}", access_token.encode("ascii")).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode("ascii")
    return isinstance(given, str) and hmac.compare_digest(given.encode(), half.encode())
