"""The payer of the programme: what it answers and pays is decided by the claims' numbers alone."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from hashlib import sha256

_HUNDRED, _REJECTED = 100, 3
_CODE, _WORDS = "INC-07", "Droits non retrouvés à la date des soins (réponse fictive)"

Asked = tuple[str, str, Decimal]
"""Claim, its batch, euros."""


def rejects(claim_id: str) -> bool:
    """True for 3 % of first claims; a claim that replaces another one is accepted."""
    attempt = claim_id.rsplit("-claim-", 1)[1].partition("-")[2]
    return not attempt and int(sha256(claim_id.encode()).hexdigest(), 16) % _HUNDRED < _REJECTED


def answers(asked: Iterable[Asked], on: date) -> bytes:
    """Its answers, in our neutral layout of answers."""
    rows: list[tuple[str, ...]] = [
        (claim, batch, f"rep-{claim}", "rejected", _CODE, _WORDS, "", on.isoformat())
        if rejects(claim)
        else (claim, batch, f"rep-{claim}", "accepted", "", "", _euros(amount), on.isoformat())
        for claim, batch, amount in asked
    ]
    return _table("claim;batch;response;outcome;reason_code;reason_text;amount;date", rows)


def payment(reference: str, biller: str, asked: Iterable[Asked], on: date) -> bytes:
    """One payment for all these claims, in our neutral layout of payments."""
    claims = list(asked)
    whole = _euros(sum((amount for _, _, amount in claims), Decimal(0)))
    rows: list[tuple[str, ...]] = [
        (reference, biller, on.isoformat(), whole, claim, _euros(amount)) for claim, _, amount in claims
    ]
    return _table("payment;biller;date;payment_amount;claim;amount", rows)


def _table(header: str, rows: list[tuple[str, ...]]) -> bytes:
    lines = [f"{';'.join(row)};{number}/{len(rows)}" for number, row in enumerate(rows, start=1)]
    return "\r\n".join([f"{header};line", *lines, ""]).encode()


def _euros(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")
