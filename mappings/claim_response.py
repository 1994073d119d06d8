"""The payer's answer to a claim -> ClaimResponse, one per answer, in the order in which they came.

Reasons of a rejection are the payer's: its code and words as they came, in no system, since none is published. Money
that reached the bank is in the last answer that accepted, as one sum: R4 has room for one payment; each payment by
itself is a PaymentReconciliation.
"""

from decimal import Decimal

from mappings.claim import CLAIM_TYPE, biller_reference, euro
from mappings.coverage import INSURER
from mappings.datatypes import coding, compact, concept, head, identifier, patient_reference, reference
from mappings.fields import FieldMap
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.events.billing import ClaimAnswered, ClaimOutcome, ClaimPaid, RejectionReason
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.fhir.json_types import Json

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_BENEFIT = concept(coding(f"{_TERMINOLOGY}/adjudication", "benefit", "Benefit Amount"))
_OUTCOMES = {ClaimOutcome.ACCEPTED: ("complete", "Acceptée"), ClaimOutcome.REJECTED: ("error", "Rejetée")}

FIELDS = (
    FieldMap(
        ClaimAnswered,
        mapped={
            "claim_id": "ClaimResponse.request",
            "response_id": "ClaimResponse.identifier",
            "outcome": "ClaimResponse.outcome, ClaimResponse.disposition",
            "on": "ClaimResponse.created",
            "amount": "ClaimResponse.item.adjudication",
            "reasons": "ClaimResponse.error",
        },
    ),
    FieldMap(
        ClaimPaid,
        mapped={
            "payment_id": "ClaimResponse.payment.identifier",
            "amount": "ClaimResponse.payment.amount",
            "on": "ClaimResponse.payment.date",
        },
        omitted={"claim_id": "The answer's own claim is the one that was paid."},
    ),
    FieldMap(
        RejectionReason,
        mapped={"code": "ClaimResponse.error.code.coding", "text": "ClaimResponse.error.code.text"},
    ),
)


def response_id(claim_id: str, number: int) -> str:
    """Logical id of a claim's answer, numbered from 1: the payer's own number need not be an id."""
    return f"{claim_id}-response-{number}"


def paid_answer(claim: Claim) -> int | None:
    """Number, from 1, of the answer that carries what was paid; None while nothing was paid or nothing accepted."""
    accepted = [n for n, one in enumerate(claim.answers, start=1) if one.outcome is ClaimOutcome.ACCEPTED]
    return accepted[-1] if accepted and claim.payments else None


def claim_response(pathway_id: PathwayId, claim: Claim, number: int) -> Json:
    """Build the ClaimResponse of a claim's answer, numbered from 1.

    Raises:
        ValueError: the claim has no terms: it was made before this software made them.
    """
    if claim.terms is None:
        raise ValueError("the claim has no terms")
    answer = claim.answers[number - 1]
    outcome, said = _OUTCOMES[answer.outcome]
    ours = head("ClaimResponse", response_id(claim.claim_id, number), "claim-response")
    return compact(
        {
            **ours,
            "identifier": [*ours["identifier"], identifier("answer", answer.response_id)],
            "status": "active",
            "type": CLAIM_TYPE,
            "use": "claim",
            "patient": patient_reference(pathway_id),
            "created": answer.on.isoformat(),
            "insurer": INSURER,
            "requestor": biller_reference(claim.terms.biller),
            "request": reference("Claim", answer.claim_id),
            "outcome": outcome,
            "disposition": said,
            "item": [] if answer.amount is None else [_adjudicated(answer.amount)],
            "payment": _payment(claim) if paid_answer(claim) == number else None,
            "error": [{"code": _reason(reason)} for reason in answer.reasons],
        }
    )


def _adjudicated(amount: Decimal) -> Json:
    return {"itemSequence": 1, "adjudication": [{"category": _BENEFIT, "amount": euro(amount)}]}


def _payment(claim: Claim) -> Json:
    """What was paid in all, less what was taken back, with the day and the number of the last payment."""
    last = claim.payments[-1]
    kind, words = ("complete", "Complete") if claim.paid >= claim.amount else ("partial", "Partial")
    return {
        "type": concept(coding(f"{_TERMINOLOGY}/ex-paymenttype", kind, words)),
        "date": last.on.isoformat(),
        "amount": euro(claim.paid),
        "identifier": identifier("payment", last.payment_id),
    }


def _reason(reason: RejectionReason) -> Json:
    """R4's codes have no other blanks than single ones inside."""
    code = " ".join(reason.code.split())
    return concept(*([{"code": code}] if code else ()), text=reason.text or code)
