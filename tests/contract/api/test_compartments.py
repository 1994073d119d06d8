"""Searches in a patient's compartment: one type, every type, page by page, within the token's limits."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.api.harness import BASE, World, assert_outcome
from tests.contract.api.test_reading import LABORATORY, observation

ALL = "user/*.cruds"


@pytest.fixture
def record(world: World) -> World:
    for key, patient in (("o1", "p1"), ("o2", "p1"), ("o3", "p2")):
        world.put(observation(key, patient))
    world.put(observation("o4", "p1", LABORATORY))
    world.put({"resourceType": "Condition", "id": "c1", "subject": {"reference": "Patient/p1"}})
    world.put({"resourceType": "Flag", "id": "f1", "status": "active", "subject": {"reference": "Patient/p1"}})
    return world


def found(world: World, address: str, token: str | None = None, **options: Any) -> tuple[list[str], dict[str, str]]:
    answer = world.call(options.pop("method", "GET"), f"/fhir/{address}", token or world.token(ALL), **options)
    assert answer.status_code == 200, answer.data
    said = json.loads(answer.data)
    names = [one["fullUrl"].removeprefix(f"{BASE}/") for one in said.get("entry", []) if "fullUrl" in one]
    return names, {one["relation"]: one["url"] for one in said["link"]}


def test_one_type(record: World) -> None:
    names, links = found(record, "Patient/p1/Observation?_sort=_id")
    assert names == ["Observation/o1", "Observation/o2", "Observation/o4"]
    assert links["self"].startswith(f"{BASE}/Patient/p1/Observation")
    assert found(record, "Patient/p1/Observation?category=laboratory")[0] == ["Observation/o4"]
    assert found(record, "Patient/nobody/Observation")[0] == []
    posted = found(record, "Patient/p1/Observation/_search", method="POST", data={"category": "laboratory"})
    assert posted[0] == ["Observation/o4"]


EVERYTHING = {"Observation/o1", "Observation/o2", "Observation/o4", "Condition/c1", "Flag/f1"}


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_every_type_page_by_page(record: World, count: int) -> None:
    names: list[str] = []
    address: str | None = f"Patient/p1/*?_count={count}"
    while address is not None:
        page, links = found(record, address)
        assert len(page) <= count
        names += page
        following = urlsplit(links["next"]) if "next" in links else None
        address = None if following is None else f"{following.path.removeprefix('/fhir/')}?{following.query}"
    assert len(names) == len(EVERYTHING)
    assert set(names) == EVERYTHING


def test_types_can_be_named(record: World) -> None:
    names, links = found(record, "Patient/p1/*?_type=Flag,Condition")
    assert set(names) == {"Flag/f1", "Condition/c1"}
    assert "_type=Flag%2CCondition" in links["self"]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (("patient/*.rs", "p1"), EVERYTHING),
        (("patient/*.rs", "p2"), set()),
        (("user/Flag.rs user/Condition.s", None), {"Flag/f1", "Condition/c1"}),
        (("user/Observation.rs?category=laboratory", None), {"Observation/o4"}),
    ],
)
def test_every_type_that_the_token_may_search(record: World, token: tuple[str, str | None], expected: set[str]) -> None:
    assert set(found(record, "Patient/p1/*", record.token(*token))[0]) == expected


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("status=final", 400),
        ("_include=Observation:subject", 400),
        ("_type=Nothing", 400),
        ("_type=Practitioner", 400),
        ("_cursor=Nothing", 400),
        ("_cursor=Observation~x", 400),
        ("_cursor=", 400),
        ("_count=x", 400),
        ("_lastUpdated=x", 400),
    ],
)
def test_wrong_parameters(record: World, query: str, status: int) -> None:
    assert_outcome(record.call("GET", f"/fhir/Patient/p1/*?{query}", record.token(ALL)), status)


def test_who_may_search_nothing(record: World) -> None:
    for address in ("Patient/p1/*", "Patient/p1/Observation"):
        assert_outcome(record.call("GET", f"/fhir/{address}", record.token("user/*.r")), 403, "forbidden")
        assert_outcome(record.call("GET", f"/fhir/{address}"), 401, "login")
