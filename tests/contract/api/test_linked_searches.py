"""Chains, ``_has``, what comes along, parts, totals and compartments over HTTP, within what the token allows."""

import json
from typing import Any

import pytest

from sesame_fhir.api.facade import linking
from tests.contract.api.harness import BASE, World, assert_outcome
from tests.contract.api.test_reading import LABORATORY, observation
from tests.contract.api.test_searching import keys, links

SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


def quantity(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "points", "system": "http://unitsofmeasure.org", "code": "{score}"}


@pytest.fixture
def record(world: World) -> World:
    """Two patients; o0 to o2 are of p1, o3 and o4 of p2; e1 is the encounter of o0; n1 says who wrote o0 and o3."""
    world.put(
        {
            "resourceType": "Patient",
            "id": "p1",
            "identifier": [{"system": "urn:ins", "value": "1"}],
            "name": [{"family": "FICTIVE", "given": ["Test"]}],
            "generalPractitioner": [{"reference": "Practitioner/gp1"}],
            "contact": [{"name": {"family": "PROCHE"}}],
            "birthDate": "1970-01-01",
        }
    )
    world.put(
        {
            "resourceType": "Encounter",
            "id": "e1",
            "status": "finished",
            "class": {"code": "AMB"},
            "subject": {"reference": "Patient/p1"},
        }
    )
    for number in range(5):
        world.clock.move(minutes=1)
        made = observation(f"o{number}", "p1" if number < 3 else "p2", *([LABORATORY] if number == 0 else []))
        made |= {"valueQuantity": quantity(number + 0.5), "effectiveDateTime": "2025-07-01"}
        if number == 0:
            made["encounter"] = {"reference": "Encounter/e1"}
        world.put(made)
    for key, target in (("n1", "o0"), ("n2", "o3")):
        world.put(
            {
                "resourceType": "Provenance",
                "id": key,
                "target": [{"reference": f"Observation/{target}"}, {"reference": f"Patient/p{1 + (target == 'o3')}"}],
                "recorded": "2026-01-05T10:00:00Z",
                "agent": [{"who": {"reference": "Practitioner/gp1"}}],
            }
        )
    return world


def get(world: World, path: str, scope: str = "user/*.rs", patient: str | None = None) -> Any:
    answer = world.call("GET", f"/fhir/{path}", world.token(scope, patient))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return json.loads(answer.data)


def along(bundle: Any) -> list[str]:
    found = (entry for entry in bundle.get("entry", []) if entry["search"]["mode"] == "include")
    return sorted(f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in found)


def told(bundle: Any) -> list[str]:
    return [
        issue["code"]
        for entry in bundle.get("entry", [])
        if entry["search"]["mode"] == "outcome"
        for issue in entry["resource"]["issue"]
    ]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Observation?patient.identifier=urn:ins|1", ["o2", "o1", "o0"]),
        ("Observation?subject:Patient.family=fict", ["o2", "o1", "o0"]),
        ("Observation?patient.family=exemple&code=http://loinc.org|55758-7", ["o4", "o3"]),
        ("Observation?encounter.status=finished", ["o0"]),
        ("Observation?patient.general-practitioner=gp1&value-quantity=gt1.5", ["o2"]),
        ("Observation?value-quantity=2.5,3.5", ["o3", "o2"]),
        ("Observation?value-quantity=4.5||points", ["o4"]),
        ("Observation?value-quantity=4.5|http://unitsofmeasure.org|mg", []),
        ("Observation?category:not=laboratory&patient=p1", ["o2", "o1"]),
        ("Observation?encounter:missing=false", ["o0"]),
        ("Observation?encounter:missing=true&patient=p1&_sort=value-quantity", ["o1", "o2"]),
        ("Observation?_sort=-patient,value-quantity", ["o3", "o4", "o0", "o1", "o2"]),
        ("Patient?_has:Observation:patient:category=laboratory", ["p1"]),
        ("Patient?_has:Observation:patient:value-quantity=ge4", ["p2"]),
        ("Observation?_has:Provenance:target:agent=Practitioner/gp1", ["o3", "o0"]),
        ("Patient/p1/Observation", ["o2", "o1", "o0"]),
        ("Patient/p1/Observation?category=laboratory", ["o0"]),
        ("Patient/p1/Encounter", ["e1"]),
        ("Patient/nobody/Observation", []),
    ],
)
def test_search(record: World, path: str, found: list[str]) -> None:
    bundle = get(record, path)
    assert keys(bundle) == found
    assert bundle["total"] == len(found)
    assert links(bundle)["self"].startswith(f"{BASE}/{path.partition('?')[0]}")


