"""What breaks a rule where the rule itself does not say it: constraints, R4's own codes, what must be absent."""

from typing import Any

from sesame_fhir.fhir.canonical import own

FOREIGN: dict[str, Any] = {
    "uri": "https://example.org/autre",
    "concept": {"coding": [{"system": "https://example.org/autre", "code": "autre"}]},
}
"""Another value for a fixed uri, another concept for a pattern."""

REFERENCES = {"subject": "Group", "recipient": "Group"}
"""By element: a target that R4 allows there and our profile does not; anywhere else R4 allows any resource."""

OTHER_TYPES: dict[str, tuple[str, Any]] = {
    "value[x]": ("valueString", "texte"),
    "effective[x]": ("effectivePeriod", {"start": "2026-03-02"}),
    "occurred[x]": ("occurredPeriod", {"start": "2026-03-02"}),
    "detail[x]": ("detailString", "texte"),
    "diagnosis[x]": ("diagnosisCodeableConcept", {"text": "Tristesse"}),
    "serviced[x]": ("servicedDate", "2026-03-02"),
    "content[x]": ("contentReference", {"reference": "Basic/1"}),
    "source[x]": ("sourceAttachment", {"title": "Notice"}),
}
"""By element: another type that R4 allows there."""

_MODE = own("CodeSystem", "sesame-contact-mode")
_PHONE = {"coding": [{"system": _MODE, "code": "phone", "display": "Téléphone"}]}

_NOWHERE = {"system": own("CodeSystem", "sesame-orientation"), "code": "none", "display": "Sans orientation"}
_NOT_STARTED = {"system": own("CodeSystem", "sesame-referral-status"), "code": "not-started", "display": "Sans suite"}
_WITHIN = [{"url": "https://example.org/extension", "valueBoolean": True}]
_DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Autre</p></div>'


def _purpose(code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": own("CodeSystem", "sesame-consent-purpose"), "code": code, "display": display}]}


def _rule(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code}]}


_WITHIN_EACH: dict[str, dict[str, Any]] = {
    f"sesame-eligibility/extension:{name}.extension/max": {f"extension[0].extension[{place}].extension": _WITHIN}
    for place, name in enumerate(
        ("psychiatricFollowUp", "mastersFrench", "commonMentalDisorder", "patientAgrees", "overrideReason")
    )
}

