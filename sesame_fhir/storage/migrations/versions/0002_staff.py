"""Accounts of people who sign in without an EHR, what proves who they are, and what is open to them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("staff_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", TEXT, nullable=False),
        sa.Column("login", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("sites", TEXT, nullable=False),
        sa.Column("rpps", TEXT, nullable=True),
        sa.Column("external", TEXT, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("actor_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("staff_key", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_staff_staff_id")),
    )
    op.create_index(op.f("ix_staff_actor_id"), "staff", ["actor_id"], unique=False)
    op.create_table(
        "staff_external",
        sa.Column("external_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("staff_id", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("external_key", name=op.f("pk_staff_external")),
        sa.UniqueConstraint("subject", name=op.f("uq_staff_external_subject")),
    )
    op.create_index(op.f("ix_staff_external_staff_id"), "staff_external", ["staff_id"], unique=False)
    op.create_table(
        "staff_password",
        sa.Column("password_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", TEXT, nullable=False),
        sa.Column("password_hash", TEXT, nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("password_key", name=op.f("pk_staff_password")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_staff_password_staff_id")),
    )
    op.create_table(
        "staff_passkey",
        sa.Column("passkey_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("credential_id", TEXT, nullable=False),
        sa.Column("staff_id", TEXT, nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("passkey_key", name=op.f("pk_staff_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_staff_passkey_credential_id")),
    )
    op.create_index(op.f("ix_staff_passkey_staff_id"), "staff_passkey", ["staff_id"], unique=False)
    op.create_table(
        "staff_link",
        sa.Column("link_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("link_hash", TEXT, nullable=False),
        sa.Column("staff_id", TEXT, nullable=False),
        sa.Column("totp", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("link_key", name=op.f("pk_staff_link")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_staff_link_link_hash")),
    )
    op.create_index(op.f("ix_staff_link_expires_at"), "staff_link", ["expires_at"], unique=False)
    op.create_index(op.f("ix_staff_link_staff_id"), "staff_link", ["staff_id"], unique=False)
    op.create_table(
        "sign_in_pending",
        sa.Column("pending_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("state_hash", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("browser_hash", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pending_key", name=op.f("pk_sign_in_pending")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_sign_in_pending_state_hash")),
    )
    op.create_index(op.f("ix_sign_in_pending_expires_at"), "sign_in_pending", ["expires_at"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("attempt_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("login_hash", TEXT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_key", name=op.f("pk_sign_in_attempt")),
        sa.UniqueConstraint("login_hash", name=op.f("uq_sign_in_attempt_login_hash")),
    )
    op.create_index(op.f("ix_sign_in_attempt_last_at"), "sign_in_attempt", ["last_at"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("session_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("session_hash", TEXT, nullable=False),
        sa.Column("staff_id", TEXT, nullable=False),
        sa.Column("method", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_key", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("session_hash", name=op.f("uq_staff_session_session_hash")),
    )
    op.create_index(op.f("ix_staff_session_expires_at"), "staff_session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_staff_session_staff_id"), "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "break_glass",
        sa.Column("grant_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", TEXT, nullable=False),
        sa.Column("pathway_id", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grant_key", name=op.f("pk_break_glass")),
    )
    op.create_index(op.f("ix_break_glass_staff_id_until"), "break_glass", ["staff_id", "until"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("feed_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", TEXT, nullable=False),
        sa.Column("token_hash", TEXT, nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed_key", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_calendar_feed_staff_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )


def downgrade() -> None:
    op.drop_table("calendar_feed")
    op.drop_table("break_glass")
    op.drop_table("staff_session")
    op.drop_table("sign_in_attempt")
    op.drop_table("sign_in_pending")
    op.drop_table("staff_link")
    op.drop_table("staff_passkey")
    op.drop_table("staff_password")
    op.drop_table("staff_external")
    op.drop_table("staff")
