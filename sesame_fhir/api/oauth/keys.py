"""Signing keys of the authorization server: made when missing, sealed at rest, published, replaced without a gap."""

import json
from datetime import timedelta
from functools import lru_cache
from typing import Any, Protocol

from joserfc.jwk import RSAKey

from sesame_fhir.services.ports import Clock, Ids, KeyStore, Vault
from sesame_fhir.services.records import SigningKey

PURPOSE = "authorization-server"
ALGORITHM = "RS256"
"""SMART App Launch 2.2 asks for RS256 id_tokens."""

PUBLISHED_AFTER_RETIREMENT = timedelta(days=30)
"""Far longer than anything signed with it lives: clients cache the set, and some check an id_token late."""


class SigningPorts(Protocol):
    """What key handling needs; ``ApiDeps`` has it."""

    @property
    def keys(self) -> KeyStore:
        """Where keys rest."""
        ...

    @property
    def vault(self) -> Vault:
        """What seals their private parts."""
        ...

    @property
    def clock(self) -> Clock:
        """Now."""
        ...

    @property
    def ids(self) -> Ids:
        """Names of new keys."""
        ...


def ensure_signing_key(deps: SigningPorts) -> SigningKey:
    """The newest key still in use; creates one when there is none."""
    for key in deps.keys.keys(PURPOSE):
        if key.retired_at is None:
            return key
    return new_signing_key(deps)


def new_signing_key(deps: SigningPorts) -> SigningKey:
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


def rotate(deps: SigningPorts) -> SigningKey:
    """Make a new key and retire the ones before it; forget those retired more than 30 days ago."""
    now = deps.clock.now()
    before = [key for key in deps.keys.keys(PURPOSE) if key.retired_at is None]
    made = new_signing_key(deps)
    for key in before:
        deps.keys.retire(key.kid, now)
    deps.keys.forget(now - PUBLISHED_AFTER_RETIREMENT)
    return made


def private_key(deps: SigningPorts, key: SigningKey) -> RSAKey:
    """Open a key for signing.

    Raises:
        VaultError: the vault's key changed since it was sealed.
    """
    return _imported(deps.vault.unseal(key.sealed, _context(key.kid)))


@lru_cache(maxsize=2)
def _imported(private: bytes) -> RSAKey:
    """Its numbers are checked at import, which takes longer than signing a token: the key in use is kept."""
    return RSAKey.import_key(json.loads(private))


def published(deps: SigningPorts) -> dict[str, list[dict[str, Any]]]:
    """The public key set (RFC 7517), lately retired keys included: tokens they signed may still be about."""
    ensure_signing_key(deps)
    oldest = deps.clock.now() - PUBLISHED_AFTER_RETIREMENT
    kept = [key for key in deps.keys.keys(PURPOSE) if key.retired_at is None or key.retired_at > oldest]
    return {"keys": [dict(key.public) for key in kept]}


def _context(kid: str) -> str:
    return f"signing-key:{kid}"
