"""The id_token: who opened the app, signed by us (OpenID Connect as SMART 2.2 profiles it)."""

import base64
import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from joserfc import jwt

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.oauth.keys import ALGORITHM, ensure_signing_key, private_key
from sesame_fhir.services.authorization import AuthorizationCode


def id_token(deps: ApiDeps, code: AuthorizationCode, scopes: AbstractSet[str], token: Mapping[str, Any]) -> str:
    """Sign the claims that ``scopes`` allow; valid as long as the access token of ``token``, and tied to it."""
    now = int(deps.clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": deps.base_url,
        "sub": code.subject,
        "aud": code.client_id,
        "iat": now,
        "exp": now + token["expires_in"],
        "auth_time": int(code.auth_time.timestamp()),
    }
    claims["at_hash"] = _left_half(token["access_token"])
    if code.nonce:
        claims["nonce"] = code.nonce
    if "fhirUser" in scopes:
        claims["fhirUser"] = fhir_user(deps, code.subject)
    if "profile" in scopes:
        claims["profile"] = fhir_user(deps, code.subject)
    key = ensure_signing_key(deps)
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, private_key(deps, key), [ALGORITHM])


def _left_half(access_token: str) -> str:
    """OpenID Connect Core 3.1.3.6, for an RS256 signature."""
    digest = hashlib.sha256(access_token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode("ascii")


def fhir_user(deps: ApiDeps, subject: str) -> str:
    """Absolute URL of the person's own resource."""
    return f"{deps.base_url}/{subject}"
