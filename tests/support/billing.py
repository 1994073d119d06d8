"""Pathways to bill, for tests: lives in a few lines each, written whole, and the coordinators who bill them.

Today is 1 July 2026 and the month to bill June 2026, unless a test says otherwise. The tariff is invented.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from mappings.projector import PathwayProjector
from sesame_fhir.domain import events as ev
from sesame_fhir.domain.actors import Actor, Role
from sesame_fhir.domain.billing.scheme import BillingScheme
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.identifiers import Ins, InsNature
from sesame_fhir.domain.ids import CommandId, EventId, PathwayId, ReferralId, ScreeningId, SiteId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.domain.policy import PathwayPolicy
from sesame_fhir.fhir.search_index import index
from sesame_fhir.server.system import SystemIds
from sesame_fhir.services.billing.batches import approve, freeze
from sesame_fhir.services.billing.month import Month
from sesame_fhir.services.billing.preparing import prepare
from sesame_fhir.services.billing.records import Batch, StoredScheme
from sesame_fhir.services.billing.setting import Billing, Coordinator
from sesame_fhir.services.billing.submitting import Submitted, submit
from sesame_fhir.services.engine import Command, Engine
from sesame_fhir.services.ports import Clock
from sesame_fhir.services.records import Commit
from sesame_fhir.storage import Store
from tests.support.billed import COVERAGE, SCHEME
from tests.support.fakes import HandClock
from tests.support.story import COORDINATOR, EHR, GP, NURSE, SITE, TRAITS, screened

MONTH = "2026-06"
TODAY = date(2026, 7, 1)
NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
OTHER_SITE = SiteId("site-bezons")
SITES = frozenset({SITE, OTHER_SITE})
SECOND = Actor("coord-2", Role.COORDINATOR, "Colas Fictif")
PROJECTOR = PathwayProjector(index)

FIRST_COORDINATOR = Coordinator(COORDINATOR, SITES)
SECOND_COORDINATOR = Coordinator(SECOND, SITES)
"""Both reach both sites: one freezes, the other approves."""


@dataclass(frozen=True, slots=True)
class Lived:
    """One patient's first sequence: ``contacts`` held every ten days from ``start``; ``end`` None: it still runs.

    ``agreed`` False: the agreement is taken back after two months. ``end`` before ``planned_end``: interrupted.
    """

    number: int
    site: SiteId = SITE
    start: date = date(2026, 3, 2)
    end: date | None = date(2026, 6, 1)
    contacts: int = 4
    ins: bool = True
    agreed: bool = True
    covered: bool = True
    given: str = TRAITS.given

    @property
    def pathway_id(self) -> PathwayId:
        """Its pathway."""
        return PathwayId(f"01900000-0000-7000-8000-{self.number:012x}")

    @property
    def planned_end(self) -> date:
        """Three months of 2026 that begin on a 2nd have 92 days: 2 March to 1 June."""
        return self.start + timedelta(days=91)


@dataclass(slots=True)
class _Writer:
    """Events of one life, in one command."""

    life: Lived
    events: list[ev.Event] = field(default_factory=list)

    def add(self, day: date, data: ev.Payload, actor: Actor = NURSE, hour: int = 9) -> None:
        """Something happened on a day, and was written down at once."""
        at = datetime.combine(day, time(hour, len(self.events)), tzinfo=UTC)
        self.events.append(
            ev.Event(
                EventId(f"{self.life.pathway_id[:-12]}{self.life.number:08x}{len(self.events) + 1:04x}"),
                self.life.pathway_id,
                len(self.events) + 1,
                occurred_at=at,
                recorded_at=max([at, *(e.recorded_at for e in self.events)]),
                actor=actor,
                site=self.life.site,
                command_id=CommandId(f"lived-{self.life.number}"),
                data=data,
            )
        )


def history_of(life: Lived) -> tuple[ev.Event, ...]:
    """The life's events, as they would have been recorded day by day."""
    number, days = life.number, _Writer(life)
    ins = Ins(f"2841276{number:06d}", InsNature.TEST) if life.ins else None
    traits = replace(TRAITS, family=f"FICTIVE{number}", given=life.given, ins=ins)
    screening_id, referral_id = ScreeningId(f"screening-{number}"), ReferralId(f"referral-{number}")
    before = life.start - timedelta(days=7)
    days.add(before, ev.PatientIdentified(traits, ev.EhrBinding(EHR, f"Patient/{number}")), GP)
    days.add(before, replace(screened(), screening_id=screening_id), GP)
    days.add(before, ev.ConsentRecorded(ev.ConsentPurpose.CARE_TEAM, ev.ConsentStatus.GIVEN), GP)
    days.add(before, ev.PatientReferred(referral_id, screening_id), GP)
    days.add(before, ev.ReferralAccepted(referral_id))
    if life.covered:
        days.add(before, COVERAGE)
    days.add(life.start, ev.AssessmentRecorded())
    days.add(life.start, ev.SequenceStarted(1, life.start, life.planned_end))
    for turn in range(life.contacts):
        held = ev.ContactHeld(f"contact-{number}-{turn}", ev.ContactMode.PHONE, 20)
        days.add(life.start + timedelta(days=10 * turn), held, hour=10)
    if not life.agreed:
        no = ev.ConsentRecorded(ev.ConsentPurpose.CARE_TEAM, ev.ConsentStatus.WITHDRAWN)
        days.add(life.start + timedelta(days=60), no)
    if life.end is not None:
        days.add(life.end + timedelta(days=1), ev.SequenceFinished(1, life.end, life.end < life.planned_end))
    return tuple(days.events)