@pytest.mark.parametrize(
    ("scope", "patient", "path", "found"),
    [
        ("patient/*.rs", "p1", "Observation?patient.identifier=urn:ins|1", ["o2", "o1", "o0"]),
        ("patient/*.rs", "p2", "Observation?patient.identifier=urn:ins|1", []),
        ("patient/*.rs", "p2", "Observation?subject:Patient.family:not-there=x", None),
        ("patient/*.rs", "p1", "Patient?_has:Observation:patient:category=laboratory", ["p1"]),
        ("patient/*.rs", "p2", "Patient?_has:Observation:patient:category=laboratory", []),
        ("patient/*.rs", "p2", "Patient/p1/Observation", []),
        (
            "user/Patient.rs user/Observation.rs?category=laboratory",
            None,
            "Patient?_has:Observation:patient:code=http://loinc.org|55758-7",
            ["p1"],
        ),
        ("user/Observation.rs", None, "Observation?patient.identifier=urn:ins|1", None),
        ("user/Patient.rs", None, "Patient?_has:Observation:patient:category=laboratory", None),
        ("user/Observation.rs user/Patient.r", None, "Observation?patient.identifier=urn:ins|1", None),
    ],
)
def test_a_chain_tells_only_what_the_token_may_search(
    record: World, scope: str, patient: str | None, path: str, found: list[str] | None
) -> None:
    answer = record.call("GET", f"/fhir/{path}", record.token(scope, patient))
    if found is None:
        assert answer.status_code in (400, 403)
    else:
        assert keys(json.loads(answer.data)) == found


@pytest.mark.parametrize(
    ("scope", "patient", "path", "found", "warned"),
    [
        ("user/*.rs", None, "Observation?_id=o0&_include=Observation:subject", ["Patient/p1"], []),
        ("user/*.rs", None, "Observation?_id=o0&_include=*", ["Encounter/e1", "Patient/p1"], []),
        (
            "user/*.rs",
            None,
            "Observation?_id=o0&_include=Observation:subject&_include:iterate=Patient:general-practitioner",
            ["Patient/p1", "Practitioner/gp1"],
            [],
        ),
        ("user/*.rs", None, "Observation?patient=p1&_revinclude=Provenance:target", ["Provenance/n1"], []),
        (
            "user/*.rs",
            None,
            "Patient?_id=p1&_revinclude=Observation:patient&_revinclude=Encounter:patient",
            ["Encounter/e1", "Observation/o0", "Observation/o1", "Observation/o2"],
            [],
        ),
        ("user/Observation.rs", None, "Observation?_id=o0&_include=Observation:encounter", [], ["suppressed"]),
        ("user/Observation.rs user/Patient.s", None, "Observation?_include=Observation:patient", [], ["suppressed"]),
        ("patient/*.rs", "p1", "Practitioner?_id=gp1&_revinclude=Provenance:agent", ["Provenance/n1"], []),
        ("patient/*.rs", "p2", "Practitioner?_id=gp1&_revinclude=Patient:general-practitioner", [], []),
        (
            "user/Patient.rs user/Observation.rs?category=laboratory",
            None,
            "Patient?_id=p1&_revinclude=Observation:patient",
            ["Observation/o0"],
            [],
        ),
    ],
)
def test_what_comes_along_is_what_the_token_may_read(  # a row of the table
    record: World, scope: str, patient: str | None, path: str, found: list[str], warned: list[str]
) -> None:
    bundle = get(record, path, scope, patient)
    assert along(bundle) == found
    assert told(bundle) == warned
    assert bundle["total"] == len(keys(bundle))


def test_much_that_comes_along_is_cut_and_told(record: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linking, "MAX_INCLUDED", 2)
    bundle = get(record, "Patient?_id=p1&_revinclude=Observation:patient")
    assert len(along(bundle)) == 2
    assert told(bundle) == ["incomplete"]


