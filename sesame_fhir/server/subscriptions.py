"""Puts the subscriptions' background work together: matching and delivery over the facade's own dependencies."""

import random
from datetime import timedelta

from sesame_fhir.api.deps import ApiDeps
from sesame_fhir.api.subscriptions.hearing import hears
from sesame_fhir.api.subscriptions.notifying import HttpNotifier
from sesame_fhir.api.subscriptions.publishing import publish_status
from sesame_fhir.server.settings import Settings
from sesame_fhir.services.delivery import RetryPolicy
from sesame_fhir.services.journal import LogEvent, log
from sesame_fhir.services.subscriptions import SubscriptionService
from sesame_fhir.storage import Store

KEPT = timedelta(days=30)
"""How long a delivered event can be asked for again (``$events``)."""


def subscription_service(settings: Settings, store: Store, api: ApiDeps) -> SubscriptionService:
    """The use case over this store; ``api`` must see everything: each subscription has its own limits."""
    return SubscriptionService(
        store=store.subscriptions,
        hears=lambda subscription, change: hears(api, subscription, change),
        notifier=HttpNotifier(api, settings.http_timeout_seconds),
        told=lambda subscription: publish_status(api, subscription),
        clock=api.clock,
        retry=RetryPolicy(jitter=random.random, cap=timedelta(minutes=settings.maximum_backoff_minutes)),
    )


def notify(service: SubscriptionService) -> None:
    """One round of the background."""
    if arrived := service.round():
        log(LogEvent.NOTIFIED, count=arrived)
