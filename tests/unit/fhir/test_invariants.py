"""One row per published invariant: the smallest change that breaks it; the unchanged resources hold all of them."""

import pytest

from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.validation import validate
from tests.unit.fhir import care_invariants
from tests.unit.fhir.samples import CARE_PLAN, OBSERVATION, PATIENT, QUESTIONNAIRE, REMOVE, RESPONSE, changed

ORGANIZATION: Json = {"resourceType": "Organization", "name": "MSP des Lilas"}
CONDITION: Json = {
    "resourceType": "Condition",
    "subject": {"reference": "Patient/p1"},
    "clinicalStatus": {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
    },
}
IN_ERROR = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}]
}
APPOINTMENT: Json = {
    "resourceType": "Appointment",
    "status": "booked",
    "start": "2024-03-01T10:00:00+01:00",
    "end": "2024-03-01T10:30:00+01:00",
    "participant": [{"actor": {"reference": "Patient/p1"}, "status": "accepted"}],
}
CARE_TEAM: Json = {"resourceType": "CareTeam", "participant": [{"member": {"reference": "Practitioner/d1"}}]}
CONSENT: Json = {
    "resourceType": "Consent",
    "status": "active",
    "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]},
    "category": [{"text": "MOSAIQUE"}],
    "patient": {"reference": "Patient/p1"},
    "policyRule": {"text": "x"},
}
GOAL: Json = {
    "resourceType": "Goal",
    "lifecycleStatus": "active",
    "description": {"text": "Rémission"},
    "subject": {"reference": "Patient/p1"},
    "target": [{"measure": {"text": "PHQ-9"}, "detailInteger": 4}],
}
SERVICE_REQUEST: Json = {
    "resourceType": "ServiceRequest",
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "code": {"text": "SÉSAME"},
}
TASK: Json = {
    "resourceType": "Task",
    "status": "requested",
    "intent": "order",
    "authoredOn": "2024-03-01",
    "lastModified": "2024-03-01T08:00:00+01:00",
}
COMPOSITION: Json = {
    "resourceType": "Composition",
    "status": "final",
    "type": {"text": "Synthèse"},
    "date": "2024-03-01",
    "author": [{"reference": "Practitioner/d1"}],
    "title": "Synthèse",
    "section": [
        {
            "title": "a",
            "section": [
                {"title": "b", "emptyReason": {"text": "rien"}, "section": [{"entry": [{"reference": "Task/1"}]}]}
            ],
        }
    ],
}
LIST: Json = {
    "resourceType": "List",
    "status": "current",
    "mode": "working",
    "entry": [{"item": {"reference": "Task/1"}}],
}
PARAMETERS: Json = {
    "resourceType": "Parameters",
    "parameter": [{"name": "a", "part": [{"name": "b", "valueInteger": 1}]}],
}
SEARCHSET: Json = {
    "resourceType": "Bundle",
    "type": "searchset",
    "total": 1,
    "entry": [{"fullUrl": "https://x.test/Patient/p1", "resource": PATIENT, "search": {"mode": "match"}}],
}
TRANSACTION: Json = {
    "resourceType": "Bundle",
    "type": "transaction",
    "entry": [
        {
            "fullUrl": "urn:uuid:0189f7c0-0000-7000-8000-000000000001",
            "resource": changed(PATIENT, (("id",), REMOVE)),
            "request": {"method": "POST", "url": "Patient"},
        }
    ],
}
DOCUMENT: Json = {
    "resourceType": "Bundle",
    "type": "document",
    "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:0189f7c0-0000-7000-8000-000000000002"},
    "timestamp": "2024-03-01T10:00:00Z",
    "entry": [{"fullUrl": "https://x.test/Composition/c", "resource": COMPOSITION}],
}
WITH_CONTAINED: Json = changed(
    PATIENT,
    (("contained",), [{**ORGANIZATION, "id": "o"}]),
    (("managingOrganization",), {"reference": "#o"}),
)
ITEM = ("item", 0)
PHQ = {"system": "http://loinc.org", "code": "44261-6"}

HOLD = [
    PATIENT,
    OBSERVATION,
    RESPONSE,
    CARE_PLAN,
    QUESTIONNAIRE,
    ORGANIZATION,
    CONDITION,
    APPOINTMENT,
    CARE_TEAM,
    CONSENT,
]
HOLD += [GOAL, SERVICE_REQUEST, TASK, COMPOSITION, LIST, PARAMETERS, SEARCHSET, TRANSACTION, DOCUMENT, WITH_CONTAINED]
HOLD += care_invariants.HOLD

