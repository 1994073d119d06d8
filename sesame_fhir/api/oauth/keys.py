"""Signing keys of the authorization server: made when missing, sealed at rest, published as a key set."""

import json
from typing import Any

from joserfc.jwk import RSAKey

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.services.records import SigningKey

PURPOSE = "authorization-server"
ALGORITHM = "RS256"
"""SMART App Launch 2.2 asks for RS256 id_tokens."""


def ensure_signing_key(deps: ApiDeps) -> SigningKey:
    """The newest key still in use; creates one when there is none."""
    for key in deps.keys.keys(PURPOSE):
        if key.retired_at is None:
            return key
    return new_signing_key(deps)


def new_signing_key(deps: ApiDeps) -> SigningKey:
    """Create and store a key; older ones stay published until they are retired and forgotten."""
    kid = deps.ids.new()
    key = RSAKey.generate_key(2048, {"kid": kid, "alg": ALGORITHM, "use": "sig"})
    private = json.dumps(key.as_dict(private=True)).encode()
    signing = SigningKey(
        kid=kid,
        purpose=PURPOSE,
        algorithm=ALGORITHM,
        sealed=deps.vault.seal(private, _context(kid)),
        public=key.as_dict(private=False),
        created_at=deps.clock.now(),
    )
    deps.keys.add(signing)
    return signing


def private_key(deps: ApiDeps, key: SigningKey) -> RSAKey:
    """Open a key for signing.

    Raises:
        VaultError: the vault's key changed since it was sealed.
    """
    return RSAKey.import_key(json.loads(deps.vault.unseal(key.sealed, _context(key.kid))))


def published(deps: ApiDeps) -> dict[str, list[dict[str, Any]]]:
    """The public key set (RFC 7517), retired keys included: tokens they signed may still be about."""
    ensure_signing_key(deps)
    return {"keys": [dict(key.public) for key in deps.keys.keys(PURPOSE)]}


def _context(kid: str) -> str:
    return f"signing-key:{kid}"
