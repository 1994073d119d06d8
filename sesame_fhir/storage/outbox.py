"""``Outbox``: claim, report, wake. A claim is a lease: it frees the item when the sender dies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from sesame_fhir.domain.ids import EhrId, PathwayId, SiteId
from sesame_fhir.services.records import Delivery, DeliveryReport, OutboxItem, OutboxTarget
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.outbox_rows import NO_LEASE
from sesame_fhir.storage.session import Database, Row, Session, Value

_ITEM = """
SELECT o.item_key, p.pathway_id, o.site, o.resource_type, o.resource_id, o.ehr_id, o.patient, o.depends_on,
  o.wanted_version, o.sent_version, o.status, o.attempts, o.next_attempt_at, o.location, o.error,
  o.leased_until
FROM outbox o JOIN pathway p ON p.pathway_key = o.pathway_key """
_ORDER = " ORDER BY o.pathway_key, o.position, o.item_key"
_LEASE = "UPDATE outbox SET leased_until = ? WHERE item_key = ?"
_RENEW = "UPDATE outbox SET leased_until = ? WHERE item_key = ? AND leased_until = ?"
_NOW_WANTED = "SELECT o.wanted_version, o.sent_version, o.location, o.leased_until FROM outbox o WHERE o.item_key = ?"
_REPORT = """
UPDATE outbox SET status = ?, sent_version = ?, attempts = ?, next_attempt_at = ?, leased_until = ?, location = ?,
  error = ? WHERE item_key = ?"""
_WAKE = """
UPDATE outbox SET status = ?, attempts = 0, next_attempt_at = ?, error = NULL
WHERE ehr_id = ? AND patient = ? AND status IN (?, ?)"""
_FREE = """
UPDATE outbox SET leased_until = ?
WHERE ehr_id = ? AND patient = ? AND status = ? AND leased_until > ? AND leased_until <= ?"""

_WOKEN = (Delivery.NEEDS_LAUNCH.value, Delivery.TEXT.value)
"""What another launch may change: what waited for one, and what the last one's rights did not let through."""

_TAKEN = frozenset({Delivery.SENT, Delivery.DOCUMENT})
"""The record holds this version, as a resource or in a document."""


class SqlOutbox:
    """The outbox of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_pathway(self, pathway_id: PathwayId) -> tuple[OutboxItem, ...]:
        """All items of one pathway, in the order they must be sent."""
        sql = _ITEM + "WHERE p.pathway_id = ?" + _ORDER
        return _items(self._database.read(lambda session: session.rows(sql, (pathway_id,))))

    def claim(
        self, now: datetime, lease_seconds: int, limit: int, pathway_id: PathwayId | None = None
    ) -> tuple[OutboxItem, ...]:
        """Take due items for sending; with ``pathway_id``, that pathway's pending items whatever their backoff."""
        at = to_micros(now)
        due, value = ("o.next_attempt_at <= ?", at) if pathway_id is None else ("p.pathway_id = ?", pathway_id)
        # Oldest first across pathways, so that none starves; the order within a pathway is restored after.
        order = "o.next_attempt_at, " if pathway_id is None else ""
        sql = (
            f"{_ITEM}WHERE o.status = ? AND o.leased_until <= ? AND {due} "
            f"ORDER BY {order}o.pathway_key, o.position, o.item_key LIMIT ?"
        )
        until = now + timedelta(seconds=lease_seconds)

        def job(session: Session) -> list[Row]:
            suffix = session.row_lock("o", skip_locked=True)
            params: tuple[Value, ...] = (Delivery.PENDING.value, at, value, limit)
            rows = session.rows(sql + suffix, params)
            session.run_many(_LEASE, [(to_micros(until), row[0]) for row in rows])
            return rows

        return tuple(replace(item, leased_until=until) for item in _items(self._database.write(job)))

    def renew(self, item: OutboxItem, now: datetime, lease_seconds: int) -> OutboxItem | None:
        """Hold a claimed item longer; None when the claim was lost."""
        until = now + timedelta(seconds=lease_seconds)
        params = (to_micros(until), item.item_id, _lease(item))
        held = self._database.write(lambda session: session.run(_RENEW, params))
        return replace(item, leased_until=until) if held else None

    def report(self, item: OutboxItem, report: DeliveryReport, now: datetime) -> None:
        """Record the result of an attempt; an item whose wanted version grew meanwhile stays pending."""

        def job(session: Session) -> None:
            row = session.row(_NOW_WANTED + session.row_lock("o"), (item.item_id,))
            if row is not None and not _stale(item, report, row):
                session.run(_REPORT, (*_after(item, report, now, row), item.item_id))

        self._database.write(job)

    def wake(self, ehr_id: EhrId, patient: str, now: datetime, abandoned: datetime) -> int:
        """Items that another launch may send become pending, abandoned claims are freed. Returns how many."""
        pending, at = Delivery.PENDING.value, to_micros(now)

        def job(session: Session) -> int:
            freed = session.run(_FREE, (NO_LEASE, ehr_id, patient, pending, at, to_micros(abandoned)))
            return freed + session.run(_WAKE, (pending, at, ehr_id, patient, *_WOKEN))

        return self._database.write(job)

    def backlog(self) -> Mapping[str, int]:
        """Number of items per delivery status, zero included."""
        rows = self._database.read(lambda session: session.rows("SELECT status, COUNT(*) FROM outbox GROUP BY status"))
        return {**{status.value: 0 for status in Delivery}, **{row[0]: row[1] for row in rows}}


def _stale(item: OutboxItem, report: DeliveryReport, row: Row) -> bool:
    """Tell a failure that comes after another sender has taken the claim over, or delivered the version."""
    _wanted, sent, _location, lease = row
    return report.status not in _TAKEN and bool(sent >= item.wanted_version or lease != _lease(item))


def _lease(item: OutboxItem) -> int:
    return NO_LEASE if item.leased_until is None else to_micros(item.leased_until)


def _after(item: OutboxItem, report: DeliveryReport, now: datetime, row: Row) -> tuple[Value, ...]:
    """Return the columns of ``_REPORT``."""
    wanted, sent, location, lease = row
    left = NO_LEASE if lease == _lease(item) else lease
    if report.status in _TAKEN:
        sent = max(sent, item.wanted_version)
    location = report.location or location
    if wanted > item.wanted_version:
        return Delivery.PENDING.value, sent, 0, to_micros(now), left, location, None
    retry_at = report.retry_at or now
    return report.status.value, sent, item.attempts + 1, to_micros(retry_at), left, location, report.error


def _items(rows: Sequence[Row]) -> tuple[OutboxItem, ...]:
    return tuple(_item(row) for row in rows)


def _item(row: Row) -> OutboxItem:
    return OutboxItem(
        item_id=row[0],
        pathway_id=PathwayId(row[1]),
        site=SiteId(row[2]),
        target=OutboxTarget(row[3], row[4], EhrId(row[5]), row[6], tuple(orjson.loads(row[7]))),
        wanted_version=row[8],
        sent_version=row[9],
        status=Delivery(row[10]),
        attempts=row[11],
        next_attempt_at=from_micros(row[12]),
        location=row[13],
        error=row[14],
        leased_until=None if row[15] == NO_LEASE else from_micros(row[15]),
    )
