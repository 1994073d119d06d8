"""What a hosting centre is owed: a running account by month, from the books, without a patient's name."""

from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal

import pytest

from mappings.billing.incoming.answers import read_answers
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.money import ZERO, euros
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.records import SharePaid
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.billing.shares import owed, pay_share, statement
from sesame_fhir.storage import Store
from tests.support.answered import answers, claim_of, rejected
from tests.support.billed import SCHEME
from tests.support.billing import (
    FIRST_COORDINATOR,
    NOW,
    OTHER_SITE,
    SITES,
    billing_over,
    many,
    submitted_month,
    write_lives,
)
from tests.support.fakes import HandClock
from tests.support.story import COORDINATOR, NURSE, SITE

SHARE = Decimal("99.90")
"""33.3 % of 300 euros."""
PAID = SharePaid("VIR-1", SITE, "operator", "2026-07", SHARE, date(2026, 8, 5), COORDINATOR.actor_id)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def billing(store: Store, clock: HandClock) -> Billing:
    """Two claims at one centre and one at another, made on 1 July; the second was rejected on 10 August."""
    made = billing_over(store, clock)
    write_lives(store, many(3))
    submitted_month(made)
    clock.move(days=40)
    refusal = read_answers(answers(rejected(2, date="2026-08-09")), "answers.csv")
    import_answers(made, FIRST_COORDINATOR, refusal, all_or_nothing=True)
    return made


def test_the_month_of_the_claims(billing: Billing) -> None:
    found = statement(billing, FIRST_COORDINATOR, SITE, "2026-07")
    (account,) = found.accounts
    assert (found.start, found.end, found.due) == (date(2026, 7, 1), date(2026, 7, 31), 2 * SHARE)
    assert (account.carried, account.earned, account.withdrawn, account.paid) == (ZERO, 2 * SHARE, ZERO, ZERO)
    assert [(one.rank, one.claims, one.amount, one.share) for one in account.ranks] == [(1, 2, euros(600), 2 * SHARE)]
    assert [(line.number, line.claim_id, line.share, line.status) for line in account.lines] == [
        (1, claim_of(1), SHARE, ClaimStatus.SUBMITTED),
        (2, claim_of(2), SHARE, ClaimStatus.REJECTED),
    ]
    assert account.example


def test_a_real_tariff_is_no_example_because_an_older_version_was(store: Store) -> None:
    made = billing_over(store, None, SCHEME, replace(SCHEME, version="real", example=False))
    write_lives(store, many(1))
    submitted_month(made)
    (account,) = statement(made, FIRST_COORDINATOR, SITE, "2026-07").accounts
    assert not account.example


def test_a_later_rejection_takes_its_share_back_in_its_own_month(billing: Billing) -> None:
    (account,) = statement(billing, FIRST_COORDINATOR, SITE, "2026-08").accounts
    assert (account.carried, account.earned, account.withdrawn, account.due) == (2 * SHARE, ZERO, SHARE, SHARE)
    assert [(line.claim_id, line.share, line.on) for line in account.lines] == [
        (claim_of(2), -SHARE, date(2026, 8, 10))
    ]
    assert account.ranks == ()


def test_months_before_and_after(billing: Billing) -> None:
    assert statement(billing, FIRST_COORDINATOR, SITE, "2026-06").accounts == ()
    (account,) = statement(billing, FIRST_COORDINATOR, SITE, "2026-12").accounts
    assert (account.carried, account.lines, account.due) == (SHARE, (), SHARE)


def test_no_patient_is_named(billing: Billing) -> None:
    told = str(asdict(statement(billing, FIRST_COORDINATOR, SITE, "2026-07")))
    assert "FICTIVE" not in told
    assert "2841276" not in told


def test_a_centre_is_paid_once_and_never_more_than_it_is_owed(billing: Billing) -> None:
    assert [pay_share(billing, FIRST_COORDINATOR, PAID) for _ in range(2)] == [True, False]
    assert owed(billing, SITE, "operator") == ZERO
    assert owed(billing, OTHER_SITE, "operator") == SHARE
    (july,) = statement(billing, FIRST_COORDINATOR, SITE, "2026-07").accounts
    (august,) = statement(billing, FIRST_COORDINATOR, SITE, "2026-08").accounts
    assert (july.paid, july.settled) == (ZERO, (PAID,))
    assert (august.paid, august.due, august.settled) == (SHARE, ZERO, ())
    with pytest.raises(Refused):
        pay_share(billing, FIRST_COORDINATOR, replace(PAID, reference="VIR-2", amount=Decimal("0.01")))


REFUSED_ = [
    (replace(PAID, amount=SHARE + Decimal("0.01")), ReasonCode.VALUE_OUT_OF_RANGE),
    (replace(PAID, amount=ZERO), ReasonCode.VALUE_OUT_OF_RANGE),
    (replace(PAID, amount=-SHARE), ReasonCode.VALUE_OUT_OF_RANGE),
    (replace(PAID, amount=Decimal("1.001")), ReasonCode.VALUE_OUT_OF_RANGE),
    (replace(PAID, biller_id="nobody"), ReasonCode.VALUE_OUT_OF_RANGE),
    (replace(PAID, on=date(2026, 8, 11)), ReasonCode.DATE_IN_FUTURE),
    (replace(PAID, reference=""), ReasonCode.VALUE_NOT_UNDERSTOOD),
    (replace(PAID, reference="r" * 65), ReasonCode.VALUE_NOT_UNDERSTOOD),
    (replace(PAID, month="2026-13"), ReasonCode.VALUE_NOT_UNDERSTOOD),
    (replace(PAID, month="juillet"), ReasonCode.VALUE_NOT_UNDERSTOOD),
]


@pytest.mark.parametrize(("paid", "code"), REFUSED_)
def test_what_a_centre_is_not_paid(billing: Billing, paid: SharePaid, code: ReasonCode) -> None:
    with pytest.raises(Refused) as refused:
        pay_share(billing, FIRST_COORDINATOR, paid)
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert billing.stores.payments.shares_paid() == ()


def test_a_known_reference_with_other_values_is_refused(billing: Billing) -> None:
    pay_share(billing, FIRST_COORDINATOR, PAID)
    with pytest.raises(Refused) as refused:
        pay_share(billing, FIRST_COORDINATOR, replace(PAID, amount=Decimal("0.01")))
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.PAYMENT_ALREADY_RECORDED]


@pytest.mark.parametrize(
    ("who", "code"),
    [
        (Coordinator(NURSE, SITES), ReasonCode.ROLE_NOT_ALLOWED),
        (Coordinator(COORDINATOR, frozenset({OTHER_SITE})), ReasonCode.OUT_OF_SCOPE),
    ],
)
def test_whose_business_it_is_not(billing: Billing, who: Coordinator, code: ReasonCode) -> None:
    with pytest.raises(Refused) as asked:
        statement(billing, who, SITE, "2026-07")
    with pytest.raises(Refused) as given:
        pay_share(billing, who, PAID)
    assert {reason.code for refused in (asked, given) for reason in refused.value.reasons} == {code}
