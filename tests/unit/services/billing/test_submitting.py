"""Submitting: one claim for each line, once; nothing that changed since it was approved."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.access import Scope
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.ledger import Movement
from sesame_fhir.domain.events import Payload
from sesame_fhir.domain.ids import CommandId
from sesame_fhir.domain.reasons import Reason, ReasonCode, Refused
from sesame_fhir.services.billing.batches import approve, freeze, reopen
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import Batch, BatchLine, BatchStatus, ClaimQuery
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.billing.submitting import submit
from sesame_fhir.services.coverage import record_coverage
from sesame_fhir.services.engine import Command
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store
from tests.support.billed import SCHEME
from tests.support.billing import (
    FIRST_COORDINATOR,
    NOW,
    SECOND_COORDINATOR,
    TODAY,
    Lived,
    billing_over,
    frozen_month,
    many,
    one_more_contact,
    submitted_month,
    write_lives,
)
from tests.support.story import COORDINATOR, SITE

BATCH = "2026-06-article-51-operator-1"
FIRST, SECOND = Lived(101), Lived(102)
A_DAY_IN_MAY = date(2026, 5, 20)


@pytest.fixture(autouse=True)
def _lives(store: Store) -> None:
    write_lives(store, [FIRST, SECOND])


def approved(billing: Billing) -> Batch:
    frozen_month(billing)
    return approve(billing, SECOND_COORDINATOR, BATCH)


def refusal(act: Callable[[], object]) -> tuple[Reason, ...]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.reasons


def claims(billing: Billing) -> dict[str, ClaimStatus]:
    return {row.claim.claim_id: row.status for row in billing.stores.claims.claims(ClaimQuery())}


def test_each_line_becomes_a_claim(billing: Billing) -> None:
    done = submitted_month(billing)
    assert (done.claimed, done.refused, done.batch.status) == (2, 0, BatchStatus.SUBMITTED)
    assert (done.batch.submitted_by, done.batch.submitted_at) == ("coord-1", NOW)
    assert set(claims(billing).values()) == {ClaimStatus.SUBMITTED}
    pathway = billing.engine.load(FIRST.pathway_id)
    (claim,) = pathway.claims
    assert (claim.claim_id, claim.terms and claim.terms.batch_id) == (f"{FIRST.pathway_id}-claim-1", BATCH)
    assert pathway.sequences[0].claim_id == claim.claim_id
    earned = [one.amount for one in billing.stores.ledger.postings(TODAY, TODAY) if one.movement is Movement.CLAIMED]
    assert earned == [300, 300]


def test_again_nothing_happens(billing: Billing, store: Store) -> None:
    done = submitted_month(billing)
    history, entries = store.pathways.history(FIRST.pathway_id), len(store.audit.entries(100))
    assert submit(billing, SECOND_COORDINATOR, BATCH, TODAY) == done
    assert store.pathways.history(FIRST.pathway_id) == history
    assert len(store.audit.entries(100)) == entries


def test_many_claims_are_written_together(billing: Billing, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    write_lives(store, many(30))
    monkeypatch.setattr("sesame_fhir.services.billing.submitting._AT_ONCE", 10)
    told, commits = list[tuple[int, int | None]](), list[int]()
    commit_all = store.pathways.commit_all

    def counted(some: Sequence[Commit]) -> int:
        commits.append(len(some))
        return commit_all(some)

    monkeypatch.setattr(store.pathways, "commit_all", counted)
    approved(billing)
    done = submit(billing, FIRST_COORDINATOR, BATCH, TODAY, lambda so_far, of: told.append((so_far, of)))
    assert (done.claimed, commits) == (32, [10, 10, 10, 2])
    assert told == [(10, 32), (20, 32), (30, 32), (32, 32)]


@pytest.mark.parametrize("status", [BatchStatus.DRAFT, BatchStatus.FROZEN])
def test_only_what_was_approved_is_submitted(billing: Billing, status: BatchStatus) -> None:
    frozen_month(billing)
    if status is BatchStatus.DRAFT:
        reopen(billing, FIRST_COORDINATOR, BATCH)
    assert refusal(lambda: submit(billing, FIRST_COORDINATOR, BATCH, TODAY)) == (
        Reason(ReasonCode.BATCH_NOT_APPROVED, status),
    )


def test_a_fact_that_changed_keeps_the_whole_batch_back(billing: Billing) -> None:
    batch = approved(billing)
    one_more_contact(billing, SECOND, A_DAY_IN_MAY)
    changed = (Reason(ReasonCode.BATCH_CHANGED, f"{SECOND.pathway_id}-claim-1"),)
    assert refusal(lambda: submit(billing, FIRST_COORDINATOR, BATCH, TODAY)) == changed
    assert (billing.stores.batches.batch(BATCH), claims(billing)) == (batch, {})
    reopen(billing, FIRST_COORDINATOR, BATCH)
    assert submitted_month(billing).claimed == 2


def test_another_fund_recorded_since_keeps_the_batch_back(billing: Billing) -> None:
    approved(billing)
    scope = Scope(opened=frozenset({SECOND.pathway_id}))
    command = Command(CommandId("another-fund"), COORDINATOR, SITE, NOW, scope=scope)
    record_coverage(billing.engine, command, SECOND.pathway_id, ev.CoverageRecorded("01", "691", "0000", full=True))
    assert refusal(lambda: submit(billing, FIRST_COORDINATOR, BATCH, TODAY)) == (
        Reason(ReasonCode.BATCH_CHANGED, f"{SECOND.pathway_id}-claim-1"),
    )
    reopen(billing, FIRST_COORDINATOR, BATCH)
    assert submitted_month(billing).claimed == 2
    claim = billing.engine.load(SECOND.pathway_id).claims[-1]
    assert claim.terms is not None
    assert claim.terms.coverage is not None
    assert claim.terms.coverage.fund == "691"


def test_what_is_too_late_by_now_keeps_the_batch_back(store: Store) -> None:
    billing = billing_over(store, None, replace(SCHEME, late_days=40))
    approved(billing)
    assert {one.code for one in refusal(lambda: submit(billing, FIRST_COORDINATOR, BATCH, date(2026, 8, 1)))} == {
        ReasonCode.BATCH_CHANGED
    }


def test_a_scheme_that_decides_otherwise_by_now_keeps_the_batch_back(billing: Billing, store: Store) -> None:
    approved(billing)
    billing_over(store, None, replace(SCHEME, version="2026-2", start=date(2026, 6, 1)))
    assert len(refusal(lambda: submit(billing, FIRST_COORDINATOR, BATCH, TODAY))) == 2


def test_a_contact_outside_the_sequence_changes_nothing(billing: Billing) -> None:
    approved(billing)
    one_more_contact(billing, SECOND, date(2026, 6, 20))
    assert submit(billing, FIRST_COORDINATOR, BATCH, TODAY).claimed == 2


def test_what_a_rule_refuses_at_the_last_moment_is_kept_out(billing: Billing, store: Store) -> None:
    """A contact is written down after the comparison: that claim is not made, and the sequence is prepared again."""
    approved(billing)
    unclaimed = store.billing.batches.unclaimed

    def overtaken(batch_id: str, limit: int, after: BatchLine | None = None) -> tuple[BatchLine, ...]:
        one_more_contact(billing, SECOND, A_DAY_IN_MAY)
        return unclaimed(batch_id, limit, after)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.billing.batches, "unclaimed", overtaken)
        done = submit(billing, FIRST_COORDINATOR, BATCH, TODAY)
    assert (done.claimed, done.refused) == (1, 1)
    (held,) = store.billing.batches.lines(BATCH, held=True)
    assert (held.pathway_id, held.held) == (SECOND.pathway_id, ReasonCode.BATCH_CHANGED)
    (draft,) = prepare(billing, FIRST_COORDINATOR, Month(2026, 6), TODAY)
    assert [line.pathway_id for line in store.billing.batches.lines(draft.batch_id)] == [SECOND.pathway_id]


def test_somebody_who_writes_at_the_same_moment_does_not_stop_the_claims(
    billing: Billing, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(billing)
    commit_all, days = store.pathways.commit_all, iter(range(1, 4))

    def overtaken(commits: Sequence[Commit]) -> int:
        if (day := next(days, None)) is not None:
            one_more_contact(billing, SECOND, date(2026, 6, 20 + day), f"later-{day}")
        return commit_all(commits)

    monkeypatch.setattr(store.pathways, "commit_all", overtaken)
    assert submit(billing, FIRST_COORDINATOR, BATCH, TODAY).claimed == 2


OF_THE_SECOND = f"{SECOND.pathway_id}-claim-1"
GIVEN_BACK: list[tuple[str, Payload, ClaimStatus]] = [
    ("answer-claim", ev.ClaimAnswered(OF_THE_SECOND, "r-1", ev.ClaimOutcome.REJECTED, TODAY), ClaimStatus.REJECTED),
    ("cancel-claim", ev.ClaimCancelled(OF_THE_SECOND, ev.CancelReason.MISTAKE), ClaimStatus.CANCELLED),
]


@pytest.mark.parametrize(("action", "payload", "status"), GIVEN_BACK, ids=["rejected", "cancelled"])
def test_what_was_rejected_or_cancelled_is_billed_again(
    billing: Billing, store: Store, action: str, payload: Payload, status: ClaimStatus
) -> None:
    submitted_month(billing)
    scope = Scope(opened=frozenset({SECOND.pathway_id}))
    command = Command(CommandId("given-back"), COORDINATOR, SITE, NOW, scope=scope)
    billing.engine.run(SECOND.pathway_id, command, action, lambda _pathway: (payload,))
    (draft,) = prepare(billing, FIRST_COORDINATOR, Month(2026, 6), TODAY)
    (line,) = store.billing.batches.lines(draft.batch_id)
    assert draft.number == 2
    assert (line.claim_id, line.terms.attempt, line.terms.replaces) == (f"{OF_THE_SECOND}-2", 2, OF_THE_SECOND)
    freeze(billing, FIRST_COORDINATOR, draft.batch_id)
    approve(billing, SECOND_COORDINATOR, draft.batch_id)
    assert submit(billing, FIRST_COORDINATOR, draft.batch_id, TODAY).claimed == 1
    assert claims(billing) == {
        f"{FIRST.pathway_id}-claim-1": ClaimStatus.SUBMITTED,
        OF_THE_SECOND: status,
        f"{OF_THE_SECOND}-2": ClaimStatus.SUBMITTED,
    }


def test_every_site_of_the_batch_must_be_in_reach(billing: Billing) -> None:
    approved(billing)
    elsewhere = replace(FIRST_COORDINATOR, sites=frozenset())
    assert refusal(lambda: submit(billing, elsewhere, BATCH, TODAY)) == (Reason(ReasonCode.OUT_OF_SCOPE, SITE),)
    assert claims(billing) == {}
