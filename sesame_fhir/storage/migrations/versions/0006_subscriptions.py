"""Subscriptions.

On PostgreSQL versions may be committed in another order than their keys: every transaction that writes one holds a
shared lock, which the reader of the log waits for, so that it never passes a key that is still on its way.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("subscription_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("subscription_id", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("criteria", TEXT, nullable=False),
        sa.Column("described", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("subscription_key", name=op.f("pk_subscription")),
        sa.UniqueConstraint("subscription_id", name=op.f("uq_subscription_subscription_id")),
    )
    op.create_index(
        op.f("ix_subscription_status_next_attempt_at"), "subscription", ["status", "next_attempt_at"], unique=False
    )
    op.create_table(
        "notification",
        sa.Column("notification_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("subscription_key", KEY, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("resource_type", TEXT, nullable=False),
        sa.Column("resource_id", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_key"], ["subscription.subscription_key"], name=op.f("fk_notification_subscription_key")
        ),
        sa.PrimaryKeyConstraint("notification_key", name=op.f("pk_notification")),
        sa.UniqueConstraint("subscription_key", "number", name=op.f("uq_notification_subscription_key_number")),
        sa.UniqueConstraint(
            "subscription_key",
            "resource_type",
            "resource_id",
            "version",
            name=op.f("uq_notification_subscription_key_resource_type_resource_id_version"),
        ),
    )
    op.create_table(
        "log_position",
        sa.Column("position_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position_key", name=op.f("pk_log_position")),
    )
    op.execute("INSERT INTO log_position (position_key, position) VALUES (1, 0)")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION version_in_flight() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock_shared(hashtextextended('version log', 0)); RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER version_in_flight BEFORE INSERT ON resource_version "
            "FOR EACH STATEMENT EXECUTE FUNCTION version_in_flight()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER version_in_flight ON resource_version")
        op.execute("DROP FUNCTION version_in_flight")
    op.drop_table("log_position")
    op.drop_table("notification")
    op.drop_table("subscription")
