"""search-type: parameters, the token's limits, paging, links."""

import json
from typing import Any

import pytest

from sesame_fhir.api.facade.interactions import INTERACTIONS
from sesame_fhir.fhir.search_parameters import APART, parameters_of
from sesame_fhir.services.reach import SHARED_TYPES
from tests.contract.api.harness import BASE, World, assert_outcome
from tests.contract.api.test_reading import LABORATORY, observation
from tests.unit.fhir.samples import SEARCHABLE


@pytest.fixture
def record(world: World) -> World:
    for number in range(5):
        world.clock.move(minutes=1)
        world.put(observation(f"o{number}", "p1" if number < 3 else "p2", *([LABORATORY] if number == 0 else [])))
    return world


def search(world: World, query: str, scope: str = "user/*.rs", patient: str | None = None, **options: Any) -> Any:
    answer = world.call("GET", f"/fhir/Observation?{query}", world.token(scope, patient), **options)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return json.loads(answer.data)


def keys(bundle: Any) -> list[str]:
    return [entry["resource"]["id"] for entry in bundle.get("entry", []) if entry["search"]["mode"] == "match"]


def links(bundle: Any) -> dict[str, str]:
    return {link["relation"]: link["url"] for link in bundle["link"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("patient=p1", ["o2", "o1", "o0"]),
        ("subject=Patient/p2", ["o4", "o3"]),
        (f"subject={BASE}/Patient/p2", ["o4", "o3"]),
        ("patient=p1&_sort=_lastUpdated", ["o0", "o1", "o2"]),
        ("category=laboratory", ["o0"]),
        ("_id=o1,o3", ["o3", "o1"]),
        ("code=http://loinc.org|55758-7&patient=p2", ["o4", "o3"]),
        ("code=http://loinc.org|44261-6", []),
        ("patient=nobody", []),
        ("", ["o4", "o3", "o2", "o1", "o0"]),
    ],
)
def test_search(record: World, query: str, found: list[str]) -> None:
    bundle = search(record, query)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    assert bundle["total"] == len(found)
    assert keys(bundle) == found
    assert ("entry" in bundle) == bool(found)
    assert [entry["fullUrl"] for entry in bundle.get("entry", [])] == [f"{BASE}/Observation/{key}" for key in found]


def test_search_by_post_is_the_same(record: World) -> None:
    answer = record.call(
        "POST", "/fhir/Observation/_search?category=laboratory", record.token("user/*.s"), data={"patient": "p1"}
    )
    assert keys(json.loads(answer.data)) == ["o0"]
    wrong = record.call("POST", "/fhir/Observation/_search", record.token("user/*.s"), json={"patient": "p1"})
    assert_outcome(wrong, 415)


@pytest.mark.parametrize(
    ("scope", "patient", "found"),
    [
        ("user/*.s", None, ["o4", "o3", "o2", "o1", "o0"]),
        ("patient/*.s", "p1", ["o2", "o1", "o0"]),
        ("patient/*.s", "p2", ["o4", "o3"]),
        ("patient/*.s", None, []),
        ("patient/Observation.s?category=laboratory", "p1", ["o0"]),
        ("user/Observation.s?category=laboratory", None, ["o0"]),
        ("patient/*.s user/Observation.s", "p1", ["o4", "o3", "o2", "o1", "o0"]),
    ],
)
def test_scopes_narrow_the_search(record: World, scope: str, patient: str | None, found: list[str]) -> None:
    bundle = search(record, "", scope, patient)
    assert keys(bundle) == found
    assert bundle["total"] == len(found)


def test_scopes_that_do_not_search(record: World) -> None:
    assert_outcome(record.call("GET", "/fhir/Observation", record.token("user/Observation.cru")), 403, "forbidden")


def test_patients_of_a_patient_token(record: World) -> None:
    answer = record.call("GET", "/fhir/Patient?_sort=_id", record.token("patient/*.s", "p2"))
    assert keys(json.loads(answer.data)) == ["p2"]


def test_pages_hold_everything_once(record: World) -> None:
    found: list[str] = []
    url = f"{BASE}/Observation?category=survey,laboratory&_count=2"
    while url:
        answer = record.call("GET", url.removeprefix("http://127.0.0.1:8000"), record.token("user/*.s"))
        assert answer.status_code == 200
        bundle = json.loads(answer.data)
        assert bundle["total"] == 5
        found += keys(bundle)
        url = links(bundle).get("next", "")
    assert found == ["o4", "o3", "o2", "o1", "o0"]


