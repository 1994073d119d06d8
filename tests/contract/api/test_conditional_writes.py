"""update, patch and delete by a search: no match, one, several; and never what the token does not reach."""

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.contract.api.harness import World, assert_outcome
from tests.contract.api.test_patching import MEDIA, amended
from tests.contract.api.test_writing import ALL, ID_SYSTEM, conditional, created_id, fresh

ONE = {"query_string": {"identifier": f"{ID_SYSTEM}|one"}}


def put(world: World, body: dict[str, Any], token: str | None = None, **options: Any) -> TestResponse:
    return world.call("PUT", "/fhir/Observation", token or world.token(ALL), json=body, **{**ONE, **options})


def patch(world: World, token: str | None = None, **options: Any) -> TestResponse:
    sent = {"data": json.dumps(amended()), "headers": {"Content-Type": MEDIA}}
    return world.call("PATCH", "/fhir/Observation", token or world.token(ALL), **{**ONE, **sent, **options})


def delete(world: World, token: str | None = None, **options: Any) -> TestResponse:
    return world.call("DELETE", "/fhir/Observation", token or world.token(ALL), **{**ONE, **options})


def existing(world: World, patient: str = "p1") -> str:
    return created_id(world.call("POST", "/fhir/Observation", world.token(ALL), json=fresh(patient, value="one")))


def test_no_match_creates(world: World) -> None:
    first = put(world, fresh(value="one"))
    second = put(world, fresh(value="one", status="amended"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert created_id(first) == created_id(second)
    assert second.headers["ETag"] == 'W/"2"'
    assert json.loads(second.data)["status"] == "amended"


def test_no_match_creates_with_the_client_s_id(world: World) -> None:
    assert created_id(put(world, fresh(value="one", id="mine"))) == "mine"
    assert_outcome(put(world, fresh(value="two", id="mine"), query_string={"identifier": "two"}), 409, "duplicate")


def test_the_id_must_be_that_of_the_match(world: World) -> None:
    key = existing(world)
    assert put(world, fresh(value="one", id=key)).status_code == 200
    assert_outcome(put(world, fresh(value="one", id="other")), 400, "value")


def test_several_matches(world: World) -> None:
    existing(world), existing(world)
    for answer in (put(world, fresh(value="one")), patch(world), delete(world)):
        assert_outcome(answer, 412, "multiple-matches")


def test_no_match_is_nothing_to_patch_and_nothing_to_delete(world: World) -> None:
    assert_outcome(patch(world), 404, "not-found")
    assert delete(world).status_code == 204


def test_one_match(world: World) -> None:
    key = existing(world)
    assert json.loads(patch(world).data)["status"] == "amended"
    assert delete(world).status_code == 204
    assert_outcome(world.call("GET", f"/fhir/Observation/{key}", world.token(ALL)), 410)


@pytest.mark.parametrize(
    ("query", "status"),
    [({}, 412), ({"_count": "1"}, 412), ({"unknown": "1"}, 400), ({"date": "nonsense"}, 400)],
)
def test_wrong_criteria_never_mean_everything(world: World, query: dict[str, str], status: int) -> None:
    key = existing(world)
    for answer in (put(world, fresh(), query_string=query), patch(world, query_string=query)):
        assert_outcome(answer, status)
    assert_outcome(delete(world, query_string=query), status)
    assert world.call("GET", f"/fhir/Observation/{key}", world.token(ALL)).headers["ETag"] == 'W/"1"'


@pytest.mark.parametrize(("if_match", "status"), [('W/"1"', 200), ('W/"7"', 412)])
def test_if_match_beside_a_search(world: World, if_match: str, status: int) -> None:
    existing(world)
    assert put(world, fresh(value="one"), headers={"If-Match": if_match}).status_code == status


def test_if_match_on_nothing(world: World) -> None:
    assert_outcome(put(world, fresh(value="one"), headers={"If-Match": 'W/"1"'}), 412)


def test_a_search_does_not_find_what_other_patients_have(world: World) -> None:
    key = existing(world, "p2")
    token = world.token("patient/*.cruds", "p1")
    assert delete(world, token).status_code == 204
    assert_outcome(patch(world, token), 404)
    assert put(world, fresh("p1", value="one"), token).status_code == 201
    assert world.call("GET", f"/fhir/Observation/{key}", world.token(ALL)).headers["ETag"] == 'W/"1"'


def test_conditional_create_and_update_agree_on_the_one(world: World) -> None:
    condition = f"identifier={ID_SYSTEM}|one"
    answers = [conditional(world, condition, fresh(value="one")) for _ in range(3)]
    answers += [put(world, fresh(value="one")) for _ in range(3)]
    assert len({created_id(answer) for answer in answers}) == 1
