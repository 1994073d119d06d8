"""Whose a resource is: what a patient's token reads is exactly what its search finds."""

from typing import Any

import orjson
import pytest

from sesame_fhir.api.compartment import SHARED_TYPES, allows, narrowed
from sesame_fhir.api.facade.interactions import INTERACTIONS
from sesame_fhir.api.scopes import Access
from sesame_fhir.fhir.search_index import index
from sesame_fhir.fhir.search_parameters import parameters_of
from sesame_fhir.services.search import IdClause, ReferenceClause, ReferenceValue, SearchQuery, TokenValue
from tests.unit.fhir.samples import SEARCHABLE

OWN = Access(patient_only=True, categories=None)
OF_A_PATIENT = sorted(set(INTERACTIONS) - SHARED_TYPES - {"Patient", "Binary"})
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


def test_a_category_that_no_search_can_ask_for_allows_nothing() -> None:
    access = Access(patient_only=False, categories=(TokenValue("urn:x:codes", "a"),))
    assert allows(access, "Goal", "s1", SEARCHABLE["Goal"], None)
    assert "category" in SEARCHABLE["Flag"]
    assert not allows(access, "Flag", "s1", SEARCHABLE["Flag"], None)