BREAKS: list[tuple[str, Json]] = [
    ("pat-1", changed(PATIENT, (("contact",), [{"gender": "female"}]))),
    ("org-1", changed(ORGANIZATION, (("name",), REMOVE), (("active",), True))),
    ("org-2", changed(ORGANIZATION, (("address",), [{"use": "home", "city": "Lyon"}]))),
    ("org-3", changed(ORGANIZATION, (("telecom",), [{"use": "home", "system": "phone", "value": "0199000001"}]))),
    ("obs-3", changed(OBSERVATION, (("referenceRange",), [{"type": {"text": "x"}}]))),
    (
        "obs-3",
        changed(OBSERVATION, (("component",), [{"code": {"text": "x"}, "referenceRange": [{"type": {"text": "x"}}]}])),
    ),
    ("obs-6", changed(OBSERVATION, (("dataAbsentReason",), {"text": "x"}))),
    ("obs-7", changed(OBSERVATION, (("component",), [{"code": {"coding": [PHQ]}, "valueInteger": 1}]))),
    ("con-4", changed(CONDITION, (("abatementDateTime",), "2024"))),
    ("con-5", changed(CONDITION, (("verificationStatus",), IN_ERROR))),
    ("app-1", changed(APPOINTMENT, (("participant",), [{"status": "accepted"}]))),
    ("app-2", changed(APPOINTMENT, (("end",), REMOVE))),
    ("app-3", changed(APPOINTMENT, (("end",), REMOVE), (("start",), REMOVE))),
    ("app-4", changed(APPOINTMENT, (("cancelationReason",), {"text": "x"}))),
    ("cpl-3", changed(CARE_PLAN, (("activity", 0, "reference"), {"reference": "Task/1"}))),
    (
        "ctm-1",
        changed(
            CARE_TEAM,
            (
                ("participant",),
                [{"member": {"reference": "Patient/p1"}, "onBehalfOf": {"reference": "Organization/o"}}],
            ),
        ),
    ),
    ("ppc-1", changed(CONSENT, (("policyRule",), REMOVE))),
    ("ppc-3", changed(CONSENT, (("patient",), REMOVE))),
    ("gol-1", changed(GOAL, (("target", 0, "measure"), REMOVE))),
    ("prr-1", changed(SERVICE_REQUEST, (("code",), REMOVE), (("orderDetail",), [{"text": "x"}]))),
    ("inv-1", changed(TASK, (("lastModified",), "2024-02-28"))),
    ("cmp-1", changed(COMPOSITION, (("section",), [{"title": "vide"}]))),
    ("cmp-2", changed(COMPOSITION, (("section", 0, "section", 0, "entry"), [{"reference": "Task/1"}]))),
    (
        "cmp-2",
        changed(
            COMPOSITION,
            (("section", 0, "emptyReason"), {"text": "x"}),
            (("section", 0, "entry"), [{"reference": "Task/1"}]),
        ),
    ),
    ("lst-1", changed(LIST, (("emptyReason",), {"text": "x"}))),
    ("lst-2", changed(LIST, (("entry", 0, "deleted"), True))),
    ("lst-3", changed(LIST, (("mode",), "snapshot"), (("entry", 0, "date"), "2024"))),
    ("inv-1", changed(PARAMETERS, (("parameter", 0, "valueString"), "x"))),
    ("inv-1", changed(PARAMETERS, (("parameter", 0, "part", 0, "valueInteger"), REMOVE))),
    ("bdl-1", changed(TRANSACTION, (("total",), 1))),
    ("bdl-2", changed(TRANSACTION, (("entry", 0, "search"), {"mode": "match"}))),
    ("bdl-3", changed(TRANSACTION, (("entry", 0, "request"), REMOVE))),
    ("bdl-3", changed(SEARCHSET, (("entry", 0, "request"), {"method": "GET", "url": "Patient"}))),
    ("bdl-4", changed(SEARCHSET, (("entry", 0, "response"), {"status": "200"}))),
    ("bdl-5", changed(SEARCHSET, (("entry", 0, "resource"), REMOVE))),
    ("bdl-7", changed(SEARCHSET, (("entry",), SEARCHSET["entry"] * 2))),
    ("bdl-8", changed(SEARCHSET, (("entry", 0, "fullUrl"), "https://x.test/Patient/p1/_history/1"))),
    ("bdl-9", changed(DOCUMENT, (("identifier", "system"), REMOVE))),
    ("bdl-10", changed(DOCUMENT, (("timestamp",), REMOVE))),
    ("bdl-11", changed(DOCUMENT, (("entry", 0, "resource"), PATIENT))),
    ("bdl-12", changed(DOCUMENT, (("type",), "message"))),
    ("que-1", changed(QUESTIONNAIRE, (("item", 1, "item"), REMOVE))),
    ("que-1", changed(QUESTIONNAIRE, (("item", 1, "type"), "display"))),
    ("que-2", changed(QUESTIONNAIRE, (("item", 1, "item", 0, "linkId"), "a"))),
    ("que-3", changed(QUESTIONNAIRE, ((*ITEM, "type"), "display"), ((*ITEM, "code"), [PHQ]))),
    (
        "que-4",
        changed(
            QUESTIONNAIRE,
            ((*ITEM, "answerOption"), [{"valueString": "x"}]),
            ((*ITEM, "answerValueSet"), "http://x.test"),
        ),
    ),
    ("que-5", changed(QUESTIONNAIRE, ((*ITEM, "type"), "boolean"), ((*ITEM, "answerOption"), [{"valueString": "x"}]))),
    ("que-6", changed(QUESTIONNAIRE, ((*ITEM, "type"), "display"), ((*ITEM, "required"), True))),
    (
        "que-7",
        changed(QUESTIONNAIRE, ((*ITEM, "enableWhen"), [{"question": "b", "operator": "exists", "answerString": "x"}])),
    ),
    ("que-8", changed(QUESTIONNAIRE, (("item", 1, "initial"), [{"valueString": "x"}]))),
    ("que-9", changed(QUESTIONNAIRE, ((*ITEM, "type"), "display"), ((*ITEM, "readOnly"), True))),
    ("que-10", changed(QUESTIONNAIRE, (("item", 1, "maxLength"), 3))),
    (
        "que-11",
        changed(
            QUESTIONNAIRE,
            ((*ITEM, "answerOption"), [{"valueString": "x"}]),
            ((*ITEM, "initial"), [{"valueString": "x"}]),
        ),
    ),
    (
        "que-12",
        changed(
            QUESTIONNAIRE, ((*ITEM, "enableWhen"), [{"question": "b", "operator": "exists", "answerBoolean": True}] * 2)
        ),
    ),
    ("que-13", changed(QUESTIONNAIRE, ((*ITEM, "initial"), [{"valueString": "x"}, {"valueString": "y"}]))),
    ("qrs-1", changed(RESPONSE, ((*ITEM, "item"), [{"linkId": "x"}]))),
    ("per-1", changed(CARE_PLAN, (("period", "end"), "2023"))),
    ("qty-3", changed(OBSERVATION, (("valueQuantity", "system"), REMOVE))),
    ("cpt-2", changed(PATIENT, (("telecom", 0, "system"), REMOVE))),
    ("ele-1", changed(PATIENT, (("_birthDate",), {"id": "x"}), (("birthDate",), REMOVE))),
    ("att-1", changed(PATIENT, (("photo",), [{"data": "YWJj"}]))),
    ("ref-1", changed(WITH_CONTAINED, (("generalPractitioner",), [{"reference": "#x"}]))),
    ("dom-2", changed(WITH_CONTAINED, (("contained", 0, "contained"), [{**ORGANIZATION, "id": "deep"}]))),
    ("dom-3", changed(WITH_CONTAINED, (("managingOrganization",), REMOVE))),
    ("dom-4", changed(WITH_CONTAINED, (("contained", 0, "meta"), {"versionId": "1"}))),
    ("dom-5", changed(WITH_CONTAINED, (("contained", 0, "meta"), {"security": [{"code": "R"}]}))),
    ("txt-1", changed(PATIENT, (("text",), {"status": "generated", "div": "<p>sans espace de noms</p>"}))),
    *care_invariants.BREAKS,
]


