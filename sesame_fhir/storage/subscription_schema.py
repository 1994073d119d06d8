"""The tables of subscriptions: who is told, what is queued for whom, and how far the log of versions has been read."""

from sqlalchemy import Index, Table, UniqueConstraint

from sesame_fhir.storage.columns import blob, instant, integer, key, metadata, of, text

subscription = Table(
    "subscription",
    metadata,
    key("subscription_key"),
    text("subscription_id"),
    text("client_id"),
    text("status"),
    text("criteria"),
    blob("described"),
    instant("since"),
    instant("created_at"),
    instant("ends_at", null=True),
    instant("events"),
    instant("sent"),
    integer("attempts"),
    instant("next_attempt_at"),
    instant("leased_until"),
    instant("failing_since", null=True),
    text("error", null=True),
    UniqueConstraint("subscription_id"),
    Index(None, "status", "next_attempt_at"),
)

notification = Table(
    "notification",
    metadata,
    key("notification_key"),
    of("subscription.subscription_key"),
    instant("number"),
    text("resource_type"),
    text("resource_id"),
    integer("version"),
    instant("at"),
    UniqueConstraint("subscription_key", "number"),
    # A rebuild may write a version's row again: it is the same event.
    UniqueConstraint("subscription_key", "resource_type", "resource_id", "version"),
)

log_position = Table("log_position", metadata, key("position_key"), instant("position"))
