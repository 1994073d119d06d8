"""How secrets that we hand out are kept: only their SHA-256 rests in the store.

A plain hash is enough because every such value has 256 random bits: there is nothing to guess from the hash.
"""

from hashlib import sha256


def secret_hash(secret: str) -> str:
    """Hexadecimal SHA-256 of a token, code, launch, session or client secret: 64 characters."""
    return sha256(secret.encode("utf-8")).hexdigest()
