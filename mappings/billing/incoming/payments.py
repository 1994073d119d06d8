"""Payments as a CSV -> lines of payments, one per claim that is paid."""

from hashlib import sha256

from mappings.billing.incoming.cells import Cells
from mappings.billing.incoming.lines import read_lines
from mappings.billing.incoming.table import Row
from mappings.billing.layout import Layout, shipped
from mappings.billing.vocabulary import NEEDED, Kind
from sesame_fhir.services.billing.incoming import PaymentFile, PaymentLine

NEUTRAL = "neutral-payments"


def read_payments(data: bytes, name: str, *, layout: Layout | None = None) -> PaymentFile:
    """Read a CSV of payments; every problem is in ``unread``."""
    layout = layout or shipped(NEUTRAL)
    lines, unread = read_lines(data, layout, NEEDED[Kind.PAYMENTS], _line)
    return PaymentFile(name, sha256(data).hexdigest(), "csv", lines, unread)


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
