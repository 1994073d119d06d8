"""``Patient/$match`` over HTTP: who is found, in which order, and who never is."""

from typing import Any

import pytest

from mappings.patient import patient
from sesame_fhir.domain.identifiers import ins_key
from tests.contract.api.operations.asking import EVERYTHING, Asking, Json, given, parameters, resources
from tests.support.story import PATHWAY, TRAITS

GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"
TEST_INS = "urn:oid:1.2.250.1.213.1.4.10"


def sought(**changes: Any) -> Json:
    whole = {
        "resourceType": "Patient",
        "name": [{"use": "official", "family": "Fictive", "given": ["Jeanne"]}],
        "birthDate": "1984-12-07",
        "gender": "female",
        **changes,
    }
    return {name: part for name, part in whole.items() if part is not None}


def with_ins() -> Json:
    return {name: part for name, part in patient(TRAITS, "x").items() if name not in ("id", "meta", "active")}


def matches(asking: Asking, body: Json, **options: Any) -> list[tuple[str, str, float]]:
    found = asking.ok("Patient/$match", body, **options)
    assert (found["type"], found["total"]) == ("searchset", len(found.get("entry", ())))
    return [
        (e["resource"]["id"], e["search"]["extension"][0]["valueCode"], e["search"]["score"])
        for e in found.get("entry", ())
    ]


def grades(asking: Asking, body: Json, **options: Any) -> dict[str, str]:
    return {key: grade for key, grade, _ in matches(asking, body, **options)}


@pytest.mark.parametrize(
    ("body", "grade"),
    [
        (with_ins(), "certain"),
        ({"resourceType": "Patient", "identifier": with_ins()["identifier"]}, "certain"),
        (sought(), "probable"),
        (sought(name=[{"family": "fictive", "given": ["JEANNE"]}]), "probable"),
        (sought(birthDate=None), "possible"),
        (sought(name=[{"family": "Autre", "given": ["Jeanne"]}]), "possible"),
        (sought(name=[{"family": "Fictive"}]), "possible"),
        (sought(birthDate="1984-12-08"), None),
        (sought(name=[{"family": "Autre", "given": ["Paule"]}]), None),
    ],
)
def test_the_pathways_patient(asking: Asking, body: Json, grade: str | None) -> None:
    assert grades(asking, body).get(PATHWAY) == grade


def test_another_ins_is_another_person(asking: Asking) -> None:
    number = f"2841276451090{ins_key('2841276451090')}"
    assert PATHWAY not in grades(asking, {**with_ins(), "identifier": [{"system": TEST_INS, "value": number}]})


def test_the_surest_first_and_as_many_as_asked(fresh: Asking) -> None:
    for number in range(4):
        fresh.world.put({**sought(), "id": f"homonym{number}"})
    fresh.world.put({**sought(birthDate=None), "id": "unborn"})
    found = matches(fresh, parameters(given("resource", resource=with_ins()), given("count", valueInteger=3)))
    assert [one[0] for one in found] == [PATHWAY, "homonym0", "homonym1"]
    every = matches(fresh, with_ins())
    assert [grade for _, grade, _ in every] == ["certain", *["probable"] * 4, "possible"]
    certain = parameters(given("resource", resource=with_ins()), given("onlyCertainMatches", valueBoolean=True))
    assert [one[0] for one in matches(fresh, certain)] == [PATHWAY]


def test_nothing_is_merged_or_written(asking: Asking) -> None:
    before = asking.ok("Patient?_count=50")["total"]
    matches(asking, with_ins())
    assert asking.ok("Patient?_count=50")["total"] == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"resourceType": "Patient", "birthDate": "1984-12-07"}, 422, "required"),
        ({"resourceType": "Patient", "gender": "female"}, 422, "required"),
        ({"resourceType": "Patient", "birthDate": "1984-02-30"}, 400, "value"),
        ({"resourceType": "Observation"}, 400, "invalid"),
        (parameters(given("resource", resource=sought()), given("count", valueInteger=0)), 400, "value"),
        (parameters(given("count", valueInteger=1)), 400, "required"),
    ],
)
def test_what_it_refuses(asking: Asking, body: Json, status: int, code: str) -> None:
    assert asking.refused("Patient/$match", body)[:2] == (status, [code])


@pytest.mark.parametrize(
    ("scope", "patient_id", "status", "found"),
    [
        (EVERYTHING, None, 200, 1),
        ("user/Patient.rs", None, 200, 1),
        ("user/Patient.s", None, 200, 0),
        ("user/Patient.r", None, 403, 0),
        ("user/Observation.rs", None, 403, 0),
        ("patient/*.rs", PATHWAY, 200, 1),
        ("patient/*.rs", "p1", 200, 0),
    ],
)
def test_the_limits_of_the_token(asking: Asking, scope: str, patient_id: str | None, status: int, found: int) -> None:
    answer = asking.call("Patient/$match", with_ins(), scope=scope, patient=patient_id)
    assert answer.status_code == status
    if status == 200:
        assert len(resources(answer.json or {})) == found
