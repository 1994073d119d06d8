"""Subscriptions: who is told of which changes, values and port; and the use case that matches and delivers.

Each change of a published resource has its place in the store's log of versions. Matching walks that log, once for all
subscriptions, and queues numbered events; delivery sends each subscriber's events in their order, one after the other.
Both steps are rows of the database: a process that is killed leaves nothing undone and nothing done twice but the
request that was under way, which has the same number again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sesame_fhir.services.delivery import RetryPolicy
from sesame_fhir.services.journal import LogEvent, log, log_unexpected
from sesame_fhir.services.ports import Clock

CHANGES_AT_ONCE = 500
EVENTS_AT_ONCE = 20
LEASE_SECONDS = 75
HOPELESS = timedelta(days=2)
"""A subscriber that has refused the same event for so long is given up, until somebody wakes it: nothing is lost."""


class Content(StrEnum):
    """What a notification holds (Subscriptions R5 backport, payload-content)."""

    EMPTY = "empty"
    ID_ONLY = "id-only"
    FULL = "full-resource"


class Status(StrEnum):
    """R4 subscription-status."""

    REQUESTED = "requested"
    ACTIVE = "active"
    ERROR = "error"
    OFF = "off"


class NotifyError(StrEnum):
    """Why an event is not with its subscriber. The subscriber's own words never pass."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    NO_TOKEN = "no-token"  # noqa: S105  a code, not a secret
    NOT_ALLOWED = "not-allowed"
    INTERNAL = "internal-error"


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where a subscriber gives out tokens for what is sent to it (RFC 6749, 4.4)."""

    token_endpoint: str
    client_id: str
    client_secret: str
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """One subscription as it is now.

    ``criteria`` is the search, ``Type?…``; ``topic`` the canonical of a topic, None for a classic one. ``headers`` are
    sent along as given; ``signing_key`` signs each body (HMAC-SHA256), ``oauth`` gives the token. ``backport``:
    notifications are Bundles of the R5 backport. ``scope`` and ``patient`` are those of the token that created it: what
    that may not read it is not told. ``since``: place in the log from which it hears, given by the store. ``events``:
    number of the last event, ``sent``: of the last one delivered.
    """

    subscription_id: str
    client_id: str
    subject: str
    scope: str
    patient: str | None
    criteria: str
    topic: str | None
    content: Content
    mime_type: str
    endpoint: str
    headers: tuple[str, ...]
    created_at: datetime
    ends_at: datetime | None
    since: int = 0
    status: Status = Status.REQUESTED
    events: int = 0
    sent: int = 0
    attempts: int = 0
    next_attempt_at: datetime | None = None
    failing_since: datetime | None = None
    error: NotifyError | None = None
    signing_key: str | None = None
    oauth: TokenSource | None = None
    backport: bool = False

    @property
    def resource_type(self) -> str:
        """The type whose changes it hears of."""
        return self.criteria.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Change:
    """One version in the log; ``position`` grows with every version of any resource."""

    position: int
    resource_type: str
    resource_id: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A change that a subscription hears of, under its own number: 1, 2, 3…; the same number is the same event."""

    number: int
    resource_type: str
    resource_id: str
    version: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A subscriber's next events, held by one sender until ``leased_until``."""

    subscription: Subscription
    events: tuple[Event, ...]
    leased_until: datetime


class SubscriptionStore(Protocol):
    """Subscriptions, their queues, and how far the log has been matched."""

    def save(self, one: Subscription) -> None:
        """Keep a new subscription, or the changed description of one: its queue stays as it is."""
        ...

    def by_id(self, subscription_id: str) -> Subscription | None:
        """Find one."""
        ...

    def all(self, client_id: str | None = None) -> tuple[Subscription, ...]:
        """Every subscription (of a client), oldest first."""
        ...

    def set_status(self, subscription_id: str, status: Status, error: NotifyError | None = None) -> None:
        """Move to a status; what is active again is tried at once."""
        ...

    def changes(self, limit: int) -> tuple[int, int, tuple[Change, ...]]:
        """(from, to, the changes between), of types that an active subscription hears of; never skips one in flight."""
        ...

    def enqueue(self, start: int, end: int, found: Sequence[tuple[str, Change]]) -> bool:
        """Number and queue changes by subscription id, and move the log's position from ``start`` to ``end``.

        False, and nothing done, when somebody else has moved it.
        """
        ...

    def claim(self, now: datetime, lease_seconds: int, limit: int) -> Claim | None:
        """Take a subscription with events to send (or a handshake to make), the one that waits longest."""
        ...

    def delivered(self, claim: Claim, number: int, status: Status) -> None:
        """Events up to ``number`` have arrived; the status is ``status`` unless somebody changed it since the claim."""
        ...

    def failed(self, claim: Claim, error: NotifyError, retry_at: datetime, now: datetime, *, give_up: bool) -> None:
        """The next event did not arrive."""
        ...

    def release(self, claim: Claim) -> None:
        """End a claim; one that was lost already belongs to its new holder."""
        ...

    def events(self, subscription_id: str, first: int, last: int) -> tuple[Event, ...]:
        """Queued and delivered events by number, both ends included, 1,000 at most."""
        ...

    def forget(self, delivered_before: datetime) -> int:
        """Delete delivered events older than that; returns how many."""
        ...


