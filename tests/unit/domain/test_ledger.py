"""The books, whatever happens to claims: they balance, and say what the claims say."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import claim_id_of
from sesame_fhir.domain.billing.decision import decide
from sesame_fhir.domain.billing.ledger import Account, Movement, Posting, postings, share_posting
from sesame_fhir.domain.billing.money import ZERO, euros, is_euros
from sesame_fhir.domain.billing.terms import terms_of
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.guards import Setting, refusals
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY
from tests.specification.billing_schemes import A, facts_of
from tests.specification.books import balance
from tests.specification.claim_situations import BILLED, PAID, READY
from tests.specification.model import moment
from tests.specification.sequences import YEAR
from tests.support.story import COORDINATOR, PATHWAY, SITE, event

ANY = replace(A, end=None, minimum_contacts=0, consents=(), late_days=None, billers=A.billers[1:])
YEAR_DONE = YEAR.pathway
FIRST_DAY = date(2027, 3, 11)

Asked = tuple[str, int, int, Decimal]
"""What, which sequence or claim, how many days later, which part of the amount."""
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bill", "bill", "pay", "pay", "pay", "accept", "reject", "cancel", "confirm"]),
        st.integers(0, 3),
        st.sampled_from([0, 1, 20]),
        st.sampled_from([Decimal(part) for part in ("1", "0.5", "0.333", "-1", "-0.5", "2", "0")]),
    ),
    min_size=5,
    max_size=30,
)


def _payload(pathway: Pathway, asked: Asked, today: date, number: int) -> ev.Payload:
    what, which, _, part = asked
    if what == "bill" or not pathway.claims:
        facts = facts_of(pathway, which + 1)
        open_now = replace(facts, claims=tuple(replace(claim, live=False) for claim in facts.claims))
        terms = terms_of(open_now, decide(open_now, (ANY,), today), "lot")
        return ev.SequenceBilled(facts.rank, claim_id_of(PATHWAY, facts.rank, terms.attempt), terms)
    claim = pathway.claims[which % len(pathway.claims)]
    if what == "pay":
        whole = claim.amount - claim.paid if part > 0 else claim.paid
        return ev.ClaimPaid(claim.claim_id, f"p{number % 9}", euros(whole * part), today - timedelta(days=number % 2))
    if what == "cancel":
        return ev.ClaimCancelled(claim.claim_id, ev.CancelReason.MISTAKE)
    if what == "confirm":
        return ev.ClaimConfirmed(claim.claim_id, "0" * 64)
    outcome = ev.ClaimOutcome.ACCEPTED if what == "accept" else ev.ClaimOutcome.REJECTED
    return ev.ClaimAnswered(claim.claim_id, f"r{number % 9}", outcome, today)


def _lived(steps: list[Asked]) -> Iterator[tuple[Pathway, ev.Event, Pathway]]:
    """What of it the rules allow, day after day."""
    pathway, today = YEAR_DONE, FIRST_DAY
    for number, asked in enumerate(steps):
        today += timedelta(days=asked[2])
        at = moment(f"{today} 10:00")
        data = _payload(pathway, asked, today, number)
        if refusals(pathway, data, Setting(COORDINATOR, DEFAULT_POLICY, at, at)):
            continue
        happened = event(pathway.version + 1, data, COORDINATOR, occurred_at=at)
        before, pathway = pathway, evolve(pathway, happened)
        yield before, happened, pathway


@settings(max_examples=80, deadline=None)
@given(STEPS)
def test_the_books_say_what_the_claims_say(steps: list[Asked]) -> None:
    books: list[Posting] = []
    income: list[tuple[date, Decimal]] = []
    for before, happened, after in _lived(steps):
        made = postings(before, happened)
        assert made == postings(before, happened)
        books += made
        income += _earned(before, happened)
        _balances(books)
        for claim in after.claims:
            own = [posting for posting in books if posting.claim_id == claim.claim_id]
            share = claim.terms.share if claim.terms else ZERO
            assert balance(own, Account.PAYER) == (claim.amount if claim.live else ZERO) - claim.paid
            assert balance(own, Account.BANK) == claim.paid
            assert -balance(own, Account.INCOME) == (claim.amount if claim.live else ZERO)
            assert -balance(own, Account.HOSTING_DUE) == (share if claim.live else ZERO)
        assert sum(claim.live for claim in after.claims) == sum(s.claim_id is not None for s in after.sequences)
    days = sorted({FIRST_DAY, *(day for day, _ in income), FIRST_DAY + timedelta(days=700)})
    for start, end in pairwise(days):
        within = [posting for posting in books if start <= posting.on < end]
        assert -balance(within, Account.INCOME) == sum((a for day, a in income if start <= day < end), ZERO)


def _earned(before: Pathway, happened: ev.Event) -> Iterator[tuple[date, Decimal]]:
    """The claims made, less those that fell: from the events alone."""
    data, day = happened.data, happened.occurred_at.date()
    if isinstance(data, ev.SequenceBilled) and data.terms:
        yield day, data.terms.amount
    fell = isinstance(data, ev.ClaimAnswered) and data.outcome is ev.ClaimOutcome.REJECTED
    if fell or isinstance(data, ev.ClaimCancelled):
        claim = before.claim(data.claim_id)  # type: ignore[union-attr]  # both kinds have one
        assert claim is not None
        yield day, -claim.amount


def _balances(books: list[Posting]) -> None:
    assert sum((balance(books, account) for account in Account), ZERO) == ZERO
    assert len({posting.posting_id for posting in books}) == len(books)
    for posting in books:
        assert posting.debit is not posting.credit
        assert posting.amount > ZERO
        assert is_euros(posting.amount)


def test_a_posting_is_of_the_claims_site_biller_and_scheme() -> None:
    made = postings(READY.pathway, event(99, BILLED, COORDINATOR, occurred_at=moment("2026-07-01 23:30")))
    terms = BILLED.terms
    assert terms is not None
    assert [posting.posting_id[-2:] for posting in made] == ["-1", "-2"]
    for posting in made:
        assert (posting.claim_id, posting.on) == (BILLED.claim_id, date(2026, 7, 1))
        assert (posting.site, posting.biller_id, posting.scheme_id) == (SITE, terms.biller.biller_id, terms.scheme_id)


def test_nothing_is_posted_for_what_moves_no_money() -> None:
    terms = BILLED.terms
    assert terms is not None
    worthless = replace(BILLED, terms=replace(terms, amount=ZERO, share=ZERO))
    for data in (worthless, replace(BILLED, terms=None), ev.MessageRead("m"), PAID):
        assert postings(READY.pathway, event(99, data, COORDINATOR)) == ()


def test_a_claim_of_before_this_software_kept_books_moves_nothing() -> None:
    old = event(99, ev.SequenceBilled(1, "facture-1"), COORDINATOR)
    pathway = evolve(READY.pathway, old)
    claim = pathway.claim("facture-1")
    assert claim is not None
    assert (claim.amount, claim.live, pathway.sequences[0].claim_id) == (ZERO, True, "facture-1")
    assert postings(pathway, event(100, ev.ClaimCancelled("facture-1", ev.CancelReason.MISTAKE))) == ()


def test_a_share_paid_leaves_what_is_due_and_the_bank() -> None:
    posting = share_posting("VIR-1", SITE, "operateur", Decimal("45.00"), date(2026, 8, 1))
    assert (posting.debit, posting.credit, posting.movement) == (
        Account.HOSTING_DUE,
        Account.BANK,
        Movement.SHARE_PAID,
    )
    assert posting == share_posting("VIR-1", SITE, "operateur", Decimal("45.00"), date(2026, 8, 1))
    others = {share_posting("VIR-2", SITE, "operateur", posting.amount, posting.on).posting_id}
    others.add(share_posting("VIR-1", SITE, "hopital", posting.amount, posting.on).posting_id)
    assert posting.posting_id not in others


def test_shares_of_two_centres_are_two_postings_whatever_their_names() -> None:
    paid = Decimal("45.00"), date(2026, 8, 1)
    one = share_posting("2-07", SiteId("site"), "operateur", *paid)
    other = share_posting("07", SiteId("site-2"), "operateur", *paid)
    assert one.posting_id != other.posting_id


@pytest.mark.parametrize("amount", ["0.00", "-45.00"])
def test_a_share_is_paid_not_taken(amount: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        share_posting("VIR-1", SITE, "operateur", Decimal(amount), date(2026, 8, 1))
