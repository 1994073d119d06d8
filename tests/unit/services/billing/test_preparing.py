"""Preparing a month: which drafts, which lines, and what a second time changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.money import euros
from sesame_fhir.domain.billing.scheme import Biller
from sesame_fhir.domain.ids import CommandId, SiteId
from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing.batches import freeze, hold, release
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import Batch, BatchLine, BatchStatus
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.services.engine import Command
from sesame_fhir.storage import Store
from tests.support.billed import BILLER, SCHEME
from tests.support.billing import (
    FIRST_COORDINATOR,
    OTHER_SITE,
    SECOND_COORDINATOR,
    TODAY,
    Lived,
    billing_over,
    history_of,
    one_more_contact,
    submitted_month,
    write_lives,
)
from tests.support.story import GP, NURSE, SITE

JUNE = Month(2026, 6)
MAY_LIFE = Lived(1, start=date(2026, 2, 2), end=date(2026, 5, 3))
JUNE_LIFE, ELSEWHERE = Lived(2), Lived(3, site=OTHER_SITE)
JULY_LIFE = Lived(4, start=date(2026, 4, 2), end=date(2026, 7, 2))
LIVES = (MAY_LIFE, JUNE_LIFE, ELSEWHERE, JULY_LIFE, Lived(5, contacts=1))


@pytest.fixture(autouse=True)
def _lives(store: Store) -> None:
    write_lives(store, LIVES)


def prepared(billing: Billing, month: Month = JUNE, today: date = TODAY) -> dict[str, list[int]]:
    """Prepare, and say who is in which draft by their numbers."""
    drafts = prepare(billing, FIRST_COORDINATOR, month, today)
    return {draft.batch_id: numbers(billing, draft) for draft in drafts}


def lines(billing: Billing, batch: Batch) -> tuple[BatchLine, ...]:
    return tuple(billing.stores.batches.lines(batch.batch_id))


def numbers(billing: Billing, batch: Batch) -> list[int]:
    return sorted(int(line.pathway_id[-12:], 16) for line in lines(billing, batch))


def without_ins(billing: Billing, life: Lived) -> None:
    """The identity is corrected: the INS was somebody else's."""
    known = history_of(life)[0].data
    assert isinstance(known, ev.PatientIdentified)
    again = replace(known, traits=replace(known.traits, ins=None))
    command = Command(CommandId(f"identity-{life.number}"), GP, life.site, datetime(2026, 7, 1, 7, tzinfo=UTC))
    billing.engine.run(life.pathway_id, command, "record-screening", lambda _pathway: (again,))


def test_a_month_takes_what_ended_by_its_last_day_whenever_that_was(billing: Billing) -> None:
    assert prepared(billing) == {"2026-06-article-51-operator-1": [1, 2, 3]}
    (draft,) = prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)
    assert (draft.status, draft.created_by) == (BatchStatus.DRAFT, FIRST_COORDINATOR.actor.actor_id)
    june = next(line for line in lines(billing, draft) if line.pathway_id == JUNE_LIFE.pathway_id)
    assert (june.claim_id, june.rank, june.held) == (f"{JUNE_LIFE.pathway_id}-claim-1", 1, None)
    assert (june.terms.batch_id, june.terms.attempt, june.terms.amount) == (draft.batch_id, 1, euros(300))


def test_again_nothing_changes(billing: Billing) -> None:
    (first,) = prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)
    before = lines(billing, first)
    assert prepare(billing, SECOND_COORDINATOR, JUNE, TODAY) == (first,)
    assert lines(billing, first) == before


def test_a_line_follows_the_facts(billing: Billing) -> None:
    (draft,) = prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)
    one_more_contact(billing, JUNE_LIFE, date(2026, 5, 20))
    prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)
    june = next(line for line in lines(billing, draft) if line.pathway_id == JUNE_LIFE.pathway_id)
    assert [one.reference for one in june.terms.evidence if one.reference == "found-later"] == ["found-later"]


