"""Our own keys: made once, replaced without a gap, published long enough, never in clear."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from smart_app.launch.client_auth import signed_assertion
from smart_app.launch.keys import active_key, public_jwks, rotate
from tests.unit.smart_app.launch.launch_ehr import LaunchEhr
from tests.unit.smart_app.launch.stage import Stage


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def published(stage: Stage) -> set[str]:
    return {key["kid"] for key in public_jwks(stage.deps)["keys"]}


def test_a_key_is_made_once(fresh: Stage) -> None:
    assert active_key(fresh.deps, "ES384").kid == active_key(fresh.deps, "ES384").kid
    assert published(fresh) == published(fresh)
    assert len(published(fresh)) == 2


def test_the_private_part_is_sealed(fresh: Stage) -> None:
    private = active_key(fresh.deps, "ES384").as_dict(private=True)
    stored = fresh.deps.keys.keys("smart-client")[0]
    assert str(private["d"]).encode() not in stored.sealed
    assert "d" not in stored.public


def test_rotation_leaves_no_gap(fresh: Stage) -> None:
    old = active_key(fresh.deps, "ES384").kid
    fresh.clock.move(seconds=1)
    new = rotate(fresh.deps, "ES384").kid
    assert active_key(fresh.deps, "ES384").kid == new != old
    assert {old, new} <= published(fresh)
    fresh.clock.move(days=29)
    assert old in published(fresh)
    fresh.clock.move(days=2)
    assert old not in published(fresh)
    rotate(fresh.deps, "ES384")
    assert old not in {key.kid for key in fresh.deps.keys.keys("smart-client")}


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_assertions_are_short_lived_and_unique(fresh: Stage, algorithm: str) -> None:
    ehr = LaunchEhr(base="https://ehr.example/fhir", clock=fresh.clock)
    registration = ehr.registration(algorithm=algorithm)
    made = []
    for _again in range(2):
        fresh.clock.move(seconds=1000)
        made.append(signed_assertion(fresh.deps, registration, ehr.token_endpoint))
    keys = KeySet.import_key_set(public_jwks(fresh.deps))  # type: ignore[arg-type]
    first, second = (jwt.decode(text, keys, algorithms=[algorithm]) for text in made)
    assert first.header["typ"] == "JWT"
    assert first.header["kid"] == active_key(fresh.deps, algorithm).kid
    assert first.claims["iss"] == first.claims["sub"] == "sesame"
    assert first.claims["aud"] == ehr.token_endpoint
    assert first.claims["jti"] != second.claims["jti"]
    for token in (first, second):
        assert token.claims["exp"] - token.claims["iat"] == 240
    assert second.claims["exp"] - first.claims["exp"] >= 999
