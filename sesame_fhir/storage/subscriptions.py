"""``SubscriptionStore``: the log of versions read once, the queue of each subscriber in its order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sesame_fhir.services.ports import Vault
from sesame_fhir.services.subscriptions import (
    Change,
    Claim,
    Content,
    Event,
    NotifyError,
    Status,
    Subscription,
    TokenSource,
)
from sesame_fhir.storage.instants import from_micros, to_micros
from sesame_fhir.storage.outbox_rows import NO_LEASE
from sesame_fhir.storage.session import Database, Row, Session, Value
from sesame_fhir.storage.subscription_schema import subscription

_LOG = "version log"
_MOST_EVENTS = 1000

_NAMES = ", ".join(c.name for c in subscription.columns if c.name not in ("subscription_key", "leased_until"))
_ALL = f"SELECT {_NAMES} FROM subscription s"  # noqa: S608  fixed names
_KNOWN = "SELECT subscription_key FROM subscription WHERE subscription_id = ?"
_INSERT = f"INSERT INTO subscription ({_NAMES}, leased_until) VALUES ({', '.join('?' * 15)})"  # noqa: S608  fixed names
_CHANGE = """
UPDATE subscription SET status = ?, criteria = ?, described = ?, ends_at = ?, attempts = 0, failing_since = NULL,
  error = NULL, next_attempt_at = ? WHERE subscription_id = ?"""
_LISTENING = "SELECT DISTINCT criteria FROM subscription WHERE status <> ?"
_HORIZON = "SELECT COALESCE(MAX(version_key), 0) FROM resource_version"
_POSITION = "SELECT position FROM log_position WHERE position_key = 1"
_ADVANCE = "UPDATE log_position SET position = ? WHERE position_key = 1 AND position = ?"
_CHANGES = """
SELECT v.version_key, r.resource_type, r.fhir_id, v.version, v.last_updated, r.version, v.body_key
FROM resource_version v JOIN resource r ON r.resource_key = v.resource_key
WHERE v.version_key > ? AND v.version_key <= ? ORDER BY v.version_key"""
_QUEUE = """
INSERT INTO notification (subscription_key, number, resource_type, resource_id, version, at) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (subscription_key, resource_type, resource_id, version) DO NOTHING"""
_NUMBERED = "SELECT subscription_key, events FROM subscription WHERE subscription_id = ?"
_COUNTED = "UPDATE subscription SET events = ? WHERE subscription_key = ?"
_DUE = (
    _ALL + " WHERE s.leased_until <= ? AND s.next_attempt_at <= ? "
    "AND (s.status = 'requested' OR (s.status = 'active' AND s.sent < s.events)) ORDER BY s.next_attempt_at, "
    "s.subscription_key LIMIT 1"
)
_HOLD = "UPDATE subscription SET leased_until = ? WHERE subscription_id = ?"
_RELEASE = "UPDATE subscription SET leased_until = ? WHERE subscription_id = ? AND leased_until = ?"
_DELIVERED = """
UPDATE subscription SET sent = CASE WHEN sent < ? THEN ? ELSE sent END,
  status = CASE WHEN status = ? THEN ? ELSE status END, attempts = 0, failing_since = NULL, error = NULL
WHERE subscription_id = ?"""
_FAILED = """
UPDATE subscription SET status = CASE WHEN status = ? THEN ? ELSE status END, attempts = attempts + 1,
  next_attempt_at = ?, failing_since = COALESCE(failing_since, ?), error = ?
