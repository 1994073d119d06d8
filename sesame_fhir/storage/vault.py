"""Authenticated encryption of tokens, drafts, private keys and cursors: AES-256-GCM under one key of the deployment."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sesame_fhir.services.errors import VaultError

KEY_BYTES = 32
_NONCE_BYTES = 12
_FORMAT = b"\x01"


class AesVault:
    """``Vault`` port. A sealed value is a format byte, a random 96-bit nonce, and the ciphertext with its tag."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise VaultError("the vault key must be 32 bytes")
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt; ``context`` is bound as associated data."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def unseal(self, sealed: bytes, context: str) -> bytes:
        """Decrypt; raises ``VaultError`` for a wrong key, context or altered bytes."""
        start = len(_FORMAT)
        nonce, cipher = sealed[start : start + _NONCE_BYTES], sealed[start + _NONCE_BYTES :]
        if not sealed.startswith(_FORMAT) or len(nonce) < _NONCE_BYTES:
            raise VaultError("not a sealed value")
        try:
            return self._cipher.decrypt(nonce, cipher, context.encode())
        except InvalidTag:
            raise VaultError("wrong key, wrong context or altered bytes") from None
