"""Six-digit codes of an authenticator application: TOTP, RFC 6238, 30 seconds, SHA-1 as every application makes them.

A code counts one step before and after the present one (clocks differ), and once: whoever looks over a shoulder cannot
use it again.
"""

import base64
import hmac
import secrets
from datetime import datetime

import pyotp

from sesame_fhir.services.ports import Vault

ISSUER = "SÉSAME"
STEP_SECONDS = 30
_DRIFT_STEPS = 1
_SECRET_BYTES = 20


def new_secret(vault: Vault, staff_id: str) -> bytes:
    """A fresh secret for one account, sealed."""
    return vault.seal(secrets.token_bytes(_SECRET_BYTES), _context(staff_id))


def secret_text(vault: Vault, staff_id: str, sealed: bytes) -> str:
    """The secret as an application takes it by hand: base32, in groups of four."""
    text = _generator(vault, staff_id, sealed).secret
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def provisioning_uri(vault: Vault, staff_id: str, sealed: bytes, login: str) -> str:
    """The ``otpauth://`` address that an application reads from a QR code."""
    return _generator(vault, staff_id, sealed).provisioning_uri(name=login, issuer_name=ISSUER)


def matching_step(vault: Vault, staff_id: str, sealed: bytes, code: str, now: datetime) -> int | None:
    """The time step whose code this is; None when it is not one of the present."""
    generator = _generator(vault, staff_id, sealed)
    present = int(now.timestamp()) // STEP_SECONDS
    given = "".join(code.split()).encode()
    steps = range(present - _DRIFT_STEPS, present + _DRIFT_STEPS + 1)
    found = [step for step in steps if hmac.compare_digest(generator.generate_otp(step).encode(), given)]
    return found[-1] if found else None


def _generator(vault: Vault, staff_id: str, sealed: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(base64.b32encode(vault.unseal(sealed, _context(staff_id))).decode())


def _context(staff_id: str) -> str:
    return f"totp|{staff_id}"
