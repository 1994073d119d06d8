"""An authenticator in software: makes one passkey (ES256) and answers challenges with it, as a browser would pass on.

Every field that a check is about can be spoilt, so that a test shows the check and not only the happy way.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class SoftPasskey:
    """One credential. ``verified``: the authenticator asked its user; ``count`` is its counter."""

    origin: str = "http://localhost"
    domain: str = "localhost"
    verified: bool = True
    count: int = 0
    credential_id: bytes = b"credential-of-the-tests"
    user_handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: str) -> str:
        """Answer creation options, as JSON."""
        asked = json.loads(options)
        self.user_handle = base64.urlsafe_b64decode(asked["user"]["id"] + "===")
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(_ATTESTED) + self._credential()}
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": b64(client), "attestationObject": b64(cbor2.dumps(made))})

    def get(self, options: str) -> str:
        """Answer request options, as JSON."""
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        self.count += 1 if self.count else 0
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signature),
                "userHandle": b64(self.user_handle),
            }
        )

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        shown = _PRESENT | flags | (_VERIFIED if self.verified else 0)
        return hashlib.sha256(self.domain.encode()).digest() + bytes([shown]) + self.count.to_bytes(4, "big")

    def _credential(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        return bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public

    def _answer(self, response: dict[str, Any]) -> str:
        named = b64(self.credential_id)
        whole = {"id": named, "rawId": named, "type": "public-key", "clientExtensionResults": {}, "response": response}
        return json.dumps(whole)