@pytest.mark.parametrize(
    ("query", "kept", "gone"),
    [
        ("_summary=true", {"identifier", "name", "birthDate"}, {"contact", "generalPractitioner"}),
        ("_summary=text", set(), {"name", "contact", "birthDate"}),
        ("_summary=data", {"name", "contact", "birthDate"}, {"text"}),
        ("_elements=birthDate,contact", {"birthDate", "contact"}, {"name", "identifier"}),
    ],
)
@pytest.mark.parametrize("path", ["Patient?_id=p1&", "Patient/p1?", "Patient/p1/_history/2?"])
def test_parts(record: World, path: str, query: str, kept: set[str], gone: set[str]) -> None:
    read = get(record, path + query)
    resource = read["entry"][0]["resource"] if read["resourceType"] == "Bundle" else read
    assert (resource["resourceType"], resource["id"]) == ("Patient", "p1")
    assert kept <= resource.keys()
    assert not gone & resource.keys()
    assert SUBSETTED in resource["meta"]["tag"]


def test_the_whole_is_not_called_a_part(record: World) -> None:
    assert "tag" not in get(record, "Patient/p1?_summary=false")["meta"]
    assert_outcome(record.call("GET", "/fhir/Patient/p1?_summary=count", record.token("user/*.r")), 400)
    assert "entry" not in get(record, "Observation?_summary=count")
    assert get(record, "Observation?_summary=count")["total"] == 5


def test_named_elements_are_those_of_the_type_searched(record: World) -> None:
    bundle = get(record, "Observation?_id=o0&_elements=code&_include=Observation:patient")
    match, brought = (entry["resource"] for entry in bundle["entry"])
    assert match.keys() == {"resourceType", "id", "meta", "status", "code"}
    assert brought["birthDate"] == "1970-01-01"


@pytest.mark.parametrize(("asked", "total"), [("none", None), ("estimate", 5), ("accurate", 5)])
def test_totals(record: World, asked: str, total: int | None) -> None:
    assert get(record, f"Observation?_total={asked}&_count=2").get("total") == total


def test_pages_go_on_while_resources_are_written(record: World) -> None:
    """Also for an approximate date, whose margin grows with every minute."""
    query = "Observation?date=ap2025-07&_sort=value-quantity&_count=2&_include=Observation:patient"
    bundle, found = get(record, query), list[str]()
    while True:
        found += keys(bundle)
        assert along(bundle)
        assert links(bundle)["first"] == f"{BASE}/{query.replace(':', '%3A')}"
        if "next" not in links(bundle):
            break
        record.clock.move(minutes=30)
        made = observation(f"new{len(found)}", "p1")
        record.put({**made, "valueQuantity": quantity(-1), "effectiveDateTime": "2025-07-01"})
        bundle = get(record, links(bundle)["next"].removeprefix(f"{BASE}/"))
    assert found == ["o0", "o1", "o2", "o3", "o4"]


@pytest.mark.parametrize(
    "path",
    [
        "Observation?subject.name=x",
        "Observation?_include=Patient:link",
        "Observation?_revinclude=*",
        "Observation?_summary=text&_include=Observation:subject",
        "Observation?value-quantity=lots",
        "Patient/p1?_elements=a&_summary=true",
        "Patient/p1?_summary=nonsense",
        "Patient?name:contains=" + "x" * 201,
        "Patient?" + "&".join(f"_has:Observation:patient:code=c{n}" for n in range(6)),
    ],
)
def test_what_cannot_be_answered(record: World, path: str) -> None:
    assert_outcome(record.call("GET", f"/fhir/{path}", record.token("user/*.rs")), 400)


def test_the_statement_lists_what_comes_along(record: World) -> None:
    statement = json.loads(record.call("GET", "/fhir/metadata").data)
    (described,) = (one for one in statement["rest"][0]["resource"] if one["type"] == "Observation")
    assert "Observation:encounter" in described["searchInclude"]
    assert "Provenance:target" in described["searchRevInclude"]
    assert {"name": "value-quantity", "type": "quantity"} in described["searchParam"]
