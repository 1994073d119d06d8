"""The books, payments, shares, files that came in, and the schemes: what billing keeps beside claims and batches."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sesame_fhir.domain.billing.ledger import Account, Movement, share_posting
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.records import (
    Batch,
    BatchStatus,
    Import,
    LedgerSum,
    LineFate,
    LineResult,
    Payment,
    SharePaid,
    StoredScheme,
)
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.storage import Store
from tests.contract.storage.billing_lives import Billed
from tests.support.billed import BATCH_ID, SCHEME
from tests.support.billing import OTHER_SITE, PROJECTOR, Lived
from tests.support.story import SITE

NOW = datetime(2026, 7, 1, 8, 0, 0, 1, tzinfo=UTC)
YEAR = date(2026, 1, 1), date(2026, 12, 31)
PAYMENT = Payment("P1", "operator", date(2026, 7, 10), Decimal("400.00"), NOW, "coord-1", Decimal("0.00"))
SHARE = SharePaid("V1", SITE, "operator", "2026-06", Decimal("99.90"), date(2026, 7, 12), "coord-1")
FILE = Import("d1", "answers", "retours.csv", NOW, "coord-1", (LineResult(1, LineFate.RECORDED, "c1"),))
FIRST = StoredScheme(SCHEME, "# the first", "d1", 1, NOW, "coord-1")


@pytest.fixture
def books(store: Store) -> Store:
    """Two claims of 300 €, one of each site: one paid in part, one rejected; one share paid."""
    here, there = Billed(store, Lived(1)), Billed(store, Lived(2, OTHER_SITE))
    here.bill()
    there.bill()
    here.pay("P1", "120.00")
    here.pay("P2", "-20.00")
    there.reject()
    store.billing.payments.add_share_paid(SHARE)
    return store


def test_postings_come_by_day(books: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = books.billing.ledger
    everything = list(ledger.postings(*YEAR))
    assert everything == sorted(everything, key=lambda one: (one.on, one.posting_id))
    assert len(everything) == 4 + 2 + 2 + 1
    for module in ("walking", "ledger"):
        monkeypatch.setattr(f"sesame_fhir.storage.billing.{module}.PAGE", 2)
    assert list(ledger.postings(*YEAR)) == everything
    days = {one.on for one in everything}
    assert [one for day in sorted(days) for one in ledger.postings(day, day)] == everything
    there = frozenset({OTHER_SITE})
    assert list(ledger.postings(*YEAR, there)) == [one for one in everything if one.site == OTHER_SITE]
    assert list(ledger.postings(*YEAR, frozenset())) == list(ledger.postings(date(2030, 1, 1), YEAR[1])) == []


def test_sums_are_those_of_the_postings(books: Store) -> None:
    ledger = books.billing.ledger
    sums = ledger.sums(*YEAR)
    by_hand: dict[tuple[str, ...], LedgerSum] = {}
    for one in ledger.postings(*YEAR):
        key = one.movement, one.debit, one.credit, one.site, one.biller_id, one.scheme_id
        known = by_hand.get(key, LedgerSum(*key, amount=Decimal(0), count=0))
        by_hand[key] = replace(known, amount=known.amount + one.amount, count=known.count + 1)
    assert sorted(sums, key=repr) == sorted(by_hand.values(), key=repr)
    paid = next(one for one in sums if one.movement is Movement.SHARE_PAID)
    assert (paid.debit, paid.credit, paid.amount) == (Account.HOSTING_DUE, Account.BANK, Decimal("99.90"))
    assert {one.site for one in ledger.sums(*YEAR, frozenset({SITE}))} == {SITE}
    assert ledger.sums(date(2030, 1, 1), date(2030, 1, 2)) == ledger.sums(*YEAR, frozenset()) == ()


def test_a_rebuild_leaves_what_no_pathway_tells(books: Store) -> None:
    before = list(books.billing.ledger.postings(*YEAR))
    rebuild(books.pathways, PROJECTOR, lambda _done: None)
    assert list(books.billing.ledger.postings(*YEAR)) == before


def test_payments(books: Store) -> None:
    payments = books.billing.payments
    assert payments.add_payment(PAYMENT)
    assert not payments.add_payment(replace(PAYMENT, recorded_by="coord-2"))
    later = replace(PAYMENT, payment_id="P9", amount=Decimal("-10.50"))
    assert payments.add_payment(later)
    matched = replace(PAYMENT, matched=Decimal("120.00"))
    assert payments.payment("P1") == matched
    assert payments.payments() == (later, matched)
    assert payments.payments(limit=1) == (later,)
    assert payments.payment("unknown") is None


@pytest.mark.parametrize(
    "other",
    [{"amount": Decimal("400.01")}, {"on": date(2026, 7, 11)}, {"biller_id": "another"}],
    ids=lambda d: next(iter(d)),
)
def test_a_payment_with_other_values_is_another_one(store: Store, other: dict[str, Any]) -> None:
    payments = store.billing.payments
    payments.add_payment(PAYMENT)
    with pytest.raises(Refused) as refused:
        payments.add_payment(replace(PAYMENT, **other))
    assert [reason.code for reason in refused.value.reasons] == [ReasonCode.PAYMENT_ALREADY_RECORDED]
    assert payments.payments() == (PAYMENT,)


def test_shares_paid(store: Store) -> None:
    payments = store.billing.payments
    others = (replace(SHARE, site=OTHER_SITE), replace(SHARE, biller_id="other", month="2026-07"))
    assert all(map(payments.add_share_paid, (SHARE, *others)))
    assert not payments.add_share_paid(SHARE)
    assert payments.shares_paid() == (SHARE, *others)
    assert payments.shares_paid("2026-07") == others[1:]
    posting = share_posting(SHARE.reference, SHARE.site, SHARE.biller_id, SHARE.amount, SHARE.on)
    assert list(store.billing.ledger.postings(*YEAR, frozenset({SITE}))).count(posting) == 1
    with pytest.raises(ValueError, match="positive"):
        payments.add_share_paid(replace(SHARE, reference="V2", amount=Decimal("0.00")))
    assert len(payments.shares_paid()) == len(list(store.billing.ledger.postings(*YEAR))) == 3


def test_the_same_share_paid_at_once(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(store.billing.payments.add_share_paid, [SHARE] * 4)) == [False] * 3 + [True]
    assert len(list(store.billing.ledger.postings(*YEAR))) == 1


def test_a_share_paid_beside_another_one_is_decided_anew(store: Store) -> None:
    payments, nothing = store.billing.payments, Decimal("0.00")
    assert payments.add_share_paid(SHARE, nothing)
    second = replace(SHARE, reference="V2")
    assert not payments.add_share_paid(second, nothing)
    assert payments.add_share_paid(replace(SHARE, site=OTHER_SITE), nothing)
    assert payments.add_share_paid(second, SHARE.amount)
    assert len(payments.shares_paid()) == 3


def test_files_that_came_in(store: Store) -> None:
    payments = store.billing.payments
    refused = LineResult(2, LineFate.REFUSED, None, ("no-such-claim",), "claim_id")
    other = replace(FILE, digest="d2", results=(*FILE.results, refused))
    payments.add_import(replace(FILE, results=()))
    payments.add_import(FILE)
    payments.add_import(other)
    assert payments.imported("d1") == FILE
    assert payments.imported("unknown") is None
    assert payments.imports() == (other, FILE)
    assert payments.imports(limit=1) == (other,)


def test_files_of_one_kind_do_not_push_out_those_of_another(store: Store) -> None:
    kinds = ("answers-csv", "answers-fhir", "payments-csv", "payments-fhir", "payments-csv")
    files = [replace(FILE, digest=f"d{number}", kind=kind) for number, kind in enumerate(kinds)]
    for one in files:
        store.billing.payments.add_import(one)
    assert store.billing.payments.imports(2, "answers") == (files[1], files[0])
    assert store.billing.payments.imports(2, "payments") == (files[4], files[3])
    assert store.billing.payments.imports(2, "nothing") == ()


def test_schemes_keep_their_history(store: Store) -> None:
    schemes = store.billing.schemes
    assert schemes.schemes() == schemes.history() == ()
    second = replace(
        FIRST, scheme=replace(SCHEME, version="2027-1", sites=frozenset(map(SiteId, "edcba"))), digest="d2"
    )
    anew = replace(FIRST, scheme=replace(SCHEME, minimum_contacts=3), digest="d3", source="# anew")
    assert [schemes.add(one) for one in (FIRST, FIRST, second, anew, anew)] == [True, False, True, True, False]
    anew = replace(anew, revision=2)
    assert schemes.schemes() == (anew, second)
    assert schemes.history() == (FIRST, second, anew)
    assert schemes.add(FIRST)
    assert schemes.schemes() == (replace(FIRST, revision=3), second)


def test_a_scheme_that_is_used_is_superseded_only(store: Store) -> None:
    schemes, batches = store.billing.schemes, store.billing.batches
    one, anew = Billed(store, Lived(1)), replace(FIRST, digest="d2")
    schemes.add(FIRST)
    schemes.add(replace(FIRST, digest="d9", scheme=replace(SCHEME, version="2027-1")))
    draft = batches.open_draft(Batch("", "2026-06", "article-51", "operator", 0, BatchStatus.DRAFT, NOW, "coord-1"))
    batches.put_lines(draft.batch_id, [one.line()], ())
    assert schemes.add(anew)
    draft = replace(draft, edition=1)
    assert batches.change(replace(draft, status=BatchStatus.FROZEN), BatchStatus.DRAFT)
    assert used(store) == {"2026-1": True, "2027-1": False}
    with pytest.raises(Refused) as refused:
        schemes.add(FIRST)
    assert [(reason.code, reason.detail) for reason in refused.value.reasons] == [
        (ReasonCode.SCHEME_IN_USE, "article-51 2026-1")
    ]
    assert not schemes.add(anew)
    assert batches.change(draft, BatchStatus.FROZEN)
    assert used(store) == {"2026-1": False, "2027-1": False}
    one.bill(BATCH_ID)
    one.cancel()
    assert used(store) == {"2026-1": True, "2027-1": False}
    assert [stored.used for stored in schemes.history()] == [False, False, True]


def used(store: Store) -> dict[str, bool]:
    return {one.scheme.version: one.used for one in store.billing.schemes.schemes()}
