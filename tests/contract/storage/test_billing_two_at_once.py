"""Two coordinators at the same month at the same time, on two servers: the same drafts, each claim once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest

from sesame_fhir.domain.reasons import ReasonCode, Refused
from sesame_fhir.services.billing import preparing, submitting
from sesame_fhir.services.billing.batches import approve, freeze, reopen
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.paging import pages
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import BatchStatus, ClaimQuery
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.billing.submitting import submit
from sesame_fhir.storage import Store, open_store
from tests.support.billing import (
    FIRST_COORDINATOR,
    MONTH,
    SECOND_COORDINATOR,
    TODAY,
    billing_over,
    frozen_month,
    many,
    write_lives,
)
from tests.support.databases import VAULT_KEY

BATCH = "2026-06-article-51-operator-1"
LIVES = 12
JUNE = Month.parse(MONTH)

Act = Callable[[Billing, Coordinator], object]


@pytest.fixture
def servers(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, Store]]:
    """Two stores of one database; work goes by small pages, so that both are at it for a while."""
    monkeypatch.setattr(submitting, "_AT_ONCE", 4)
    monkeypatch.setattr(preparing, "pages", lambda things: pages(things, 4))
    with ExitStack() as stack:
        first, second = (stack.enter_context(open_store(database_url, VAULT_KEY)) for _ in range(2))
        write_lives(first, many(LIVES))
        billing_over(first)
        yield first, second


def at_once(servers: tuple[Store, Store], *acts: Act) -> list[object]:
    """Both act at the same moment; what each was given, or was refused with."""
    start = Barrier(2)

    def one(server: Store, who: Coordinator, act: Act) -> object:
        billing = billing_over(server)
        start.wait(timeout=10)
        try:
            return act(billing, who)
        except Refused as refused:
            return [reason.code for reason in refused.reasons]

    with ThreadPoolExecutor(2) as pool:
        whos = (FIRST_COORDINATOR, SECOND_COORDINATOR)
        return [ended.result(timeout=60) for ended in [*map(pool.submit, (one, one), servers, whos, acts)]]


def placed(store: Store) -> dict[str, list[str]]:
    """Which claims are to be made in which batch."""
    batches = store.billing.batches.batches()
    return {
        batch.batch_id: [line.claim_id for line in store.billing.batches.lines(batch.batch_id)] for batch in batches
    }


def test_both_prepare(servers: tuple[Store, Store]) -> None:
    at_once(servers, *[lambda billing, who: prepare(billing, who, JUNE, TODAY)] * 2)
    (claims,) = placed(servers[0]).values()
    assert (len(claims), len(set(claims))) == (LIVES, LIVES)


def test_one_prepares_while_the_other_freezes(servers: tuple[Store, Store]) -> None:
    """Whoever is first: what is frozen is what was looked at, and every sequence is in one batch."""
    prepare(billing_over(servers[0]), FIRST_COORDINATOR, JUNE, TODAY)
    write_lives(servers[0], many(LIVES, first=LIVES + 1))
    _, frozen = at_once(
        servers,
        lambda billing, who: prepare(billing, who, JUNE, TODAY),
        lambda billing, who: freeze(billing, who, BATCH),
    )
    batch = servers[0].billing.batches.batch(BATCH)
    assert batch is not None
    if batch.status is BatchStatus.DRAFT:
        assert frozen == [ReasonCode.BATCH_CHANGED]
    else:
        assert batch.frozen == servers[0].billing.batches.totals(BATCH)
    claims = [claim for some in placed(servers[0]).values() for claim in some]
    assert (len(claims), len(set(claims))) == (2 * LIVES, 2 * LIVES)


def test_both_submit(servers: tuple[Store, Store]) -> None:
    billing = billing_over(servers[0])
    frozen_month(billing)
    approve(billing, SECOND_COORDINATOR, BATCH)
    done = at_once(servers, *[lambda billing, who: submit(billing, who, BATCH, TODAY).claimed] * 2)
    assert done == [LIVES, LIVES]
    claims = servers[0].billing.claims.claims(ClaimQuery())
    assert {row.claim.claim_id for row in claims} == set(placed(servers[0])[BATCH])
    for row in claims:
        assert len(billing.engine.load(row.pathway_id).claims) == 1


def test_one_submits_while_the_other_reopens(servers: tuple[Store, Store]) -> None:
    billing = billing_over(servers[0])
    frozen_month(billing)
    approve(billing, SECOND_COORDINATOR, BATCH)
    submitted, reopened = at_once(
        servers,
        lambda billing, who: submit(billing, who, BATCH, TODAY).claimed,
        lambda billing, who: reopen(billing, who, BATCH).status,
    )
    made = len(servers[0].billing.claims.claims(ClaimQuery()))
    if reopened is BatchStatus.DRAFT:
        assert (submitted, made) == ([ReasonCode.BATCH_NOT_APPROVED], 0)
    else:
        assert (submitted, made) == (LIVES, LIVES)
