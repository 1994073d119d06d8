"""Delivers what a pathway published to the EHR's record: claims, orders, sends, reports, and never gives up silently.

An item that cannot be sent stays in the outbox with a coded error and a next attempt; one broken item holds back only
what refers to it. Delivery is at least once: the writer makes it idempotent by our business identifiers, so a crash
between the EHR's answer and our report costs one more request and never a duplicate.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sesame_fhir.domain.ids import EhrId, PathwayId
from sesame_fhir.services.journal import LogEvent, log, log_unexpected
from sesame_fhir.services.ports import Clock, Outbox, RecordWriter, ResourceStore
from sesame_fhir.services.records import Delivery, DeliveryReport, OutboxItem

SEND_ORDER = ("QuestionnaireResponse", "Observation", "ServiceRequest", "Communication", "Task", "DocumentReference")
"""Types in the order in which they refer to each other; others follow."""

LEASE_SECONDS = 75
"""How long a claim holds after its holder died: ``RENEW_SECONDS`` and nine requests of 8 s; one item takes less."""

RENEW_SECONDS = 3
"""A claim older than this is renewed before its item is sent: what somebody else has taken over is left to them."""

_ABANDONED_SECONDS = 15
# A sender renews its claim before each item, so a claim this old is of a dead one, or of one whose request hangs.

_WAITING = (Delivery.PENDING, Delivery.NEEDS_LAUNCH)


class DeliveryError(StrEnum):
    """Why an item is not in the record as a resource. The page translates them; the EHR's own words never pass."""

    NO_LAUNCH = "no-launch"
    TOKEN_REFUSED = "token-refused"  # noqa: S105  a code, not a secret
    OUT_OF_SCOPE = "out-of-scope"
    TYPE_NOT_SUPPORTED = "type-not-supported"
    NO_DEDUPLICATION = "no-deduplication"
    FORBIDDEN = "forbidden"
    REFUSED_BY_RECORD = "refused-by-record"
    PATIENT_GONE = "patient-gone"
    CONFLICT = "conflict"
    SEVERAL_IN_RECORD = "several-in-record"
    THROTTLED = "throttled"
    RECORD_FAILED = "record-failed"
    RECORD_UNREACHABLE = "record-unreachable"
    NOT_FHIR = "not-fhir"
    WAITING_FOR_DEPENDENCY = "waiting-for-dependency"
    OUT_OF_TIME = "out-of-time"
    NOT_PUBLISHED = "not-published"
    INTERNAL = "internal-error"


_LEAVE_ALONE = (DeliveryError.RECORD_UNREACHABLE, DeliveryError.THROTTLED)
_NO_ATTEMPT = (DeliveryError.WAITING_FOR_DEPENDENCY, DeliveryError.OUT_OF_TIME)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When to try again. ``jitter`` gives a number in [0, 1): half of each delay is fixed, half is drawn.

    Delays double from ``first`` to ``cap``. An EHR's Retry-After is honoured as given, up to ``longest_asked``, so
    that a server asking for a year does not bury the item.
    """

    jitter: Callable[[], float]
    first: timedelta = timedelta(seconds=5)
    cap: timedelta = timedelta(minutes=15)
    longest_asked: timedelta = timedelta(hours=1)

    def next_attempt(self, attempts: int, now: datetime, asked: datetime | None = None) -> datetime:
        """Time of the next attempt, after ``attempts`` failed ones before this one; ``asked`` is the EHR's wish."""
        if asked is not None:
            return min(max(asked, now), now + self.longest_asked)
        # 2**20 x 5 s is far above any cap; the bound keeps timedelta from overflowing after weeks of failures.
        delay: timedelta = min(self.first * 2 ** min(attempts, 20), self.cap)
        return now + delay * (0.5 + 0.5 * self.jitter())


