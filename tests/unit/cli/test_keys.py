"""``sesame keys rotate``: every signing key, without a moment in which something signed is refused."""

import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sesame_fhir.api.oauth import keys as server_keys
from sesame_fhir.server.rotation import KeyPorts, rotate_all
from sesame_fhir.storage import Store
from smart_app.launch import keys as client_keys
from tests.support.fakes import CountingIds, HandClock
from tests.unit.cli.conftest import Cli


def _ports(store: Store, clock: HandClock) -> KeyPorts:
    return KeyPorts(store.keys, store.vault, clock, CountingIds())


def _kids(published: dict[str, Any]) -> set[str]:
    return {key["kid"] for key in published["keys"]}


def test_the_command_replaces_all_three(sesame: Cli) -> None:
    before = sesame.ok("keys", "rotate").splitlines()
    after = sesame.ok("keys", "rotate").splitlines()
    assert [line.split()[1] for line in after[:3]] == ["ES384", "RS384", "RS256"]
    assert not set(before[:3]) & set(after[:3])
    with sesame.store() as store:
        for purpose, algorithms in ((client_keys.PURPOSE, 2), (server_keys.PURPOSE, 1)):
            keys = store.keys.keys(purpose)
            assert len(keys) == 2 * algorithms
            assert sum(key.retired_at is None for key in keys) == algorithms
        assert b'"d"' not in b"".join(key.sealed for key in store.keys.keys(server_keys.PURPOSE))
        assert all("d" not in key.public for key in store.keys.keys(client_keys.PURPOSE))


@pytest.mark.parametrize("purpose", [client_keys.PURPOSE, server_keys.PURPOSE])
def test_a_retired_key_stays_published_for_thirty_days_then_goes(purpose: str, sesame: Cli) -> None:
    clock = HandClock()
    with sesame.store() as store:
        ports = _ports(store, clock)

        def published() -> set[str]:
            if purpose == client_keys.PURPOSE:
                return _kids(client_keys.public_jwks(ports))
            return _kids(server_keys.published(ports))

        first = published()
        list(rotate_all(store.keys, store.vault, clock))
        both = published()
        assert first < both
        clock.move(days=29, hours=23)
        assert published() == both
        clock.move(hours=2)
        assert published() == both - first
        assert len(store.keys.keys(purpose)) == len(both)
        list(rotate_all(store.keys, store.vault, clock))
        assert not first & {key.kid for key in store.keys.keys(purpose)}


def test_a_token_signed_before_still_verifies_and_new_ones_use_the_new_key(sesame: Cli) -> None:
    clock = HandClock()
    with sesame.store() as store:
        ports = _ports(store, clock)

        def signed() -> str:
            key = server_keys.ensure_signing_key(ports)
            header = {"alg": server_keys.ALGORITHM, "kid": key.kid}
            return jwt.encode(header, {"sub": "x"}, server_keys.private_key(ports, key), [server_keys.ALGORITHM])

        old = signed()
        server_keys.rotate(ports)
        new = signed()
        clock.move(hours=1)
        key_set = KeySet.import_key_set(json.loads(json.dumps(server_keys.published(ports))))
        for token in (old, new):
            assert jwt.decode(token, key_set, [server_keys.ALGORITHM]).claims == {"sub": "x"}
        assert old.partition(".")[0] != new.partition(".")[0]
