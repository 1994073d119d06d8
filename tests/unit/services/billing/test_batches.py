"""A batch on its way: each step, who may take it, what it refuses, and what the log says of it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sesame_fhir.domain.billing.money import euros
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.batches import (
    approve,
    drop,
    freeze,
    hold,
    listed,
    release,
    reopen,
)
from sesame_fhir.services.billing.fingerprint import line_text, read_through
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import Batch, BatchStatus, Totals
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.billing.submitting import submit
from sesame_fhir.services.errors import NotFound
from sesame_fhir.storage import Store
from tests.support.billing import (
    FIRST_COORDINATOR,
    OTHER_SITE,
    SECOND_COORDINATOR,
    SITES,
    TODAY,
    Lived,
    billing_over,
    frozen_month,
    write_lives,
)
from tests.support.story import NURSE, SITE

BATCH = "2026-06-article-51-operator-1"
HERE, THERE = Lived(1), Lived(2, site=OTHER_SITE)
JUNE = Month(2026, 6)
LOCAL = replace(SECOND_COORDINATOR, sites=frozenset({SITE}))


@pytest.fixture(autouse=True)
def _prepared(store: Store, billing: Billing) -> None:
    write_lives(store, [HERE, THERE])
    prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)


def reasons(act: Callable[[], object]) -> list[ReasonCode]:
    with pytest.raises(Refused) as refused:
        act()
    return [one.code for one in refused.value.reasons]


def status(billing: Billing) -> BatchStatus:
    batch = billing.stores.batches.batch(BATCH)
    assert batch is not None
    return batch.status


def reach(billing: Billing, wanted: BatchStatus) -> None:
    """Take the batch to a status."""
    steps: dict[BatchStatus, Callable[[], object]] = {
        BatchStatus.FROZEN: lambda: freeze(billing, FIRST_COORDINATOR, BATCH),
        BatchStatus.APPROVED: lambda: approve(billing, SECOND_COORDINATOR, BATCH),
        BatchStatus.SUBMITTED: lambda: submit(billing, FIRST_COORDINATOR, BATCH, TODAY),
    }
    for reached, step in steps.items():
        if status(billing) is not wanted:
            step()
            assert status(billing) is reached


def test_freezing_fixes_totals_and_a_digest_of_the_lines_in_their_order(billing: Billing) -> None:
    frozen = freeze(billing, FIRST_COORDINATOR, BATCH)
    assert frozen.frozen == Totals(2, euros(600), euros("199.80"))
    assert (frozen.status, frozen.frozen_by) == (BatchStatus.FROZEN, "coord-1")
    assert frozen == billing.stores.batches.batch(BATCH)
    assert [line_text(line).split("|")[:3] for line in billing.stores.batches.lines(BATCH)] == [
        [f"{HERE.pathway_id}-claim-1", "", SITE],
        [f"{THERE.pathway_id}-claim-1", "", OTHER_SITE],
    ]
    assert len(frozen.digest or "") == 64


def test_the_same_lines_have_the_same_digest_and_others_another(billing: Billing) -> None:
    first = freeze(billing, FIRST_COORDINATOR, BATCH).digest
    reopen(billing, FIRST_COORDINATOR, BATCH)
    assert freeze(billing, FIRST_COORDINATOR, BATCH).digest == first
    reopen(billing, FIRST_COORDINATOR, BATCH)
    hold(billing, FIRST_COORDINATOR, BATCH, HERE.pathway_id, 1, why="à revoir")
    held = freeze(billing, FIRST_COORDINATOR, BATCH)
    assert (held.digest != first, held.frozen and held.frozen.lines) == (True, 1)


def test_a_batch_of_which_everything_is_held_is_not_frozen(billing: Billing) -> None:
    for life in (HERE, THERE):
        hold(billing, FIRST_COORDINATOR, BATCH, life.pathway_id, 1, why="à revoir")
    assert reasons(lambda: freeze(billing, FIRST_COORDINATOR, BATCH)) == [ReasonCode.BATCH_EMPTY]


def test_who_freezes_does_not_approve(billing: Billing, store: Store) -> None:
    frozen_month(billing)
    assert reasons(lambda: approve(billing, FIRST_COORDINATOR, BATCH)) == [ReasonCode.SECOND_PERSON_REQUIRED]
    assert status(billing) is BatchStatus.FROZEN
    assert approve(billing, SECOND_COORDINATOR, BATCH).approved_by == "coord-2"
    reopen(billing, SECOND_COORDINATOR, BATCH)
    alone = billing_over(store, four_eyes=False)
    freeze(alone, FIRST_COORDINATOR, BATCH)
    assert approve(alone, FIRST_COORDINATOR, BATCH).approved_by == "coord-1"


def test_who_prepared_may_approve_what_somebody_else_froze(billing: Billing) -> None:
    freeze(billing, SECOND_COORDINATOR, BATCH)
    assert approve(billing, FIRST_COORDINATOR, BATCH).status is BatchStatus.APPROVED


def test_a_draft_again_has_nothing_of_what_was_decided(billing: Billing) -> None:
    before = billing.stores.batches.batch(BATCH)
    reach(billing, BatchStatus.APPROVED)
    assert reopen(billing, FIRST_COORDINATOR, BATCH) == before


def test_a_batch_is_not_reopened_beside_another_draft(billing: Billing, store: Store) -> None:
    freeze(billing, FIRST_COORDINATOR, BATCH)
    write_lives(store, [Lived(3)])
    (other,) = prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)
    assert reasons(lambda: reopen(billing, FIRST_COORDINATOR, BATCH)) == [ReasonCode.OTHER_DRAFT_OPEN]
    drop(billing, FIRST_COORDINATOR, other.batch_id)
    assert reopen(billing, FIRST_COORDINATOR, BATCH).status is BatchStatus.DRAFT


Step = Callable[[Billing, Coordinator, str], Batch]


@pytest.mark.parametrize(
    ("step", "who", "wanted"),
    [
        (freeze, FIRST_COORDINATOR, BatchStatus.FROZEN),
        (approve, SECOND_COORDINATOR, BatchStatus.APPROVED),
        (reopen, FIRST_COORDINATOR, BatchStatus.DRAFT),
    ],
)
def test_a_step_repeated_by_the_same_person_is_done_once(
    billing: Billing, store: Store, step: Step, who: Coordinator, wanted: BatchStatus
) -> None:
    reach(billing, wanted)
    before, entries = billing.stores.batches.batch(BATCH), len(store.audit.entries(100))
    assert step(billing, who, BATCH) == before
    assert len(store.audit.entries(100)) == entries


ALL_OUT_OF_TURN = [
    (BatchStatus.FROZEN, freeze, ReasonCode.BATCH_NOT_OPEN),
    (BatchStatus.APPROVED, freeze, ReasonCode.BATCH_NOT_OPEN),
    (BatchStatus.DRAFT, approve, ReasonCode.BATCH_NOT_FROZEN),
    (BatchStatus.SUBMITTED, freeze, ReasonCode.BATCH_SUBMITTED),
    (BatchStatus.SUBMITTED, approve, ReasonCode.BATCH_SUBMITTED),
    (BatchStatus.SUBMITTED, reopen, ReasonCode.BATCH_SUBMITTED),
    (BatchStatus.FROZEN, drop, ReasonCode.BATCH_NOT_OPEN),
    (BatchStatus.SUBMITTED, drop, ReasonCode.BATCH_SUBMITTED),
]


@pytest.mark.parametrize(("at", "step", "code"), ALL_OUT_OF_TURN)
def test_a_step_out_of_turn_is_refused(
    billing: Billing, at: BatchStatus, step: Callable[..., object], code: ReasonCode
) -> None:
    reach(billing, at)
    third = Coordinator(replace(FIRST_COORDINATOR.actor, actor_id="coord-3"), SITES)
    assert reasons(lambda: step(billing, third, BATCH)) == [code]
    assert status(billing) is at


@pytest.mark.parametrize("step", [freeze, approve, reopen, drop])
def test_a_batch_that_is_not_there(billing: Billing, step: Callable[..., object]) -> None:
    assert reasons(lambda: step(billing, FIRST_COORDINATOR, "2026-06-none-1")) == [ReasonCode.NO_SUCH_BATCH]


@pytest.mark.parametrize(
    ("at", "step"),
    [
        (BatchStatus.DRAFT, freeze),
        (BatchStatus.FROZEN, approve),
        (BatchStatus.FROZEN, reopen),
        (BatchStatus.DRAFT, drop),
    ],
)
def test_every_site_of_the_batch_must_be_in_reach(
    billing: Billing, at: BatchStatus, step: Callable[..., object]
) -> None:
    reach(billing, at)
    assert reasons(lambda: step(billing, LOCAL, BATCH)) == [ReasonCode.OUT_OF_SCOPE]
    nurse = Coordinator(NURSE, SITES)
    assert reasons(lambda: step(billing, nurse, BATCH)) == [ReasonCode.ROLE_NOT_ALLOWED]
    assert status(billing) is at


def test_a_dropped_draft_gives_its_sequences_back(billing: Billing) -> None:
    drop(billing, FIRST_COORDINATOR, BATCH)
    assert billing.stores.batches.batches() == ()
    assert prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)[0].batch_id == BATCH
    assert read_through(billing, BATCH).totals.lines == 2


def test_holding_needs_a_reason_a_line_and_a_draft(billing: Billing) -> None:
    def held(why: str, who: Coordinator = FIRST_COORDINATOR, life: Lived = HERE) -> None:
        hold(billing, who, BATCH, life.pathway_id, 1, why=why)

    assert reasons(lambda: held("  ")) == [ReasonCode.REASON_REQUIRED]
    assert reasons(lambda: held("x" * 201)) == [ReasonCode.TEXT_TOO_LONG]
    assert reasons(lambda: held("à revoir", LOCAL, THERE)) == [ReasonCode.OUT_OF_SCOPE]
    with pytest.raises(NotFound):
        hold(billing, FIRST_COORDINATOR, BATCH, HERE.pathway_id, 2, why="à revoir")
    with pytest.raises(NotFound):
        release(billing, FIRST_COORDINATOR, BATCH, PathwayId("nobody"), 1)
    held("à revoir", LOCAL)
    freeze(billing, FIRST_COORDINATOR, BATCH)
    assert reasons(lambda: held("encore")) == [ReasonCode.BATCH_NOT_OPEN]


def test_a_line_changed_between_reading_and_freezing_is_seen(billing: Billing) -> None:
    """Another coordinator holds a line while this one freezes."""
    change = billing.stores.batches.change

    def overtaken(batch: Batch, expected: BatchStatus) -> bool:
        billing.stores.batches.hold(BATCH, HERE.pathway_id, 1, "à revoir")
        return change(batch, expected)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(billing.stores.batches, "change", overtaken)
        assert reasons(lambda: freeze(billing, FIRST_COORDINATOR, BATCH)) == [ReasonCode.BATCH_CHANGED]
    assert status(billing) is BatchStatus.DRAFT


def test_the_list_of_batches(billing: Billing) -> None:
    for who, lines, amount in ((FIRST_COORDINATOR, 2, 600), (LOCAL, 1, 300)):
        (one,) = listed(billing, who, JUNE)
        assert (one.batch.batch_id, one.totals.lines, one.totals.amount) == (BATCH, lines, euros(amount))
    assert listed(billing, LOCAL, Month(2026, 5)) == ()
    assert reasons(lambda: listed(billing, Coordinator(NURSE, SITES))) == [ReasonCode.ROLE_NOT_ALLOWED]


def test_the_log_says_who_did_which_step(billing: Billing, store: Store) -> None:
    hold(billing, FIRST_COORDINATOR, BATCH, HERE.pathway_id, 1, why="à revoir")
    release(billing, SECOND_COORDINATOR, BATCH, HERE.pathway_id, 1)
    reach(billing, BatchStatus.SUBMITTED)
    entries = [entry for entry in reversed(store.audit.entries(100)) if "batch" in entry.extra]
    assert [(entry.actor_id, entry.action, entry.detail) for entry in entries] == [
        ("coord-1", "prepare-billing", "prepare"),
        ("coord-1", "prepare-billing", "hold"),
        ("coord-2", "prepare-billing", "release"),
        ("coord-1", "prepare-billing", "freeze"),
        ("coord-2", "approve-billing", "approve"),
        ("coord-1", "submit-billing", "submit"),
        ("coord-1", "submit-billing", "submitted"),
    ]
    assert all(entry.patient is None and entry.extra == {"batch": BATCH} for entry in entries)
    claims = [entry for entry in store.audit.entries(100) if entry.action == "bill-sequence"]
    assert {(entry.actor_id, entry.patient, entry.site) for entry in claims} == {
        ("coord-1", HERE.pathway_id, SITE),
        ("coord-1", THERE.pathway_id, OTHER_SITE),
    }
