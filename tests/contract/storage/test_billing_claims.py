"""Sequences and claims as the pathways tell them: which are to be billed, which are, and that none is billed twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from sesame_fhir.domain.billing.claims import ClaimStatus as Status
from sesame_fhir.domain.billing.facts import digest, sequence_facts
from sesame_fhir.domain.events import ClaimConfirmed
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.services.billing.records import CandidateQuery, ClaimQuery
from sesame_fhir.services.errors import Conflict
from sesame_fhir.services.rebuild import rebuild
from sesame_fhir.storage import Store, open_store
from sesame_fhir.storage.session import Row, Session
from tests.contract.storage.billing_lives import Billed
from tests.contract.storage.projection_dump import dump
from tests.support.billing import OTHER_SITE, PROJECTOR, SITES, Lived, many, write_lives
from tests.support.databases import VAULT_KEY
from tests.support.story import SITE

BILLING = ("sequences", "claims", "claim_payments", "postings")
JUNE = date(2026, 6, 30)
RUNNING = Lived(90, end=None)
INTERRUPTED = Lived(91, end=date(2026, 5, 4))
LATER = Lived(92, start=date(2026, 4, 20), end=date(2026, 7, 19))


def free(store: Store, **query: Any) -> list[int]:
    """Numbers of the lives that may be claimed, page after page."""
    asked = CandidateQuery(**{"sites": None, "until": JUNE, **query})
    found: list[int] = []
    while True:
        page = store.billing.sequences.candidates(asked)
        found += [int(facts.pathway_id[-12:], 16) for facts in page.facts]
        if page.next is None:
            return found
        asked = CandidateQuery(asked.sites, asked.until, asked.unfinished, page.next, asked.limit)


def test_candidates(store: Store) -> None:
    write_lives(store, [*many(7), RUNNING, INTERRUPTED, LATER])
    claimed = Billed(store, Lived(8))
    claimed.bill()
    everybody = [1, 2, 3, 4, 5, 6, 7, 91]
    assert free(store) == everybody
    assert free(store, limit=1) == free(store, limit=3) == free(store, limit=8) == everybody
    assert free(store, sites=SITES, limit=2) == everybody
    assert free(store, sites=frozenset({OTHER_SITE}), limit=1) == [3, 6]
    assert free(store, sites=frozenset()) == []
    assert free(store, until=date(2026, 5, 31)) == [91]
    assert free(store, until=date(2026, 7, 31)) == [*everybody, 92]
    assert free(store, unfinished=True) == [1, 2, 3, 4, 5, 6, 7, 90, 91]
    claimed.cancel()
    assert free(store, limit=2) == [1, 2, 3, 4, 5, 6, 7, 8, 91]


def test_sequences(store: Store) -> None:
    lives = [*many(4), RUNNING]
    write_lives(store, lives)
    stored = store.billing.sequences
    facts = {life.pathway_id: stored.sequence(life.pathway_id, 1) for life in lives}
    assert all(one is not None and one.pathway_id == pathway_id for pathway_id, one in facts.items())
    unknown = [(PathwayId("unknown"), 1), (lives[0].pathway_id, 2), (PathwayId("nul\0"), 1)]
    assert [stored.sequence(*key) for key in unknown] == [None] * 3
    keys = [(pathway_id, 1) for pathway_id in facts]
    assert stored.sequences([*keys, *unknown]) == {(pathway_id, 1): one for pathway_id, one in facts.items()}
    assert list(stored.all_sequences(None)) == list(facts.values())
    assert [one.pathway_id for one in stored.all_sequences(frozenset({OTHER_SITE}))] == [lives[2].pathway_id]
    assert list(stored.all_sequences(frozenset())) == []


def test_the_facts_follow_the_pathway(store: Store) -> None:
    one = Billed(store, Lived(1))
    one.add_contact()
    one.bill()
    assert store.billing.sequences.sequence(one.life.pathway_id, 1) == sequence_facts(one.pathway)[0]
    row = store.billing.claims.claim(one.claim_id)
    assert row is not None
    assert (row.pathway_id, row.claim, row.status) == (one.life.pathway_id, one.pathway.claims[0], Status.SUBMITTED)
    assert store.billing.claims.claim("unknown") is store.billing.claims.claim("nul\0") is None


def found(store: Store, **query: Any) -> list[str]:
    """Ids of claims, page after page of two, without what is common to them."""
    ids: list[str] = []
    while page := store.billing.claims.claims(ClaimQuery(**query, after=ids[-1] if ids else None, limit=2)):
        ids += [row.claim.claim_id for row in page]
    return [claim_id[-12:].partition("0")[2].lstrip("0") for claim_id in ids]


@pytest.fixture
def billed(store: Store) -> list[Billed]:
    """Six: rejected and claimed again; taken back; paid in two parts; changed since; waiting, elsewhere; legacy."""
    lives = [Billed(store, Lived(number, OTHER_SITE if number == 5 else SITE)) for number in range(1, 6)]
    for one in lives:
        one.bill("second" if one.life.number > 3 else "first")
    again, back, paid, changed, _ = lives
    again.reject()
    again.bill("second")
    back.cancel()
    paid.pay("P1", "100.00")
    paid.pay("P2", "200.00")
    changed.add_contact()
    return lives


def test_questions_to_claims(store: Store, billed: list[Billed]) -> None:
    everything = ["1-claim-1", "1-claim-1-2", "2-claim-1", "3-claim-1", "4-claim-1", "5-claim-1"]
    assert [one.life.number for one in billed] == [1, 2, 3, 4, 5]
    assert found(store) == everything
    assert found(store, superseded=False) == everything[1:]
    assert found(store, sites=frozenset({OTHER_SITE})) == ["5-claim-1"]
    assert found(store, sites=frozenset()) == []
    assert found(store, batch_id="first") == ["1-claim-1", "2-claim-1", "3-claim-1"]
    assert found(store, batch_id="first", statuses=frozenset({Status.PAID, Status.REJECTED})) == [
        "1-claim-1",
        "3-claim-1",
    ]
    waiting = frozenset({Status.SUBMITTED})
    assert found(store, statuses=waiting) == ["1-claim-1-2", "4-claim-1", "5-claim-1"]
    assert found(store, statuses=waiting | {Status.CANCELLED}) == [
        "1-claim-1-2",
        "2-claim-1",
        "4-claim-1",
        "5-claim-1",
    ]
    assert found(store, statuses=waiting, stale=False) == ["1-claim-1-2", "5-claim-1"]
    assert found(store, stale=True) == ["4-claim-1"]
    assert found(store, payment_id="P2") == ["3-claim-1"]
    assert found(store, payment_id="P2", statuses=waiting) == found(store, payment_id="unknown") == []
    assert found(store, batch_id="nul\0") == []


def test_counts_of_claims(store: Store, billed: list[Billed]) -> None:
    zero = {status.value: 0 for status in Status} | {"stale": 0}
    assert store.billing.claims.counts(None) == zero | {
        "submitted": 3,
        "rejected": 1,
        "cancelled": 1,
        "paid": 1,
        "stale": 1,
    }
    assert store.billing.claims.counts(frozenset({OTHER_SITE})) == zero | {"submitted": 1}
    assert store.billing.claims.counts(frozenset()) == zero
    assert len(billed) == 5


def test_what_changed_since_is_told_until_it_is_seen_to(store: Store) -> None:
    one = Billed(store, Lived(1))

    def stale() -> bool:
        row = store.billing.claims.claim(one.claim_id)
        return row is not None and row.stale

    one.bill()
    assert not stale()
    one.add_contact()
    assert stale()
    one.step(ClaimConfirmed(one.claim_id, digest(sequence_facts(one.pathway)[0])))
    assert not stale()
    one.add_contact()
    assert stale()
    one.cancel()
    assert not stale()


def run(store: Store, sql: str) -> int:
    def job(session: Session) -> int:
        return session.run(sql)

    return store._database.write(job)


_COPIED = "pathway_key, pathway_id, rank, site, status, amount, share, billed_on, stale, superseded, body"


@pytest.mark.parametrize(
    ("claim_id", "attempt", "live"),
    [("'another'", 2, "true"), ("'another'", 1, "false"), ("claim_id", 2, "false")],
    ids=["a second live claim", "a second first attempt", "the same id"],
)
def test_the_database_refuses_a_second_claim(store: Store, claim_id: str, attempt: int, live: str) -> None:
    Billed(store, Lived(1)).bill()
    with pytest.raises(Exception, match=r"(?i)unique"):
        run(store, copied(claim_id, attempt, live))
    # The statement is right: it is the rule that refuses it.
    assert run(store, copied("'another'", 2, "false")) == 1


def copied(claim_id: str, attempt: int, live: str) -> str:
    names = f"claim_id, attempt, live, {_COPIED}"
    return f"INSERT INTO claim ({names}) SELECT {claim_id}, {attempt}, {live}, {_COPIED} FROM claim"  # noqa: S608


def test_two_who_claim_the_same_sequence_at_once(database_url: str) -> None:
    with open_store(database_url, VAULT_KEY) as store, open_store(database_url, VAULT_KEY) as other:
        one = Billed(store, Lived(1))
        commits = [one.made(one.billing(batch), command=f"{batch}-claim-1") for batch in ("first", "second")]

        def submit(pair: tuple[Store, int]) -> str:
            where, number = pair
            try:
                return "made" if where.pathways.commit(commits[number]) else "known"
            except Conflict:
                return "conflict"

        with ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(submit, [(store, 0), (other, 0), (store, 1), (other, 1)]))
        assert outcomes.count("made") == 1
        assert {outcome for outcome in outcomes if outcome != "made"} <= {"known", "conflict"}
        assert len(store.billing.claims.claims(ClaimQuery())) == 1
        assert free(store) == []


def billing_of(store: Store) -> dict[str, list[Row]]:
    return {table: rows for table, rows in dump(store).items() if table in BILLING}


def test_rebuild_repairs_what_was_lost(store: Store, billed: list[Billed]) -> None:
    right = billing_of(store)
    assert all(right.values())
    for spoil in (
        "UPDATE billing_sequence SET claimed = NOT claimed, digest = 'x', site = 'x'",
        "DELETE FROM claim WHERE NOT live",
        "UPDATE claim SET stale = NOT stale, live = false, amount = 1",
        "UPDATE claim_payment SET amount = 1 WHERE number = 1",
        "DELETE FROM claim_payment WHERE number = 2",
        "UPDATE ledger_posting SET amount = 1 WHERE movement = 'paid'",
        "DELETE FROM ledger_posting WHERE movement = 'claimed'",
    ):
        assert run(store, spoil)
    assert [table for table, rows in billing_of(store).items() if rows == right[table]] == []
    assert rebuild(store.pathways, PROJECTOR, lambda _done: None) == len(billed)
    assert billing_of(store) == right
    for table in ("claim", "billing_sequence", "claim_payment", "ledger_posting"):
        assert run(store, f"DELETE FROM {table}")  # noqa: S608  fixed names
    rebuild(store.pathways, PROJECTOR, lambda _done: None)
    assert billing_of(store) == right


def test_claims_of_several_sites_are_told_apart(store: Store, billed: list[Billed]) -> None:
    sites = [store.billing.claims.claims(ClaimQuery(sites=frozenset({site}))) for site in (SITE, OTHER_SITE)]
    assert [len(rows) for rows in sites] == [5, 1]
    assert sites[1][0].claim.terms == billed[4].pathway.claims[0].terms
    assert store.billing.claims.claims(ClaimQuery(sites=frozenset({SiteId("elsewhere")}))) == ()
