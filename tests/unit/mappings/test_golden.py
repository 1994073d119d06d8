"""Golden pairs: a situation of the pathway and the exact resource it must give, compared parsed.

After an intended change: ``UPDATE_GOLDEN=1 python -m pytest tests/unit/mappings/test_golden.py``, then read the diff.
"""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mappings.audit_event import audit_event
from mappings.claim import claim
from mappings.consent import consent_id
from mappings.coverage import coverage
from mappings.document import DocumentKind, Paper, document_reference, published_document
from mappings.papers import exit_paper, relapse_paper
from mappings.patient import links_of, patient
from mappings.payment_reconciliation import payment_reconciliation
from mappings.practitioner import practitioner
from mappings.projector import PathwayProjector
from mappings.sequence_plan import sequence_plan
from mappings.to_record import for_record
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.course import Sequence
from sesame_fhir.domain.events import (
    CaseReviewed,
    ClaimPaid,
    ConsentPurpose,
    ConsentRecorded,
    CoverageRecorded,
    PathwayExited,
    SequenceBilled,
)
from sesame_fhir.domain.policy import DEFAULT_POLICY, PathwayPolicy
from sesame_fhir.fhir import search_index
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.models import typed
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.validation import validate
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.billing.publishing import Settlement
from tests.support.story import GP, PATHWAY, REFERRAL, TRAITS
from tests.unit.mappings import audit_cases as audits
from tests.unit.mappings import billing_cases as billing
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import PHQ_9_AT_RISK, POSITIVE, REFERRAL_ID, UNKNOWN_GP, pathway, published, steps
from tests.unit.mappings.probes.probe import some

FOLDER = Path(__file__).parent / "golden"


def _held(name: str, key: str, policy: PathwayPolicy = DEFAULT_POLICY) -> Callable[[], Json]:
    return lambda: published(name, PathwayProjector(search_index.index, policy))[key]


def _in_record() -> Json:
    resource = published("referred", PathwayProjector(search_index.index))[f"ServiceRequest/{REFERRAL_ID}"]
    held = {f"Observation/{POSITIVE.screening_id}": "Observation/77"}
    return for_record(resource, "Patient/p1", "Encounter/e1", "Practitioner/gp1", held)


def _document() -> Json:
    return document_reference(
        document_id=REFERRAL,
        kind=DocumentKind.REFERRAL,
        pdf=b"%PDF-1.7 fictive",
        written_at=datetime(2026, 3, 2, 14, 0, tzinfo=UTC),
        author_name=GP.name,
        ehr_patient="Patient/p1",
        ehr_encounter="Encounter/e1",
        ehr_practitioner="Practitioner/gp1",
    )


_PATIENT = f"Patient/{PATHWAY}"
_EPISODE = f"EpisodeOfCare/{PATHWAY}"
_RESPONSE, _TOTAL = f"QuestionnaireResponse/{POSITIVE.screening_id}", f"Observation/{POSITIVE.screening_id}"
_PHQ_9 = f"QuestionnaireResponse/{PHQ_9_AT_RISK.screening_id}"
_FLAG, _ACKNOWLEDGEMENT = f"Flag/{PHQ_9_AT_RISK.screening_id}", f"Task/{PHQ_9_AT_RISK.screening_id}-safety"
_REQUEST, _TASK = f"ServiceRequest/{REFERRAL_ID}", f"Task/{REFERRAL_ID}"

_TEAM, _PLAN, _PROBLEM = f"CareTeam/{PATHWAY}", f"CarePlan/{PATHWAY}", f"Condition/{PATHWAY}-problem"
_SEQUENCE = f"CarePlan/{PATHWAY}-sequence-1"
_NOTE = f"DocumentReference/{care.HELD.contact_id}"
_ADVICE = f"Task/{care.MEDICATION.recommendation_id}"


