"""Our own signing keys as a SMART client: made when first needed, published, replaced without a gap.

A retired key stays in the published set for 30 days, so that an EHR which cached the set, or checks an assertion late,
still finds it. SMART 2.2.0 asks clients for RS384 and ES384.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

import orjson
from joserfc.jwk import ECKey, RSAKey

from sesame_fhir.services.ports import Clock, KeyStore, Vault
from sesame_fhir.services.records import SigningKey

PURPOSE = "smart-client"
ALGORITHMS = ("ES384", "RS384")
PUBLISHED_AFTER_RETIREMENT = timedelta(days=30)

_RSA_BITS = 3072


class KeyPorts(Protocol):
    """What key handling needs; ``AppDeps`` has it."""

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


def active_key(ports: KeyPorts, algorithm: str) -> ECKey | RSAKey:
    """The key that signs with an algorithm of ``ALGORITHMS`` today; made when there is none.

    Raises:
        VaultError: the private part was sealed under another vault key.
    """
    for stored in ports.keys.keys(PURPOSE):
        if stored.algorithm == algorithm and stored.retired_at is None:
            return _open(ports, stored)
    return _open(ports, _make(ports, algorithm))


def rotate(ports: KeyPorts, algorithm: str) -> SigningKey:
    """Make a new key and retire the ones before it; forget those retired more than 30 days ago."""
    now = ports.clock.now()
    before = [k for k in ports.keys.keys(PURPOSE) if k.algorithm == algorithm and k.retired_at is None]
    made = _make(ports, algorithm)
    for key in before:
        ports.keys.retire(key.kid, now)
    ports.keys.forget(now - PUBLISHED_AFTER_RETIREMENT)
    return made


def public_jwks(ports: KeyPorts) -> dict[str, Any]:
    """The JWK Set for ``/app/jwks.json``: public parts only, both algorithms always there."""
    for algorithm in ALGORITHMS:
        active_key(ports, algorithm)
    oldest = ports.clock.now() - PUBLISHED_AFTER_RETIREMENT
    published = [k for k in ports.keys.keys(PURPOSE) if k.retired_at is None or k.retired_at > oldest]
    return {"keys": _unique(published)}


def _unique(keys: Sequence[SigningKey]) -> list[dict[str, Any]]:
    return [dict(key.public) for key in {key.kid: key for key in keys}.values()]


def _make(ports: KeyPorts, algorithm: str) -> SigningKey:
    made = ECKey.generate_key("P-384") if algorithm == "ES384" else RSAKey.generate_key(_RSA_BITS)
    kid = made.thumbprint()
    marks = {"kid": kid, "use": "sig", "alg": algorithm}
    key = SigningKey(
        kid=kid,
        purpose=PURPOSE,
        algorithm=algorithm,
        sealed=ports.vault.seal(orjson.dumps(made.as_dict(private=True)), _context(kid)),
        public={**made.as_dict(private=False), **marks},
        created_at=ports.clock.now(),
    )
    ports.keys.add(key)
    return key


def _open(ports: KeyPorts, stored: SigningKey) -> ECKey | RSAKey:
    data = orjson.loads(ports.vault.unseal(stored.sealed, _context(stored.kid)))
    data["kid"] = stored.kid
    return ECKey.import_key(data) if stored.algorithm == "ES384" else RSAKey.import_key(data)


def _context(kid: str) -> str:
    return f"{PURPOSE}:{kid}"
