"""history of a resource and of a type: order, limits, and pages that hold while somebody writes."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.api.harness import BASE, World, assert_outcome
from tests.contract.api.test_reading import observation

ALL = "user/*.cruds"


@pytest.fixture
def record(world: World) -> World:
    """Six versions of Observations of p1, one of p2; o2 is deleted."""
    for minute, key in enumerate(("o1", "o2", "o1", "o3", "o1")):
        world.clock.move(minutes=1)
        world.put({**observation(key), "status": "final" if minute % 2 else "amended"})
    world.put(observation("other", "p2"))
    world.call("DELETE", "/fhir/Observation/o2", world.token(ALL))
    return world


def page(world: World, address: str, token: str | None = None) -> dict[str, Any]:
    answer = world.call("GET", f"/fhir/{address}", token or world.token(ALL))
    assert answer.status_code == 200, answer.data
    said: dict[str, Any] = json.loads(answer.data)
    assert (said["resourceType"], said["type"]) == ("Bundle", "history")
    return said


def versions(said: dict[str, Any]) -> list[str]:
    return [
        one["fullUrl"].removeprefix(f"{BASE}/Observation/") + "/" + one["response"]["etag"].strip('W/"')
        for one in said.get("entry", [])
    ]


def following(said: dict[str, Any]) -> str | None:
    links = {one["relation"]: one["url"] for one in said["link"]}
    if "next" not in links:
        return None
    address = urlsplit(links["next"])
    return f"{address.path.removeprefix('/fhir/')}?{address.query}"


EVERYTHING = ["o2/2", "other/1", "o1/3", "o3/1", "o1/2", "o2/1", "o1/1"]


def test_of_a_type(record: World) -> None:
    said = page(record, "Observation/_history")
    assert versions(said) == EVERYTHING
    assert said["total"] == 7
    assert [one["request"]["method"] for one in said["entry"]][:2] == ["DELETE", "POST"]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("address", "expected"), [("Observation", EVERYTHING), ("Observation/o1", ["o1/3", "o1/2", "o1/1"])]
)
def test_pages_hold_while_somebody_writes(record: World, address: str, expected: list[str], count: int) -> None:
    found: list[str] = []
    wanted: str | None = f"{address}/_history?_count={count}"
    while wanted is not None:
        said = page(record, wanted)
        found += versions(said)
        wanted = following(said)
        record.put(observation("o1"))
    assert found == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        ("2026-03-02T09:05:00Z", ["o2/2", "other/1", "o1/3"]),
        ("2026-03-02T10:04:00%2B01:00", ["o2/2", "other/1", "o1/3", "o3/1"]),
        ("2026-03-02T10:04:00+01:00", ["o2/2", "other/1", "o1/3", "o3/1"]),
        ("2030-01-01T00:00:00Z", []),
    ],
)
def test_since(record: World, since: str, expected: list[str]) -> None:
    assert versions(page(record, f"Observation/_history?_since={since}")) == expected
    of_one = [one for one in expected if one.startswith("o1/")]
    assert versions(page(record, f"Observation/o1/_history?_since={since}")) == of_one


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (("patient/*.rs", "p1"), ["o1/3", "o3/1", "o1/2", "o1/1"]),
        (("patient/*.rs", "p2"), ["other/1"]),
        (("patient/*.rs", None), []),
        (("user/Observation.r?category=laboratory", None), []),
    ],
)
def test_a_limited_token_sees_what_it_can_find(
    record: World, token: tuple[str, str | None], expected: list[str]
) -> None:
    assert versions(page(record, "Observation/_history", record.token(*token))) == expected


def test_a_limited_token_sees_no_version_from_before_it_was_its_patient_s(world: World) -> None:
    world.put(observation("o1", "p2"))
    world.put(observation("o1", "p1"))
    token = world.token("patient/*.rs", "p1")
    assert versions(page(world, "Observation/_history", token)) == ["o1/2"]
    assert versions(page(world, "Observation/o1/_history", token)) == ["o1/2"]


def test_scopes(record: World) -> None:
    assert_outcome(record.call("GET", "/fhir/Observation/_history", record.token("user/Condition.r")), 403)
    assert_outcome(record.call("GET", "/fhir/Observation/nothing/_history", record.token(ALL)), 404)
    assert_outcome(record.call("GET", "/fhir/Observation/other/_history", record.token("patient/*.r", "p1")), 404)


@pytest.mark.parametrize(
    "query",
    ["_count=x", "_count=-1", "_count=1.5", "_since=x", "_since=2026-03-02", "_cursor=x", "_count=%D9%A1"],
)
def test_wrong_parameters(record: World, query: str) -> None:
    for address in ("Observation", "Observation/o1"):
        assert_outcome(record.call("GET", f"/fhir/{address}/_history?{query}", record.token(ALL)), 400)


def test_parameters_that_are_not_known(record: World) -> None:
    address = "/fhir/Observation/_history?status=final&_format=json"
    assert record.call("GET", address, record.token(ALL)).status_code == 200
    strict = record.call("GET", address, record.token(ALL), headers={"Prefer": "handling=strict"})
    assert "status" in assert_outcome(strict, 400, "not-supported")["issue"][0]["diagnostics"]


def test_a_cursor_is_for_its_own_question(record: World) -> None:
    cursor = (following(page(record, "Observation/_history?_count=1")) or "").partition("_cursor=")[2]
    for address in ("Observation/o1/_history", "Patient/_history", "Observation/_history?_since=2026-03-02T09:05:00Z"):
        asked = f"/fhir/{address}{'&' if '?' in address else '?'}_cursor={cursor}"
        assert_outcome(record.call("GET", asked, record.token(ALL)), 400)


def test_an_access_is_audited(record: World) -> None:
    page(record, "Observation/_history")
    (last,) = record.store.audit.entries(1)
    assert (last.action, last.detail, last.patient) == ("history", "Observation", None)
