"""Batches: one draft of a month, scheme and biller; lines in one order, frozen with what was looked at."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier

import pytest

from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.records import Batch, BatchLine, BatchStatus, Totals
from sesame_fhir.storage import Store, open_store
from tests.contract.storage.billing_lives import Billed
from tests.support.billed import line
from tests.support.billed import lines as some_lines
from tests.support.billing import Lived
from tests.support.databases import VAULT_KEY

NOW = datetime(2026, 7, 1, 8, 0, 0, 1, tzinfo=UTC)
DRAFT = Batch("", "2026-06", "article-51", "operator", 0, BatchStatus.DRAFT, NOW, "coord-1")
FROZEN, SUBMITTED = BatchStatus.FROZEN, BatchStatus.SUBMITTED


def drafted(store: Store, lines: Sequence[BatchLine] = (), **changes: str) -> Batch:
    """A draft with lines, as it is read."""
    made = store.billing.batches.open_draft(replace(DRAFT, **changes))  # type: ignore[arg-type]  # texts only
    store.billing.batches.put_lines(made.batch_id, lines, ())
    return read(store, made)


def read(store: Store, batch: Batch) -> Batch:
    found = store.billing.batches.batch(batch.batch_id)
    assert found is not None
    return found


def moved(store: Store, batch: Batch, status: BatchStatus) -> bool:
    now = read(store, batch)
    return store.billing.batches.change(replace(now, status=status), now.status)


def order(one: BatchLine) -> tuple[object, ...]:
    return one.terms.site, one.terms.end, one.pathway_id, one.rank


def refusal(act: Callable[[], object]) -> tuple[ReasonCode, str | None]:
    with pytest.raises(Refused) as refused:
        act()
    (reason,) = refused.value.reasons
    return reason.code, reason.detail


def test_drafts_are_numbered(store: Store) -> None:
    batches = store.billing.batches
    first = batches.open_draft(DRAFT)
    assert first == replace(DRAFT, batch_id="2026-06-article-51-operator-1", number=1)
    assert batches.open_draft(replace(DRAFT, created_by="coord-2")) == first
    assert batches.batch(first.batch_id) == first
    assert batches.batch("unknown") is None
    other = batches.open_draft(replace(DRAFT, biller_id="other"))
    july = batches.open_draft(replace(DRAFT, month="2026-07"))
    assert (other.batch_id, july.batch_id) == ("2026-06-article-51-other-1", "2026-07-article-51-operator-1")
    assert moved(store, first, FROZEN)
    second = batches.open_draft(DRAFT)
    assert second.batch_id == "2026-06-article-51-operator-2"
    assert batches.batches("2026-06") == (read(store, first), second, other)
    assert batches.batches() == (july, read(store, first), second, other)
    assert batches.batches("2020-01") == ()


def test_codes_with_hyphens_do_not_make_one_id_of_two_batches(store: Store) -> None:
    one, other = drafted(store, scheme_id="a", biller_id="b-c"), drafted(store, scheme_id="a-b", biller_id="c")
    assert (one.batch_id, other.batch_id) == ("2026-06-a-b-c-1", "2026-06-a-b-c-2")
    assert drafted(store, scheme_id="a-b", biller_id="c") == other


def test_lines_come_in_one_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("walking", "batch_lines"):
        monkeypatch.setattr(f"sesame_fhir.storage.billing.{module}.PAGE", 4)
    batches, lines = store.billing.batches, list(some_lines(13))
    batch_id = drafted(store, lines[::-1]).batch_id
    wanted = sorted(lines, key=order)
    assert list(batches.lines(batch_id)) == wanted
    assert [line for start in range(0, 13, 5) for line in batches.line_page(batch_id, start, 5)] == wanted
    assert batches.line_page(batch_id, 13, 5) == ()
    assert list(batches.lines("unknown")) == []
    assert batches.totals(batch_id) == total(lines)
    assert batches.totals("unknown") == Totals(0, Decimal("0.00"), Decimal("0.00"))


def total(lines: Sequence[BatchLine]) -> Totals:
    return Totals(len(lines), sum(one.terms.amount for one in lines), sum(one.terms.share for one in lines))  # type: ignore[arg-type]


def test_only_what_differs_is_written(store: Store) -> None:
    batches, lines = store.billing.batches, list(some_lines(4))
    draft = drafted(store, lines[:3])
    batch_id = draft.batch_id
    assert batches.put_lines(batch_id, lines[:3], ()) == 0
    assert read(store, draft).edition == draft.edition
    changed = line(1, reasons=("other:1",))
    gone = [(lines[1].pathway_id, lines[1].rank), (PathwayId("unknown"), 1)]
    assert batches.put_lines(batch_id, [changed, lines[2], lines[3]], gone) == 2
    assert list(batches.lines(batch_id)) == sorted([changed, lines[2], lines[3]], key=order)
    assert read(store, draft).edition > draft.edition


def test_what_is_held_stays_held(store: Store) -> None:
    batches, lines = store.billing.batches, list(some_lines(3))
    draft = drafted(store, lines)
    batch_id, one = draft.batch_id, lines[0]
    assert batches.hold(batch_id, one.pathway_id, one.rank, "Dossier à revoir")
    assert not batches.hold(batch_id, PathwayId("unknown"), 1, "x")
    assert batches.put_lines(batch_id, [line(1, reasons=("other:1",))], ()) == 1
    held = replace(line(1, reasons=("other:1",)), held="Dossier à revoir")
    assert list(batches.lines(batch_id, held=True)) == [held]
    rest = sorted(lines[1:], key=order)
    assert list(batches.lines(batch_id, held=False)) == rest
    assert batches.totals(batch_id) == total(rest)
    assert batches.unclaimed(batch_id, 9) == tuple(rest)
    assert batches.hold(batch_id, one.pathway_id, one.rank, None)
    assert batches.totals(batch_id).lines == 3
    batches.refuse_line(batch_id, one.pathway_id, one.rank, "no-consent")
    assert batches.unclaimed(batch_id, 1) == (rest[0],)
    assert batches.unclaimed(batch_id, 9, after=rest[0]) == tuple(rest[1:])


def test_only_a_draft_is_written(store: Store) -> None:
    batches = store.billing.batches
    draft = drafted(store, [line(1)])
    assert moved(store, draft, FROZEN)
    closed = (ReasonCode.BATCH_NOT_OPEN, draft.batch_id)
    assert refusal(lambda: batches.put_lines(draft.batch_id, [line(2)], ())) == closed
    assert refusal(lambda: batches.put_lines("unknown", [], ())) == (ReasonCode.BATCH_NOT_OPEN, "unknown")
    assert refusal(lambda: batches.hold(draft.batch_id, line(1).pathway_id, 1, "x")) == closed
    assert not batches.drop(draft.batch_id)
    assert not batches.drop("unknown")
    assert list(batches.lines(draft.batch_id)) == [line(1)]


def test_a_batch_is_frozen_with_the_lines_that_were_looked_at(store: Store) -> None:
    batches = store.billing.batches
    looked_at = drafted(store, [line(1)])
    batches.put_lines(looked_at.batch_id, [line(2)], ())
    frozen = replace(looked_at, status=FROZEN, frozen=total([line(1)]), digest="d", frozen_at=NOW, frozen_by="coord-1")
    assert not batches.change(frozen, BatchStatus.DRAFT)
    frozen = replace(frozen, edition=read(store, looked_at).edition)
    assert not batches.change(frozen, BatchStatus.APPROVED)
    assert batches.change(frozen, BatchStatus.DRAFT)
    assert read(store, looked_at) == frozen
    assert not batches.change(frozen, BatchStatus.DRAFT)
    assert not batches.change(replace(frozen, batch_id="unknown"), BatchStatus.DRAFT)


def test_a_batch_is_a_draft_again_when_there_is_no_other(store: Store) -> None:
    batches = store.billing.batches
    first = drafted(store, [line(1)])
    assert moved(store, first, FROZEN)
    second = drafted(store, [line(2)])
    named = (ReasonCode.OTHER_DRAFT_OPEN, second.batch_id)
    assert refusal(lambda: moved(store, first, BatchStatus.DRAFT)) == named
    assert not batches.drop(second.batch_id, only_empty=True)
    batches.put_lines(second.batch_id, [], [(line(2).pathway_id, line(2).rank)])
    assert batches.drop(second.batch_id, only_empty=True)
    assert moved(store, first, BatchStatus.DRAFT)
    assert batches.drop(first.batch_id)
    assert batches.batches() == ()
    assert list(batches.lines(first.batch_id)) == []


def test_a_sequence_is_in_one_open_batch(store: Store) -> None:
    batches = store.billing.batches
    first, other = drafted(store, list(some_lines(2))), drafted(store, biller_id="other")
    assert batches.put_lines(other.batch_id, list(some_lines(3)), ()) == 1
    assert list(batches.lines(other.batch_id)) == [line(3)]
    for status in (FROZEN, BatchStatus.APPROVED, BatchStatus.SUBMITTING):
        assert moved(store, first, status)
        assert batches.put_lines(other.batch_id, [line(1)], ()) == 0
    assert moved(store, first, SUBMITTED)
    assert batches.put_lines(other.batch_id, [line(1)], ()) == 1
    assert list(batches.lines(first.batch_id)) == sorted(some_lines(2), key=order)


def test_the_database_refuses_a_second_open_line_and_a_second_draft(store: Store) -> None:
    drafted(store, [line(1)])
    drafted(store, biller_id="other")
    names = "pathway_id, rank, claim_id, site, ends_on, scheme_version, amount, share, digest, terms"
    again = f"(batch_key, open, {names}) SELECT batch_key + 1, true, {names} FROM billing_batch_line"  # noqa: S608
    second_draft = "UPDATE billing_batch SET biller_id = 'operator', number = 2"
    for statement in (f"INSERT INTO billing_batch_line {again}", second_draft):
        with pytest.raises(Exception, match=r"(?i)unique"):
            store._database.write(lambda session, sql=statement: session.run(sql))  # type: ignore[misc]


def test_what_is_still_to_be_claimed(store: Store) -> None:
    batches = store.billing.batches
    lives = [Billed(store, Lived(number)) for number in (1, 2, 3)]
    lines = [one.line() for one in lives]
    batch_id = drafted(store, lines).batch_id
    assert batches.unclaimed(batch_id, 2) == tuple(lines[:2])
    lives[0].bill(batch_id)
    lives[1].bill(batch_id)
    assert batches.unclaimed(batch_id, 2) == tuple(lines[2:])
    lives[1].reject()
    assert batches.unclaimed(batch_id, 2) == tuple(lines[2:])
    lives[2].bill(batch_id)
    assert batches.unclaimed(batch_id, 2) == ()


def test_coordinators_who_prepare_the_same_month_at_once(database_url: str) -> None:
    lines, start = list(some_lines(40)), Barrier(4)
    with open_store(database_url, VAULT_KEY) as store, open_store(database_url, VAULT_KEY) as other:

        def prepare(number: int) -> tuple[str, int]:
            batches = (store, other)[number % 2].billing.batches
            start.wait()
            draft = batches.open_draft(replace(DRAFT, created_by=f"coord-{number}"))
            ours = lines if number < 2 else lines[::-1]
            return draft.batch_id, sum(
                batches.put_lines(draft.batch_id, ours[at : at + 10], ()) for at in (0, 10, 20, 30)
            )

        with ThreadPoolExecutor(4) as pool:
            done = list(pool.map(prepare, range(4)))
        assert {batch_id for batch_id, _ in done} == {"2026-06-article-51-operator-1"}
        assert sum(new for _, new in done) == 40
        assert list(store.billing.batches.lines(done[0][0])) == sorted(lines, key=order)
        assert len(store.billing.batches.batches()) == 1


def test_two_batches_that_want_the_same_sequences_at_once(database_url: str) -> None:
    lines, start = list(some_lines(30)), Barrier(2)
    with open_store(database_url, VAULT_KEY) as store, open_store(database_url, VAULT_KEY) as other:
        drafts = [drafted(store), drafted(store, biller_id="other")]

        def put(number: int) -> int:
            start.wait()
            ours = lines[:: 1 - 2 * number]
            return (store, other)[number].billing.batches.put_lines(drafts[number].batch_id, ours, ())

        with ThreadPoolExecutor(2) as pool:
            assert sum(pool.map(put, (0, 1))) == 30
        held = [one for draft in drafts for one in store.billing.batches.lines(draft.batch_id)]
        assert sorted(held, key=order) == sorted(lines, key=order)


def test_lines_written_while_the_batch_is_frozen(database_url: str) -> None:
    """Either the lines come first, and the freezing has not seen them, or the batch is frozen and they are refused."""
    start = Barrier(2)
    with open_store(database_url, VAULT_KEY) as store, open_store(database_url, VAULT_KEY) as other:
        looked_at = drafted(store, [line(1)])

        def freeze() -> bool:
            start.wait()
            return store.billing.batches.change(replace(looked_at, status=FROZEN), BatchStatus.DRAFT)

        def put() -> bool:
            start.wait()
            try:
                return other.billing.batches.put_lines(looked_at.batch_id, [line(2)], ()) == 1
            except Refused:
                return False

        with ThreadPoolExecutor(2) as pool:
            frozen, written = (pool.submit(act) for act in (freeze, put))
        assert frozen.result() is not written.result()
        assert (read(store, looked_at).status is FROZEN) is frozen.result()
        assert store.billing.batches.totals(looked_at.batch_id).lines == (1 if frozen.result() else 2)
