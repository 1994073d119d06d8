"""``Patient/$everything``: the whole compartment, by pages that do not move, within the token's limits."""

import json
from typing import Any

import pytest

from sesame_fhir.api.facade.interactions import types_with
from sesame_fhir.fhir.search_parameters import APART, parameters_of
from tests.contract.api.harness import HOST
from tests.contract.api.operations.asking import EVERYTHING, Asking, Json, resources
from tests.support.story import PATHWAY

PATH = f"Patient/{PATHWAY}/$everything"


def keys(found: Json, mode: str | None = None) -> list[str]:
    return [f"{one['resourceType']}/{one['id']}" for one in resources(found, mode)]


def walked(asking: Asking, query: str, **options: Any) -> list[list[str]]:
    """Keys of each page, following ``next``."""
    found = asking.ok(f"{PATH}?{query}", **options)
    pages = [keys(found, "match")]
    while (link := next((one["url"] for one in found["link"] if one["relation"] == "next"), None)) is not None:
        token = asking.world.token(options.get("scope", EVERYTHING), options.get("patient"))
        answer = asking.world.call("GET", link.removeprefix(HOST), token)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found = json.loads(answer.data)
        pages.append(keys(found, "match"))
    return pages


def test_the_patient_first_then_all_that_is_about_them(asking: Asking) -> None:
    found = keys(asking.ok(PATH))
    assert found[0] == f"Patient/{PATHWAY}"
    assert len(found) == len(set(found))
    by_search: set[str] = set()
    for kind in (one for one in types_with("search-type") if "patient" in parameters_of(one) and one not in APART):
        by_search |= set(keys(asking.ok(f"{kind}?patient={PATHWAY}&_count=200"), "match"))
    assert set(found[1:]) == by_search
    assert {"Observation", "CarePlan", "Encounter", "Goal", "Task"} <= {key.partition("/")[0] for key in found}


@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_pages_have_everything_once_and_do_not_move(asking: Asking, count: int) -> None:
    whole = keys(asking.ok(PATH), "match")
    pages = walked(asking, f"_count={count}")
    assert [key for page in pages for key in page] == whole
    assert all(len(page) <= count for page in pages)


def test_a_change_meanwhile_moves_nothing(fresh: Asking) -> None:
    first = fresh.ok(f"{PATH}?_count=5")
    fresh.world.clock.move(hours=1)
    changed = fresh.world.store.resources.read("Observation", keys(fresh.ok(f"{PATH}?_type=Observation"))[0][12:])
    assert changed is not None
    body = json.loads(changed.body or b"{}")
    fresh.world.put({name: part for name, part in body.items() if name != "meta"})
    link = next(one["url"] for one in first["link"] if one["relation"] == "next")
    second = fresh.world.call("GET", link.removeprefix(HOST), fresh.world.token(EVERYTHING))
    assert keys(json.loads(second.data), "match") == keys(fresh.ok(PATH), "match")[5:10]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("_type=Goal", {"Goal"}),
        ("_type=Goal,CarePlan", {"Goal", "CarePlan"}),
        ("_type=Goal&_type=Flag,CarePlan", {"Goal", "CarePlan"}),
        ("_type=Patient", {"Patient"}),
        ("_type=Encounter&start=2026-03-01&end=2026-04-30", {"Encounter"}),
        ("_type=Encounter&start=2030-01-01", set()),
        ("_type=Encounter&end=2020-01-01", set()),
        ("_type=Encounter&_since=2030-01-01T00:00:00Z", set()),
        ("_type=Encounter&_since=2020-01-01T00:00:00Z", {"Encounter"}),
    ],
)
def test_what_is_asked_for(asking: Asking, query: str, kinds: set[str]) -> None:
    assert {key.partition("/")[0] for key in keys(asking.ok(f"{PATH}?{query}"))} == kinds


@pytest.mark.parametrize(
    ("query", "code", "place"),
    [
        ("_type=Nothing", "not-supported", "_type"),
        ("_count=0", "value", "_count"),
        ("_count=x", "value", "_count"),
        ("start=yesterday", "value", "start"),
        ("_since=", "value", "_since"),
        ("_cursor=Observation~forged", "invalid", None),
        ("_cursor=Nothing~", "invalid", None),
        ("colour=x", "not-supported", "colour"),
    ],
)
def test_what_it_refuses(asking: Asking, query: str, code: str, place: str | None) -> None:
    assert asking.refused(f"{PATH}?{query}") == (400, [code], [place] if place else [])


def test_who_it_names_comes_with_it_when_the_token_may(fresh: Asking) -> None:
    fresh.world.put(
        {
            "resourceType": "Observation",
            "id": "measured",
            "status": "final",
            "code": {"text": "x"},
            "subject": {"reference": f"Patient/{PATHWAY}"},
            "performer": [{"reference": "Practitioner/gp1"}],
        }
    )
    assert keys(fresh.ok(PATH), "include") == ["Practitioner/gp1"]
    assert keys(fresh.ok(PATH, scope="user/Patient.rs user/Observation.rs"), "include") == []
    assert keys(fresh.ok(f"{PATH}?_type=Observation"), "include") == []


@pytest.mark.parametrize(
    ("scope", "patient", "status"),
    [
        ("patient/*.rs", PATHWAY, 200),
        ("patient/*.rs", "p1", 404),
        ("user/Observation.rs", None, 403),
        ("user/Patient.s", None, 403),
    ],
)
def test_whose_everything(asking: Asking, scope: str, patient: str | None, status: int) -> None:
    assert asking.call(PATH, scope=scope, patient=patient).status_code == status


def test_only_types_in_the_scope(asking: Asking) -> None:
    found = keys(asking.ok(PATH, scope="user/Patient.rs user/Goal.rs"))
    assert {key.partition("/")[0] for key in found} == {"Patient", "Goal"}
    granular = asking.ok(PATH, scope="user/Patient.rs user/Observation.rs?category=laboratory")
    assert keys(granular) == [f"Patient/{PATHWAY}"]


def test_no_such_patient(asking: Asking) -> None:
    assert asking.refused("Patient/nobody/$everything")[0] == 404
