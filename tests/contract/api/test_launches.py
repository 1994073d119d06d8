"""The callables that the EHR's pages use, and the server's signing keys."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sesame_fhir.api.hashing import secret_hash
from sesame_fhir.api.launches import issue_launch, sign_in, sign_out, signed_in
from sesame_fhir.api.oauth.keys import PURPOSE, ensure_signing_key, new_signing_key
from tests.contract.api.harness import DOCTOR, World


def test_a_launch_rests_as_its_hash(world: World) -> None:
    value = issue_launch(world.deps, "public-app", DOCTOR, {"patient": "p1", "intent": "phq-2"})
    kept = world.store.authorization.launch(secret_hash(value), world.clock.now())
    assert kept is not None
    assert value not in repr(kept)
    assert dict(kept.context) == {"patient": "p1", "intent": "phq-2"}
    assert world.store.authorization.launch(value, world.clock.now()) is None


@pytest.mark.parametrize("field", ["Patient", "access_token", "scope", "refresh_scope"])
def test_a_launch_says_only_what_smart_knows(world: World, field: str) -> None:
    with pytest.raises(ValueError, match=field):
        issue_launch(world.deps, "public-app", DOCTOR, {field: "x"})


def test_sessions(world: World) -> None:
    now = world.clock.now()
    cookie = sign_in(world.deps, DOCTOR)
    session = signed_in(world.deps, cookie, now)
    assert session is not None
    assert session.subject == DOCTOR
    assert cookie not in repr(session)
    for wrong in (None, "", "x", session.session_hash):
        assert signed_in(world.deps, wrong, now) is None
    sign_out(world.deps, cookie)
    assert signed_in(world.deps, cookie, now) is None


def test_keys_rotate_and_old_ones_stay_published(world: World) -> None:
    world.clock.move(days=1)
    old, new = ensure_signing_key(world.deps), new_signing_key(world.deps)
    world.store.keys.retire(old.kid, world.clock.now())
    assert ensure_signing_key(world.deps).kid == new.kid
    published = json.loads(world.client.get("/oauth/jwks.json").data)
    assert {key["kid"] for key in published["keys"]} == {old.kid, new.kid}
    token = json.loads(world.exchange(world.code()).data)["id_token"]
    decoded = jwt.decode(token, KeySet.import_key_set(published), ["RS256"])
    assert decoded.header["kid"] == new.kid


def test_the_first_key_makes_itself(world: World) -> None:
    old = ensure_signing_key(world.deps)
    world.store.keys.retire(old.kid, world.clock.now())
    made = ensure_signing_key(world.deps)
    assert made.kid != old.kid
    assert "d" not in made.public
    assert [key.kid for key in world.store.keys.keys(PURPOSE)].count(made.kid) == 1
