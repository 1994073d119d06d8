"""Subscriptions as they stand in a store, for pages that show them."""

from datetime import datetime, timedelta

from sesame_fhir.services.subscriptions import Content, NotifyError, Subscription, SubscriptionStore


def told_of_tasks(subscription_id: str, client_id: str, now: datetime) -> Subscription:
    """A new subscription; what may not be shown begins with ``secret-``."""
    return Subscription(
        subscription_id=subscription_id,
        client_id=client_id,
        subject="x",
        scope="system/*.rs",
        patient=None,
        criteria="Task?status=requested&patient=secret-patient",
        topic=None,
        content=Content.ID_ONLY,
        mime_type="application/fhir+json",
        endpoint="https://voisin.example/secret-hook",
        headers=("Authorization: secret-header",),
        created_at=now,
        ends_at=None,
    )


def fail(store: SubscriptionStore, now: datetime, *, give_up: bool) -> None:
    """The next attempt of the subscription that waits longest does not arrive."""
    claim = store.claim(now + timedelta(days=1), 60, 1)
    assert claim is not None
    store.failed(claim, NotifyError.UNREACHABLE, now, now, give_up=give_up)
    store.release(claim)
