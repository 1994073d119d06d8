"""Probes of billing: coverage, claims, the payer's answers, payments."""

import dataclasses
from datetime import date, timedelta
from decimal import Decimal

from mappings import claim, claim_response, coverage, payment_reconciliation
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import Cancellation, Claim
from sesame_fhir.domain.events.billing import BillerId, ClaimTerms, Evidence, EvidenceKind
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.services.billing.records import Payment
from tests.support.story import COORDINATOR, GP, NURSE, PATHWAY, START, TRAITS
from tests.unit.mappings import billing_cases as billing
from tests.unit.mappings import care_cases as care
from tests.unit.mappings.cases import pathway
from tests.unit.mappings.probes.probe import Probe, some

LATER = START + timedelta(days=200)
PAID = some(pathway("paid").claim(billing.FIRST))
BILLED = some(pathway("billed").claim(billing.FIRST))
TERMS = some(BILLED.terms)
OTHER_DAY = date(2026, 12, 1)


def _terms(terms: ClaimTerms) -> object:
    return claim.claim(PATHWAY, dataclasses.replace(BILLED, terms=terms))


def _answered(answer: ev.ClaimAnswered) -> object:
    return claim_response.claim_response(PATHWAY, dataclasses.replace(BILLED, answers=(answer,)), 1)


def _paid(payment: ev.ClaimPaid) -> object:
    return claim_response.claim_response(PATHWAY, dataclasses.replace(PAID, payments=(payment,)), 1)


def _reconciled(payment: Payment) -> object:
    """The claims' own payments go with the payment's number."""
    paid = dataclasses.replace(billing.PART, payment_id=payment.payment_id)
    after = dataclasses.replace(pathway("paid"), claims=(dataclasses.replace(PAID, payments=(paid,)),))
    return payment_reconciliation.payment_reconciliation(billing.settlement(after, payment))


PROBES: dict[tuple[str, type], Probe] = {
    ("coverage", ev.CoverageRecorded): (
        lambda data: coverage.coverage(PATHWAY, data),
        billing.COVERED.data,
        {"regime": "02", "fund": None, "centre": "0001", "full": False},
    ),
    ("claim", Claim): (
        lambda made: claim.claim(PATHWAY, made),
        BILLED,
        {
            "claim_id": "other",
            "rank": 2,
            "terms": dataclasses.replace(TERMS, amount=Decimal("1.00")),
            "billed_at": LATER,
            "by": GP,
            "answers": (billing.ACCEPTED,),
            "payments": (billing.PART,),
            "cancelled": Cancellation(ev.CancelReason.MISTAKE, None, LATER, COORDINATOR),
            "confirmed": ("0" * 64,),
        },
    ),
    ("claim", ClaimTerms): (
        _terms,
        TERMS,
        {
            "scheme_id": "parcours-coordonne-renforce",
            "scheme_version": "2027-1",
            "biller": BillerId("other", "Autre", "https://finess.esante.gouv.fr", "950000372"),
            "batch_id": "other",
            "attempt": 2,
            "site": SiteId("site-autre"),
            "start": OTHER_DAY,
            "planned_end": OTHER_DAY,
            "end": OTHER_DAY,
            "interrupted": True,
            "tariff": Decimal("500.00"),
            "amount": Decimal("100.00"),
            "share": Decimal("1.00"),
            "reasons": ("finished",),
            "rule_version": "other",
            "digest": "other",
            "beneficiary": dataclasses.replace(TRAITS, family="AUTRE"),
            "evidence": (Evidence(EvidenceKind.CONTACT, "other", OTHER_DAY),),
            "team": (care.MEMBERS[0],),
            "problem": None,
            "coverage": None,
            "replaces": "other",
        },
    ),
    ("claim_response", ev.ClaimAnswered): (
        _answered,
        billing.ACCEPTED,
        {
            "claim_id": "other",
            "response_id": "other",
            "outcome": ev.ClaimOutcome.REJECTED,
            "on": OTHER_DAY,
            "amount": None,
            "reasons": (billing.NO_RIGHTS,),
        },
    ),
    ("claim_response", ev.ClaimPaid): (
        _paid,
        billing.PART,
        {"claim_id": "other", "payment_id": "other", "amount": Decimal("2.00"), "on": OTHER_DAY},
    ),
    ("claim_response", ev.RejectionReason): (
        lambda reason: _answered(dataclasses.replace(billing.REJECTED, reasons=(reason,))),
        billing.NO_RIGHTS,
        {"code": "other", "text": None},
    ),
    ("payment_reconciliation", Payment): (
        _reconciled,
        billing.PAYMENT,
        {
            "payment_id": "other",
            "biller_id": "other",
            "on": OTHER_DAY,
            "amount": Decimal("2.00"),
            "recorded_at": LATER,
            "recorded_by": NURSE.actor_id,
            "matched": Decimal("2.00"),
        },
    ),
}
