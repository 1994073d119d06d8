"""Whatever the bytes are, a reader says what is wrong with them; what we publish ourselves is read as it was meant."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.fhir_answers import read_fhir_answers
from mappings.billing.incoming.fhir_payments import read_fhir_payments
from mappings.billing.incoming.payments import read_payments
from mappings.claim_response import claim_response
from mappings.payment_reconciliation import payment_reconciliation
from sesame_fhir.domain.billing.claims import Claim, ClaimStatus
from sesame_fhir.domain.billing.money import euros
from sesame_fhir.domain.events.billing import ClaimAnswered, ClaimOutcome, ClaimPaid, RejectionReason
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.writer import write_json
from sesame_fhir.services.billing.incoming import AnswerFile, PaymentFile
from sesame_fhir.services.billing.publishing import Settlement
from sesame_fhir.services.billing.records import ClaimRow, Payment
from tests.support.answered import (
    accepted,
    answers,
    bundle,
    paid,
    payments,
    reconciliation,
    refusal,
    rejected,
    response,
)
from tests.support.billed import BILLER, facts_of_patient, terms_of
from tests.support.story import COORDINATOR, SITE

SAMPLES = [
    answers(accepted(1), rejected(2)),
    payments(paid(1), paid(2)),
    bundle(response(1), refusal(2)),
    bundle(reconciliation((1, "300"))),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good file with bytes put in, taken out or turned round somewhere."""
    data = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(0, 3))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 12))
        data = data[:at] + draw(st.binary(max_size=6) | st.just(data[at : at + length][::-1])) + data[at + length :]
    return data


@settings(max_examples=150, deadline=None)
@given(damaged() | st.binary(max_size=80))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    files: list[AnswerFile | PaymentFile] = [
        read_answers(data, "f"),
        read_payments(data, "f"),
        read_fhir_answers(data, "f"),
        read_fhir_payments(data, "f"),
    ]
    for file in files:
        assert file.lines or file.unread
        assert all(one.reasons and one.number >= 0 for one in file.unread)
        assert len({line.number for line in file.lines} & {one.number for one in file.unread}) == 0


FACTS = facts_of_patient(1)
TERMS = replace(terms_of(FACTS, date(2026, 7, 1)), site=SITE)
CLAIM_ID = f"{FACTS.pathway_id}-claim-1"
YES = ClaimAnswered(CLAIM_ID, "R-1", ClaimOutcome.ACCEPTED, date(2026, 7, 10), TERMS.amount)
NO = ClaimAnswered(CLAIM_ID, "R-2", ClaimOutcome.REJECTED, date(2026, 7, 11), None, (RejectionReason("X", "Rejeté"),))
MONEY = ClaimPaid(CLAIM_ID, "P-1", TERMS.amount, date(2026, 7, 15))
CLAIM = Claim(CLAIM_ID, 1, TERMS, datetime(2026, 7, 1, tzinfo=UTC), COORDINATOR, (YES, NO), (MONEY,))


def bundled(resource: Json) -> bytes:
    return write_json({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": resource}]})


def test_an_answer_as_we_publish_it_is_the_answer() -> None:
    for number, answer in enumerate((YES, NO), start=1):
        file = read_fhir_answers(bundled(claim_response(FACTS.pathway_id, CLAIM, number)), "f")
        assert file.unread == ()
        (line,) = file.lines
        read = ClaimAnswered(line.claim_id, line.response_id, line.outcome, line.on, line.amount, line.reasons)
        assert read == answer


def test_a_payment_as_we_publish_it_is_the_payment() -> None:
    at = datetime(2026, 7, 15, 9, tzinfo=UTC)
    payment = Payment("P-1", BILLER.biller_id, MONEY.on, euros(5000), at, "coord-1", MONEY.amount)
    row = ClaimRow(FACTS.pathway_id, CLAIM, ClaimStatus.REJECTED, stale=False)
    file = read_fhir_payments(bundled(payment_reconciliation(Settlement(payment, SITE, 1, [row]))), "f")
    assert file.unread == ()
    (line,) = file.lines
    assert ClaimPaid(line.claim_id, line.payment_id, line.amount, line.on) == MONEY
    assert (line.biller_id, line.total) == (f"{BILLER.system}|{BILLER.value}", Decimal(TERMS.amount))
