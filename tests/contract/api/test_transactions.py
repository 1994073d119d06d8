"""transaction: all or nothing, links between entries, and every refusal with its place."""

import json
from typing import Any

import pytest

from sesame_fhir.api.facade import relinking
from sesame_fhir.fhir.validation import validate
from sesame_fhir.services.records import Origin
from tests.contract.api.bundling import ALL, answered, entry, name, send, statuses, stored_count
from tests.contract.api.harness import BASE, World, assert_outcome
from tests.contract.api.test_batches import binary
from tests.contract.api.test_patching import amended
from tests.contract.api.test_reading import observation
from tests.contract.api.test_writing import ID_SYSTEM, conditional, created_id, fresh

PATIENT = {"resourceType": "Patient", "identifier": [{"system": ID_SYSTEM, "value": "new"}]}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><a href="{0}">x</a></div>'


def about(reference: str, **changes: Any) -> dict[str, Any]:
    return fresh(**changes) | {"subject": {"reference": reference}}


def subject(one: dict[str, Any]) -> str:
    found: str = one["resource"]["subject"]["reference"]
    return found


def test_links_between_entries_become_references(world: World) -> None:
    narrative = {"status": "generated", "div": DIV.format(name(1))}
    document = {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [{"attachment": {"url": name(3)}}],
        "subject": {"reference": name(1)},
        "text": narrative,
    }
    pdf = {"resourceType": "Binary", "contentType": "application/pdf", "data": "JVBERg=="}
    entries = [
        entry("POST", "Observation", about(name(1)), name(2)),
        entry("POST", "DocumentReference", document),
        entry("POST", "Binary", pdf, name(3)),
        entry("POST", "Observation", about(name(1), derivedFrom=[{"reference": name(2)}])),
        entry("POST", "Patient", PATIENT, name(1)),
    ]
    answer = send(world, "transaction", entries)
    found = answered(answer, "transaction")
    assert statuses(found) == [201] * 5
    patient, pdf_id = f"Patient/{found[4]['resource']['id']}", found[2]["resource"]["id"]
    assert {subject(found[0]), subject(found[1]), subject(found[3])} == {patient}
    assert found[1]["resource"]["content"][0]["attachment"]["url"] == f"Binary/{pdf_id}"
    assert f'href="{patient}"' in found[1]["resource"]["text"]["div"]
    assert found[3]["resource"]["derivedFrom"] == [{"reference": f"Observation/{found[0]['resource']['id']}"}]
    assert validate(json.loads(answer.data), "Bundle") == []
    key = created_id_of(found[0])
    assert json.loads(world.call("GET", f"/fhir/Observation/{key}", world.token(ALL)).data) == found[0]["resource"]


def created_id_of(one: dict[str, Any]) -> str:
    location: str = one["response"]["location"]
    return location.removeprefix(f"{BASE}/").split("/")[1]


def test_names_of_another_server_are_replaced_too(world: World) -> None:
    theirs = "https://other.example/fhir"
    entries = [
        entry("POST", "Patient", PATIENT, f"{theirs}/Patient/77"),
        entry("POST", "Observation", about("Patient/77"), f"{theirs}/Observation/5"),
        entry("POST", "Observation", about(f"{theirs}/Patient/77"), f"{theirs}/Observation/6"),
        entry("POST", "Observation", about("Patient/78"), f"{theirs}/Observation/7"),
        entry("POST", "Observation", about("Patient/77"), name(1)),
    ]
    found = answered(send(world, "transaction", entries), "transaction")
    new = f"Patient/{found[0]['resource']['id']}"
    assert [subject(one) for one in found[1:]] == [new, new, "Patient/78", "Patient/77"]


def test_a_name_may_belong_to_what_exists(world: World) -> None:
    kept = created_id(world.call("POST", "/fhir/Patient", world.token(ALL), json=PATIENT))
    condition = f"identifier={ID_SYSTEM}|new"
    entries = [
        entry("POST", "Patient", PATIENT, name(1), ifNoneExist=condition),
        entry("PUT", "Observation/mine", {**about(name(1)), "id": "mine"}, name(2)),
        entry("PUT", f"Observation?identifier={ID_SYSTEM}|two", about(name(1), value="two"), name(3)),
        entry("POST", "Observation", about(name(1), derivedFrom=[{"reference": name(2)}, {"reference": name(3)}])),
    ]
    found = answered(send(world, "transaction", entries), "transaction")
    assert statuses(found) == [200, 201, 201, 201]
    assert {subject(one) for one in found[1:]} == {f"Patient/{kept}"}
    derived = [one["reference"] for one in found[3]["resource"]["derivedFrom"]]
    assert derived == ["Observation/mine", f"Observation/{found[2]['resource']['id']}"]


