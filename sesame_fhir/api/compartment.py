"""Whose data a resource is, and whether it satisfies a granular scope: what a token's limits depend on.

Whose it is needs a few elements only (msgspec skips the rest), a granular scope what a search would find the resource
by; nothing is decoded for tokens without limits: a clinician's read stays bytes in, bytes out.
Source: R4 CompartmentDefinition/patient, restricted to whom a resource is about: it also counts what a patient
performed, sent or received, which is somebody else's data when the subject is another person.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import orjson

from sesame_fhir.api.scopes import Access, Filter
from sesame_fhir.fhir.search_index import index, split_reference
from sesame_fhir.services.reach import SHARED_TYPES
from sesame_fhir.services.search import (
    AnyOfClause,
    Clause,
    IdClause,
    IndexEntry,
    ReferenceClause,
    ReferenceValue,
    SearchQuery,
    TokenClause,
)


class _Reference(msgspec.Struct):
    reference: str | None = None


class _Participant(msgspec.Struct):
    actor: _Reference | None = None


class Facts(msgspec.Struct, rename={"for_": "for", "security_context": "securityContext"}):
    """The decoded elements; ``Binary`` has no subject, its ``securityContext`` takes that role."""

    subject: _Reference | None = None
    patient: _Reference | None = None
    for_: _Reference | None = None
    security_context: _Reference | None = None
    beneficiary: _Reference | None = None
    participant: list[_Participant] = []
    target: list[_Reference] = []

    def about(self, resource_type: str, patient: str) -> bool:
        """True when the resource is about a patient (a logical id), exactly as its ``patient`` parameter finds it."""
        match resource_type:
            case "Appointment":
                held = [one.actor for one in self.participant]
            case "Provenance":
                held = [*self.target]
            case _:
                held = [self.subject or self.patient or self.for_ or self.beneficiary or self.security_context]
        wanted = ("Patient", patient)
        return any(split_reference(one.reference) == wanted for one in held if one and one.reference)


_DECODER = msgspec.json.Decoder(Facts)


def allows(
    access: Access, resource_type: str, resource_id: str, resource: bytes | Mapping[str, Any], patient: str | None
) -> bool:
    """True when a resource lies within ``access``, for a token launched on ``patient`` (a logical id)."""
    if not access.limited:
        return True
    if access.filters is not None and not _satisfies(resource, access.filters):
        return False
    if not access.patient_only:
        return True
    facts = _DECODER.decode(resource) if isinstance(resource, bytes) else msgspec.convert(resource, Facts)
    return _in_compartment(facts, resource_type, resource_id, patient)


def _in_compartment(facts: Facts, resource_type: str, resource_id: str, patient: str | None) -> bool:
    if resource_type in SHARED_TYPES:
        return True
    if patient is None:
        return False
    if resource_type == "Patient":
        return resource_id == patient
    return facts.about(resource_type, patient)


def _satisfies(resource: bytes | Mapping[str, Any], filters: tuple[Filter, ...]) -> bool:
    """As a search would decide: by the entries that the resource is indexed under."""
    whole = orjson.loads(resource) if isinstance(resource, bytes) else dict(resource)
    tokens = [entry for entry in index(whole) if entry.kind == "token"]
    return any(all(_found(clause, tokens) for clause in one) for one in filters)


def _found(clause: TokenClause, tokens: Iterable[IndexEntry]) -> bool:
    return any(
        entry.param == clause.param
        and value.system in (None, entry.system or "")
        and value.code in (None, entry.code or "")
        for entry in tokens
        for value in clause.values
    )


def narrowed(query: SearchQuery, access: Access, patient: str | None) -> SearchQuery:
    """The query with what ``access`` adds to it."""
    clauses = query.clauses
    if access.filters is not None:
        clauses = (*clauses, *_filtering(access.filters))
    if access.patient_only and query.resource_type not in SHARED_TYPES:
        only = patient or ""  # no patient: a clause that nothing satisfies
        if query.resource_type == "Patient":
            clauses = (*clauses, IdClause((only,)))
        else:
            clauses = (*clauses, ReferenceClause("patient", (ReferenceValue("Patient", only),)))
    return replace(query, clauses=clauses)


def _filtering(filters: tuple[Filter, ...]) -> tuple[Clause, ...]:
    """One filter as its clauses; several on one parameter as its values, which lead an index; else as alternatives."""
    if len(filters) == 1:
        return filters[0]
    params = {clause.param for one in filters for clause in one}
    if len(params) == 1 and all(len(one) == 1 for one in filters):
        return (TokenClause(params.pop(), tuple(value for one in filters for value in one[0].values)),)
    return (AnyOfClause(filters),)
