"""The id_token: who opened the app, signed by us (OpenID Connect as SMART 2.2 profiles it)."""

from collections.abc import Set as AbstractSet
from typing import Any

from joserfc import jwt

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.oauth.keys import ALGORITHM, ensure_signing_key, private_key
from sesame_fhir.services.authorization import AuthorizationCode


def id_token(deps: ApiDeps, code: AuthorizationCode, scopes: AbstractSet[str], seconds: int) -> str:
    """Sign the claims that ``scopes`` allow; valid for ``seconds``."""
    now = int(deps.clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": deps.base_url,
        "sub": code.subject,
        "aud": code.client_id,
        "iat": now,
        "exp": now + seconds,
        "auth_time": int(code.auth_time.timestamp()),
    }
    if code.nonce:
        claims["nonce"] = code.nonce
    if "fhirUser" in scopes:
        claims["fhirUser"] = fhir_user(deps, code.subject)
    if "profile" in scopes:
        claims["profile"] = fhir_user(deps, code.subject)
    key = ensure_signing_key(deps)
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, private_key(deps, key), [ALGORITHM])


def fhir_user(deps: ApiDeps, subject: str) -> str:
    """Absolute URL of the person's own resource."""
    return f"{deps.base_url}/{subject}"
