"""Sealed values open with the right key and context only."""

import pytest

from sesame_fhir.services.errors import VaultError
from sesame_fhir.storage.vault import AesVault

KEY = bytes(range(32))
SEALED = AesVault(KEY).seal(b"secret", "context")


@pytest.mark.parametrize("plain", [b"", b"secret", bytes(range(256)) * 300])
def test_round_trip(plain: bytes) -> None:
    vault = AesVault(KEY)
    sealed = vault.seal(plain, "launch|é")
    assert vault.unseal(sealed, "launch|é") == plain
    assert vault.seal(plain, "launch|é") != sealed
    assert not plain or plain not in sealed


@pytest.mark.parametrize(
    ("key", "sealed", "context"),
    [
        (bytes(32), SEALED, "context"),
        (KEY, SEALED, "other"),
        (KEY, SEALED, ""),
        (KEY, SEALED[:-1], "context"),
        (KEY, SEALED + b"x", "context"),
        (KEY, b"\x02" + SEALED[1:], "context"),
        (KEY, SEALED[:5] + bytes([SEALED[5] ^ 1]) + SEALED[6:], "context"),
        (KEY, SEALED[:20] + bytes([SEALED[20] ^ 1]) + SEALED[21:], "context"),
        (KEY, SEALED[:13], "context"),
        (KEY, SEALED[:7], "context"),
        (KEY, b"\x01", "context"),
        (KEY, b"", "context"),
        (KEY, b"plain text", "context"),
    ],
    ids=range(13),  # the sealed bytes differ in each process
)
def test_anything_else_stays_shut(key: bytes, sealed: bytes, context: str) -> None:
    with pytest.raises(VaultError):
        AesVault(key).unseal(sealed, context)


@pytest.mark.parametrize("length", [0, 16, 24, 31, 33, 64])
def test_a_key_has_32_bytes(length: int) -> None:
    with pytest.raises(VaultError):
        AesVault(bytes(length))
