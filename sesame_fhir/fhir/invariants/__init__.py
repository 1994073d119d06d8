"""The published R4 invariants that matter for our types, as plain functions; names and texts follow the R4 pages.

Each function takes a resource (or one of its objects) and yields problems. None of them assumes that the structure
is valid: both layers report together. Left to the reference validator (``make conformance``): invariants of
conformance resources such as sdf-*, which we author and never receive, and the best-practice warnings.
"""

from collections.abc import Callable, Iterator

from sesame_fhir.fhir.invariants import bundle, care, clinical, people, questionnaire, reports
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.problems import Problem

Rule = Callable[[Json], Iterator[Problem]]

RULES: dict[str, tuple[Rule, ...]] = {
    "Appointment": (care.appointment,),
    "AuditEvent": (reports.audit_event,),
    "Bundle": (bundle.kind_of_bundle, bundle.entries, bundle.full_urls),
    "CarePlan": (care.care_plan,),
    "CareTeam": (care.care_team,),
    "Composition": (clinical.composition,),
    "Condition": (clinical.condition, clinical.condition_details),
    "Consent": (care.consent,),
    "Goal": (care.goal,),
    "List": (clinical.resource_list,),
    "Measure": (reports.measure,),
    "MeasureReport": (reports.measure_report,),
    "Observation": (clinical.observation,),
    "Organization": (people.organization,),
    "Parameters": (bundle.parameters,),
    "Patient": (people.patient,),
    "Questionnaire": (questionnaire.link_ids, questionnaire.items),
    "ServiceRequest": (care.service_request,),
    "Task": (care.task,),
}
"""Invariants by resource type."""


def type_problems(resource: Json, resource_type: str) -> Iterator[Problem]:
    """Problems of the invariants written for this type."""
    for rule in RULES.get(resource_type, ()):
        yield from rule(resource)
