"""What the demo's coordinators and its invented payer have done before somebody looks; the same after any kill."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.payments import read_payments
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.server import demo_billing
from sesame_fhir.server.billing.example import add_example, example_file
from sesame_fhir.server.demo_billing import ANSWERS, MISTAKES, TRANSFER, _months_before_last, begin_billing
from sesame_fhir.server.demo_cohort import load_cohort
from sesame_fhir.server.demo_desk import Desk, desk_of
from sesame_fhir.server.demo_ehr import demo_settings
from sesame_fhir.server.demo_payer import CODE
from sesame_fhir.server.settings import load
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.corrections import to_correct
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.open_items import open_items, unmatched_payments
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.billing.records import BatchStatus, ClaimQuery, LineFate
from sesame_fhir.services.billing.shares import owed
from sesame_fhir.services.billing.work_list import work_list
from sesame_fhir.storage import Store, open_store
from tests.support.databases import VAULT_KEY, migrated

SETTINGS = demo_settings(load(None, {}))
LONG = 60


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{folder / 'sesame.db'}", VAULT_KEY) as store:
        yield store


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People, and nothing billed yet."""
    folder = tmp_path_factory.mktemp("cohort")
    migrated(folder / "sesame.db")
    with opened(folder) as store:
        load_cohort(SETTINGS, store, patients=20, seed=1, progress=lambda _done, _all: None)
    return folder


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return to


@pytest.fixture(scope="module")
def begun(cohort: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after the first start."""
    folder = copied(cohort, tmp_path_factory.mktemp("begun"))
    with opened(folder) as store:
        begin_billing(SETTINGS, store, folder)
    return folder


def state(folder: Path) -> dict[str, Any]:
    """Everything that came of it; ids of events and times of recording are the machine's."""
    with opened(folder) as store:
        desk, stores = desk_of(SETTINGS, store), store.billing
        books = stores.ledger.postings(date(2000, 1, 1), date.max)
        return {
            "batches": [(b.batch_id, b.status, b.frozen, b.digest, b.submitted_at) for b in stores.batches.batches()],
            "claims": [(r.claim, r.status, r.stale) for r in stores.claims.claims(ClaimQuery(limit=500))],
            "books": sorted((p.on, p.movement, p.claim_id, p.amount, p.site) for p in books),
            "shares": sorted(stores.payments.shares_paid(), key=str),
            "imports": sorted((one.digest, one.results) for one in stores.payments.imports()),
            "payments": sorted(one.payment_id for one in stores.payments.payments()),
            "months": desk.months(),
            "files": sorted((one.name, one.read_bytes()) for one in folder.glob("*.csv")),
        }


@contextmanager
def desk_at(folder: Path) -> Iterator[tuple[Desk, Store]]:
    with opened(folder) as store:
        yield desk_of(SETTINGS, store), store


def test_everything_is_there_to_look_at(begun: Path) -> None:
    with desk_at(begun) as (desk, store):
        billing, who, months = desk.today, desk.first, desk.months()
        batches = store.billing.batches.batches()
        by_month = {
            month: Counter(claim.status for batch in desk.batches(month) for claim in desk.claims(batch))
            for month in months
        }
        rejected = work_list(billing, who).rows
        (changed,) = to_correct(billing, who).rows
        (forgotten,) = open_items(billing, who)
        assert {batch.status for batch in batches} == {BatchStatus.SUBMITTED}
        assert all(batch.frozen_by != batch.approved_by for batch in batches)
        assert set(by_month[months[-1]]) == {ClaimStatus.SUBMITTED}
        assert by_month[months[-2]][ClaimStatus.REJECTED] == len(rejected) == 1
        assert {reason.code for one in rejected for reason in one.answer.reasons} == {CODE}
        assert changed.differences
        assert (local_day(billing.engine.clock.now()) - forgotten.since).days > LONG
        assert unmatched_payments(billing, who) == ()
        assert sum(status[ClaimStatus.PAID] for status in by_month.values()) > len(months)
        assert store.billing.payments.shares_paid()
        assert any(owed(billing, site, batches[0].biller_id) > 0 for site in who.sites)
        assert {one.source for one in store.billing.schemes.history()} == {example_file()}


def test_no_day_is_before_its_claim_or_to_come(begun: Path) -> None:
    with desk_at(begun) as (desk, store):
        today = local_day(desk.today.engine.clock.now())
        for row in store.billing.claims.claims(ClaimQuery(limit=500)):
            said = [*(one.on for one in row.claim.answers), *(one.on for one in row.claim.payments)]
            assert said == sorted(said)
            assert all(row.claim.billed_on < day < today for day in said)
            assert row.claim.terms is not None
            assert row.claim.terms.end < row.claim.billed_on


def test_a_second_start_changes_nothing(begun: Path, tmp_path: Path) -> None:
    folder = copied(begun, tmp_path)
    before = state(folder)
    with opened(folder) as store:
        begin_billing(SETTINGS, store, folder)
    assert state(folder) == before


class Killed(BaseException):
    """The process ends."""


STEPS = ("prepare", "freeze", "approve", "submit", "import_answers", "reconcile", "pay_share", "correct_a_contact")
KILLS = ("add_example", *STEPS, *STEPS, *STEPS)


def start(store: Store, folder: Path, kill: str) -> bool:
    """Begin, and die as soon as this step is done; False: the beginning ended before."""

    def dies(*given: Any, **named: Any) -> None:
        done(*given, **named)
        raise Killed

    done = getattr(demo_billing, kill)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_billing, kill, dies)
        try:
            begin_billing(SETTINGS, store, folder)
        except Killed:
            return True
    return False