def test_a_sequence_that_is_not_billable_any_more_is_taken_out(billing: Billing) -> None:
    prepared(billing)
    without_ins(billing, JUNE_LIFE)
    assert prepared(billing) == {"2026-06-article-51-operator-1": [1, 3]}


def test_a_draft_left_without_lines_is_not_left_behind(billing: Billing) -> None:
    prepared(billing)
    for life in (MAY_LIFE, JUNE_LIFE, ELSEWHERE):
        without_ins(billing, life)
    assert prepared(billing) == {}
    assert billing.stores.batches.batches() == ()


def test_what_was_held_by_hand_stays_held(billing: Billing) -> None:
    (draft,) = prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)
    hold(billing, FIRST_COORDINATOR, draft.batch_id, JUNE_LIFE.pathway_id, 1, why="  dossier  à revoir ")
    one_more_contact(billing, JUNE_LIFE, date(2026, 5, 20))
    prepare(billing, SECOND_COORDINATOR, JUNE, TODAY)
    held = [line for line in lines(billing, draft) if line.held]
    assert [(line.pathway_id, line.held) for line in held] == [(JUNE_LIFE.pathway_id, "dossier à revoir")]
    assert "found-later" in {one.reference for one in held[0].terms.evidence}
    release(billing, SECOND_COORDINATOR, draft.batch_id, JUNE_LIFE.pathway_id, 1)
    assert billing.stores.batches.totals(draft.batch_id).lines == 3


def test_what_comes_after_freezing_goes_into_the_next_draft(billing: Billing, store: Store) -> None:
    (draft,) = prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)
    frozen = freeze(billing, FIRST_COORDINATOR, draft.batch_id)
    assert prepared(billing) == {}
    write_lives(store, [Lived(6)])
    assert prepared(billing) == {"2026-06-article-51-operator-2": [6]}
    assert numbers(billing, frozen) == [1, 2, 3]


def test_what_is_in_another_months_draft_stays_there(billing: Billing) -> None:
    prepared(billing, Month(2026, 5))
    assert prepared(billing) == {"2026-06-article-51-operator-1": [2, 3]}
    assert prepared(billing, Month(2026, 5)) == {"2026-05-article-51-operator-1": [1]}


def test_what_is_claimed_is_not_taken_again(billing: Billing) -> None:
    assert submitted_month(billing).claimed == 3
    assert prepared(billing) == {}


def test_each_coordinator_prepares_her_own_sites(billing: Billing) -> None:
    here = replace(FIRST_COORDINATOR, sites=frozenset({SITE}))
    there = replace(SECOND_COORDINATOR, sites=frozenset({OTHER_SITE}))
    (draft,) = prepare(billing, here, JUNE, TODAY)
    assert numbers(billing, draft) == [1, 2]
    without_ins(billing, JUNE_LIFE)
    prepare(billing, there, JUNE, TODAY)
    assert numbers(billing, draft) == [1, 2, 3], "a line out of reach is left as it is"
    prepare(billing, here, JUNE, TODAY)
    assert numbers(billing, draft) == [1, 3]


def test_a_sequence_that_has_gone_to_another_site_is_left_to_its_coordinator(billing: Billing) -> None:
    here = replace(FIRST_COORDINATOR, sites=frozenset({SITE}))
    there = replace(SECOND_COORDINATOR, sites=frozenset({OTHER_SITE}))
    (draft,) = prepare(billing, here, JUNE, TODAY)
    assert numbers(billing, draft) == [1, 2]
    moved = ev.PathwayTransferred(SITE, OTHER_SITE, None, "déménagement")
    command = Command(CommandId("moved"), NURSE, SITE, datetime(2026, 5, 4, 9, tzinfo=UTC))
    billing.engine.run(JUNE_LIFE.pathway_id, command, "transfer", lambda _pathway: (moved,))
    prepare(billing, here, JUNE, TODAY)
    assert numbers(billing, draft) == [1]
    prepare(billing, there, JUNE, TODAY)
    assert numbers(billing, draft) == [1, 2, 3]