@pytest.mark.parametrize("resource", HOLD, ids=[str(one["resourceType"]) for one in HOLD])
def test_sound_resources_hold_every_invariant(resource: Json) -> None:
    assert validate(resource) == []


@pytest.mark.parametrize(
    ("rule", "resource"), BREAKS, ids=[f"{place} {rule}" for place, (rule, _) in enumerate(BREAKS)]
)
def test_broken(rule: str, resource: Json) -> None:
    issues = [issue for issue in validate(resource) if issue.rule == rule]
    assert issues
    assert all(issue.expression and issue.blocking for issue in issues)


@pytest.mark.parametrize("resource", care_invariants.ALLOWED)
def test_what_is_near_a_rule_and_not_against_it(resource: Json) -> None:
    assert validate(resource) == []


def test_a_partial_end_date_in_the_same_month_is_not_before_the_start() -> None:
    assert validate(changed(CARE_PLAN, (("period",), {"start": "2024-03-15", "end": "2024-03"}))) == []


def test_a_contained_resource_may_point_to_its_container_instead_of_being_pointed_to() -> None:
    pointing = {"resourceType": "Task", "id": "t", "status": "draft", "intent": "plan", "for": {"reference": "#"}}
    assert validate(changed(PATIENT, (("contained",), [pointing]))) == []
