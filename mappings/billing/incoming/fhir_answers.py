"""A payer's answers as a Bundle of ClaimResponse -> lines of answers.

``request`` names the claim, by our identifier or by its address. ``outcome`` complete accepts, error rejects; queued
and partial are no answer yet. What was accepted is the total of the category benefit, or the sum over the items.
``payment`` announces money: it is checked against the answer, and is in the books once it is on the account.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from hashlib import sha256

from mappings.billing.incoming.bundle import read_bundle
from mappings.billing.incoming.cells import LineRefused, is_claim_id, is_reference
from sesame_fhir.domain.billing.money import CURRENCY, ZERO, euros, is_euros
from sesame_fhir.domain.events.billing import ClaimOutcome, RejectionReason
from sesame_fhir.fhir.canonical import identifier_system
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.walk import child, objects, text
from sesame_fhir.services.billing.incoming import AnswerFile, AnswerLine, LineCode, Unread

_OUTCOMES = {"complete": ClaimOutcome.ACCEPTED, "error": ClaimOutcome.REJECTED}
_BENEFIT = "benefit"
_DAY = len("2025-03-31")


def read_fhir_answers(data: bytes, name: str, *, batch_id: str | None = None) -> AnswerFile:
    """Read a Bundle; every problem is in ``unread``. ``batch_id``: the batch that whoever brings it names."""
    found = read_bundle(data, "ClaimResponse")
    lines: list[AnswerLine] = []
    unread = list(found.unread)
    for place, resource in found.resources:
        try:
            lines.append(_line(place, resource))
        except LineRefused as refused:
            unread.append(Unread(place, (refused.code,), refused.detail, _named_claim(resource)))
    ordered = tuple(sorted(unread, key=lambda one: one.number))
    return AnswerFile(name, sha256(data).hexdigest(), "fhir", tuple(lines), ordered, batch_id or found.batch_id)


def claim_of(request: Json) -> str | None:
    """The claim that a reference names, by our identifier or by its address; None when it names none."""
    named = child(request, "identifier")
    if named.get("system") == identifier_system("claim"):
        found = text(named, "value")
    else:
        before, _, found = text(request, "reference").partition("#")[0].split("/_history/")[0].rpartition("/")
        found = found if before.rpartition("/")[2] == "Claim" else ""
    return found if is_claim_id(found) else None


def money(found: Json, where: str, *, below_zero: bool = False) -> Decimal:
    """Euros of an element of the type Money. Raises LineRefused for anything but euros and whole cents."""
    value = found.get("value")
    if text(found, "currency") not in {"", CURRENCY}:
        raise LineRefused(LineCode.CURRENCY_WRONG, where)
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or not is_euros(Decimal(value)):
        raise LineRefused(LineCode.AMOUNT_WRONG, where)
    if value < ZERO and not below_zero:
        raise LineRefused(LineCode.AMOUNT_NEGATIVE, where)
    return euros(value)


def day(found: str, where: str) -> date:
    """The day of a date or of a time. Raises LineRefused for a month, a year or nothing."""
    try:
        return date.fromisoformat(found[:_DAY])
    except ValueError:
        raise LineRefused(LineCode.DATE_WRONG, where) from None


def _line(place: int, response: Json) -> AnswerLine:
    if response.get("status") != "active" or response.get("use") != "claim":
        raise LineRefused(LineCode.OUTCOME_UNKNOWN, "ClaimResponse.status")
    outcome = _OUTCOMES.get(text(response, "outcome"))
    if outcome is None:
        raise LineRefused(LineCode.OUTCOME_UNKNOWN, "ClaimResponse.outcome")
    claim_id = _named_claim(response)
    if claim_id is None:
        raise LineRefused(LineCode.VALUE_MISSING, "ClaimResponse.request")
    payment = child(response, "payment")
    return AnswerLine(
        number=place,
        claim_id=claim_id,
        response_id=_response_id(response),
        outcome=outcome,
        on=day(text(response, "created"), "ClaimResponse.created"),
        amount=_accepted(response),
        reasons=tuple(_reasons(response)),
        announced=money(child(payment, "amount"), "ClaimResponse.payment.amount") if payment else None,
    )


def _named_claim(response: Json) -> str | None:
    return claim_of(child(response, "request"))


def _response_id(response: Json) -> str:
    """The payer's number: under our name for it, or the first identifier that is not one of ours; else the id."""
    given = {text(one, "system"): text(one, "value") for one in reversed(objects(response, "identifier"))}
    ours = given.pop(identifier_system("claim-response"), "")
    found = given.get(identifier_system("answer")) or next(reversed(given.values()), "") or text(response, "id") or ours
    if not is_reference(found):
        raise LineRefused(LineCode.VALUE_MISSING, "ClaimResponse.identifier")
    return found


def _accepted(response: Json) -> Decimal | None:
    totals = [one for one in objects(response, "total") if _is_benefit(one)]
    parts = [p for item in objects(response, "item") for p in objects(item, "adjudication") if _is_benefit(p)]
    found = totals or parts
    if not found:
        return None
    where = "ClaimResponse.total.amount" if totals else "ClaimResponse.item.adjudication.amount"
    return sum((money(child(one, "amount"), where) for one in found), ZERO)


def _is_benefit(adjudicated: Json) -> bool:
    return any(coding.get("code") == _BENEFIT for coding in objects(child(adjudicated, "category"), "coding"))


def _reasons(response: Json) -> Iterator[RejectionReason]:
    for error in objects(response, "error"):
        concept = child(error, "code")
        code = next((text(coding, "code") for coding in objects(concept, "coding") if text(coding, "code")), "")
        words = text(concept, "text") or next((text(c, "display") for c in objects(concept, "coding")), "")
        if code or words:
            yield RejectionReason((code or words)[:64], words[:500] or None)
