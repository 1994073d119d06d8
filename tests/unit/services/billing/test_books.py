"""The books after lives of any kind: debit is credit, and they say what the claims say; a wrong posting is found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sesame_fhir.domain.billing.ledger import Account, Movement, Posting
from sesame_fhir.domain.billing.money import ZERO, euros
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.events.billing import (
    CancelReason,
    ClaimAnswered,
    ClaimOutcome,
    ClaimPaid,
    RejectionReason,
)
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.acting import act, needed_claim, take_all
from sesame_fhir.services.billing.books import BookCode, prove, trial_balance
from sesame_fhir.services.billing.corrections import cancel_claim
from sesame_fhir.services.billing.ports import LedgerStore, Stores
from sesame_fhir.services.billing.records import ClaimQuery, LedgerSum, SharePaid
from sesame_fhir.services.billing.setting import Billing, Coordinator, unheard
from sesame_fhir.services.billing.shares import owed, pay_share
from sesame_fhir.storage import Store, open_store
from tests.support.answered import claim_of
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
from tests.support.databases import VAULT_KEY, migrated
from tests.support.fakes import HandClock
from tests.support.story import COORDINATOR, NURSE, SITE

FROM, TO = date(2026, 1, 1), date(2027, 12, 31)


@dataclass(slots=True)
class Life:
    """What may happen to claims, in a few words; what a rule refuses does not happen."""

    billing: Billing
    clock: HandClock
    count: int = 0

    @property
    def today(self) -> date:
        return local_day(self.clock.now())

    def answer(self, number: int, outcome: ClaimOutcome) -> None:
        reasons = () if outcome is ClaimOutcome.ACCEPTED else (RejectionReason("X"),)
        self._step(ClaimAnswered(claim_of(number), f"R-{self.count}", outcome, self.today, None, reasons))

    def pay(self, number: int, amount: str) -> None:
        self._step(ClaimPaid(claim_of(number), f"P-{self.count}", Decimal(amount), self.today))

    def cancel(self, number: int) -> None:
        try:
            cancel_claim(self.billing, FIRST_COORDINATOR, claim_of(number), CancelReason.MISTAKE)
        except Refused:
            return

    def share(self, site: SiteId, part: int) -> None:
        amount = euros(owed(self.billing, site, "operator") / part)
        paid = SharePaid(f"V-{self.count}", site, "operator", "2026-07", amount, self.today, COORDINATOR.actor_id)
        try:
            pay_share(self.billing, FIRST_COORDINATOR, paid)
        except Refused:
            return

    def _step(self, step: ClaimAnswered | ClaimPaid) -> None:
        row = needed_claim(self.billing, FIRST_COORDINATOR, step.claim_id)
        take_all(self.billing, [act(self.billing, FIRST_COORDINATOR, row, step, str(self.count))], 1, unheard)


def again(life: Life) -> None:
    """Claim anew what was rejected or cancelled, when there is anything."""
    try:
        submitted_month(life.billing, f"{life.today:%Y-%m}", life.today)
    except (Refused, ValueError):
        return


NUMBER = st.integers(1, 4)
HAPPENS: st.SearchStrategy[Callable[[Life], None]] = st.one_of(
    st.builds(lambda n, o: lambda life: life.answer(n, o), NUMBER, st.sampled_from(ClaimOutcome)),
    st.builds(
        lambda n, a: lambda life: life.pay(n, a), NUMBER, st.sampled_from(["300.00", "150.00", "0.01", "-150.00"])
    ),
    st.builds(lambda n: lambda life: life.cancel(n), NUMBER),
    st.builds(lambda s, p: lambda life: life.share(s, p), st.sampled_from(sorted(SITES)), st.integers(1, 3)),
    st.builds(lambda d: lambda life: life.clock.move(days=d), st.integers(1, 40)),
    st.just(again),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(HAPPENS, max_size=14), st.integers(0, 60), st.integers(0, 60))
def test_the_books_say_what_the_claims_say(steps: list[Callable[[Life], None]], after: int, days: int) -> None:
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:  # noqa: S108
        migrated(Path(folder) / "sesame.db")
        with open_store(f"sqlite:///{folder}/sesame.db", VAULT_KEY) as store:
            billing = lived(store, steps)
            start = date.fromordinal(date(2026, 7, 1).toordinal() + after)
            for period in ((FROM, TO), (start, date.fromordinal(start.toordinal() + days))):
                assert prove(billing, FIRST_COORDINATOR, *period) == ()
            balance = trial_balance(billing, FIRST_COORDINATOR, FROM, TO)
            assert balance.debit == balance.credit
            rows = billing.stores.claims.claims(ClaimQuery())
            by_account = {one.account: one.balance for one in balance.accounts}
            assert -by_account[Account.INCOME] == sum((r.claim.amount for r in rows if r.claim.live), ZERO)
            owing = ((r.claim.amount if r.claim.live else ZERO) - r.claim.paid for r in rows)
            assert by_account[Account.PAYER] == sum(owing, ZERO)


def lived(store: Store, steps: list[Callable[[Life], None]]) -> Billing:
    clock = HandClock(NOW)
    billing = billing_over(store, clock)
    write_lives(store, many(4))
    submitted_month(billing)
    life = Life(billing, clock)
    for step in steps:
        life.count += 1
        step(life)
    return billing


def test_a_sequence_claimed_again_earns_once(store: Store) -> None:
    billing = lived(store, [lambda life: life.answer(2, ClaimOutcome.REJECTED), lambda life: life.cancel(1), again])
    assert len(billing.stores.claims.claims(ClaimQuery())) == 6
    balance = trial_balance(billing, FIRST_COORDINATOR, FROM, TO)
    assert {one.account: one.balance for one in balance.accounts}[Account.INCOME] == -euros(1200)
    assert prove(billing, FIRST_COORDINATOR, FROM, TO) == ()


@pytest.fixture
def booked(store: Store) -> Billing:
    """A month with one rejection, one claim half paid, and a centre paid its share."""
    steps: list[Callable[[Life], None]] = [
        lambda life: life.answer(2, ClaimOutcome.REJECTED),
        lambda life: life.pay(1, "150.00"),
        lambda life: life.share(OTHER_SITE, 1),
    ]
    return lived(store, steps)


def test_a_trial_balance_by_hand(booked: Billing) -> None:
    """Four claims of 300 euros, one rejected, 150 paid; shares of 99.90, one of them paid."""
    balance = trial_balance(booked, FIRST_COORDINATOR, FROM, TO)
    assert {one.account: (one.debit, one.credit) for one in balance.accounts} == {
        Account.PAYER: (euros(1200), euros(450)),
        Account.INCOME: (euros(300), euros(1200)),
        Account.BANK: (euros(150), euros("99.90")),
        Account.HOSTING_COST: (euros("399.60"), euros("99.90")),
        Account.HOSTING_DUE: (euros("199.80"), euros("399.60")),
    }
    assert prove(booked, FIRST_COORDINATOR, FROM, TO) == ()


def test_one_site_has_books_of_its_own(booked: Billing) -> None:
    one = frozenset({OTHER_SITE})
    balance = trial_balance(booked, FIRST_COORDINATOR, FROM, TO, one)
    assert {a.account: a.balance for a in balance.accounts}[Account.INCOME] == -euros(300)
    assert prove(booked, FIRST_COORDINATOR, FROM, TO, one) == ()


Tamper = Callable[[Posting], list[Posting]]


@dataclass(frozen=True, slots=True)
class Tampered:
    """A ledger of which each posting was changed by hand."""

    ledger: LedgerStore
    how: Tamper

    def postings(self, start: date, end: date, sites: frozenset[SiteId] | None = None) -> Iterator[Posting]:
        for posting in self.ledger.postings(start, end, sites):
            yield from self.how(posting)

    def sums(self, start: date, end: date, sites: frozenset[SiteId] | None = None) -> tuple[LedgerSum, ...]:
        return self.ledger.sums(start, end, sites)


def lost(movement: Movement) -> Tamper:
    return lambda posting: [] if posting.movement is movement else [posting]


TAMPERED: dict[str, tuple[Tamper, set[BookCode]]] = {
    "claims lost": (lost(Movement.CLAIMED), {BookCode.INCOME_DIFFERS, BookCode.RECEIVABLE_DIFFERS}),
    "a rejection lost": (lost(Movement.REJECTED), {BookCode.INCOME_DIFFERS, BookCode.RECEIVABLE_DIFFERS}),
    "money lost": (lost(Movement.PAID), {BookCode.BANK_DIFFERS, BookCode.RECEIVABLE_DIFFERS}),
    "shares lost": (lost(Movement.SHARE_DUE), {BookCode.SHARE_DIFFERS, BookCode.SHARE_DUE_DIFFERS}),
    "a share paid lost": (lost(Movement.SHARE_PAID), {BookCode.BANK_DIFFERS, BookCode.SHARE_DUE_DIFFERS}),
    "posted twice": (lambda posting: [posting, posting], set(BookCode) - {BookCode.POSTING_WRONG}),
    "another site": (
        lambda posting: [replace(posting, site=SITE)],
        # By chance the centre is owed as much: its share paid has moved along.
        set(BookCode) - {BookCode.POSTING_WRONG, BookCode.SHARE_DUE_DIFFERS},
    ),
    "nothing moved": (lambda posting: [posting, replace(posting, amount=ZERO)], {BookCode.POSTING_WRONG}),
    "onto itself": (lambda posting: [posting, replace(posting, credit=posting.debit)], {BookCode.POSTING_WRONG}),
}
NOT_OF_POSTINGS = {BookCode.DEBIT_IS_NOT_CREDIT, BookCode.PAYMENT_OVERMATCHED}


@pytest.mark.parametrize(("how", "codes"), TAMPERED.values(), ids=TAMPERED)
def test_books_that_were_tampered_with_are_found(booked: Billing, how: Tamper, codes: set[BookCode]) -> None:
    stores, ledger = booked.stores, Tampered(booked.stores.ledger, how)
    seen = SimpleNamespace(claims=stores.claims, payments=stores.payments, ledger=ledger)
    found = prove(replace(booked, stores=cast("Stores", seen)), FIRST_COORDINATOR, FROM, TO)
    assert {one.code for one in found} == codes - NOT_OF_POSTINGS
    assert all(one.booked != one.expected or one.code is BookCode.POSTING_WRONG for one in found)


def test_whose_business_the_books_are_not(booked: Billing) -> None:
    with pytest.raises(Refused) as refused:
        trial_balance(booked, Coordinator(NURSE, SITES), FROM, TO)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.ROLE_NOT_ALLOWED]
    with pytest.raises(Refused) as refused:
        prove(booked, Coordinator(COORDINATOR, frozenset({SITE})), FROM, TO, SITES)
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.OUT_OF_SCOPE]
