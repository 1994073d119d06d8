"""The demo's payer, which is invented, as everything it says: the bytes of the files that it would send.

They are in our neutral layouts. What it rejects is decided by the claims' ids alone: a file is the same at every start.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from mappings.billing.incoming import answers as reading_answers
from mappings.billing.incoming import payments as reading_payments
from mappings.billing.layout import Layout, shipped
from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.billing.money import CENT, ZERO
from sesame_fhir.domain.events.billing import ClaimOutcome

CODE, WORDS = "FICTIF-01", "Motif inventé pour la démonstration : droits à vérifier"

_HUNDRED, _REJECTED = 100, 3
_LONG_AFTER = timedelta(days=3650)

_Row = Mapping[str, str]
"""Cells by the layout's values; what is not there is empty."""


def rejected(claims: Sequence[Claim], *, one_at_least: bool = False) -> frozenset[str]:
    """Ids of the claims that it rejects, 3 %; none that replaces another one, unless it needs one."""
    drawn = {claim.claim_id: int(sha256(claim.claim_id.encode()).hexdigest(), 16) for claim in claims}
    found = frozenset(c.claim_id for c in claims if _attempt(c) == 1 and drawn[c.claim_id] % _HUNDRED < _REJECTED)
    if found or not one_at_least:
        return found
    return frozenset(c.claim_id for c in sorted(claims, key=lambda c: (_attempt(c), drawn[c.claim_id]))[:1])


def answers(claims: Sequence[Claim], refused: frozenset[str], on: date) -> bytes:
    """Its answers to these claims; those of ``refused`` are rejected."""
    return _answers([_rejection(c, on) if c.claim_id in refused else _acceptance(c, on) for c in claims])


def transfer(payment_id: str, biller_id: str, claims: Sequence[Claim], on: date) -> bytes:
    """One payment that pays these claims wholly."""
    layout = shipped(reading_payments.NEUTRAL)
    whole = sum((claim.amount for claim in claims), ZERO)
    common = {"payment-id": payment_id, "biller-id": biller_id, "date": layout.day(on)}
    return _table(
        layout,
        [
            {
                **common,
                "payment-amount": _euros(layout, whole),
                "claim-id": claim.claim_id,
                "amount": _euros(layout, claim.amount),
            }
            for claim in claims
        ],
    )


def answers_with_mistakes(claim: Claim, on: date) -> bytes:
    """Answers of which the first one is good; each of the others is refused, and for a reason of its own."""
    layout = shipped(reading_answers.NEUTRAL)
    good = _acceptance(claim, on)
    wrong: Sequence[_Row] = (
        {"amount": _euros(layout, claim.amount + CENT)},
        {"claim-id": f"{claim.claim_id}-inconnue"},
        {"batch-id": "2000-01-autre-lot-1"},
        {"date": layout.day(on + _LONG_AFTER)},
        {"outcome": ClaimOutcome.REJECTED, "amount": ""},
        {"outcome": "peut-être"},
    )
    more = [{**good, **cells, "response-id": f"{good['response-id']}-{n}"} for n, cells in enumerate(wrong, start=2)]
    return _answers([good, *more])


def _attempt(claim: Claim) -> int:
    return 1 if claim.terms is None else claim.terms.attempt


def _acceptance(claim: Claim, on: date) -> _Row:
    amount = _euros(shipped(reading_answers.NEUTRAL), claim.amount)
    return {**_answer(claim, on), "outcome": ClaimOutcome.ACCEPTED, "amount": amount}


def _rejection(claim: Claim, on: date) -> _Row:
    why = {"reason-code": CODE, "reason-text": WORDS}
    return {**_answer(claim, on), "outcome": ClaimOutcome.REJECTED, **why}


def _answer(claim: Claim, on: date) -> _Row:
    return {
        "claim-id": claim.claim_id,
        "batch-id": "" if claim.terms is None else claim.terms.batch_id,
        "response-id": f"demo-{claim.claim_id}",
        "date": shipped(reading_answers.NEUTRAL).day(on),
    }


def _answers(rows: Sequence[_Row]) -> bytes:
    return _table(shipped(reading_answers.NEUTRAL), rows)


def _table(layout: Layout, rows: Sequence[_Row]) -> bytes:
    """A file by a layout; no cell of ours holds a delimiter or a line break."""
    lines = [[column.name for column in layout.columns]]
    for number, row in enumerate(rows, start=1):
        cells = {**row, "line": f"{number}/{len(rows)}"}
        lines.append([cells.get(column.value, "") for column in layout.columns])
    return "".join(f"{layout.delimiter.join(line)}{layout.newline}" for line in lines).encode(layout.codec)


def _euros(layout: Layout, amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", layout.decimal_sign)