@pytest.mark.parametrize("cursor", ["nonsense", "é", "AAAA", "%00"])
def test_a_cursor_of_ours_only(record: World, cursor: str) -> None:
    answer = record.call("GET", f"/fhir/Observation?_cursor={cursor}", record.token("user/*.s"))
    assert_outcome(answer, 400, "invalid")


def test_count_zero_asks_the_total_only(record: World) -> None:
    bundle = search(record, "_count=0")
    assert bundle["total"] == 5
    assert "entry" not in bundle


def test_a_huge_count_is_lowered_and_said(record: World) -> None:
    assert links(search(record, "_count=999999&patient=p1"))["self"] == f"{BASE}/Observation?_count=1000&patient=p1"


def test_an_unknown_parameter_is_told_and_left_out_of_self(record: World) -> None:
    bundle = search(record, "patient=p1&colour=blue")
    assert bundle["total"] == 3
    assert links(bundle)["self"] == f"{BASE}/Observation?patient=p1"
    (told,) = [entry["resource"] for entry in bundle["entry"] if entry["search"]["mode"] == "outcome"]
    assert told["issue"][0]["severity"] == "warning"


def test_an_unknown_parameter_is_refused_when_asked_to(record: World) -> None:
    headers = {"Prefer": "return=minimal; handling=strict"}
    answer = record.call("GET", "/fhir/Observation?colour=blue", record.token("user/*.s"), headers=headers)
    assert_outcome(answer, 400)


@pytest.mark.parametrize(
    "query", ["date=nonsense", "_count=x", "_count=-1", "_sort=colour", "date:contains=2026", "_id=" + "x" * 70]
)
def test_values_that_cannot_be_understood(record: World, query: str) -> None:
    assert_outcome(record.call("GET", f"/fhir/Observation?{query}", record.token("user/*.s")), 400)


OF_A_PATIENT = sorted(name for name in set(INTERACTIONS) - APART if "patient" in parameters_of(name))


def of_patient(resource_type: str, patient: str) -> dict[str, Any]:
    """The sample of a type, as another patient's."""
    text = json.dumps(SEARCHABLE[resource_type]).replace('"Patient/p1"', f'"Patient/{patient}"')
    return {**json.loads(text), "id": f"of-{patient}"}


@pytest.mark.parametrize("resource_type", OF_A_PATIENT)
def test_every_type_about_a_patient_is_narrowed_and_found(world: World, resource_type: str) -> None:
    for patient in ("p1", "p2"):
        world.put(of_patient(resource_type, patient))
    token = world.token("patient/*.rs", "p1")
    assert keys(json.loads(world.call("GET", f"/fhir/{resource_type}", token).data)) == ["of-p1"]
    for patient, status in (("p1", 200), ("p2", 404)):
        for path in ("", "/_history", "/_history/1"):
            answer = world.call("GET", f"/fhir/{resource_type}/of-{patient}{path}", token)
            assert answer.status_code == status


@pytest.mark.parametrize("resource_type", sorted(SHARED_TYPES & INTERACTIONS.keys()))
def test_every_shared_type_is_read_by_a_patient_token(world: World, resource_type: str) -> None:
    world.put({**SEARCHABLE[resource_type], "id": "s1"})
    token = world.token("patient/*.rs", "p1")
    assert "s1" in keys(json.loads(world.call("GET", f"/fhir/{resource_type}", token).data))
    assert world.call("GET", f"/fhir/{resource_type}/s1", token).status_code == 200


@pytest.mark.parametrize("code", ["a", "b", "nothing"])
@pytest.mark.parametrize("resource_type", sorted(SEARCHABLE.keys() - APART))
def test_a_category_scope_decides_the_same_in_a_read_and_in_a_search(
    world: World, resource_type: str, code: str
) -> None:
    world.put(SEARCHABLE[resource_type])
    token = world.token(f"user/{resource_type}.rs?category=urn:x:codes|{code}")
    found = keys(json.loads(world.call("GET", f"/fhir/{resource_type}", token).data))
    status = world.call("GET", f"/fhir/{resource_type}/{SEARCHABLE[resource_type]['id']}", token).status_code
    assert (found == []) == (status in (403, 404))  # 403: the type has no category to be found by