class Notifier(Protocol):
    """Sends to a subscriber. Returns None when it took it, else why not. Never raises for the subscriber's faults."""

    def handshake(self, subscription: Subscription) -> NotifyError | None:
        """Say that the subscription begins."""
        ...

    def notify(self, subscription: Subscription, event: Event) -> NotifyError | None:
        """Send one event."""
        ...


Hears = Callable[[Subscription, Change], bool]
"""Whether a change is within a subscription's criteria and its owner's limits."""
Told = Callable[[Subscription], None]
"""Publishes a subscription's new status."""


@dataclass(frozen=True, slots=True)
class SubscriptionService:
    """The background's use case. Several processes may run it: the log has one reader, a subscriber one sender."""

    store: SubscriptionStore
    hears: Hears
    notifier: Notifier
    told: Told
    clock: Clock
    retry: RetryPolicy
    hopeless: timedelta = field(default=HOPELESS)

    def round(self, budget: timedelta = timedelta(seconds=45)) -> int:
        """Match what is new, deliver what is due; returns how many events arrived."""
        self.match()
        return self.deliver(budget)

    def match(self) -> int:
        """Queue the events of every new change; returns how many."""
        queued = 0
        while True:
            start, end, changes = self.store.changes(CHANGES_AT_ONCE)
            if end == start:
                return queued
            active = [one for one in self.store.all() if one.status is not Status.OFF] if changes else []
            now = self.clock.now()
            living = [one for one in active if one.ends_at is None or one.ends_at > now]
            found = [(one.subscription_id, c) for c in changes for one in living if self._hears(one, c)]
            if not self.store.enqueue(start, end, found):
                return queued
            queued += len(found)

    def _hears(self, subscription: Subscription, change: Change) -> bool:
        if subscription.resource_type != change.resource_type or change.position <= subscription.since:
            return False
        # A rebuild may write an old version's row again: what was there before the subscription is not news.
        return change.at >= subscription.created_at and self.hears(subscription, change)

    def deliver(self, budget: timedelta) -> int:
        """Send what is due, subscriber by subscriber."""
        deadline, arrived = self.clock.now() + budget, 0
        while (now := self.clock.now()) < deadline:
            claim = self.store.claim(now, LEASE_SECONDS, EVENTS_AT_ONCE)
            if claim is None:
                break
            try:
                arrived += self._send(claim)
            finally:
                self.store.release(claim)
        return arrived

    def _send(self, claim: Claim) -> int:
        subscription, arrived = claim.subscription, 0
        if subscription.ends_at is not None and subscription.ends_at <= self.clock.now():
            self._settle(claim, subscription.sent, Status.OFF)
            return 0
        if subscription.status is Status.REQUESTED:
            if (error := self._tried(subscription, None)) is not None:
                self._fail(claim, error)
                return 0
            self._settle(claim, subscription.sent, Status.ACTIVE)
            return 0
        for event in claim.events:
            if self.clock.now() >= claim.leased_until - timedelta(seconds=LEASE_SECONDS // 2):
                break  # the rest comes with the next claim, before anybody else could take this one over
            if (error := self._tried(subscription, event)) is not None:
                self._fail(claim, error)
                return arrived
            arrived += 1
            self._settle(claim, event.number, Status.ACTIVE)
        return arrived

    def _tried(self, subscription: Subscription, event: Event | None) -> NotifyError | None:
        try:
            if event is None:
                return self.notifier.handshake(subscription)
            return self.notifier.notify(subscription, event)
        except Exception as broken:  # noqa: BLE001  a fault of ours with one subscriber must not hold back the others
            log_unexpected(broken, "subscriptions")
            return NotifyError.INTERNAL

    def _settle(self, claim: Claim, number: int, status: Status) -> None:
        self.store.delivered(claim, number, status)
        self._tell(claim, status)

    def _fail(self, claim: Claim, error: NotifyError) -> None:
        now, subscription = self.clock.now(), claim.subscription
        give_up = subscription.failing_since is not None and now - subscription.failing_since > self.hopeless
        retry_at = self.retry.next_attempt(subscription.attempts, now)
        self.store.failed(claim, error, retry_at, now, give_up=give_up)
        log(
            LogEvent.NOTIFICATION_FAILED,
            level="warning",
            code=error,
            client_id=subscription.client_id,
            attempts=subscription.attempts + 1,
        )
        if give_up:
            self._tell(claim, Status.ERROR)

    def _tell(self, claim: Claim, status: Status) -> None:
        if status is not claim.subscription.status and (now := self.store.by_id(claim.subscription.subscription_id)):
            self.told(now)
