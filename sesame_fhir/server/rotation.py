"""New signing keys for everything that signs: our client assertions and our authorization server's tokens."""

from collections.abc import Iterator
from dataclasses import dataclass

from sesame_fhir.server.system import SystemClock
from sesame_fhir.services.ports import Clock, KeyStore, Vault
from sesame_fhir.storage import Store
from smart_app.launch import keys


@dataclass(frozen=True, slots=True)
class _Ports:
    keys: KeyStore
    vault: Vault
    clock: Clock


def rotate_all(store: Store) -> Iterator[str]:
    """Rotate every key; yields one line per new key."""
    ports = _Ports(store.keys, store.vault, SystemClock())
    for algorithm in keys.ALGORITHMS:
        made = keys.rotate(ports, algorithm)
        yield f"new {made.algorithm} key {made.kid} (client assertions); the ones before stay published for 30 days"