@lru_cache(maxsize=512)
def commit_of(life: Lived, projector: PathwayProjector = PROJECTOR) -> Commit:
    """The whole life as one command, with what the projector makes of it; made once for all tests of a process."""
    events = history_of(life)
    before, after = Pathway(life.pathway_id), fold(life.pathway_id, events)
    projections = projector(before, after, events)
    return Commit(life.pathway_id, 0, events[0].command_id, events[-1].recorded_at, events, projections)


def write_lives(store: Store, lives: Iterable[Lived]) -> None:
    """Put lives into a store, in one transaction."""
    store.pathways.commit_all([commit_of(life) for life in lives])


def many(count: int, first: int = 1) -> Iterator[Lived]:
    """As many billable lives, at two sites, ending in June 2026."""
    for number in range(first, first + count):
        start = date(2026, 3, 2) + timedelta(days=number % 28)
        yield Lived(number, OTHER_SITE if number % 3 == 0 else SITE, start, start + timedelta(days=91))


def billing_over(store: Store, clock: Clock | None = None, *schemes: BillingScheme, four_eyes: bool = True) -> Billing:
    """The use cases' setting over a store, with these schemes configured (the example when none is given)."""
    for scheme in schemes or (SCHEME,):
        store.billing.schemes.add(StoredScheme(scheme, f"# {scheme.version}", f"{scheme.version}", 1, NOW, "tests"))
    at = clock or HandClock(NOW)
    engine = Engine(store.pathways, PROJECTOR, store.audit, at, SystemIds(), PathwayPolicy())
    return Billing(engine, store.billing, four_eyes)


def frozen_month(billing: Billing, month: str = MONTH, today: date = TODAY) -> Batch:
    """Prepare a month with one scheme and biller, and freeze it."""
    (draft,) = prepare(billing, FIRST_COORDINATOR, Month.parse(month), today)
    return freeze(billing, FIRST_COORDINATOR, draft.batch_id)


def submitted_month(billing: Billing, month: str = MONTH, today: date = TODAY) -> Submitted:
    """The same, approved by the second coordinator and submitted: its claims are made."""
    batch_id = frozen_month(billing, month, today).batch_id
    approve(billing, SECOND_COORDINATOR, batch_id)
    return submit(billing, FIRST_COORDINATOR, batch_id, today)


def one_more_contact(billing: Billing, life: Lived, on: date, contact_id: str = "found-later") -> None:
    """A contact that was written down after the sequence had ended: the facts change."""
    at = datetime.combine(on, time(11), tzinfo=UTC)
    held = ev.ContactHeld(contact_id, ev.ContactMode.PHONE, 20)
    command = Command(CommandId(f"late-{life.number}-{contact_id}"), NURSE, life.site, at)
    billing.engine.run(life.pathway_id, command, "hold-contact", lambda _pathway: (held,))
