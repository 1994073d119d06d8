"""Payments as a CSV -> lines of payments, one per claim that is paid."""

from hashlib import sha256

from mappings.billing.incoming.answers import claim_of
from mappings.billing.incoming.cells import Cells, LineRefused
from mappings.billing.incoming.table import Row, read_table
from mappings.billing.layout import Layout, shipped
from mappings.billing.vocabulary import NEEDED, Kind
from sesame_fhir.services.billing.incoming import PaymentFile, PaymentLine, Unread

NEUTRAL = "neutral-payments"


def read_payments(data: bytes, name: str, *, layout: Layout | None = None) -> PaymentFile:
    """Read a CSV of payments; every problem is in ``unread``."""
    layout = layout or shipped(NEUTRAL)
    table = read_table(data, layout, NEEDED[Kind.PAYMENTS])
    lines: list[PaymentLine] = []
    unread = list(table.unread)
    for row in table.rows:
        try:
            lines.append(_line(row, Cells(row.cells, layout)))
        except LineRefused as refused:
            unread.append(Unread(row.number, (refused.code,), refused.detail, claim_of(row)))
    ordered = tuple(sorted(unread, key=lambda one: one.number))
    return PaymentFile(name, sha256(data).hexdigest(), "csv", tuple(lines), ordered)


def _line(row: Row, cells: Cells) -> PaymentLine:
    return PaymentLine(
        number=row.number,
        payment_id=cells.reference("payment-id"),
        biller_id=cells.reference("biller-id"),
        on=cells.day("date"),
        total=cells.needed_amount("payment-amount", below_zero=True),
        claim_id=cells.claim_id(),
        amount=cells.needed_amount("amount", below_zero=True),
    )
