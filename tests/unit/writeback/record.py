"""A referral on its way to a record: the pathway, what it publishes, and a writer over real HTTP with a fixed token."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from mappings.projector import PathwayProjector
from mappings.summary import Summary
from sesame_fhir.domain.actors import Actor
from sesame_fhir.domain.events import Event, PatientIdentified, ScreeningCorrected
from sesame_fhir.domain.evolution import fold
from sesame_fhir.domain.ids import EhrId, PathwayId
from sesame_fhir.domain.instruments import InstrumentId
from sesame_fhir.domain.pathway import Pathway
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.services.delivery import DeliveryError
from sesame_fhir.services.ports import Clock
from sesame_fhir.services.records import Delivery, OutboxItem, Projections
from smart_app.ehr.client import EhrClient
from smart_app.ehr.faults import RecordFault, Remedy
from smart_app.ehr.writer import Authority, EhrRecordWriter
from smart_app.errors import LaunchExpired
from tests.support.fakes import HandClock
from tests.support.story import (
    AGREED,
    BINDING,
    GP,
    PATHWAY,
    SITE,
    TRAITS,
    answered,
    eligible,
    referred,
    screened,
    story,
)
from tests.unit.writeback.outbox_double import START

PHQ_2 = InstrumentId.PHQ_2
_REFERRAL = (PatientIdentified(TRAITS, BINDING), screened("33"), eligible(), AGREED, referred())
_CORRECTION = ScreeningCorrected(screened().screening_id, PHQ_2, "1.0.0", answered(PHQ_2, "31"), 4, safety_flag=False)
REFERRED = story(*_REFERRAL)
CORRECTED = story(*_REFERRAL, _CORRECTION)
ALL_TYPES = frozenset(
    {"QuestionnaireResponse", "Observation", "ServiceRequest", "Task", "DocumentReference", "Patient", "Practitioner"}
)


def projected(events: Sequence[Event]) -> Projections:
    """What the pathway publishes and wants in the record after these events."""
    return PathwayProjector(lambda _: ())(Pathway(PATHWAY), fold(PATHWAY, events), events)


def published(events: Sequence[Event] = REFERRED) -> dict[str, Json]:
    """The published resources by our ``Type/id``."""
    return {f"{w.resource_type}/{w.resource_id}": dict(w.body) for w in projected(events).resources}


def outbox_items(events: Sequence[Event] = REFERRED) -> list[OutboxItem]:
    """The four items of the referral, first to be sent first."""
    return [
        OutboxItem(n, PATHWAY, SITE, target, 1, 0, Delivery.PENDING, 0, START, None, None)
        for n, target in enumerate(projected(events).outbox, start=1)
    ]


@dataclass(frozen=True, slots=True)
class StaticSupport:
    """What the server and the token allow, as told."""

    types: frozenset[str] = ALL_TYPES
    interactions: frozenset[str] = frozenset({"create", "read", "update", "search-type"})
    conditional: bool = True

    def can(self, resource_type: str, interaction: str) -> bool:
        return resource_type in self.types and interaction in self.interactions

    def conditional_create(self, resource_type: str) -> bool:
        return self.conditional and resource_type in self.types

    def refusal(self, resource_type: str) -> DeliveryError | None:
        return None if resource_type in self.types else DeliveryError.TYPE_NOT_SUPPORTED


@dataclass(slots=True)
class FixedTokens:
    """Tokens of a launch: the present one, and those that refreshes will give; none left ends the launch."""

    token: str = "good"
    refreshes: list[str] = field(default_factory=list)
    renewals: int = 0

    def current(self) -> str:
        return self.token

    def renewed(self, rejected: str) -> str:
        assert rejected == self.token
        self.renewals += 1
        if not self.refreshes:
            raise LaunchExpired
        self.token = self.refreshes.pop(0)
        return self.token


@dataclass(slots=True)
class FixedAuthorities:
    """One launch's authority over one record, or none (``base`` None)."""

    base: str | None
    clock: Clock
    support: StaticSupport = field(default_factory=StaticSupport)
    tokens: FixedTokens = field(default_factory=FixedTokens)
    timeout: float = 2.0
    actor: Actor = GP
    practitioner: str | None = "Practitioner/gp1"

    @contextmanager
    def over(self, ehr_id: EhrId, patient: str) -> Iterator[Authority]:
        assert (ehr_id, patient) == (BINDING.ehr_id, BINDING.patient)
        if self.base is None:
            raise RecordFault(DeliveryError.NO_LAUNCH, Remedy.LAUNCH)
        try:
            with EhrClient(self.base, self.tokens, self.timeout, self.clock) as client:
                yield Authority(client, self.support, self.actor, self.practitioner)
        except LaunchExpired:
            raise RecordFault(DeliveryError.TOKEN_REFUSED, Remedy.LAUNCH) from None


@dataclass(slots=True)
class Desk:
    """A writer for one pathway as it stands; ``rendered`` counts the PDFs that were made."""

    authorities: FixedAuthorities
    events: Sequence[Event] = REFERRED
    rendered: int = 0

    def writer(self) -> EhrRecordWriter:
        return EhrRecordWriter(self.authorities, self._load, self._render, self.authorities.clock)

    def _load(self, pathway_id: PathwayId) -> Pathway:
        return fold(pathway_id, self.events)

    def _render(self, summary: Summary) -> bytes:
        self.rendered += 1
        return f"%PDF-{summary.reference}-{[line.total for line in summary.screenings]}".encode()


def desk(base: str | None, support: StaticSupport | None = None, timeout: float = 2.0) -> Desk:
    """A desk over a server, with everything allowed unless ``support`` says less."""
    return Desk(FixedAuthorities(base, HandClock(START), support or StaticSupport(), timeout=timeout))
