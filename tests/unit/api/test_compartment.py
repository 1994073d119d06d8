"""Whose a resource is: what a patient's token reads is exactly what its search finds."""

from typing import Any

import orjson
import pytest

from sesame_fhir.api.compartment import allows, narrowed
from sesame_fhir.api.facade.interactions import INTERACTIONS
from sesame_fhir.api.scopes import Access
from sesame_fhir.fhir.search_index import index
from sesame_fhir.fhir.search_parameters import APART, parameters_of
from sesame_fhir.services.reach import SHARED_TYPES
from sesame_fhir.services.search import (
    AnyOfClause,
    IdClause,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    TokenClause,
    TokenValue,
)
from tests.unit.fhir.samples import SEARCHABLE

OWN = Access(patient_only=True, filters=None)
_OF_NOBODY = {"Binary", "PaymentReconciliation", "Subscription"}
OF_A_PATIENT = sorted(set(INTERACTIONS) - SHARED_TYPES - APART - _OF_NOBODY - {"Patient"})
BY_SUBJECT = (
    *("Communication", "Composition", "DocumentReference", "Encounter", "MedicationRequest", "MedicationStatement"),
    *("Observation", "QuestionnaireResponse", "ServiceRequest"),
)
R4_COMPARTMENT = {
    **dict.fromkeys(OF_A_PATIENT, "patient"),
    **dict.fromkeys(BY_SUBJECT, "subject"),
    "Appointment": "actor",
}
"""Parameters of the published CompartmentDefinition, those for whom the resource is about (R4 4.0.1)."""


def actors(*references: str) -> dict[str, Any]:
    return {"resourceType": "Appointment", "participant": [{"actor": {"reference": one}} for one in references]}


def targets(*references: str) -> dict[str, Any]:
    return {"resourceType": "Provenance", "target": [{"reference": one} for one in references]}


def about(reference: str, resource_type: str = "CarePlan", element: str = "subject") -> dict[str, Any]:
    return {"resourceType": resource_type, element: {"reference": reference}}


ROWS: list[tuple[dict[str, Any], bool]] = [
    (actors("Practitioner/n1", "Patient/p1"), True),
    (actors("Patient/p2", "Patient/p1"), True),
    (actors("Patient/p2", "Practitioner/p1"), False),
    ({"resourceType": "Appointment", "participant": [{"type": [{"text": "infirmière"}]}]}, False),
    ({"resourceType": "Appointment"}, False),
    (targets("CarePlan/c1", "Patient/p1"), True),
    (targets("CarePlan/c1"), False),
    (about("Patient/p1"), True),
    (about("Patient/p1/_history/2"), True),
    (about("Patient/p11"), False),
    (about("Group/p1"), False),
    (about("https://x.test/Patient/p1"), False),
    (about("urn:uuid:p1"), False),
    ({"resourceType": "CarePlan", "subject": {"identifier": {"value": "1"}}}, False),
    (about("Patient/p1", "MeasureReport"), True),
    ({"resourceType": "MeasureReport", "status": "complete"}, False),
    (about("Patient/p1", "Consent", "patient"), True),
    (about("Patient/p1", "Task", "for"), True),
    (about("Patient/p1", "Task", "owner"), False),
    (about("Patient/p1", "Communication", "sender"), False),
]


@pytest.mark.parametrize(("resource", "inside"), ROWS)
@pytest.mark.parametrize("stored", [True, False])
def test_a_patients_token_reads(resource: dict[str, Any], *, inside: bool, stored: bool) -> None:
    given = orjson.dumps(resource) if stored else resource
    assert allows(OWN, resource["resourceType"], "x", given, "p1") is inside
    assert not allows(OWN, resource["resourceType"], "x", given, None)


