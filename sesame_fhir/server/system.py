"""The real clock, ids and vault key: the only impure sources, made once and passed as arguments everywhere."""

import base64
import os
import secrets
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

_KEY_BYTES = 32


class SystemClock:
    """Clock of the machine, in UTC."""

    def now(self) -> datetime:
        """Return the current time, aware."""
        return datetime.now(UTC)


class SystemIds:
    """Ids from the machine's randomness."""

    def new(self) -> str:
        """Return a UUIDv7 (RFC 9562): 48 bits of milliseconds, then randomness."""
        milliseconds = time.time_ns() // 1_000_000
        value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64
        return str(uuid.UUID(int=value | 0b10 << 62 | secrets.randbits(62)))

    def secret(self) -> str:
        """Return 256 random bits, URL-safe."""
        return secrets.token_urlsafe(_KEY_BYTES)


class KeyFileError(Exception):
    """The key file is missing or not a 256-bit base64 key; the message says what to do."""


def read_key(path: Path) -> bytes:
    """Read the vault's key.

    Raises:
        KeyFileError: missing, unreadable or malformed.
    """
    try:
        key = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}; run `sesame migrate` to make one, or restore it") from error
    except ValueError as error:
        raise KeyFileError(f"{path}: not base64; restore the key that the database was sealed with") from error
    if len(key) != _KEY_BYTES:
        raise KeyFileError(f"{path}: {len(key)} bytes instead of {_KEY_BYTES}; restore the right key")
    return key


def make_key(path: Path) -> bool:
    """Make a key file readable by its owner only; False when one exists already."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode() + "\n")
    return True
