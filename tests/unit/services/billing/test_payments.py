"""Payments find their claims, once and in any order; what is still to come or to go is listed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.fhir_payments import read_fhir_payments
from mappings.billing.incoming.payments import read_payments
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.money import ZERO, euros
from sesame_fhir.domain.events.billing import CancelReason
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.corrections import cancel_claim
from sesame_fhir.services.billing.incoming import LineCode, PaymentFile
from sesame_fhir.services.billing.open_items import open_items, to_give_back, unmatched_payments
from sesame_fhir.services.billing.payments import reconcile, record_payment
from sesame_fhir.services.billing.records import ClaimQuery, LineFate
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.storage import Store
from tests.support.answered import PAYMENT_HEAD, accepted, answers, bundle, claim_of, paid, payments, reconciliation
from tests.support.billed import SCHEME
from tests.support.billing import FIRST_COORDINATOR, NOW, SITES, billing_over, many, submitted_month, write_lives
from tests.support.fakes import HandClock
from tests.support.story import NURSE

RECORDED, KNOWN, REFUSED = LineFate.RECORDED, LineFate.KNOWN_ALREADY, LineFate.REFUSED
PAID, PARTLY, ACCEPTED = ClaimStatus.PAID, ClaimStatus.PARTLY_PAID, ClaimStatus.ACCEPTED
GOOD = payments(paid(1), paid(2), paid(3, "150,00"))
WHOLE, HALF = euros(300), euros(150)


@pytest.fixture
def billing(store: Store) -> Billing:
    """Three claims of 300 euros, made on 1 July and accepted on the 10th; today is the 20th."""
    clock = HandClock(NOW)
    made = billing_over(store, clock)
    write_lives(store, many(3))
    submitted_month(made)
    clock.move(days=19)
    file = read_answers(answers(*map(accepted, (1, 2, 3))), "answers.csv")
    import_answers(made, FIRST_COORDINATOR, file, all_or_nothing=True)
    return made


def fates(billing: Billing, data: bytes) -> list[LineFate]:
    return [result.fate for result in reconcile(billing, FIRST_COORDINATOR, csv(data)).results]


def csv(data: bytes) -> PaymentFile:
    return read_payments(data, "payments.csv")


def state(billing: Billing) -> list[tuple[ClaimStatus, Decimal]]:
    return [(row.status, row.claim.paid) for row in billing.stores.claims.claims(ClaimQuery())]


def test_each_line_pays_its_claim_and_the_same_file_again_changes_nothing(billing: Billing) -> None:
    for expected in ([RECORDED] * 3, [KNOWN] * 3):
        assert fates(billing, GOOD) == expected
        assert state(billing) == [(PAID, WHOLE), (PAID, WHOLE), (PARTLY, HALF)]
    (payment,) = billing.stores.payments.payments()
    assert (payment.amount, payment.matched, payment.recorded_by) == (euros(750), euros(750), "coord-1")


def test_a_reconciliation_says_the_same_as_the_table(billing: Billing) -> None:
    data = bundle(reconciliation((1, "300"), (2, "300"), (3, "150")))
    came = reconcile(billing, FIRST_COORDINATOR, read_fhir_payments(data, "payments.json"))
    assert [result.fate for result in came.results] == [RECORDED] * 3
    assert fates(billing, GOOD) == [KNOWN] * 3


def test_lines_and_columns_come_in_any_order(billing: Billing) -> None:
    rows = (
        paid(1, payment="P-1"),
        paid(1, "-300,00", payment="P-2", date="2026-07-16"),
        paid(1, payment="P-3", date="2026-07-17"),
    )
    judged = [
        reconcile(billing, FIRST_COORDINATOR, csv(payments(*order, head=PAYMENT_HEAD[::-1])), all_or_nothing=True)
        for order in permutations(rows)
    ]
    assert {result.fate for came in judged[:1] for result in came.results} == {RECORDED}
    assert {result.fate for came in judged[1:] for result in came.results} == {KNOWN}
    assert state(billing)[0] == (PAID, WHOLE)


def test_good_lines_are_kept_and_what_is_left_of_the_payment_is_listed(billing: Billing) -> None:
    data = payments(paid(1), paid(2, claim="nobody-claim-1"))
    assert fates(billing, data) == [RECORDED, REFUSED]
    (left,) = unmatched_payments(billing, FIRST_COORDINATOR)
    assert (left.payment_id, left.amount - left.matched) == ("P-1", WHOLE)
    assert fates(billing, payments(paid(1), paid(2))) == [KNOWN, RECORDED]
    assert unmatched_payments(billing, FIRST_COORDINATOR) == ()


def test_a_known_payment_with_other_values_is_refused_line_by_line(billing: Billing) -> None:
    fates(billing, GOOD)
    for data in (payments(paid(1), paid(2)), payments(paid(1), paid(2, "200,00"), paid(3, "250,00"))):
        results = reconcile(billing, FIRST_COORDINATOR, csv(data)).results
        codes = {code for result in results for code in result.reasons}
        assert codes == {LineCode.PAYMENT_ALREADY_RECORDED}
    assert state(billing) == [(PAID, WHOLE), (PAID, WHOLE), (PARTLY, HALF)]


def test_a_payment_is_not_paid_out_a_second_time_to_other_claims(billing: Billing) -> None:
    assert fates(billing, payments(paid(1, "150,00"))) == [RECORDED]
    came = reconcile(billing, FIRST_COORDINATOR, csv(payments(paid(2, "150,00"))), all_or_nothing=False)
    assert [one.reasons for one in came.results] == [(LineCode.PAYMENT_ALREADY_RECORDED,)]
    (payment,) = billing.stores.payments.payments()
    assert payment.matched == payment.amount


def test_a_payment_that_the_bank_showed_first_is_matched_by_its_file(billing: Billing) -> None:
    seen = {"payment_id": "P-1", "biller_id": "operator", "on": date(2026, 7, 15), "amount": euros(750)}
    for _ in range(2):
        assert record_payment(billing, FIRST_COORDINATOR, **seen).matched == ZERO  # type: ignore[arg-type]
    assert [one.payment_id for one in unmatched_payments(billing, FIRST_COORDINATOR)] == ["P-1"]
    assert fates(billing, GOOD) == [RECORDED] * 3
    assert unmatched_payments(billing, FIRST_COORDINATOR) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"biller_id": "nobody"}, ReasonCode.VALUE_NOT_UNDERSTOOD),
        ({"on": date(2026, 7, 21)}, ReasonCode.DATE_IN_FUTURE),
        ({"amount": ZERO}, ReasonCode.VALUE_OUT_OF_RANGE),
        ({"amount": Decimal("1.001")}, ReasonCode.VALUE_OUT_OF_RANGE),
        ({"amount": Decimal("NaN")}, ReasonCode.VALUE_OUT_OF_RANGE),
        ({"who": Coordinator(NURSE, SITES)}, ReasonCode.ROLE_NOT_ALLOWED),
    ],
)
def test_a_payment_that_cannot_be_is_refused(billing: Billing, changes: dict[str, object], code: ReasonCode) -> None:
    given = {"payment_id": "P-1", "biller_id": "operator", "on": date(2026, 7, 15), "amount": euros(750)}
    given = {"who": FIRST_COORDINATOR, **given, **changes}
    with pytest.raises(Refused) as refused:
        record_payment(billing, **given)  # type: ignore[arg-type]
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert billing.stores.payments.payments() == ()


def test_what_was_accepted_and_not_paid_is_open_from_its_day_on(billing: Billing) -> None:
    fates(billing, GOOD)
    (one,) = open_items(billing, FIRST_COORDINATOR)
    assert (one.row.claim.claim_id, one.amount, one.since) == (claim_of(3), HALF, date(2026, 7, 10))
    assert [len(list(open_items(billing, FIRST_COORDINATOR, days))) for days in (9, 10)] == [1, 0]


def test_a_claim_of_nothing_that_was_accepted_waits_for_no_money(store: Store) -> None:
    free = replace(SCHEME, tariffs=tuple(replace(one, amount=ZERO) for one in SCHEME.tariffs))
    clock = HandClock(NOW)
    billing = billing_over(store, clock, free)
    write_lives(store, many(1))
    assert submitted_month(billing).claimed == 1
    clock.move(days=19)
    file = read_answers(answers(accepted(1, amount="0,00")), "answers.csv")
    import_answers(billing, FIRST_COORDINATOR, file, all_or_nothing=True)
    assert state(billing) == [(ACCEPTED, ZERO)]
    assert not list(open_items(billing, FIRST_COORDINATOR))


def test_money_for_a_claim_that_was_cancelled_is_to_be_given_back_until_it_is(billing: Billing) -> None:
    fates(billing, GOOD)
    cancel_claim(billing, FIRST_COORDINATOR, claim_of(1), CancelReason.MISTAKE)
    (one,) = to_give_back(billing, FIRST_COORDINATOR)
    assert (one.row.claim.claim_id, one.amount) == (claim_of(1), -WHOLE)
    assert fates(billing, payments(paid(1, "-300,00", payment="P-2"))) == [RECORDED]
    assert list(to_give_back(billing, FIRST_COORDINATOR)) == []


def test_a_claim_may_be_paid_before_the_payer_answers_it(store: Store) -> None:
    made = billing_over(store, HandClock(NOW))
    write_lives(store, many(1))
    submitted_month(made)
    assert fates(made, payments(paid(1, date="2026-07-01"))) == [RECORDED]
    assert state(made) == [(PAID, WHOLE)]
    assert list(open_items(made, FIRST_COORDINATOR)) == []
    answer = read_answers(answers(accepted(1, date="2026-07-01")), "answers.csv")
    assert import_answers(made, FIRST_COORDINATOR, answer, all_or_nothing=True).results[0].fate is RECORDED
    assert state(made) == [(ClaimStatus.PAID, WHOLE)]