def test_references_by_a_search(world: World) -> None:
    kept = created_id(world.call("POST", "/fhir/Patient", world.token(ALL), json=PATIENT))
    other = {**PATIENT, "identifier": [{"system": ID_SYSTEM, "value": "other"}]}
    entries = [
        entry("POST", "Observation", about(f"Patient?identifier={ID_SYSTEM}|new")),
        entry("POST", "Observation", about(f"Patient?identifier={ID_SYSTEM}|other")),
        entry("POST", "Patient", other),
    ]
    found = answered(send(world, "transaction", entries), "transaction")
    assert [subject(one) for one in found[:2]] == [f"Patient/{kept}", f"Patient/{found[2]['resource']['id']}"]


def test_the_order_is_r4_s_and_not_the_client_s(world: World) -> None:
    world.put(observation("o1"))
    world.put(observation("o2"))
    entries = [
        entry("GET", "Observation/o1"),
        entry("GET", "Observation?status=amended"),
        entry("PATCH", "Observation/o1", binary(amended())),
        entry("POST", "Observation", fresh()),
        entry("DELETE", "Observation/o2"),
        entry("GET", "Observation/o2/_history/1"),
    ]
    found = answered(send(world, "transaction", entries), "transaction")
    assert statuses(found) == [200, 200, 200, 201, 204, 200]
    assert found[0]["resource"]["status"] == "amended"
    assert found[1]["resource"]["total"] == 1


# a last entry that is refused | status | place of the first issue
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    (entry("POST", "Observation", fresh(status="nonsense")), 400, "Bundle.entry[3].resource.status"),
    (entry("POST", "Observation", {"resourceType": "Condition"}), 400, "Bundle.entry[3].resource.resourceType"),
    (entry("POST", "Observation"), 400, "Bundle.entry[3]"),
    (entry("POST", "Observation", about(name(9))), 400, "Bundle.entry[3].resource.subject.reference"),
    (entry("POST", "Observation", about("Patient?identifier=no")), 412, "Bundle.entry[3].resource.subject.reference"),
    (entry("POST", "Observation", about("Patient?_count=1")), 412, "Bundle.entry[3].resource.subject.reference"),
    (entry("POST", "Observation", about("Patient?x=1")), 412, "Bundle.entry[3].resource.subject.reference"),
    (entry("PUT", "Observation/other", observation("x")), 400, "Bundle.entry[3].resource.id"),
    (entry("PUT", "Observation/o1", observation("o1"), ifMatch='W/"7"'), 412, "Bundle.entry[3]"),
    (entry("PUT", "Observation/derived", observation("derived")), 409, "Bundle.entry[3]"),
    (entry("PUT", "Observation/written", observation("written")), 400, "Bundle.entry[3]"),
    (entry("DELETE", "Observation/written"), 400, "Bundle.entry["),
    (entry("DELETE", "Observation/derived"), 409, "Bundle.entry[3]"),
    (entry("PATCH", "Observation/nothing", binary(amended())), 404, "Bundle.entry[3]"),
    (entry("PATCH", "Observation/o1", binary([{"op": "remove", "path": "/x"}])), 422, "Bundle.entry[3].resource[0]"),
    (entry("GET", "Observation/nothing"), 404, "Bundle.entry[3]"),
    (entry("GET", "Observation?date=nonsense"), 400, "Bundle.entry[3]"),
    (entry("GET", "Nothing/1"), 404, "Bundle.entry[3]"),
    (entry("POST", "CarePlan", {"resourceType": "CarePlan"}), 405, "Bundle.entry[3]"),
    (entry("POST", "/", {"resourceType": "Bundle", "type": "batch"}), 501, "Bundle.entry[3]"),
    (entry("POST", "Patient", PATIENT, ifNoneExist="_count=1"), 412, "Bundle.entry[3]"),
]


@pytest.mark.parametrize(("last", "status", "place"), REFUSED, ids=range(len(REFUSED)))
def test_one_refusal_and_nothing_is_written(world: World, last: dict[str, Any], status: int, place: str) -> None:
    world.put(observation("o1"))
    world.put(observation("derived"), Origin.PATHWAY)
    entries = [
        entry("POST", "Observation", fresh(), name(1)),
        entry("PUT", "Observation/written", observation("written")),
        entry("DELETE", "Observation/o1") if "o1" not in last["request"]["url"] else entry("GET", "Patient/p1"),
        last,
    ]
    answer = send(world, "transaction", entries)
    issue = assert_outcome(answer, status)["issue"][0]
    assert issue["expression"][0].startswith(place), issue
    assert stored_count(world, "Observation") == 2
    assert world.store.resources.read("Observation", "written") is None
    assert {one.action for one in world.store.audit.entries(20)} <= {"search", "read"}


