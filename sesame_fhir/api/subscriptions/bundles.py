"""Notification Bundles of the Subscriptions R5 backport on R4: the status as Parameters, then what changed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

from sesame_fhir.api.subscriptions.canonical import NOTIFICATION, STATUS
from sesame_fhir.fhir.json_types import Json
from sesame_fhir.fhir.reader import read_json
from sesame_fhir.services.subscriptions import Content, Event, Subscription

Kind = Literal["handshake", "event-notification", "query-status", "query-event"]
Body = Callable[[Event], bytes | None]
"""The resource of an event when it may be shown in full, else None."""


def status_of(subscription: Subscription, base_url: str, kind: Kind, events: Sequence[Event] = ()) -> Json:
    """SubscriptionStatus as R4 Parameters; ``events`` name what changed, unless the content is to be empty."""
    parameters: list[Json] = [
        {"name": "subscription", "valueReference": {"reference": _own(subscription, base_url)}},
        {"name": "status", "valueCode": subscription.status.value},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(subscription.events)},
        *(_event(subscription, base_url, one) for one in events),
    ]
    if subscription.topic is not None:
        parameters.insert(1, {"name": "topic", "valueCanonical": subscription.topic})
    if subscription.error is not None:
        parameters.append({"name": "error", "valueCodeableConcept": {"text": subscription.error.value}})
    return {"resourceType": "Parameters", "meta": {"profile": [STATUS]}, "parameter": parameters}


def notification(
    subscription: Subscription, base_url: str, kind: Kind, events: Sequence[Event], *, body: Body, at: datetime
) -> Json:
    """A history Bundle: the status, then each resource (id-only: its address, full: itself)."""
    told = status_of(subscription, base_url, kind, events)
    entries = [_status_entry(subscription, base_url, told)]
    if subscription.content is not Content.EMPTY:
        entries += _entries(base_url, events, body)
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [NOTIFICATION]},
        "type": "history",
        "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "entry": entries,
    }


def _own(subscription: Subscription, base_url: str) -> str:
    return f"{base_url}/Subscription/{subscription.subscription_id}"


def _event(subscription: Subscription, base_url: str, event: Event) -> Json:
    part: list[Json] = [
        {"name": "event-number", "valueString": str(event.number)},
        {"name": "timestamp", "valueInstant": event.at.astimezone(UTC).isoformat(timespec="milliseconds")},
    ]
    if subscription.content is not Content.EMPTY:
        focus = {"reference": f"{base_url}/{event.resource_type}/{event.resource_id}"}
        part.append({"name": "focus", "valueReference": focus})
    return {"name": "notification-event", "part": part}


def _status_entry(subscription: Subscription, base_url: str, told: Json) -> Json:
    return {
        "fullUrl": f"{_own(subscription, base_url)}/$status",
        "resource": told,
        "request": {"method": "GET", "url": f"Subscription/{subscription.subscription_id}/$status"},
        "response": {"status": "200"},
    }


def _entries(base_url: str, events: Iterable[Event], body: Body) -> list[Json]:
    """One entry for each resource, of its last event here."""
    last = {(event.resource_type, event.resource_id): event for event in events}
    return [_entry(base_url, event, body(event)) for event in last.values()]


def _entry(base_url: str, event: Event, resource: bytes | None) -> Json:
    address = f"{event.resource_type}/{event.resource_id}"
    method = "POST" if event.version == 1 else "PUT"
    entry: Json = {
        "fullUrl": f"{base_url}/{address}",
        "request": {"method": method, "url": event.resource_type if method == "POST" else address},
        "response": {"status": "201" if method == "POST" else "200"},
    }
    if resource is not None:
        entry["resource"] = read_json(resource)
    return entry
