"""Mutations that break a published invariant, by its key: each is R4's text turned round."""

import random
from collections.abc import Callable
from typing import Any

from sesame_fhir.fhir.json_types import Json
from tests.conformance.mutants.places import Mutation, act, places

_WORDS: Json = {"text": "Fictif"}
_PERSON: Json = {"reference": "Patient/1"}
_HL7 = "http://terminology.hl7.org/CodeSystem"
_ACTIVE: Json = {"coding": [{"system": f"{_HL7}/condition-clinical", "code": "active"}]}
_ERROR: Json = {"coding": [{"system": f"{_HL7}/condition-ver-status", "code": "entered-in-error"}]}
_PROBLEM: Json = {"coding": [{"system": f"{_HL7}/condition-category", "code": "problem-list-item"}]}
_CQL: Json = {"language": "text/cql", "expression": "true"}
_PART: Json = {"criteria": _CQL}
_WHEN: Json = {"question": "x", "operator": "=", "answerBoolean": True}
_EXISTS: Json = {"question": "x", "operator": "exists", "answerInteger": 1}


def _of(resource_type: str, change: Callable[[Json], object]) -> Mutation:
    def mutate(resource: Json, _chance: random.Random) -> str | None:
        if resource["resourceType"] != resource_type:
            return None
        change(resource)
        return resource_type

    return mutate


def _sets(resource_type: str, **values: Any) -> Mutation:
    return _of(resource_type, lambda resource: resource.update(values))


def _takes(resource_type: str, *names: str) -> Mutation:
    return _of(resource_type, lambda resource: [resource.pop(name, None) for name in names])


def _reversed_period(resource: Json, chance: random.Random) -> str | None:
    periods = [p for p in places(resource) if isinstance(p.value, dict) and p.value.keys() & {"start", "end"}]
    if not periods:
        return None
    place = chance.choice(periods)
    place.value.update({"start": "2026-02-01", "end": "2026-01-01"})
    return str(place)


MUTATIONS: dict[str, Mutation] = {
    "per-1": _reversed_period,
    "qty-3": act(
        lambda place: isinstance(place.value, dict) and {"value", "code", "system"} <= place.value.keys(),
        lambda place, _: place.value.pop("system"),
    ),
    "att-1": act(
        lambda place: isinstance(place.value, dict) and {"data", "contentType"} <= place.value.keys(),
        lambda place, _: place.value.pop("contentType"),
    ),
    "cpt-2": act(
        lambda place: place.name == "telecom" and isinstance(place.value, dict) and "system" in place.value,
        lambda place, _: place.value.pop("system"),
    ),
    "app-1": _of("Appointment", lambda r: r["participant"].append({"status": "accepted"})),
    "app-2": _takes("Appointment", "end"),
    "app-3": _of("Appointment", lambda r: [r.update({"status": "booked"}), r.pop("start", 0), r.pop("end", 0)]),
    "app-4": _sets("Appointment", status="booked", cancelationReason=_WORDS),
    "cpl-3": _sets("CarePlan", activity=[{"reference": _PERSON, "detail": {"status": "scheduled"}}]),
    "ctm-1": _sets("CareTeam", participant=[{"member": _PERSON, "onBehalfOf": {"reference": "Organization/1"}}]),
    "ppc-1": _takes("Consent", "policyRule", "policy"),
    "ppc-2": _takes("Consent", "patient"),
    "con-3": _of("Condition", lambda r: [r.pop("clinicalStatus", 0), r.update({"category": [_PROBLEM]})]),
    "con-4": _of("Condition", lambda r: r.update({"abatementDateTime": "2026-01-01", "clinicalStatus": _ACTIVE})),
    "con-5": _of("Condition", lambda r: r.update({"verificationStatus": _ERROR, "clinicalStatus": _ACTIVE})),
    "gol-1": _sets("Goal", target=[{"detailQuantity": {"value": 5}}]),
    "prr-1": _of("ServiceRequest", lambda r: [r.pop("code", 0), r.update({"orderDetail": [_WORDS]})]),
    "inv-1": _sets("Task", authoredOn="2026-02-01T10:00:00Z", lastModified="2026-01-01T10:00:00Z"),
    "obs-3": _sets("Observation", referenceRange=[{"appliesTo": [_WORDS]}]),
    "obs-6": _sets("Observation", dataAbsentReason=_WORDS),
    "obs-7": _of("Observation", lambda r: r.update({"component": [{"code": r.get("code"), "valueInteger": 1}]})),
    "que-2": _of("Questionnaire", lambda r: r["item"][1].update({"linkId": r["item"][0]["linkId"]})),
    "que-1": _of("Questionnaire", lambda r: r["item"][0].update({"type": "group", "item": []})),
    "que-4": _of("Questionnaire", lambda r: r["item"][1].update({"answerValueSet": "http://a"})),
    "que-5": _of("Questionnaire", lambda r: r["item"][1].update({"type": "boolean"})),
    "que-6": _of("Questionnaire", lambda r: r["item"].append({"linkId": "d", "type": "display", "required": True})),
    "que-7": _of("Questionnaire", lambda r: r["item"][1].update({"enableWhen": [_EXISTS]})),
    "que-12": _of("Questionnaire", lambda r: r["item"][1].update({"enableWhen": [_WHEN, _WHEN]})),
    "cmp-1": _sets("Composition", section=[{"title": "Vide"}]),
    "mrp-1": _sets("MeasureReport", type="data-collection"),
    "mea-1": _of("Measure", lambda r: r["group"][0].update({"stratifier": [{"criteria": _CQL, "component": [_PART]}]})),
    "exp-1": _of("Measure", lambda r: r["group"][0]["population"][0].update({"criteria": {"language": "text/cql"}})),
    "pat-1": _sets("Patient", contact=[{"gender": "male"}]),
    "org-1": _takes("Organization", "name", "identifier"),
    "org-2": _sets("Organization", address=[{"use": "home", "city": "Fictive"}]),
    "org-3": _sets("Organization", telecom=[{"system": "phone", "value": "1", "use": "home"}]),
    "sev-1": _sets("AuditEvent", entity=[{"name": "a", "query": "Yg=="}]),
}