def test_one_draft_for_each_scheme_and_biller(store: Store) -> None:
    """Two billers in one year, by the sequence's last day, and a second scheme at one site."""
    old = Biller(BILLER, SCHEME.start, date(2026, 5, 31))
    new = Biller(_new(), date(2026, 6, 1))
    article = replace(SCHEME, billers=(old, new), sites=frozenset({SITE}))
    pcr = replace(SCHEME, scheme_id="parcours-coordonne-renforce", sites=frozenset({OTHER_SITE}))
    assert prepared(billing_over(store, None, article, pcr)) == {
        "2026-06-article-51-new-operator-1": [2],
        "2026-06-article-51-operator-1": [1],
        "2026-06-parcours-coordonne-renforce-operator-1": [3],
    }


def test_a_line_moves_when_another_scheme_decides(store: Store) -> None:
    assert prepared(billing_over(store)) == {"2026-06-article-51-operator-1": [1, 2, 3]}
    new = replace(SCHEME, version="2026-2", start=date(2026, 6, 1), billers=(Biller(_new(), date(2026, 6, 1)),))
    assert prepared(billing_over(store, None, SCHEME, new)) == {
        "2026-06-article-51-new-operator-1": [2, 3],
        "2026-06-article-51-operator-1": [1],
    }


def test_what_is_held_does_not_move_and_is_not_forgotten(store: Store) -> None:
    billing = billing_over(store)
    (draft,) = prepare(billing, FIRST_COORDINATOR, JUNE, TODAY)
    hold(billing, FIRST_COORDINATOR, draft.batch_id, JUNE_LIFE.pathway_id, 1, why="litige")
    new = replace(SCHEME, version="2026-2", start=date(2026, 6, 1), billers=(Biller(_new(), date(2026, 6, 1)),))
    moved = billing_over(store, None, SCHEME, new)
    expected = {"2026-06-article-51-new-operator-1": [3], "2026-06-article-51-operator-1": [1, 2]}
    assert prepared(moved) == expected
    without_ins(moved, JUNE_LIFE)
    assert prepared(moved) == expected
    assert [line.pathway_id for line in lines(moved, draft) if line.held] == [JUNE_LIFE.pathway_id]


def test_late_limits_count_against_the_day_of_billing(store: Store) -> None:
    billing = billing_over(store, None, replace(SCHEME, late_days=40))
    assert prepared(billing) == {"2026-06-article-51-operator-1": [2, 3]}
    assert prepared(billing, today=date(2026, 6, 1) + timedelta(days=41)) == {}


def test_a_month_that_has_not_begun_is_refused(billing: Billing) -> None:
    with pytest.raises(Refused) as refused:
        prepare(billing, FIRST_COORDINATOR, Month(2026, 8), TODAY)
    assert [(one.code, one.detail) for one in refused.value.reasons] == [(ReasonCode.DATE_IN_FUTURE, "2026-08")]


def test_somebody_without_sites_prepares_nothing(billing: Billing) -> None:
    nowhere = replace(FIRST_COORDINATOR, sites=frozenset[SiteId]())
    assert prepare(billing, nowhere, JUNE, TODAY) == ()


def test_the_log_says_who_prepared(billing: Billing, store: Store) -> None:
    prepared(billing)
    prepare(billing, SECOND_COORDINATOR, JUNE, TODAY)  # changes nothing, and leaves no entry
    found = [entry for entry in store.audit.entries(10) if entry.action == "prepare-billing"]
    assert [(entry.actor_id, entry.detail, entry.extra, entry.patient) for entry in found] == [
        ("coord-1", "prepare", {"batch": "2026-06-article-51-operator-1"}, None)
    ]


def _new() -> ev.BillerId:
    return replace(BILLER, biller_id="new-operator")
