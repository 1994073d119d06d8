"""New signing keys for everything that signs: our client assertions and our authorization server's tokens."""

from collections.abc import Iterator
from dataclasses import dataclass

from sesame_fhir.api.oauth import keys as server_keys
from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.ports import Clock, Ids, KeyStore, Vault
from smart_app.launch import keys as client_keys


@dataclass(frozen=True, slots=True)
class KeyPorts:
    """What both kinds of keys need."""

    keys: KeyStore
    vault: Vault
    clock: Clock
    ids: Ids


def rotate_all(keys: KeyStore, vault: Vault, clock: Clock) -> Iterator[str]:
    """Rotate every key; yields one line per new key."""
    ports = KeyPorts(keys, vault, clock, SystemIds())
    for algorithm in client_keys.ALGORITHMS:
        made = client_keys.rotate(ports, algorithm)
        yield f"new {made.algorithm} key {made.kid} (client assertions)"
    made = server_keys.rotate(ports)
    yield f"new {made.algorithm} key {made.kid} (tokens of our authorization server)"
    yield f"the keys before them stay published for {client_keys.PUBLISHED_AFTER_RETIREMENT.days} days"