@pytest.mark.parametrize("resource", [resource for resource, _ in ROWS] + [SEARCHABLE[kind] for kind in OF_A_PATIENT])
@pytest.mark.parametrize("patient", ["p1", "p2"])
def test_a_read_decides_as_the_search(resource: dict[str, Any], patient: str) -> None:
    found = {(one.ref_type, one.ref_id) for one in index(resource) if one.param == "patient"}
    assert allows(OWN, resource["resourceType"], "x", resource, patient) == (("Patient", patient) in found)


@pytest.mark.parametrize("resource_type", OF_A_PATIENT)
def test_the_published_compartment_holds_them_too(resource_type: str) -> None:
    """Ours is the part of it that is about the patient, so no token sees more than the specification says."""
    sample = SEARCHABLE[resource_type]
    published = {(one.ref_type, one.ref_id) for one in index(sample) if one.param == R4_COMPARTMENT[resource_type]}
    ours = {(one.ref_type, one.ref_id) for one in index(sample) if one.param == "patient"}
    assert ours == {("Patient", "p1")}
    assert ours <= published


@pytest.mark.parametrize("resource_type", OF_A_PATIENT)
def test_a_patients_search_is_narrowed(resource_type: str) -> None:
    assert "patient" in parameters_of(resource_type)
    only = ReferenceClause("patient", (ReferenceValue("Patient", "p1"),))
    assert narrowed(SearchQuery(resource_type), OWN, "p1").clauses == (only,)


def test_the_others_are_narrowed_by_id_or_not_at_all() -> None:
    assert narrowed(SearchQuery("Patient"), OWN, "p1").clauses == (IdClause(("p1",)),)
    assert narrowed(SearchQuery("Patient"), OWN, None).clauses == (IdClause(("",)),)
    for resource_type in SHARED_TYPES:
        assert narrowed(SearchQuery(resource_type), OWN, "p1").clauses == ()
        assert allows(OWN, resource_type, "x", {}, None)


def only(param: str, *codes: str) -> TokenClause:
    return TokenClause(param, tuple(TokenValue("urn:x", code) for code in codes))


MEASURE = {
    "resourceType": "Observation",
    "status": "final",
    "category": [{"coding": [{"system": "urn:x", "code": "survey"}]}],
    "code": {"coding": [{"system": "urn:x", "code": "phq"}, {"code": "bare"}]},
}


@pytest.mark.parametrize(
    ("filters", "inside"),
    [
        (((only("category", "survey"),),), True),
        (((only("category", "laboratory"),),), False),
        (((only("category", "laboratory", "survey"),),), True),
        (((only("category", "survey"), only("code", "phq")),), True),
        (((only("category", "survey"), only("code", "gad")),), False),
        (((only("category", "laboratory"),), (only("code", "phq"),)), True),
        (((TokenClause("code", (TokenValue(None, "bare"),)),),), True),
        (((TokenClause("code", (TokenValue("", "bare"),)),),), True),
        (((TokenClause("code", (TokenValue("", "phq"),)),),), False),
        (((TokenClause("code", (TokenValue("urn:x", None),)),),), True),
        (((TokenClause("status", (TokenValue(None, "final"),)),),), True),
        (((TokenClause("status", (TokenValue("urn:x", "final"),)),),), False),
    ],
)
@pytest.mark.parametrize("stored", [True, False])
def test_a_granular_scope_reads_what_a_search_would_find(filters: Any, *, inside: bool, stored: bool) -> None:
    access = Access(patient_only=False, filters=filters)
    assert allows(access, "Observation", "o1", orjson.dumps(MEASURE) if stored else MEASURE, None) is inside


def test_a_search_is_narrowed_by_the_scopes_together() -> None:
    survey, laboratory, phq = only("category", "survey"), only("category", "laboratory"), only("code", "phq")

    def added(*filters: Any) -> Any:
        return narrowed(SearchQuery("Observation"), Access(patient_only=False, filters=filters), None).clauses

    assert added((survey, phq)) == (survey, phq)
    assert added((survey,), (laboratory,)) == (only("category", "survey", "laboratory"),)
    assert added((survey,), (laboratory, phq)) == (AnyOfClause(((survey,), (laboratory, phq))),)
