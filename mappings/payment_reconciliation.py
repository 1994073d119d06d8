"""What a payment of the payer settled at one site -> PaymentReconciliation.

A payment concerns many sites, whose coordinators see their own claims only: each site has a resource of its own, whose
amount is the sum of its claims. The payer's number is that of the whole payment, whose amount is told beside.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from mappings.claim import biller_reference, euro
from mappings.claim_response import paid_answer, response_id
from mappings.coverage import INSURER
from mappings.datatypes import coding, compact, concept, head, identifier, instant, reference
from mappings.fields import FieldMap
from mappings.french import euros
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.billing.publishing import PaymentPublisher, Settlement
from sesame_fhir.services.billing.records import ClaimRow, Payment
from sesame_fhir.services.ports import ResourceStore
from sesame_fhir.services.records import Origin, ResourceWrite, StoredResource
from sesame_fhir.services.search import IndexEntry

_PAYMENT_TYPE = "http://terminology.hl7.org/CodeSystem/payment-type"
_STAMPED = ("versionId", "lastUpdated")

FIELDS = (
    FieldMap(
        Payment,
        mapped={
            "payment_id": "PaymentReconciliation.paymentIdentifier",
            "biller_id": "PaymentReconciliation.identifier",
            "on": "PaymentReconciliation.paymentDate",
            "amount": "PaymentReconciliation.processNote",
            "recorded_at": "PaymentReconciliation.created",
        },
        omitted={
            "recorded_by": "The audit log has who recorded it.",
            "matched": "The sum over the sites; what is not matched settles nothing yet.",
        },
    ),
)


def payment_reconciliation(settlement: Settlement) -> Json:
    """Build the resource; its id is a function of the payment, the site and the page."""
    payment, rows = settlement.payment, settlement.rows
    details = [_detail(payment, row) for row in rows]
    total = sum((_part(payment, row) for row in rows), ZERO)
    return compact(
        {
            **head("PaymentReconciliation", settlement_id(settlement), "settlement"),
            "status": "active",
            "created": instant(payment.recorded_at),
            "paymentIssuer": INSURER,
            "requestor": _biller(rows),
            "outcome": "complete",
            "disposition": f"Part du site {settlement.site}",
            "paymentDate": payment.on.isoformat(),
            "paymentAmount": euro(total),
            "paymentIdentifier": identifier("payment", payment.payment_id),
            "detail": details,
            "processNote": [{"type": "display", "text": f"Paiement de {euros(payment.amount)} en tout."}],
        }
    )


def settlement_id(settlement: Settlement) -> str:
    """The payer's number need not be an id of R4, and a payment has as many resources as sites."""
    payment = settlement.payment
    parts = (payment.biller_id, payment.payment_id, settlement.site, str(settlement.page))
    return str(uuid5(NAMESPACE_URL, "\n".join(parts)))


def payment_publisher(resources: ResourceStore, index: Callable[[Json], tuple[IndexEntry, ...]]) -> PaymentPublisher:
    """What publishes payments in a store; ``index`` as the projector's."""

    def build(settlement: Settlement) -> ResourceWrite:
        body = payment_reconciliation(settlement)
        kind, number = body["resourceType"], body["id"]
        return ResourceWrite(kind, number, body, index(body), settlement.site, Origin.BILLING)

    return PaymentPublisher(resources, build, _says_the_same)


def _says_the_same(stored: StoredResource, write: ResourceWrite) -> bool:
    if stored.body is None or stored.site != write.site:
        return False
    body = read_json(stored.body)
    meta = {name: value for name, value in body["meta"].items() if name not in _STAMPED}
    return write_json({**body, "meta": meta}) == write_json(dict(write.body))


def _detail(payment: Payment, row: ClaimRow) -> Json:
    answer, amount = paid_answer(row.claim), _part(payment, row)
    kind, words = ("payment", "Payment") if amount > ZERO else ("adjustment", "Adjustment")
    response = None if answer is None else reference("ClaimResponse", response_id(row.claim.claim_id, answer))
    return compact(
        {
            "type": concept(coding(_PAYMENT_TYPE, kind, words)),
            "request": reference("Claim", row.claim.claim_id),
            "response": response,
            "date": payment.on.isoformat(),
            "amount": euro(amount),
        }
    )


def _part(payment: Payment, row: ClaimRow) -> Decimal:
    paid = (one.amount for one in row.claim.payments if one.payment_id == payment.payment_id)
    return sum(paid, ZERO)


def _biller(rows: Iterable[ClaimRow]) -> Json | None:
    """All claims of a payment are the biller's whose account received it."""
    billers = (row.claim.terms.biller for row in rows if row.claim.terms is not None)
    found = next(billers, None)
    return None if found is None else biller_reference(found)
