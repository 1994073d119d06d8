"""Killed at every write of an import or a reconciliation, then the same file again: no double, no gap."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.payments import read_payments
from sesame_fhir.services.billing import acting
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.books import prove
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.billing.records import Import, LineFate
from sesame_fhir.services.billing.setting import Billing
from sesame_fhir.storage import Store
from tests.support.answered import accepted, answers, paid, payments, rejected
from tests.support.billing import FIRST_COORDINATOR, Lived, many, submitted_month, write_lives

COUNT = 5
ANSWERS = read_answers(
    answers(*((rejected if n == 2 else accepted)(n, date="2026-07-01") for n in range(1, COUNT + 1))), "answers.csv"
)
PAYMENTS = read_payments(payments(*(paid(n, date="2026-07-01") for n in range(1, COUNT + 1))), "payments.csv")


class Killed(BaseException):
    """As a process that ends: nothing after it runs."""


class Mortal:
    """A store of pathways whose process does one write, and ends just after it or as it begins the next."""

    def __init__(self, stored: Any, *, at_once: bool) -> None:
        self._stored, self._at_once, self._written = stored, at_once, False

    def commit_all(self, commits: Any) -> None:
        """Write, unless it is the end."""
        if self._written:
            raise Killed
        self._stored.commit_all(commits)
        self._written = True
        if self._at_once:
            raise Killed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stored, name)


def all_of_it(billing: Billing, *, all_or_nothing: bool) -> list[Import]:
    return [
        import_answers(billing, FIRST_COORDINATOR, ANSWERS, all_or_nothing=all_or_nothing),
        reconcile(billing, FIRST_COORDINATOR, PAYMENTS, all_or_nothing=all_or_nothing),
    ]


def lives_needed(store: Store, billing: Billing, *, at_once: bool, all_or_nothing: bool) -> int:
    """How often the work is killed before it is done."""
    for killed in range(3 * COUNT):
        mortal: Any = Mortal(store.pathways, at_once=at_once)
        try:
            all_of_it(replace(billing, engine=replace(billing.engine, pathways=mortal)), all_or_nothing=all_or_nothing)
        except Killed:
            continue
        return killed
    raise AssertionError("the work does not go on")


@pytest.mark.parametrize("all_or_nothing", [False, True])
@pytest.mark.parametrize("at_once", [False, True])
def test_stopped_at_every_write(
    store: Store, billing: Billing, monkeypatch: pytest.MonkeyPatch, *, at_once: bool, all_or_nothing: bool
) -> None:
    monkeypatch.setattr(acting, "_TOGETHER", 1)
    write_lives(store, many(COUNT))
    submitted_month(billing)
    killed = lives_needed(store, billing, at_once=at_once, all_or_nothing=all_or_nothing)
    assert killed == (2 * COUNT if at_once else 2 * COUNT - 1)
    again = all_of_it(billing, all_or_nothing=all_or_nothing)
    assert {result.fate for one in again for result in one.results} == {LineFate.KNOWN_ALREADY}
    for number in range(1, COUNT + 1):
        kinds = Counter(event.kind for event in billing.engine.pathways.history(Lived(number).pathway_id))
        assert (kinds["ClaimAnswered"], kinds["ClaimPaid"]) == (1, 1)
    assert prove(billing, FIRST_COORDINATOR, date(2026, 1, 1), date(2026, 12, 31)) == ()
    assert len(billing.stores.payments.imports()) == 2


def test_two_coordinators_with_the_same_files_at_once(store: Store, billing: Billing) -> None:
    write_lives(store, many(COUNT))
    submitted_month(billing)
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(all_of_it, billing, all_or_nothing=True) for _ in range(3)]
        results = [result for run in runs for one in run.result() for result in one.results]
    assert LineFate.REFUSED not in {result.fate for result in results}
    for number in range(1, COUNT + 1):
        kinds = Counter(event.kind for event in billing.engine.pathways.history(Lived(number).pathway_id))
        assert (kinds["ClaimAnswered"], kinds["ClaimPaid"]) == (1, 1)
    assert prove(billing, FIRST_COORDINATOR, date(2026, 1, 1), date(2026, 12, 31)) == ()
