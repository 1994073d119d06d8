"""An outbox and a resource store in memory, for the tests of the delivery's decisions alone."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sesame_fhir.domain.ids import EhrId, PathwayId, SiteId
from sesame_fhir.services.records import (
    Delivery,
    DeliveryReport,
    Origin,
    OutboxItem,
    OutboxTarget,
    StoredResource,
)
from tests.support.no_resources import NoResources

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def item(
    kind: str, number: int, *depends_on: str, pathway: str = "p1", status: Delivery = Delivery.PENDING, **changes: Any
) -> OutboxItem:
    """An outbox item ``kind/kind-number`` of a pathway, due at START."""
    made = OutboxItem(
        item_id=number,
        pathway_id=PathwayId(pathway),
        site=SiteId("site"),
        target=OutboxTarget(kind, f"{pathway}-{number}", EhrId("ehr"), "Patient/pat-1", depends_on),
        wanted_version=1,
        sent_version=0,
        status=status,
        attempts=0,
        next_attempt_at=START,
        location=None,
        error=None,
    )
    return replace(made, **changes)


@dataclass(slots=True)
class MemoryOutbox:
    """The outbox port over a dictionary; ``reports`` keeps every report in order."""

    items: dict[int, OutboxItem] = field(default_factory=dict)
    leases: dict[int, datetime] = field(default_factory=dict)
    reports: list[tuple[int, DeliveryReport]] = field(default_factory=list)

    @classmethod
    def of(cls, *items: OutboxItem) -> "MemoryOutbox":
        return cls({i.item_id: i for i in items})

    def of_pathway(self, pathway_id: PathwayId) -> tuple[OutboxItem, ...]:
        return tuple(i for i in self.items.values() if i.pathway_id == pathway_id)

    def claim(
        self, now: datetime, lease_seconds: int, limit: int, pathway_id: PathwayId | None = None
    ) -> tuple[OutboxItem, ...]:
        due = [
            i
            for i in self.items.values()
            if i.status is Delivery.PENDING
            and (i.next_attempt_at <= now if pathway_id is None else i.pathway_id == pathway_id)
            and self.leases.get(i.item_id, now) <= now
        ][:limit]
        until = now + timedelta(seconds=lease_seconds)
        self.leases.update({i.item_id: until for i in due})
        return tuple(replace(i, leased_until=until) for i in due)

    def renew(self, item: OutboxItem, now: datetime, lease_seconds: int) -> OutboxItem | None:
        if self.leases.get(item.item_id) != item.leased_until:
            return None
        self.leases[item.item_id] = now + timedelta(seconds=lease_seconds)
        return replace(item, leased_until=self.leases[item.item_id])

    def report(self, item: OutboxItem, report: DeliveryReport, now: datetime) -> None:
        assert report.status is not Delivery.PENDING or report.retry_at is not None
        self.leases.pop(item.item_id, None)
        self.reports.append((item.item_id, report))
        done = report.status is Delivery.SENT
        self.items[item.item_id] = replace(
            item,
            status=report.status,
            location=report.location or item.location,
            error=report.error,
            attempts=0 if done else item.attempts + 1,
            sent_version=item.wanted_version if done else item.sent_version,
            next_attempt_at=report.retry_at or now,
        )

    def wake(self, ehr_id: EhrId, patient: str, now: datetime, abandoned: datetime) -> int:
        asleep = [i for i in self.items.values() if i.status is Delivery.NEEDS_LAUNCH]
        self.items.update({i.item_id: replace(i, status=Delivery.PENDING, next_attempt_at=now) for i in asleep})
        assert all((i.target.ehr_id, i.target.patient) == (ehr_id, patient) for i in asleep)
        freed = [number for number, until in self.leases.items() if now < until <= abandoned]
        for number in freed:
            del self.leases[number]
        return len(asleep) + len(freed)

    def backlog(self) -> Mapping[str, int]:
        return Counter(i.status.value for i in self.items.values())


@dataclass(slots=True)
class MemoryResources(NoResources):
    """The part of the resource store that the delivery uses: current versions by ``Type/id``."""

    bodies: dict[str, bytes | None]

    def read(self, resource_type: str, resource_id: str) -> StoredResource | None:
        reference = f"{resource_type}/{resource_id}"
        if reference not in self.bodies:
            return None
        return StoredResource(
            resource_type, resource_id, 1, START, self.bodies[reference], Origin.PATHWAY, SiteId("site")
        )


Script = Callable[[OutboxItem], DeliveryReport]


@dataclass(slots=True)
class ScriptedWriter:
    """A record writer that answers by ``Type/id`` as told, SENT otherwise; ``calls`` keeps what it was given."""

    scripts: dict[str, Script] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def deliver(self, item: OutboxItem, resource: Mapping[str, Any], delivered: Mapping[str, str]) -> DeliveryReport:
        reference = f"{item.target.resource_type}/{item.target.resource_id}"
        assert resource["resourceType"] == item.target.resource_type
        self.calls.append((reference, dict(delivered)))
        script = self.scripts.get(item.target.resource_type)
        if script is not None:
            return script(item)
        return DeliveryReport(Delivery.SENT, f"{item.target.resource_type}/ehr-{item.item_id}")
