"""Payments as a Bundle of PaymentReconciliation -> lines of payments: one line per ``detail``, numbered through."""

from collections.abc import Iterator
from hashlib import sha256

from mappings.billing.incoming.bundle import read_bundle
from mappings.billing.incoming.cells import LineRefused, is_reference
from mappings.billing.incoming.fhir_answers import claim_of, day, money
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects, text
from sesame_fhir.services.billing.incoming import LineCode, PaymentFile, PaymentLine, Unread

_TYPE = "PaymentReconciliation"


def read_fhir_payments(data: bytes, name: str) -> PaymentFile:
    """Read a Bundle; every problem is in ``unread``. Lines are numbered over all resources, from 1."""
    found = read_bundle(data, _TYPE)
    lines: list[PaymentLine] = []
    unread = [Unread(0, one.reasons, _placed(one)) for one in found.unread]
    number = 0
    for place, resource in found.resources:
        for detail in objects(resource, "detail") or [{}]:
            number += 1
            try:
                lines.append(_line(number, resource, detail))
            except LineRefused as refused:
                where = f"Bundle.entry[{place - 1}].{refused.detail}"
                unread.append(Unread(number, (refused.code,), where, claim_of(child(detail, "request"))))
    ordered = tuple(sorted(unread, key=lambda one: one.number))
    return PaymentFile(name, sha256(data).hexdigest(), "fhir", tuple(lines), ordered)


def _placed(one: Unread) -> str | None:
    return one.detail if one.number == 0 else f"Bundle.entry[{one.number - 1}].{one.detail}"


def _line(number: int, payment: Json, detail: Json) -> PaymentLine:
    if payment.get("status") != "active" or payment.get("outcome") not in {None, "complete"}:
        raise LineRefused(LineCode.OUTCOME_UNKNOWN, f"{_TYPE}.status")
    payment_id = text(child(payment, "paymentIdentifier"), "value")
    if not is_reference(payment_id):
        raise LineRefused(LineCode.VALUE_MISSING, f"{_TYPE}.paymentIdentifier")
    claim_id = claim_of(child(detail, "request"))
    if claim_id is None:
        raise LineRefused(LineCode.VALUE_MISSING, f"{_TYPE}.detail.request")
    return PaymentLine(
        number=number,
        payment_id=payment_id,
        biller_id="|".join(_biller(payment)),
        on=day(text(payment, "paymentDate"), f"{_TYPE}.paymentDate"),
        total=money(child(payment, "paymentAmount"), f"{_TYPE}.paymentAmount", below_zero=True),
        claim_id=claim_id,
        amount=money(child(detail, "amount"), f"{_TYPE}.detail.amount", below_zero=True),
    )


def _biller(payment: Json) -> Iterator[str]:
    named = child(child(payment, "requestor"), "identifier")
    for part in ("system", "value"):
        if not (found := text(named, part)):
            raise LineRefused(LineCode.VALUE_MISSING, f"{_TYPE}.requestor.identifier")
        yield found
