"""Files of a payer, for tests: answers and payments in our neutral layouts, and the same as FHIR Bundles."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sesame_fhir.domain.billing.claims import claim_id_of
from sesame_fhir.fhir.canonical import identifier_system
from sesame_fhir.fhir.json_types import Json
from tests.support.billed import BATCH_ID, BILLER
from tests.support.billing import Lived

ANSWER_HEAD = ("claim", "batch", "response", "outcome", "reason_code", "reason_text", "amount", "date", "line")
PAYMENT_HEAD = ("payment", "biller", "date", "payment_amount", "claim", "amount", "line")
AMOUNT = "300,00"
ON = "2026-07-10"


def claim_of(number: int, attempt: int = 1) -> str:
    """The claim of a life's first sequence (``tests.support.billing``)."""
    return claim_id_of(Lived(number).pathway_id, 1, attempt)


def accepted(number: int, **changes: str) -> dict[str, str]:
    """The cells of an acceptance."""
    cells = {"claim": claim_of(number), "batch": BATCH_ID, "response": f"R-{number}", "outcome": "accepted"}
    return {**cells, "amount": AMOUNT, "date": ON, **changes}


def rejected(number: int, **changes: str) -> dict[str, str]:
    """The cells of a rejection."""
    why = {"outcome": "rejected", "reason_code": "INC-07", "reason_text": "Droits non retrouvés", "amount": ""}
    return {**accepted(number), **why, **changes}


def paid(number: int, amount: str = AMOUNT, **changes: str) -> dict[str, str]:
    """The cells of one claim in the payment ``P-1``; its amount is that of the lines unless it is given."""
    cells = {"payment": "P-1", "biller": BILLER.biller_id, "date": "2026-07-15", "claim": claim_of(number)}
    return {**cells, "amount": amount, **changes}


def answers(*rows: Mapping[str, str], head: Sequence[str] = ANSWER_HEAD) -> bytes:
    """A file of answers, its lines numbered unless they say otherwise."""
    return _csv(head, [{"line": f"{n}/{len(rows)}", **row} for n, row in enumerate(rows, start=1)])


def payments(*rows: Mapping[str, str], head: Sequence[str] = PAYMENT_HEAD) -> bytes:
    """A file of payments: each payment is as large as its lines unless they say otherwise."""
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        totals[row["payment"]] += _euros(row["amount"])
    return _csv(
        head,
        [
            {"line": f"{n}/{len(rows)}", "payment_amount": f"{totals[row['payment']]:.2f}".replace(".", ","), **row}
            for n, row in enumerate(rows, start=1)
        ],
    )


def _euros(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except ArithmeticError:
        return Decimal(0)


def _csv(head: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    lines = [";".join(head), *(";".join(row.get(name, "") for name in head) for row in rows)]
    return "".join(f"{line}\r\n" for line in lines).encode()


def response(number: int, **changes: object) -> Json:
    """A ClaimResponse that accepts, as a payer may write it."""
    category = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adjudication", "code": "benefit"}]}
    made: Json = {
        "resourceType": "ClaimResponse",
        "identifier": [{"system": "https://payer.example/answers", "value": f"R-{number}"}],
        "status": "active",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]},
        "use": "claim",
        "patient": {"display": "patient de la facture"},
        "created": ON,
        "insurer": {"display": "Payeur fictif"},
        "request": {"identifier": {"system": identifier_system("claim"), "value": claim_of(number)}},
        "outcome": "complete",
        "total": [{"category": category, "amount": {"value": 300, "currency": "EUR"}}],
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def refusal(number: int, **changes: object) -> Json:
    """A ClaimResponse that rejects."""
    why = {"code": {"coding": [{"code": "INC-07"}], "text": "Droits non retrouvés"}}
    return response(number, **{"outcome": "error", "total": None, "error": [why], **changes})


def reconciliation(*details: tuple[int, str], **changes: object) -> Json:
    """A PaymentReconciliation of claims, each with its euros."""
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/payment-type", "code": "payment"}]}
    made: Json = {
        "resourceType": "PaymentReconciliation",
        "status": "active",
        "created": "2026-07-15",
        "requestor": {"identifier": {"system": BILLER.system, "value": BILLER.value}},
        "outcome": "complete",
        "paymentDate": "2026-07-15",
        "paymentAmount": {"value": sum((Decimal(euros) for _, euros in details), Decimal(0)), "currency": "EUR"},
        "paymentIdentifier": {"value": "P-1"},
        "detail": [
            {
                "type": kind,
                "request": {"reference": f"Claim/{claim_of(number)}"},
                "amount": {"value": Decimal(euros), "currency": "EUR"},
            }
            for number, euros in details
        ],
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def bundle(*resources: Json, kind: str = "collection", **more: object) -> bytes:
    """A Bundle of them."""
    entries = [{"fullUrl": f"urn:uuid:00000000-0000-4000-8000-{n:012}", "resource": r} for n, r in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries, **more}, default=_number).encode()


def _number(value: object) -> float | int:
    assert isinstance(value, Decimal)
    return int(value) if value == value.to_integral_value() else float(value)
