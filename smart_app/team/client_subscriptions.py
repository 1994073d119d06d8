"""What an application is told of, on its page: each subscription, what waits, why, and a button that takes it up again.

The values that criteria search by may name a patient: only those of codes are shown.
"""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import redirect, request
from flask.typing import ResponseReturnValue

from sesame_fhir.services.errors import NotFound
from sesame_fhir.services.subscriptions import Status, Subscription, SubscriptionStore
from smart_app.team.context import TeamContext
from smart_app.team.posted import read_posted

ACTION = "change-clients"
_CODES = frozenset({"status", "code", "category", "type", "intent", "priority", "clinical-status", "_tag", "_profile"})
_SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class ShownSubscription:
    """One line: ``waiting`` is how many events have not arrived; ``stuck``: it can be taken up again by hand."""

    subscription: Subscription
    criteria: str
    waiting: int
    stuck: bool


def shown_subscriptions(page: TeamContext, client_id: str) -> tuple[ShownSubscription, ...]:
    """An application's subscriptions, oldest first; none where this deployment has no facade."""
    store = page.deps.subscriptions
    return () if store is None else tuple(map(_shown, store.all(client_id)))


def in_trouble(page: TeamContext) -> frozenset[str]:
    """Ids of the applications with a subscription that somebody should look at."""
    store = page.deps.subscriptions
    found = () if store is None else store.all()
    return frozenset(one.client_id for one in found if _stuck(one))


def post_client_wake(page: TeamContext, client_id: str, subscription_id: str) -> ResponseReturnValue:
    """Try a subscription again, from the event that did not arrive. Raises NotFound."""
    read_posted(page, client_id)
    store = _store(page)
    found = store.by_id(subscription_id)
    if found is None or found.client_id != client_id:
        raise NotFound(subscription_id)
    if found.status is not Status.OFF:
        store.set_status(subscription_id, Status.REQUESTED)
        page.trace(ACTION, "wake-subscription")
    return redirect(page.url("show_client", client_id=client_id, anchor="subscriptions"), _SEE_OTHER)


def _shown(one: Subscription) -> ShownSubscription:
    return ShownSubscription(one, _criteria(one), one.events - one.sent, _stuck(one))


def _stuck(one: Subscription) -> bool:
    return one.status is Status.ERROR or (one.status is not Status.OFF and one.error is not None)


def _criteria(one: Subscription) -> str:
    """« Task?status=requested&patient=… »."""
    resource_type, _, query = one.criteria.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    said = "&".join(f"{name}={value if name.partition(':')[0] in _CODES else '…'}" for name, value in pairs)
    return f"{resource_type}?{said}" if said else resource_type


def _store(page: TeamContext) -> SubscriptionStore:
    if page.deps.subscriptions is None:
        raise NotFound(request.path)
    return page.deps.subscriptions
