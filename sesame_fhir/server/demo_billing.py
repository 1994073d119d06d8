"""The demo's billing: what its two coordinators have done since the cohort began, and what its payer has sent them.

Every month but the last ones is billed, as of a day on which that was due. A batch is answered and paid once two others
have been sent; at the end the last one still waits for its answers, and the one before it has just been answered, with
rejections that nobody has dealt with. The payer forgot one claim; one contact was written again after it was billed.

Killed at any time, the next start goes on where this one stopped: what is done next depends on what is in the store.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.payments import read_payments
from sesame_fhir.domain.calendar import local_day
from sesame_fhir.domain.ids import SiteId
from sesame_fhir.server import demo_payer as payer
from sesame_fhir.server.billing.example import add_example, example_file
from sesame_fhir.server.demo_correction import correct_a_contact, has_corrected
from sesame_fhir.server.demo_desk import Desk, desk_of
from sesame_fhir.server.demo_ehr import demo_settings
from sesame_fhir.server.settings import Settings
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.batches import approve, freeze
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import BatchStatus, SharePaid
from sesame_fhir.services.billing.setting import Progress, unheard
from sesame_fhir.services.billing.shares import owed, pay_share
from sesame_fhir.services.billing.submitting import submit
from sesame_fhir.storage import Store

MONTHS = 24
"""As far back as the cohort goes."""
_BILLED, _ANSWERED, _PAID, _SHARED = 5, 12, 25, 28
"""Days of the month after the one that is billed."""
_FORGOTTEN = -6
"""Of the months, the first one with a batch from here on has the claim that the payer forgot."""
_SHARES_OPEN = 2
_QUARTER = 3

FOLDER = "demo-facturation"
ANSWERS, MISTAKES, TRANSFER = "reponses-a-importer.csv", "reponses-avec-erreurs.csv", "virement-a-importer.csv"


def begin_billing(settings: Settings, store: Store, folder: Path, progress: Progress = unheard) -> None:
    """Begin once: a demo that has begun, or that has schemes of its own, is left alone.

    Last month stays to be billed by whoever looks at the demo. ``folder``: where the payer's files for the last batch
    are put, to be brought by hand. ``progress`` is told months.
    """
    settings = demo_settings(settings)
    desk = desk_of(settings, store)
    given = {one.source for one in store.billing.schemes.history()}
    if has_corrected(desk.today) or given - {example_file()}:
        return
    months = tuple(_months_before_last(local_day(desk.clock.now())))
    desk.move(months[0].first)
    add_example(settings, desk.billing, desk.first)
    sites = tuple(sorted(desk.first.sites, key=lambda site: site != settings.site_id))
    story = _Story(desk, months, sites)
    for done, month in enumerate(months, start=1):
        story.bill(month)
        progress(done, len(months))
    story.close()
    _put_files(desk, folder, months[-1])
    correct_a_contact(desk.today)


def _months_before_last(today: date) -> Iterator[Month]:
    """The months before last month, the earliest first."""
    months, day = [], _before(today.replace(day=1))
    for _ in range(MONTHS):
        day = _before(day.replace(day=1))
        months.append(Month.of(day))
    return reversed(months)


def _before(day: date) -> date:
    return day - timedelta(days=1)


def _in_month_after(month: Month, number: int) -> date:
    """A day of the month after."""
    return (month.last + timedelta(days=1)).replace(day=number)


@dataclass(frozen=True, slots=True)
class _Story:
    """The months one after the other. ``sites``: the demo's, the first one is paid its share monthly."""

    desk: Desk
    months: tuple[Month, ...]
    sites: tuple[SiteId, ...]

    def bill(self, month: Month) -> None:
        """Bill a month, then take in what the payer says of an earlier one; again changes nothing."""
        begun = self.desk.months()
        if begun and (month < begun[-1] or (month > begun[-1] and self._closing(begun))):
            return
        self._submit(month)
        begun = self.desk.months()
        if begun and begun[-1] == month:
            for older in begun[-3:-2]:
                self._settle(older, month, last=False)
            if month in self.months[:-_SHARES_OPEN]:
                self._pay_shares(month)

    def close(self) -> None:
        """Let the payer answer the batches before the last ones, last month."""
        begun = self.desk.months()
        for older in begun[-2:-1]:
            self._settle(older, self.months[-1], last=True)

    def _closing(self, begun: Sequence[Month]) -> bool:
        """True once ``close`` has begun: what it had rejected stays on the work list."""
        batches = (batch for month in begun[-2:-1] for batch in self.desk.batches(month))
        return any(claim.answers for batch in batches for claim in self.desk.claims(batch))

    def _submit(self, month: Month) -> None:
        """Prepare, freeze, approve and submit, from wherever it stands."""
        desk = self.desk
        day = desk.move(_in_month_after(month, _BILLED))
        if all(batch.status is BatchStatus.DRAFT for batch in desk.batches(month)):
            prepare(desk.billing, desk.first, month, day)
        for batch in desk.batches(month):
            if batch.status is BatchStatus.DRAFT:
                freeze(desk.billing, desk.first, batch.batch_id)
            if batch.status in {BatchStatus.DRAFT, BatchStatus.FROZEN}:
                approve(desk.billing, desk.second, batch.batch_id)
            submit(desk.billing, desk.first, batch.batch_id, day)

    def _settle(self, month: Month, during: Month, *, last: bool) -> None:
        """Answers to a month's batches, and the money for what was accepted, once the month ``during`` was billed."""
        desk, stores = self.desk, self.desk.billing.stores
        forgotten = next((one for one in desk.months() if one >= self.months[_FORGOTTEN]), None)
        for batch in desk.batches(month):
            claims = desk.claims(batch)
            refused = payer.rejected(claims, one_at_least=last)
            day = desk.move(_in_month_after(during, _ANSWERED))
            data = payer.answers(claims, refused, day)
            answered = read_answers(data, f"reponses-{batch.batch_id}.csv", batch_id=batch.batch_id)
            if stores.payments.imported(answered.digest) is None:
                import_answers(desk.billing, desk.first, answered, all_or_nothing=True)
            accepted = [claim for claim in claims if claim.claim_id not in refused]
            if paid := accepted[1:] if month == forgotten else accepted:
                day = desk.move(_in_month_after(during, _PAID))
                data = payer.transfer(f"VIR-{batch.batch_id}", batch.biller_id, paid, day)
                moved = read_payments(data, f"virement-{batch.batch_id}.csv")
                if stores.payments.imported(moved.digest) is None:
                    reconcile(desk.billing, desk.first, moved)

    def _pay_shares(self, month: Month) -> None:
        """Pay the first centre what it is owed, and the others every third month."""
        desk = self.desk
        day = desk.move(_in_month_after(month, _SHARED))
        about, by = str(Month.of(day)), desk.first.actor.actor_id
        known = {(one.site, one.biller_id) for one in desk.billing.stores.payments.shares_paid(about)}
        for site in self.sites if day.month % _QUARTER == 0 else self.sites[:1]:
            for biller in sorted({batch.biller_id for batch in desk.batches(month)}):
                if (site, biller) not in known and (amount := owed(desk.billing, site, biller)) > 0:
                    paid = SharePaid(f"PART-{about}", site, biller, about, amount, day, by)
                    pay_share(desk.billing, desk.first, paid)


def _put_files(desk: Desk, folder: Path, during: Month) -> None:
    """Write what the payer would send for the last batch, and a file of answers that has mistakes."""
    for month in desk.months()[-1:]:
        batch, *_ = desk.batches(month)
        claims = desk.claims(batch)
        refused = payer.rejected(claims, one_at_least=True) if len(claims) > 1 else frozenset()
        accepted = [claim for claim in claims if claim.claim_id not in refused]
        answered, paid = _in_month_after(during, _ANSWERED), _in_month_after(during, _PAID)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ANSWERS).write_bytes(payer.answers(claims, refused, answered))
        (folder / MISTAKES).write_bytes(payer.answers_with_mistakes(claims[0], answered))
        (folder / TRANSFER).write_bytes(payer.transfer(f"VIR-{batch.batch_id}", batch.biller_id, accepted, paid))