@dataclass(frozen=True, slots=True)
class Delivered:
    """Result of one round: how many items were claimed, and how many are now in each status."""

    claimed: int = 0
    by_status: Mapping[Delivery, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Record:
    """One pathway's items for one EHR during a round, by our ``Type/id``, kept up to date as reports are made."""

    items: dict[str, OutboxItem]

    def delivered(self) -> dict[str, str]:
        """Our ``Type/id`` to the EHR's, for what the record holds."""
        return {ref: item.location for ref, item in self.items.items() if item.location is not None}

    def blocker(self, item: OutboxItem) -> OutboxItem | None:
        """The first dependency that the record does not hold in any form yet."""
        found = (self.items.get(ref) for ref in item.target.depends_on)
        return next((d for d in found if d is not None and d.location is None and d.status in _WAITING), None)


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """The outbox's use case. Several processes may run it: a claimed item has one sender."""

    outbox: Outbox
    resources: ResourceStore
    writer: RecordWriter
    clock: Clock
    retry: RetryPolicy

    def deliver_pathway(self, pathway_id: PathwayId, budget: timedelta = timedelta(seconds=8)) -> Delivered:
        """Send what a pathway has pending, right after a command; no item is started once ``budget`` has passed."""
        now = self.clock.now()
        claimed = self.outbox.claim(now, LEASE_SECONDS, limit=100, pathway_id=pathway_id)
        return self._send(claimed, now, budget)

    def deliver_due(self, now: datetime, limit: int = 50, budget: timedelta = timedelta(seconds=45)) -> Delivered:
        """Send what is due, of any pathway (background worker)."""
        return self._send(self.outbox.claim(now, LEASE_SECONDS, limit), now, budget)

    def _send(self, claimed: Sequence[OutboxItem], began: datetime, budget: timedelta) -> Delivered:
        deadline = began + budget
        records: dict[tuple[PathwayId, EhrId], _Record] = {}
        silent: dict[EhrId, DeliveryReport] = {}
        counts: dict[Delivery, int] = {}
        for item in sorted(claimed, key=_send_order):
            ehr_id = item.target.ehr_id
            if (item.pathway_id, ehr_id) not in records:
                items = (i for i in self.outbox.of_pathway(item.pathway_id) if i.target.ehr_id == ehr_id)
                records[item.pathway_id, ehr_id] = _Record({reference(i): i for i in items})
            record = records[item.pathway_id, ehr_id]
            held = self._held(item, began)
            if held is None:
                continue
            # An EHR that does not answer, or asks to wait, is left alone for the rest of the round: every further
            # try would cost a time-out, and the other EHRs' patients would wait for it.
            report = self._scheduled(held, silent.get(ehr_id) or self._outcome(held, record, deadline))
            if report.error in _LEAVE_ALONE:
                silent[ehr_id] = replace(report, location=None)
            self._report(held, record, report)
            counts[report.status] = counts.get(report.status, 0) + 1
        return Delivered(len(claimed), counts)

    def _held(self, item: OutboxItem, began: datetime) -> OutboxItem | None:
        """The item while the claim of ``began`` is ours, None once another sender has taken it over."""
        now = self.clock.now()
        if now - began < timedelta(seconds=RENEW_SECONDS):
            return item
        return self.outbox.renew(item, now, LEASE_SECONDS)

    def _report(self, item: OutboxItem, record: _Record, report: DeliveryReport) -> None:
        if report.error is not None and report.error not in _NO_ATTEMPT:
            _log_failure(item, report)
        self.outbox.report(item, report, self.clock.now())
        record.items[reference(item)] = replace(
            item,
            status=report.status,
            location=report.location or item.location,
            next_attempt_at=report.retry_at or item.next_attempt_at,
        )

    def _outcome(self, item: OutboxItem, record: _Record, deadline: datetime) -> DeliveryReport:
        now = self.clock.now()
        if now >= deadline:
            return DeliveryReport(Delivery.PENDING, error=DeliveryError.OUT_OF_TIME, retry_at=now)
        if (blocker := record.blocker(item)) is not None:
            retry_at = None if blocker.status is Delivery.NEEDS_LAUNCH else max(blocker.next_attempt_at, now)
            return DeliveryReport(blocker.status, None, DeliveryError.WAITING_FOR_DEPENDENCY, retry_at)
        try:
            stored = self.resources.read(item.target.resource_type, item.target.resource_id)
            if stored is None or stored.body is None:
                return DeliveryReport(Delivery.PENDING, error=DeliveryError.NOT_PUBLISHED)
            resource: dict[str, Any] = json.loads(stored.body, parse_float=Decimal)
            return self.writer.deliver(item, resource, record.delivered())
        except Exception as broken:  # noqa: BLE001  a fault of ours in one item must not hold back the other patients'
            log_unexpected(broken, "delivery")
            return DeliveryReport(Delivery.PENDING, error=DeliveryError.INTERNAL)

    def _scheduled(self, item: OutboxItem, report: DeliveryReport) -> DeliveryReport:
        if report.status is not Delivery.PENDING:
            return report
        return replace(report, retry_at=self.retry.next_attempt(item.attempts, self.clock.now(), report.retry_at))


def abandoned(now: datetime) -> datetime:
    """End of the leases whose holder has not been heard of for a while; see ``Outbox.wake``."""
    return now + timedelta(seconds=LEASE_SECONDS - _ABANDONED_SECONDS)


def _log_failure(item: OutboxItem, report: DeliveryReport) -> None:
    log(
        LogEvent.DELIVERY_FAILED,
        level="warning",
        code=report.error,
        status=report.status.value,
        resource_type=item.target.resource_type,
        ehr_id=item.target.ehr_id,
        attempts=item.attempts + 1,
    )


def reference(item: OutboxItem) -> str:
    """Our own ``Type/id`` of an item's resource."""
    return f"{item.target.resource_type}/{item.target.resource_id}"


def _send_order(item: OutboxItem) -> tuple[int, int]:
    kind = item.target.resource_type
    return (SEND_ORDER.index(kind) if kind in SEND_ORDER else len(SEND_ORDER)), item.item_id


class Written(StrEnum):
    """What the record holds of one resource, for the page."""

    WRITTEN = "written"
    IN_DOCUMENT = "in-document"
    TO_PASTE = "to-paste"
    WAITING = "waiting"
    WAITING_FOR_LAUNCH = "waiting-for-launch"
    UPDATE_WAITING = "update-waiting"


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of "what was written to the record". ``location`` is the EHR's ``Type/id``; ``error`` is a code."""

    resource_type: str
    resource_id: str
    written: Written
    location: str | None = None
    error: str | None = None
    next_attempt_at: datetime | None = None


_WRITTEN = {
    Delivery.SENT: Written.WRITTEN,
    Delivery.DOCUMENT: Written.IN_DOCUMENT,
    Delivery.TEXT: Written.TO_PASTE,
    Delivery.PENDING: Written.WAITING,
    Delivery.NEEDS_LAUNCH: Written.WAITING_FOR_LAUNCH,
}


def what_was_written(items: Iterable[OutboxItem]) -> list[WrittenLine]:
    """One line per resource, in the order they are sent; an earlier version in the record counts as update waiting."""
    return [_line(item) for item in sorted(items, key=_send_order)]


def _line(item: OutboxItem) -> WrittenLine:
    written = _WRITTEN[item.status]
    if item.status is Delivery.PENDING and item.sent_version > 0:
        written = Written.UPDATE_WAITING
    return WrittenLine(
        resource_type=item.target.resource_type,
        resource_id=item.target.resource_id,
        written=written,
        location=item.location,
        error=item.error,
        next_attempt_at=item.next_attempt_at if item.status is Delivery.PENDING else None,
    )
