"""A plain OpenID Connect client: it learns who signed in, and nothing else; it knows neither ``aud`` nor a launch."""

import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.contract.api.harness import BASE, DOCTOR, World, returned


def test_who_signed_in_without_a_launch(world: World) -> None:
    world.sign_in()
    back = returned(world.authorize(scope="openid fhirUser", aud=None))
    token = json.loads(world.exchange(back["code"]).data)
    assert (token["scope"], "patient" in token) == ("openid fhirUser", False)
    keys = KeySet.import_key_set(json.loads(world.client.get("/oauth/jwks.json").data))
    claims = jwt.decode(token["id_token"], keys, ["RS256"]).claims
    assert (claims["sub"], claims["fhirUser"], claims["nonce"]) == (DOCTOR, f"{BASE}/{DOCTOR}", "nonce-of-the-test")
    read = world.call("GET", "/fhir/Patient/p1", token["access_token"])
    assert read.status_code in (401, 403), "it opens no record"


def test_somebody_who_is_not_signed_in_comes_back_to_the_same_question(world: World) -> None:
    asked = world.authorize(scope="openid fhirUser", aud=None)
    assert asked.status_code == 302
    assert "scope%3Dopenid%2BfhirUser" in asked.headers["Location"]
    assert "aud" not in asked.headers["Location"]


@pytest.mark.parametrize(
    ("scope", "aud"),
    [("openid fhirUser patient/*.rs", None), ("openid launch/patient", None), ("openid", f"{BASE}/"), ("openid", "")],
    ids=["a record's data", "a patient to choose", "another server's", "an empty one"],
)
def test_whoever_wants_more_must_say_of_which_server(world: World, scope: str, aud: str | None) -> None:
    world.sign_in()
    assert returned(world.authorize(scope=scope, aud=aud))["error"] == "invalid_request"
