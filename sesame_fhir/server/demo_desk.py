"""The desk of the demo's coordinators on a day that has passed: what is done there is of that day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from sesame_fhir.domain.billing.claims import Claim
from sesame_fhir.domain.ids import PathwayId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.server.demo_ehr import issuer
from sesame_fhir.server.demo_team import coordinators
from sesame_fhir.server.settings import Settings
from sesame_fhir.server.wiring import billing_of
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.open_items import claims_of
from sesame_fhir.services.billing.records import Batch, ClaimQuery
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.cohort.stage import SetClock
from sesame_fhir.services.engine import Command, Decision, Engine
from sesame_fhir.storage import Store

_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class _Backdated(Engine):
    """What it does is recorded on the day of the desk, or right after what the pathway's record ends with.

    The cohort's pathways were recorded up to today, and a record never goes back in time.
    """

    def run(self, pathway_id: PathwayId, command: Command, name: str, decide: Decision) -> Pathway:
        """See ``Engine.run``."""
        last = max((event.recorded_at for event in self.pathways.history(pathway_id)[-1:]), default=self.clock.now())
        now = SetClock(max(last, self.clock.now()))
        engine = Engine(self.pathways, self.projector, self.audit, now, self.ids, self.policy)
        return engine.run(pathway_id, command, name, decide)


@dataclass(frozen=True, slots=True)
class Desk:
    """Two coordinators with all sites in reach: ``first`` bills, ``second`` approves. ``today``: billing as it is now.

    ``billing`` is the same on the day to which ``move`` has brought the desk.
    """

    today: Billing
    billing: Billing
    clock: SetClock
    first: Coordinator
    second: Coordinator

    def move(self, day: date) -> date:
        """Go to the morning of a day."""
        self.clock.at = datetime.combine(day, _MORNING, tzinfo=UTC)
        return day

    def months(self) -> list[Month]:
        """The months that have a batch, the earliest first."""
        return sorted({Month.parse(batch.month) for batch in self.billing.stores.batches.batches()})

    def batches(self, month: Month) -> tuple[Batch, ...]:
        """Batches of a month."""
        return self.billing.stores.batches.batches(str(month))

    def claims(self, batch: Batch) -> Sequence[Claim]:
        """Claims of a batch, by id."""
        return [row.claim for row in claims_of(self.billing, ClaimQuery(batch_id=batch.batch_id))]


def desk_of(settings: Settings, store: Store) -> Desk:
    """The desk, today; ``settings`` are those of the demo."""
    billing = billing_of(settings, store)
    engine = billing.engine
    clock = SetClock(engine.clock.now())
    parts = (engine.pathways, engine.projector, engine.audit, clock, engine.ids, engine.policy)
    first, second = coordinators(settings, issuer(settings))
    return Desk(billing, replace(billing, engine=_Backdated(*parts)), clock, first, second)
