"""Bills the programme month by month through the use cases, over a real store, as two coordinators would.

On the 10th: what has been recorded by then is there; changed claims are looked at; the month before is prepared,
frozen, approved by the second coordinator, submitted. On the 20th the payer's answers come in, on the 28th its
payment, less what it had paid for claims that were taken back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path

from mappings.billing.incoming.answers import read_answers
from mappings.billing.incoming.payments import read_payments
from mappings.payment_reconciliation import payment_publisher
from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.billing.claims import ClaimStatus
from sesame_fhir.domain.billing.decision import BillingCode
from sesame_fhir.domain.evolution import evolve
from sesame_fhir.domain.ids import PathwayId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import DEFAULT_POLICY
from sesame_fhir.fhir.search_index import index
from sesame_fhir.server.billing.scheme_file import Deployment, read_scheme_file
from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.billing import batches, corrections
from sesame_fhir.services.billing.answers import import_answers
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.payments import reconcile
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import Batch, ClaimQuery, LineFate
from sesame_fhir.services.billing.schemes import add_schemes
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.billing.submitting import submit
from sesame_fhir.services.cohort.stage import SetClock
from sesame_fhir.services.engine import Engine
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store
from tests.programme import payer
from tests.programme.histories import history
from tests.programme.plan import FIRST_MONTH, LAST_MONTH, SITES, Profile
from tests.support.billing import SECOND
from tests.support.story import COORDINATOR

SCHEME = Path(__file__).with_name("scheme.toml")
BILLING_DAY, ANSWER_DAY, PAYMENT_DAY = 10, 20, 28
_TOGETHER = 100
_EVERYWHERE = frozenset(map(SiteId, SITES))


def months() -> Iterator[tuple[Month, date]]:
    """Each month, and the day of the next one on which it is billed."""
    month = Month(*FIRST_MONTH)
    while (month.year, month.number) <= LAST_MONTH:
        after = Month.of(month.last + timedelta(days=1))
        yield month, after.first.replace(day=BILLING_DAY)
        month = after


class Programme:
    """The store, the two coordinators, and what is still to be recorded of each patient's life."""

    def __init__(self, store: Store, profiles: Sequence[Profile]) -> None:
        """Open the desk: the scheme is the example of this folder."""
        self.store = store
        self.clock = SetClock(datetime(2023, 11, 1, 8, tzinfo=UTC))
        self.begun: set[PathwayId] = set()
        self.batches: list[Batch] = []
        self.projector = PathwayProjector(index)
        engine = Engine(self.store.pathways, self.projector, self.store.audit, self.clock, SystemIds(), DEFAULT_POLICY)
        publisher = payment_publisher(self.store.resources, index)
        self.billing = Billing(engine, self.store.billing, publisher=publisher)
        self.first, self.second = Coordinator(COORDINATOR, _EVERYWHERE), Coordinator(SECOND, _EVERYWHERE)
        self.lives = [list(history(profile)) for profile in profiles]
        reading = read_scheme_file(SCHEME.read_bytes(), Deployment(_EVERYWHERE, 4, ()))
        assert not reading.mistakes, reading.findings
        add_schemes(self.billing, self.first, reading.schemes, reading.text)

    def run(self) -> None:
        """Bill every month."""
        for month, on in months():
            self.month(month, on)

    def month(self, month: Month, on: date) -> None:
        """One month, from its billing day to its payment."""
        self._at(on)
        self._record(on)
        self._correct()
        for batch in prepare(self.billing, self.first, month, on):
            batches.freeze(self.billing, self.first, batch.batch_id)
            batches.approve(self.billing, self.second, batch.batch_id)
            done = submit(self.billing, self.second, batch.batch_id, on)
            assert done.refused == 0
            self.batches.append(done.batch)
        self._answer(on.replace(day=ANSWER_DAY))
        self._pay(on.replace(day=PAYMENT_DAY))

    def _at(self, day: date) -> None:
        self.clock.at = datetime.combine(day, time(12), tzinfo=UTC)

    def _record(self, on: date) -> None:
        """What was recorded by the billing day, of patients with a finished sequence: the others are not due yet."""
        due = datetime.combine(on, time(0), tzinfo=UTC)
        commits = []
        for life in self.lives:
            known = [event for event in life if event.recorded_at < due]
            if known and (known[0].pathway_id in self.begun or any(e.kind == "SequenceFinished" for e in known)):
                commits.append(self._commit(known))
                del life[: len(known)]
        for start in range(0, len(commits), _TOGETHER):
            self.store.pathways.commit_all(commits[start : start + _TOGETHER])

    def _commit(self, known: list[ev.Event]) -> Commit:
        key = known[0].pathway_id
        history = self.store.pathways.history(key)
        before = Pathway(key)
        for event in history:
            before = evolve(before, event)
        # Claims have been written between what was planned: the plan's own numbers move up.
        events, after = [], before
        for number, event in enumerate(known, start=before.version + 1):
            events.append(replace(event, sequence=number))
            after = evolve(after, events[-1])
        self.begun.add(key)
        projections = self.projector(before, after, events)
        return Commit(key, before.version, events[0].command_id, events[-1].recorded_at, tuple(events), projections)

    def _correct(self) -> None:
        """A claim whose amount or verdict would be another one is taken back, any other is let stand."""
        while found := corrections.to_correct(self.billing, self.first).rows:
            for one in found:
                claim = one.row.claim
                if _same(one):
                    corrections.confirm_claim(self.billing, self.first, claim.claim_id, one.digest)
                else:
                    corrections.cancel_claim(self.billing, self.first, claim.claim_id, ev.CancelReason.CORRECTED)

    def _asked(self, status: ClaimStatus, *, paid: bool = False) -> Iterator[payer.Asked]:
        after = None
        while page := self.store.billing.claims.claims(ClaimQuery(statuses=frozenset({status}), after=after)):
            for row in page:
                assert row.claim.terms is not None
                euros = row.claim.paid if paid else row.claim.amount
                yield row.claim.claim_id, row.claim.terms.batch_id, euros
            after = page[-1].claim.claim_id

    def _answer(self, on: date) -> None:
        self._at(on)
        asked = sorted(self._asked(ClaimStatus.SUBMITTED), key=lambda one: one[1])
        for batch, some in groupby(asked, key=lambda one: one[1]):
            file = read_answers(payer.answers(some, on), f"reponses-{batch}.csv", batch_id=batch)
            came = import_answers(self.billing, self.first, file, all_or_nothing=True)
            assert {line.fate for line in came.results} == {LineFate.RECORDED}

    def _pay(self, on: date) -> None:
        self._at(on)
        back = [(claim, batch, -paid) for claim, batch, paid in self._asked(ClaimStatus.CANCELLED, paid=True) if paid]
        if asked := [*self._asked(ClaimStatus.ACCEPTED), *back]:
            data = payer.payment(f"VIR-{on:%Y-%m}", "operateur", asked, on)
            came = reconcile(self.billing, self.first, read_payments(data, f"virement-{on:%Y-%m}.csv"))
            assert {line.fate for line in came.results} == {LineFate.RECORDED}


def _same(one: corrections.ToCorrect) -> bool:
    """The rules would give the same amount; that it is too late by now to claim it again is no matter."""
    against = {reason.code for reason in one.decision.against} - {BillingCode.TOO_LATE}
    return not against and one.decision.amount == one.row.claim.amount
