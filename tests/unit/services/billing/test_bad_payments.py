"""Bad files of payments: each with its exact reasons, and nothing of them reaches the books."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mappings.billing.incoming.fhir_payments import read_fhir_payments
from mappings.billing.incoming.payments import read_payments
from sesame_fhir.domain.billing.money import ZERO
from sesame_fhir.services.billing.incoming import LineCode, PaymentFile
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.billing.records import ClaimQuery, LineFate
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.storage import open_store
from tests.support.answered import PAYMENT_HEAD, accepted, answers, bundle, claim_of, paid, payments, reconciliation
from tests.support.billing import FIRST_COORDINATOR, NOW, billing_over, many, submitted_month, write_lives
from tests.support.databases import VAULT_KEY, migrated
from tests.support.fakes import HandClock
from tests.support.story import COORDINATOR, SITE

C = LineCode
Expected = dict[int, tuple[LineCode, ...]]
ALL_OF = (2, 3)
"""Both lines of a file: what is wrong with a payment stands against each of its lines."""


@pytest.fixture(scope="module")
def billing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Billing]:
    """Three claims of 300 euros made on 1 July; today is the 20th. Shared: no test here changes anything."""
    path: Path = tmp_path_factory.mktemp("payments") / "sesame.db"
    migrated(path)
    clock = HandClock(NOW)
    with open_store(f"sqlite:///{path}", VAULT_KEY) as store:
        made = billing_over(store, clock)
        write_lives(store, many(3))
        submitted_month(made)
        clock.move(days=19)
        yield made


def judged(billing: Billing, file: PaymentFile, who: Coordinator = FIRST_COORDINATOR) -> Expected:
    """The reasons of each refused line, those refused only for the others left out; nothing has been written."""
    came = reconcile(billing, who, file, all_or_nothing=True)
    assert all(result.fate is LineFate.REFUSED for result in came.results)
    assert {row.claim.paid for row in billing.stores.claims.claims(ClaimQuery())} == {ZERO}
    assert (billing.stores.payments.payments(), billing.stores.payments.imports()) == ((), ())
    return {
        result.number: tuple(LineCode(code) for code in result.reasons)
        for result in came.results
        if result.reasons != (C.OTHER_LINES,)
    }


def with_first(amount: str = "300,00", **changes: str) -> bytes:
    """A payment of two claims with other cells in its first line."""
    return payments(paid(1, amount, **changes), paid(2))


def both(code: LineCode) -> Expected:
    return dict.fromkeys(ALL_OF, (code,))


GOOD = payments(paid(1), paid(2))
TABLES: dict[str, tuple[bytes, Expected]] = {
    # the file
    "nothing": (b"", {0: (C.EMPTY_FILE,)}),
    "UTF-16": (GOOD.decode().encode("utf-16"), {0: (C.WRONG_ENCODING,)}),
    "Latin-1": (GOOD.replace(b"P-1", b"P-\xe9"), {0: (C.WRONG_ENCODING,)}),
    "a file of answers": (answers(accepted(1)), {0: (C.UNKNOWN_COLUMN,)}),
    "the payment's amount missing": (
        payments(paid(1), head=(*PAYMENT_HEAD[:3], *PAYMENT_HEAD[4:])),
        {0: (C.MISSING_COLUMN,)},
    ),
    "a column twice": (payments(paid(1), head=(*PAYMENT_HEAD, "claim")), {0: (C.DUPLICATE_COLUMN,)}),
    "the last line missing": (b"".join(GOOD.splitlines(keepends=True)[:2]), {0: (C.TRUNCATED,), 2: (C.SUM_DIFFERS,)}),
    "cut": (GOOD[:-5], {2: (C.SUM_DIFFERS,), 3: (C.TRUNCATED,)}),
    # values
    "a formula": (with_first(payment="=P1"), {2: (C.FORMULA,)}),
    "a formula that begins with a minus": (with_first(claim="-A1"), {2: (C.FORMULA,), 3: (C.SUM_DIFFERS,)}),
    "no claim": (with_first(claim=""), {2: (C.VALUE_MISSING,), 3: (C.SUM_DIFFERS,)}),
    "no amount": (payments(paid(1, "", payment_amount="300,00")), {2: (C.VALUE_MISSING,)}),
    "a decimal point": (payments(paid(1, "300.00", payment_amount="300,00")), {2: (C.AMOUNT_WRONG,)}),
    "a minus after it": (payments(paid(1, "300,00-", payment_amount="300,00")), {2: (C.AMOUNT_WRONG,)}),
    "two minus signs": (payments(paid(1, "--300,00", payment_amount="300,00")), {2: (C.AMOUNT_WRONG,)}),
    "a French date": (payments(paid(1, date="15/07/2026")), {2: (C.DATE_WRONG,)}),
    "a reference of 101 letters": (payments(paid(1, payment="p" * 101)), {2: (C.VALUE_WRONG,)}),
    # the payment
    "an unknown biller": (payments(paid(1, biller="nobody"), paid(2, biller="nobody")), both(C.UNKNOWN_BILLER)),
    "two billers": (with_first(biller="nobody"), both(C.PAYMENT_CONTRADICTED)),
    "two days": (with_first(date="2026-07-14"), both(C.PAYMENT_CONTRADICTED)),
    "two amounts": (with_first(payment_amount="599,99"), both(C.PAYMENT_CONTRADICTED)),
    "a day to come": (
        payments(paid(1, date="2026-07-21"), paid(2, date="2026-07-21")),
        both(C.DATE_IN_FUTURE),
    ),
    "a cent more than its lines": (
        payments(*(paid(number, payment_amount="600,01") for number in (1, 2))),
        both(C.SUM_DIFFERS),
    ),
    "a cent less than its lines": (
        payments(*(paid(number, payment_amount="599,99") for number in (1, 2))),
        both(C.SUM_DIFFERS),
    ),
    # the claim
    "an unknown claim": (with_first(claim="nobody-claim-1"), {2: (C.UNKNOWN_CLAIM,)}),
    "a claim that was never made": (with_first(claim=claim_of(1, attempt=2)), {2: (C.UNKNOWN_CLAIM,)}),
    "more than was claimed": (with_first("300,01"), {2: (C.OVERPAID,)}),
    "an amount of zero": (with_first("0,00"), {2: (C.AMOUNT_WRONG,)}),
    "taken back before it was paid": (with_first("-10,00"), {2: (C.NOT_PAID_SO_MUCH,)}),
    "before the claim was made": (
        payments(paid(1, date="2026-06-30"), paid(2, date="2026-06-30")),
        both(C.BEFORE_CLAIM),
    ),
    "a claim twice in a payment": (payments(paid(1, "100,00"), paid(1, "200,00")), both(C.CLAIM_TWICE)),
    "paid by two payments, together too much": (
        payments(paid(1), paid(1, payment="P-2")),
        {3: (C.OVERPAID,)},
    ),
}


@pytest.mark.parametrize(("data", "expected"), TABLES.values(), ids=TABLES)
def test_a_bad_payment_is_refused_with_its_reasons(billing: Billing, data: bytes, expected: Expected) -> None:
    assert judged(billing, read_payments(data, "payments.csv")) == expected


EUROS = {"value": 300, "currency": "EUR"}
ONE = (1, "300")
BUNDLES: dict[str, tuple[bytes, Expected]] = {
    "cut": (bundle(reconciliation(ONE))[:-9], {0: (C.NOT_JSON,)}),
    "another resource": (bundle({"resourceType": "Patient"}), {0: (C.WRONG_RESOURCE,)}),
    "not R4": (bundle(reconciliation(ONE, made="up")), {0: (C.INVALID_RESOURCE,)}),
    "a draft": (bundle(reconciliation(ONE, status="draft")), {1: (C.OUTCOME_UNKNOWN,)}),
    "an error": (bundle(reconciliation(ONE, outcome="error")), {1: (C.OUTCOME_UNKNOWN,)}),
    "no number": (bundle(reconciliation(ONE, paymentIdentifier=None)), {1: (C.VALUE_MISSING,)}),
    "nobody paid": (bundle(reconciliation(ONE, requestor=None)), {1: (C.VALUE_MISSING,)}),
    "another biller": (
        bundle(reconciliation(ONE, requestor={"identifier": {"system": "https://x.example", "value": "1"}})),
        {1: (C.UNKNOWN_BILLER,)},
    ),
    "dollars": (bundle(reconciliation(ONE, paymentAmount={**EUROS, "currency": "USD"})), {1: (C.CURRENCY_WRONG,)}),
    "a sum that differs": (
        bundle(reconciliation(ONE, (2, "300"), paymentAmount=EUROS)),
        {1: (C.SUM_DIFFERS,), 2: (C.SUM_DIFFERS,)},
    ),
    "no detail": (bundle(reconciliation(paymentAmount=EUROS, detail=None)), {1: (C.VALUE_MISSING,)}),
    "a third decimal": (bundle(reconciliation((1, "299.999"))), {1: (C.AMOUNT_WRONG,)}),
    "an unknown claim": (bundle(reconciliation((9, "300"), ONE)), {1: (C.UNKNOWN_CLAIM,)}),
    "the same payment twice": (
        bundle(reconciliation(ONE), reconciliation(ONE)),
        {1: (C.SUM_DIFFERS,), 2: (C.SUM_DIFFERS,)},
    ),
}


@pytest.mark.parametrize(("data", "expected"), BUNDLES.values(), ids=BUNDLES)
def test_a_bad_reconciliation_is_refused_with_its_reasons(billing: Billing, data: bytes, expected: Expected) -> None:
    assert judged(billing, read_fhir_payments(data, "payments.json")) == expected


def test_a_claim_of_a_site_out_of_reach_is_as_unknown_as_one_that_is_not_there(billing: Billing) -> None:
    one_site = Coordinator(COORDINATOR, frozenset({SITE}))
    file = read_payments(payments(paid(1), paid(3)), "payments.csv")
    assert judged(billing, file, one_site) == {3: (C.UNKNOWN_CLAIM,)}


def test_what_is_told_of_a_bad_detail_says_where_it_stands() -> None:
    (found,) = read_fhir_payments(bundle(reconciliation((1, "1.001"))), "payments.json").unread
    assert (found.detail, found.claim_id) == ("Bundle.entry[0].PaymentReconciliation.paymentAmount", claim_of(1))