_COVERAGE, _CLAIM = f"Coverage/{PATHWAY}", f"Claim/{billing.FIRST}"
_ANSWER = f"ClaimResponse/{billing.FIRST}-response-1"


def _interrupted() -> Claim:
    """A part of the tariff, under a scheme that has no code of ours, for a patient without a recorded problem."""
    made = some(pathway("billed").claim(billing.FIRST))
    reasons = ("finished:2026-04-10", "interrupted-pro-rata:40/92")
    terms = replace(
        some(made.terms),
        scheme_id="essai",
        amount=Decimal("130.43"),
        problem=None,
        reasons=reasons,
        evidence=(),
        team=(),
    )
    return replace(made, rank=4, terms=terms)


def _taken_back() -> Settlement:
    back = ClaimPaid(billing.FIRST, "VIR 2026/09", Decimal("-100.00"), date(2026, 9, 1))
    payment = replace(billing.PAYMENT, payment_id=back.payment_id, on=back.on, amount=back.amount)
    after = pathway("paid")
    claims = tuple(replace(claim, payments=(*claim.payments, back)) for claim in after.claims)
    return billing.settlement(replace(after, claims=claims), payment)


def _worded(paper: Paper) -> Json:
    """The document with words of its own: what a letter says is under test where it is written."""
    return published_document(replace(paper, text="Mots du document."), {"reference": _PATIENT})


def _advice_in_record() -> Json:
    held = {f"Communication/{care.REVIEWED.review_id}": "Communication/5"}
    return for_record(_held("reviewed", _ADVICE)(), "Patient/p1", None, "Practitioner/gp1", held)


def _signed(name: str, kind: type) -> Callable[[], Json]:
    def build() -> Json:
        event = next(happened for _, _, happened in steps(name) if isinstance(happened.data, kind))
        return _held(name, f"Provenance/{event.event_id}")()

    return build


