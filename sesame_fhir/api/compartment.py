"""Whose data a resource is, and of which category: the few elements that a token's limits depend on.

Only those elements are decoded (msgspec skips the rest), and only for tokens with limits: a clinician's read stays
bytes in, bytes out. Source: R4 CompartmentDefinition/patient, restricted to whom a resource is about: it also counts
what a patient performed, sent or received, which is somebody else's data when the subject is another person.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from sesame_fhir.api.scopes import Access
from sesame_fhir.fhir.search_index import split_reference
from sesame_fhir.fhir.search_parameters import parameters_of
from sesame_fhir.services.search import IdClause, ReferenceClause, ReferenceValue, SearchQuery, TokenClause, TokenValue

SHARED_TYPES = frozenset({"Location", "Measure", "Organization", "Practitioner", "PractitionerRole", "Questionnaire"})
"""Types outside the patient compartment, without patient data: ``patient/`` scopes may read them, never write them."""


class _Reference(msgspec.Struct):
    reference: str | None = None


class _Participant(msgspec.Struct):
    actor: _Reference | None = None


class _Coding(msgspec.Struct):
    system: str | None = None
    code: str | None = None


class _CodeableConcept(msgspec.Struct):
    coding: list[_Coding] = []


class Facts(msgspec.Struct, rename={"for_": "for", "security_context": "securityContext"}):
    """The decoded elements; ``Binary`` has no subject, its ``securityContext`` takes that role."""

    subject: _Reference | None = None
    patient: _Reference | None = None
    for_: _Reference | None = None
    security_context: _Reference | None = None
    participant: list[_Participant] = []
    target: list[_Reference] = []
    category: list[_CodeableConcept] | _CodeableConcept | None = None

    def about(self, resource_type: str, patient: str) -> bool:
        """True when the resource is about a patient (a logical id), exactly as its ``patient`` parameter finds it."""
        match resource_type:
            case "Appointment":
                held = [one.actor for one in self.participant]
            case "Provenance":
                held = [*self.target]
            case _:
                held = [self.subject or self.patient or self.for_ or self.security_context]
        wanted = ("Patient", patient)
        return any(split_reference(one.reference) == wanted for one in held if one and one.reference)

    def has(self, wanted: TokenValue) -> bool:
        """True when one of the category's codings matches."""
        concepts = self.category if isinstance(self.category, list) else [self.category] if self.category else []
        return any(
            coding.code == wanted.code and wanted.system in (None, coding.system or "")
            for concept in concepts
            for coding in concept.coding
        )


_DECODER = msgspec.json.Decoder(Facts)


def allows(
    access: Access, resource_type: str, resource_id: str, resource: bytes | Mapping[str, Any], patient: str | None
) -> bool:
    """True when a resource lies within ``access``, for a token launched on ``patient`` (a logical id)."""
    if not access.patient_only and access.categories is None:
        return True
    facts = _DECODER.decode(resource) if isinstance(resource, bytes) else msgspec.convert(resource, Facts)
    if access.categories is not None and not _in_category(facts, resource_type, access.categories):
        return False
    return not access.patient_only or _in_compartment(facts, resource_type, resource_id, patient)


def _in_compartment(facts: Facts, resource_type: str, resource_id: str, patient: str | None) -> bool:
    if resource_type in SHARED_TYPES:
        return True
    if patient is None:
        return False
    if resource_type == "Patient":
        return resource_id == patient
    return facts.about(resource_type, patient)


def _in_category(facts: Facts, resource_type: str, categories: tuple[TokenValue, ...]) -> bool:
    """As a search would decide: R4 lets some types have a category without a parameter to find it by (Flag)."""
    return "category" in parameters_of(resource_type) and any(facts.has(wanted) for wanted in categories)


def narrowed(query: SearchQuery, access: Access, patient: str | None) -> SearchQuery:
    """The query with what ``access`` adds to it."""
    clauses = query.clauses
    if access.categories is not None:
        clauses = (*clauses, TokenClause("category", access.categories))
    if access.patient_only and query.resource_type not in SHARED_TYPES:
        only = patient or ""  # no patient: a clause that nothing satisfies
        if query.resource_type == "Patient":
            clauses = (*clauses, IdClause((only,)))
        else:
            clauses = (*clauses, ReferenceClause("patient", (ReferenceValue("Patient", only),)))
    return replace(query, clauses=clauses)