def test_every_entry_s_problems_are_told_at_once(world: World) -> None:
    entries = [
        entry("POST", "Observation", fresh(status="nonsense")),
        entry("POST", "Observation", fresh()),
        entry("POST", "Patient", {"resourceType": "Patient", "gender": "x", "unknown": 1}),
    ]
    said = assert_outcome(send(world, "transaction", entries), 400)
    places = {place for issue in said["issue"] for place in issue["expression"]}
    assert {"Bundle.entry[0].resource.status", "Bundle.entry[2].resource.gender"} <= places
    assert not any(place.startswith("Bundle.entry[1]") for place in places)


@pytest.mark.parametrize("count", [1, 3])
def test_the_same_resource_is_written_once(world: World, count: int) -> None:
    condition = f"identifier={ID_SYSTEM}|new"
    kept = entry("POST", "Patient", PATIENT, ifNoneExist=condition)
    answer = send(world, "transaction", [kept] * count)
    if count == 1:
        assert statuses(answered(answer, "transaction")) == [201]
    else:
        said = assert_outcome(answer, 400, "duplicate")
        assert [issue["expression"] for issue in said["issue"]] == [["Bundle.entry[1]"], ["Bundle.entry[2]"]]


def test_what_a_search_finds_counts_as_the_same_resource(world: World) -> None:
    world.put(observation("o1"))
    entries = [entry("PUT", "Observation/o1", observation("o1")), entry("DELETE", "Observation?_id=o1")]
    assert_outcome(send(world, "transaction", entries), 400, "duplicate")


def test_a_condition_that_was_true_for_several(world: World) -> None:
    world.call("POST", "/fhir/Observation", world.token(ALL), json=fresh(value="one"))
    world.call("POST", "/fhir/Observation", world.token(ALL), json=fresh(value="one"))
    condition = f"identifier={ID_SYSTEM}|one"
    once = entry("POST", "Observation", fresh(value="one"), ifNoneExist=condition)
    assert_outcome(send(world, "transaction", [once]), 412, "multiple-matches")


def test_scopes_are_checked_per_entry(world: World) -> None:
    token = world.token("patient/Observation.c patient/Condition.c", "p1")
    entries = [entry("POST", "Observation", fresh("p1")), entry("POST", "Observation", fresh("p2"))]
    said = assert_outcome(send(world, "transaction", entries, token), 403, "forbidden")
    assert said["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert stored_count(world, "Observation") == 0
    assert statuses(answered(send(world, "transaction", entries[:1], token), "transaction")) == [201]


def test_a_reference_by_a_search_does_not_tell_who_exists(world: World) -> None:
    world.call("POST", "/fhir/Patient", world.token(ALL), json=PATIENT)
    one = entry("POST", "Observation", about(f"Patient?identifier={ID_SYSTEM}|new"))
    asked = send(world, "transaction", [one], world.token("patient/*.cruds", "p1"))
    assert_outcome(asked, 412, "not-found")
    assert_outcome(send(world, "transaction", [one], world.token("user/Observation.c")), 403, "forbidden")


def test_every_write_is_in_the_audit_log_once_it_is_done(world: World) -> None:
    world.put(observation("o1"))
    entries = [entry("POST", "Observation", fresh()), entry("DELETE", "Observation/o1")]
    send(world, "transaction", entries)
    assert {(one.action, one.detail) for one in world.store.audit.entries(5)} == {
        ("create", "Observation"),
        ("delete", "Observation"),
    }


def test_only_reads(world: World) -> None:
    found = answered(
        send(world, "transaction", [entry("GET", "Patient/p1"), entry("GET", "Patient/p2")]), "transaction"
    )
    assert [one["resource"]["id"] for one in found] == ["p1", "p2"]
    assert len(world.store.audit.entries(5)) == 2


def test_a_thousand_entries(world: World) -> None:
    entries = [entry("POST", "Patient", PATIENT, name(0))]
    entries += [
        entry("POST", "Observation", about(name(n - 1) if n == 1 else name(0)), name(n)) for n in range(1, 1000)
    ]
    found = answered(send(world, "transaction", entries), "transaction")
    assert len(found) == 1000
    assert stored_count(world, "Observation") == 999
    assert_outcome(send(world, "transaction", [*entries, entry("GET", "Patient/p1")]), 413, "too-costly")


def test_conditional_create_outside_and_inside_meet(world: World) -> None:
    condition = f"identifier={ID_SYSTEM}|one"
    once = entry("POST", "Observation", fresh(value="one"), ifNoneExist=condition)
    inside = answered(send(world, "transaction", [once]), "transaction")
    assert created_id(conditional(world, condition, fresh(value="one"))) == created_id_of(inside[0])


def test_references_by_a_search_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether they find something or not: each costs a search, and a Bundle holds a hundred thousand of them."""
    monkeypatch.setattr(relinking, "MAX_SEARCHES", 2)
    entries = [entry("POST", "Observation", about(f"Patient?identifier=nobody-{number}")) for number in range(3)]
    outcome = assert_outcome(send(world, "transaction", entries), 412)
    assert [issue["code"] for issue in outcome["issue"]] == ["not-found", "not-found", "too-costly"]