CASES: dict[str, Callable[[], Json]] = {
    "AuditEvent.read": lambda: audit_event(7, audits.READ),
    "AuditEvent.search-refused": lambda: audit_event(8, audits.SEARCH_REFUSED),
    "AuditEvent.page": lambda: audit_event(9, audits.PAGE),
    "AuditEvent.launch": lambda: audit_event(10, audits.LAUNCH),
    "AuditEvent.sign-in-refused": lambda: audit_event(11, audits.SIGN_IN_REFUSED),
    "AuditEvent.glass-broken": lambda: audit_event(12, audits.GLASS),
    "AuditEvent.client-changed": lambda: audit_event(13, audits.CLIENT_CHANGED),
    "AuditEvent.account-changed": lambda: audit_event(14, audits.ACCOUNT_CHANGED),
    "Patient.ins": _held("screened", _PATIENT),
    "Patient.no-ins": _held("no-ins", _PATIENT),
    "Practitioner.rpps": lambda: practitioner(GP, "gp-1"),
    "Practitioner.no-rpps": lambda: practitioner(UNKNOWN_GP, "gp-2"),
    "QuestionnaireResponse.phq-2": _held("screened", _RESPONSE),
    "QuestionnaireResponse.phq-2-amended": _held("amended", _RESPONSE),
    "QuestionnaireResponse.phq-9": _held("at-risk", _PHQ_9),
    "Observation.phq-2": _held("screened", _TOTAL),
    "Observation.phq-2-raw": _held("screened", _TOTAL, PathwayPolicy(interpretation=False)),
    "Observation.phq-2-amended": _held("amended", _TOTAL),
    "Observation.gad-2": _held("gad-2", _TOTAL),
    "Flag.active": _held("at-risk", _FLAG),
    "Flag.acknowledged": _held("acknowledged", _FLAG),
    "Flag.removed": _held("risk-removed", _FLAG),
    "Task.safety-requested": _held("at-risk", _ACKNOWLEDGEMENT),
    "Task.safety-completed": _held("acknowledged", _ACKNOWLEDGEMENT),
    "ServiceRequest.active": _held("referred", _REQUEST),
    "ServiceRequest.overridden": _held("overridden", _REQUEST),
    "ServiceRequest.revoked": _held("withdrawn", _REQUEST),
    "ServiceRequest.completed": _held("in-care", _REQUEST),
    "ServiceRequest.in-record": _in_record,
    "Task.requested": _held("referred", _TASK),
    "Task.accepted": _held("accepted", _TASK),
    "Task.completed": _held("in-care", _TASK),
    "Task.cancelled": _held("withdrawn", _TASK),
    "Task.unreachable": _held("unreachable", _TASK),
    "EpisodeOfCare.referred": _held("referred", _EPISODE),
    "EpisodeOfCare.interrupted": _held("interrupted", _EPISODE),
    "EpisodeOfCare.exited": _held("exited", _EPISODE),
    "Consent.given": _held("referred", f"Consent/{consent_id(PATHWAY, ConsentPurpose.CARE_TEAM)}"),
    "Consent.opposed": _held("opposed", f"Consent/{consent_id(PATHWAY, ConsentPurpose.EVALUATION)}"),
    "DocumentReference.referral": _document,
    "Patient.re-entered": lambda: patient(TRAITS, PATHWAY, links_of(care.ABSORBED, (), None)),
    "Patient.merged": _held("merged", _PATIENT),
    "Patient.survivor": _held("survivor", _PATIENT),
    "EpisodeOfCare.whole": _held("whole", _EPISODE),
    "EpisodeOfCare.merged": _held("merged", _EPISODE),
    "CareTeam.proposed": _held("referred", _TEAM),
    "CareTeam.active": _held("whole", _TEAM),
    "CareTeam.suspended": _held("on-hold", _TEAM),
    "CareTeam.inactive": _held("left", _TEAM),
    "Task.called": _held("called", _TASK),
    "Condition.icpc-2": _held("whole", _PROBLEM),
    "Condition.in-words": _held("uncoded-problem", _PROBLEM),
    "DocumentReference.assessment": _held("whole", f"DocumentReference/{PATHWAY}-assessment"),
    "DocumentReference.relapse-plan": lambda: _worded(relapse_paper(pathway("whole"))),
    "DocumentReference.exit": lambda: _worded(exit_paper(pathway("left"), DEFAULT_POLICY)),
    "DocumentReference.contact": _held("whole", _NOTE),
    "DocumentReference.note-removed": _held("note-removed", _NOTE),
    "Observation.isi": _held("whole", f"Observation/{care.TOTAL.total_id}"),
    "Observation.phq-9-in-contact": _held("taken-in-contact", f"Observation/{care.uuid('a5')}"),
    "QuestionnaireResponse.phq-9-in-contact": _held("taken-in-contact", f"QuestionnaireResponse/{care.uuid('a5')}"),
    "Observation.exit": _held("left", f"Observation/{PATHWAY}-exit"),
    "CarePlan.begun": _held("uncoded-problem", _PLAN),
    "CarePlan.planned": _held("planned", _PLAN),
    "CarePlan.relapse-prevention": _held("whole", _PLAN),
    "CarePlan.on-hold": _held("on-hold", _PLAN),
    "CarePlan.completed": _held("left", _PLAN),
    "CarePlan.merged": _held("merged", _PLAN),
    "CarePlan.sequence": _held("whole", _SEQUENCE),
    "CarePlan.sequence-on-hold": _held("on-hold", _SEQUENCE),
    "CarePlan.sequence-finished": _held("left", _SEQUENCE),
    "CarePlan.sequence-interrupted": lambda: sequence_plan(
        Sequence(2, date(2026, 6, 2), date(2026, 9, 1), date(2026, 7, 4), interrupted=True), PATHWAY
    ),
    "Goal.active": _held("planned", f"Goal/{care.GOAL.goal_id}"),
    "Goal.completed": _held("whole", f"Goal/{care.GOAL.goal_id}"),
    "Goal.given-up": _held("whole", f"Goal/{care.OTHER_GOAL.goal_id}"),
    "Appointment.fulfilled": _held("whole", f"Appointment/{care.HELD.contact_id}"),
    "Appointment.noshow": _held("whole", f"Appointment/{care.MISSED.contact_id}"),
    "Appointment.cancelled": _held("whole", f"Appointment/{care.CANCELLED.contact_id}"),
    "Appointment.booked": _held("whole", f"Appointment/{care.PLANNED_4.contact_id}"),
    "Appointment.pathway-closed": _held("left", f"Appointment/{care.PLANNED_4.contact_id}"),
    "Encounter.video-corrected": _held("whole", f"Encounter/{care.HELD.contact_id}"),
    "Encounter.on-site-unplanned": _held("whole", f"Encounter/{care.ON_SITE.contact_id}"),
    "Communication.review": _held("whole", f"Communication/{care.REVIEWED.review_id}"),
    "Communication.message-read": _held("whole", f"Communication/{care.MESSAGE.message_id}"),
    "Communication.message-to-all": _held("whole", f"Communication/{care.TO_ALL.message_id}"),
    "Task.recommendation-waiting": _held("reviewed", _ADVICE),
    "Task.recommendation-accepted": _held("accepted-advice", _ADVICE),
    "Task.recommendation-adapted": _held("whole", _ADVICE),
    "Task.recommendation-declined": _held("whole", f"Task/{care.THERAPY.recommendation_id}"),
    "Task.recommendation-in-record": _advice_in_record,
    "Flag.response-lowered": _held("improving", f"Flag/{PATHWAY}-response"),
    "Flag.worsening": _held("improving", f"Flag/{PATHWAY}-worsening"),
    "Coverage.full": _held("covered", _COVERAGE),
    "Coverage.not-full": lambda: coverage(PATHWAY, CoverageRecorded("01", full=False)),
    "Coverage.bare": _held("billed-bare", _COVERAGE),
    "Claim.billed": _held("billed", _CLAIM),
    "Claim.cancelled": _held("cancelled", _CLAIM),
    "Claim.replacing": _held("replaced", f"Claim/{billing.SECOND}"),
    "Claim.pro-rata": lambda: claim(PATHWAY, _interrupted()),
    "ClaimResponse.accepted": _held("answered", _ANSWER),
    "ClaimResponse.partly-paid": _held("partly-paid", _ANSWER),
    "ClaimResponse.paid": _held("paid", _ANSWER),
    "ClaimResponse.rejected": _held("rejected", _ANSWER),
    "PaymentReconciliation.part": lambda: payment_reconciliation(billing.settlement(pathway("partly-paid"))),
    "PaymentReconciliation.taken-back": lambda: payment_reconciliation(_taken_back()),
    "Provenance.claim": _signed("billed", SequenceBilled),
    "Provenance.consent": _signed("referred", ConsentRecorded),
    "Provenance.review": _signed("whole", CaseReviewed),
    "Provenance.exit": _signed("left", PathwayExited),
}


@pytest.mark.parametrize("case", CASES)
def test_resource_is_the_golden_one(case: str) -> None:
    resource = CASES[case]()
    path = FOLDER / f"{case}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        written = resource if "EUR" not in str(resource) else json.loads(write_json(resource))
        path.write_text(json.dumps(written, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert case.startswith(resource["resourceType"] + ".")
    assert resource == read_json(path.read_bytes())


@pytest.mark.parametrize("case", CASES)
def test_the_golden_resource_is_valid(case: str) -> None:
    golden = read_json((FOLDER / f"{case}.json").read_bytes())
    assert validate(golden, case.partition(".")[0]) == []
    typed(golden)


def test_no_golden_file_is_left_behind() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(CASES)