WHERE subscription_id = ? AND leased_until = ?"""
_STATUS = """
UPDATE subscription SET status = ?, error = ?, attempts = 0, failing_since = NULL, next_attempt_at = 0
WHERE subscription_id = ?"""
_EVENTS = """
SELECT n.number, n.resource_type, n.resource_id, n.version, n.at FROM notification n
JOIN subscription s ON s.subscription_key = n.subscription_key
WHERE s.subscription_id = ? AND n.number >= ? AND n.number <= ? ORDER BY n.number LIMIT ?"""
_FORGET = """
DELETE FROM notification WHERE at < ? AND number <= (
  SELECT s.sent FROM subscription s WHERE s.subscription_key = notification.subscription_key)"""


class _Described(msgspec.Struct):
    """What is kept sealed: headers may hold a secret."""

    subject: str
    scope: str
    patient: str | None
    topic: str | None
    content: Content
    mime_type: str
    endpoint: str
    headers: tuple[str, ...]
    signing_key: str | None
    oauth: TokenSource | None
    backport: bool = False


_decoder = msgspec.json.Decoder(_Described)


class Subscriptions:
    """The subscriptions of one database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def save(self, one: Subscription) -> None:
        """Keep a new one, from here on in the log; or a changed description."""
        described = self._seal(one)
        ends_at = None if one.ends_at is None else to_micros(one.ends_at)

        def job(session: Session) -> None:
            if session.row(_KNOWN, (one.subscription_id,)) is not None:
                changed = (one.status.value, one.criteria, described, ends_at, 0)
                session.run(_CHANGE, (*changed, one.subscription_id))
                return
            since = _horizon(session)
            if not session.rows(_LISTENING, (Status.OFF.value,)):
                # Nobody listened: what happened meanwhile concerns nobody.
                session.run(_ADVANCE, (since, _position(session)))
            who = (one.subscription_id, one.client_id, one.status.value)
            when = (since, to_micros(one.created_at), ends_at)
            session.run(_INSERT, (*who, one.criteria, described, *when, 0, 0, 0, 0, None, None, NO_LEASE))

        self._database.write(job)

    def by_id(self, subscription_id: str) -> Subscription | None:
        """Find one."""
        sql = _ALL + " WHERE s.subscription_id = ?"
        row = self._database.read(lambda session: session.row(sql, (subscription_id,)))
        return None if row is None else self._subscription(row)

    def all(self, client_id: str | None = None) -> tuple[Subscription, ...]:
        """Every subscription, or a client's, oldest first."""
        where, params = ("", ()) if client_id is None else (" WHERE s.client_id = ?", (client_id,))
        sql = f"{_ALL}{where} ORDER BY s.subscription_key"
        return tuple(map(self._subscription, self._database.read(lambda session: session.rows(sql, params))))

    def set_status(self, subscription_id: str, status: Status, error: NotifyError | None = None) -> None:
        """Move to a status."""
        params = (status.value, None if error is None else error.value, subscription_id)
        self._database.write(lambda session: session.run(_STATUS, params))

    def changes(self, limit: int) -> tuple[int, int, tuple[Change, ...]]:
        """What is new in the log: current versions of types that somebody hears of."""

        def job(session: Session) -> tuple[int, int, list[Row]]:
            start = _position(session)
            heard = {row[0].partition("?")[0] for row in session.rows(_LISTENING, (Status.OFF.value,))}
            end = min(_horizon(session), start + limit) if heard else start
            rows = session.rows(_CHANGES, (start, end)) if end > start else []
            # A newer version, or a deletion, comes later in the log.
            return start, end, [row for row in rows if row[1] in heard and row[3] == row[5] and row[6] is not None]

        start, end, rows = self._database.write(job)
        return start, end, tuple(Change(row[0], row[1], row[2], row[3], from_micros(row[4])) for row in rows)

    def enqueue(self, start: int, end: int, found: Sequence[tuple[str, Change]]) -> bool:
        """Number and queue; False when the log was moved by somebody else."""

        def job(session: Session) -> bool:
            if not session.run(_ADVANCE, (end, start)):
                return False
            for subscription_id in dict.fromkeys(name for name, _ in found):
                _number(session, subscription_id, [change for name, change in found if name == subscription_id])
            return True

        return self._database.write(job)

    def claim(self, now: datetime, lease_seconds: int, limit: int) -> Claim | None:
        """Take the subscription that waits longest, with its next events."""
        at, until = to_micros(now), now + timedelta(seconds=lease_seconds)

        def job(session: Session) -> tuple[Row, list[Row]] | None:
            row = session.row(_DUE + session.row_lock("s", skip_locked=True), (at, at))
            if row is None:
                return None
            session.run(_HOLD, (to_micros(until), row[0]))
            return row, session.rows(_EVENTS, (row[0], row[9] + 1, row[8], limit))

        taken = self._database.write(job)
        return None if taken is None else Claim(self._subscription(taken[0]), tuple(map(_event, taken[1])), until)

    def delivered(self, claim: Claim, number: int, status: Status) -> None:
        """Events up to ``number`` have arrived; a status that was changed meanwhile stays as it was changed."""
        moved = (claim.subscription.status.value, status.value)
        params = (number, number, *moved, claim.subscription.subscription_id)
        self._database.write(lambda session: session.run(_DELIVERED, params))

    def failed(self, claim: Claim, error: NotifyError, retry_at: datetime, now: datetime, *, give_up: bool) -> None:
        """Note a failure, unless somebody else has taken the subscriber over."""
        before = claim.subscription.status
        moved = (before.value, Status.ERROR.value if give_up else before.value)
        held = (claim.subscription.subscription_id, to_micros(claim.leased_until))
        params = (*moved, to_micros(retry_at), to_micros(now), error.value, *held)
        self._database.write(lambda session: session.run(_FAILED, params))

    def release(self, claim: Claim) -> None:
        """End a claim that is still ours."""
        params = (NO_LEASE, claim.subscription.subscription_id, to_micros(claim.leased_until))
        self._database.write(lambda session: session.run(_RELEASE, params))

    def events(self, subscription_id: str, first: int, last: int) -> tuple[Event, ...]:
        """Events by number."""
        params: tuple[Value, ...] = (subscription_id, first, last, _MOST_EVENTS)
        return tuple(map(_event, self._database.read(lambda session: session.rows(_EVENTS, params))))

    def forget(self, delivered_before: datetime) -> int:
        """Delete old delivered events."""
        return self._database.write(lambda session: session.run(_FORGET, (to_micros(delivered_before),)))

    def _seal(self, one: Subscription) -> bytes:
        described = _Described(**{name: getattr(one, name) for name in _Described.__struct_fields__})
        return self._vault.seal(msgspec.json.encode(described), _context(one.subscription_id))

    def _subscription(self, row: Row) -> Subscription:
        found = _decoder.decode(self._vault.unseal(row[4], _context(row[0])))
        described: dict[str, Any] = {name: getattr(found, name) for name in found.__struct_fields__}
        return Subscription(
            subscription_id=row[0],
            client_id=row[1],
            criteria=row[3],
            **described,
            created_at=from_micros(row[6]),
            ends_at=_moment(row[7]),
            since=row[5],
            status=Status(row[2]),
            events=row[8],
            sent=row[9],
            attempts=row[10],
            next_attempt_at=_moment(row[11]),
            failing_since=_moment(row[12]),
            error=None if row[13] is None else NotifyError(row[13]),
        )


def _context(subscription_id: str) -> str:
    return f"subscription {subscription_id}"


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


def _event(row: Row) -> Event:
    return Event(row[0], row[1], row[2], row[3], from_micros(row[4]))


def _position(session: Session) -> int:
    ((position,),) = session.rows(_POSITION)
    found: int = position
    return found


def _horizon(session: Session) -> int:
    """The last key below which nothing is on its way any more (see migration 0006)."""
    session.lock(_LOG)
    ((horizon,),) = session.rows(_HORIZON)
    found: int = horizon
    return found


def _number(session: Session, subscription_id: str, changes: Sequence[Change]) -> None:
    row = session.row(_NUMBERED, (subscription_id,))
    if row is None:
        return
    key, last = row
    number = last
    for change in changes:
        what = (change.resource_type, change.resource_id, change.version, to_micros(change.at))
        number += session.run(_QUEUE, (key, number + 1, *what))
    if number != last:
        session.run(_COUNTED, (number, key))