INSTEAD: dict[str, dict[str, Any]] = {
    "sesame-patient/ses-pat-1": {"identifier[0].value": "28412764510899"},
    "sesame-patient/ses-pat-2": {"link[0].type": "replaced-by", "active": True},
    "sesame-practitioner/ses-pra-1": {"identifier[1].value": "1000346103"},
    "sesame-practitioner/ses-pra-2": {"name[0]": {"given": ["Camille"]}},
    "sesame-practitioner-role/ses-rol-1": {
        "code[0].coding[0].code": "nurse",
        "code[0].coding[0].display": "infirmier·ère",
        "specialty": [{"text": "Médecine générale"}],
    },
    "sesame-organization/ses-org-1": {"identifier[0].value": "9500000"},
    "sesame-organization/ses-org-2": {"identifier[1].value": "123456782"},
    "sesame-encounter/ses-enc-1": {"period.end": None},
    "sesame-encounter/ses-enc-2": {"class.code": "AMB", "class.display": "ambulatory", "type[1]": _PHONE},
    "sesame-appointment/ses-app-1": {"participant[0].actor": {"reference": "Location/1"}},
    "sesame-appointment/ses-app-2": {"start": "2026-04-21T09:30:00.000Z", "end": "2026-04-21T09:00:00.000Z"},
    "sesame-encounter/class/binding": {"class.code": "IMP", "class.display": "inpatient encounter"},
    "sesame-questionnaire/subjectType/value": {"subjectType[0]": "Group"},
    "sesame-questionnaire/ses-que-1": {"item[1].answerOption": None},
    "sesame-questionnaire/ses-que-2": {"item[3].readOnly": None},
    "sesame-questionnaire-response/item.item/max": {
        "item[0].item": [{"linkId": "autre", "answer": [{"valueInteger": 1}]}]
    },
    "sesame-questionnaire-response/ses-qr-1": {"questionnaire": "https://example.org/Questionnaire/autre"},
    "sesame-questionnaire-response/ses-qr-2": {"item[2]": None},
    "sesame-questionnaire-response/ses-qr-3": {"item[2].answer[0].valueInteger": 7},
    "sesame-score-observation/status/binding": {"status": "preliminary"},
    "sesame-score-observation/value[x].code/value": {"valueQuantity.code": "1"},
    "sesame-score-observation/ses-obs-1": {"valueQuantity.value": 101},
    "sesame-score-observation/ses-obs-2": {"derivedFrom": None},
    "sesame-score-observation/ses-obs-3": {"valueQuantity.value": 2.5},
    "sesame-exit-observation/status/binding": {"status": "preliminary"},
    "sesame-exit-observation/ses-exi-1": {"component[0].valueCodeableConcept.coding[0]": _NOWHERE},
    "sesame-condition/ses-con-1": {"code.coding[0].system": "https://example.org/autre", "code.coding[1]": None},
    "sesame-condition/ses-con-2": {"code.coding[1]": None},
    "sesame-safety-flag/ses-saf-1": {"status": "inactive", "period.end": None},
    "sesame-safety-flag/ses-saf-2": {"status": "active", "period.end": "2026-03-02T13:00:00.000Z"},
    "sesame-progress-flag/ses-pro-1": {"status": "inactive", "period.end": None},
    "sesame-goal/lifecycleStatus/binding": {"lifecycleStatus": "proposed"},
    "sesame-goal/ses-goa-1": {"target[0].detailQuantity.comparator": ">="},
    "sesame-referral-request/intent/value": {"intent": "proposal"},
    "sesame-referral-request/ses-ref-1": {"reasonReference": None, "supportingInfo": None},
    "sesame-referral-task/intent/value": {"intent": "proposal"},
    "sesame-referral-task/ses-tas-1": {"status": "cancelled", "businessStatus.coding[0]": _NOT_STARTED},
    "sesame-referral-task/ses-tas-2": {"status": "requested", "businessStatus.coding[0]": _NOT_STARTED},
    "sesame-recommendation-task/intent/value": {"intent": "order"},
    "sesame-recommendation-task/ses-rec-1": {"status": "rejected", "businessStatus.coding[0].code": "adapted"},
    "sesame-recommendation-task/ses-rec-2": {"owner": None, "businessStatus.coding[0].code": "adapted"},
    "sesame-recommendation-task/ses-rec-3": {"statusReason": None},
    "sesame-safety-task/intent/value": {"intent": "proposal"},
    "sesame-safety-task/priority/value": {"priority": "routine"},
    "sesame-safety-task/ses-ack-1": {"status": "completed", "output": None},
    "sesame-episode/ses-epi-1": {"status": "finished", "statusHistory[3].status": "finished", "period.end": None},
    "sesame-episode/ses-epi-2": {"statusHistory[1]": None, "status": "active"},
    "sesame-care-plan/intent/value": {"intent": "proposal"},
    "sesame-care-plan/partOf/max": {"partOf": [{"reference": "CarePlan/1"}]},
    "sesame-care-plan/ses-pla-1": {"status": "completed", "period.end": None},
    "sesame-sequence-plan/intent/value": {"intent": "proposal"},
    "sesame-sequence-plan/ses-seq-1": {"period.end": "2027-12-31"},
    "sesame-sequence-plan/ses-seq-2": {"title": "Séquence 5"},
    "sesame-care-team/ses-tea-1": {"participant[0].member": {"type": "Practitioner", "display": "Dr Camille Fictif"}},
    "sesame-review-communication/status/value": {"status": "in-progress"},
    "sesame-message/status/value": {"status": "in-progress"},
    "sesame-message/ses-msg-1": {"received": "2026-01-01T00:00:00.000Z"},
    "sesame-consent/category:document.coding.code/value": {"category[0].coding[0].code": "64292-6"},
    "sesame-consent/ses-cst-1": {"status": "rejected", "provision.type": "permit"},
    "sesame-consent/ses-cst-2": {"category[1]": _purpose("research", "Recherche"), "policyRule": _rule("OPTOUT")},
    "sesame-consent/ses-cst-3": {
        "category[1]": _purpose("evaluation", "Évaluation nationale"),
        "policyRule": _rule("OPTIN"),
    },
    "sesame-document/ses-doc-1": {"status": "current", "content[0].attachment.hash": None},
    "sesame-document/ses-doc-2": {"status": "entered-in-error", "docStatus": "entered-in-error"},
    "sesame-composition/status/value": {"status": "preliminary"},
    "sesame-composition/section.section/max": {
        "section[0].section": [{"title": "Autre", "text": {"status": "generated", "div": _DIV}}]
    },
    "sesame-provenance/ses-prv-1": {"target": [{"reference": "Consent/1"}]},
    "sesame-audit-event/outcomeDesc/max": {"outcomeDesc": "Texte libre"},
    "sesame-audit-event/entity.description/max": {"entity[0].description": "Texte libre"},
    "sesame-audit-event/entity.query/max": {"entity[0].query": "bmFtZT1GSUNUSVZF"},
    "sesame-audit-event/entity.detail/max": {"entity[0].detail": [{"type": "score", "valueString": "16"}]},
    "sesame-audit-event/ses-aud-1": {"agent[0].requestor": False},
    "sesame-measure-report/status/value": {"status": "pending"},
    "sesame-measure-report/type/value": {"type": "subject-list"},
    "sesame-measure-report/subject/max": {"subject": {"reference": "Patient/1"}},
    "sesame-measure-report/ses-mea-1": {"measure": "https://example.org/Measure/autre|1"},
    "sesame-claim/use/value": {"use": "preauthorization"},
    "sesame-claim/ses-cla-1": {"billablePeriod.end": "2027-12-31"},
    "sesame-claim/ses-cla-2": {"total.value": 301},
    "sesame-claim/ses-cla-3": {"related[0].claim": None},
    "sesame-claim/ses-cla-4": {"item[0].informationSequence[0]": None},
    "sesame-claim/total.currency/value": {"total.currency": "CHF", "item[0].net.currency": "CHF"},
    "sesame-claim/supportingInfo:rules.value[x]/type": {
        "supportingInfo[10].valueString": None,
        "supportingInfo[10].valueBoolean": True,
    },
    "sesame-claim-response/use/value": {"use": "preauthorization"},
    "sesame-claim-response/ses-clr-1": {"outcome": "error", "disposition": None, "error": None},
    "sesame-claim-response/ses-clr-2": {"outcome": "partial"},
    "sesame-coverage/ses-cov-1": {"class[0].value": "1"},
    "sesame-payment-reconciliation/status/value": {"status": "draft"},
    "sesame-payment-reconciliation/ses-pay-1": {"paymentAmount.value": 101},
    "sesame-eligibility/extension:overrideReason.value[x]/type": {
        "extension[0].extension[4].valueString": None,
        "extension[0].extension[4].valueBoolean": True,
    },
    "sesame-eligibility/value[x]/max": {"extension[0].valueString": "texte"},
    "sesame-recorder/extension/max": {"extension[0].extension": _WITHIN},
    **_WITHIN_EACH,
}
"""Rule -> what to set in a passing example (None: to remove)."""