def test_killed_again_and_again_the_next_start_goes_on(cohort: Path, begun: Path, tmp_path: Path) -> None:
    folder = copied(cohort, tmp_path)
    with opened(folder) as store:
        killed = [kill for kill in KILLS if start(store, folder, kill)]
        begin_billing(SETTINGS, store, folder)
    assert set(killed) == set(KILLS)
    assert state(folder) == state(begun)


def test_the_files_to_bring_say_what_they_are_named_for(begun: Path, tmp_path: Path) -> None:
    with desk_at(copied(begun, tmp_path)) as (desk, store):
        wrong = read_answers((tmp_path / MISTAKES).read_bytes(), MISTAKES)
        good = read_answers((tmp_path / ANSWERS).read_bytes(), ANSWERS)
        money = read_payments((tmp_path / TRANSFER).read_bytes(), TRANSFER)
        none = import_answers(desk.today, desk.first, wrong, all_or_nothing=True)
        assert {result.fate for result in none.results} == {LineFate.REFUSED}
        took = import_answers(desk.today, desk.first, good, all_or_nothing=True)
        paid = reconcile(desk.today, desk.first, money)
        assert {result.fate for result in (*took.results, *paid.results)} == {LineFate.RECORDED}
        reasons = {code for result in none.results for code in result.reasons}
        assert reasons == {
            *("other-lines", "amount-differs", "unknown-claim", "other-batch", "date-in-future"),
            *("reason-missing", "outcome-unknown"),
        }
        assert Month.parse(store.billing.batches.batches()[0].month) == desk.months()[-1]


def test_a_demo_with_a_scheme_of_its_own_is_left_alone(cohort: Path, tmp_path: Path) -> None:
    folder = copied(cohort, tmp_path)
    with opened(folder) as store:
        desk = desk_of(SETTINGS, store)
        own = example_file().replace("321.00", "322.00")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sesame_fhir.server.billing.example.example_file", lambda: own)
            add_example(SETTINGS, desk.today, desk.first)
        begin_billing(SETTINGS, store, folder)
        assert store.billing.batches.batches() == ()


def test_nobody_to_bill_for_is_no_fault(tmp_path: Path) -> None:
    migrated(tmp_path / "sesame.db")
    with opened(tmp_path) as store:
        begin_billing(SETTINGS, store, tmp_path)
        begin_billing(SETTINGS, store, tmp_path)
        assert store.billing.batches.batches() == ()
    assert list(tmp_path.glob("*.csv")) == []


@pytest.mark.parametrize(
    ("today", "last"), [(date(2026, 11, 22), "2026-09"), (date(2026, 1, 31), "2025-11"), (date(2026, 2, 1), "2025-12")]
)
def test_last_month_stays_to_be_billed(today: date, last: str) -> None:
    months = [str(one) for one in _months_before_last(today)]
    assert (months == sorted(months), len(months), months[-1]) == (True, 24, last)
