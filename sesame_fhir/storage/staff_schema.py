"""The tables of accounts: people who sign in without an EHR, how they prove it, and what is open to them."""

from sqlalchemy import Index, Table, UniqueConstraint

from sesame_fhir.storage.columns import blob, flag, instant, integer, key, metadata, text

# -- accounts ----------------------------------------------------------------------------------------------------------
staff = Table(
    "staff",
    metadata,
    key("staff_key"),
    text("staff_id"),
    text("login"),
    text("name"),
    text("role"),
    text("sites"),
    text("rpps", null=True),
    text("external"),
    flag("active"),
    text("actor_id"),
    UniqueConstraint("staff_id"),
    UniqueConstraint("login"),
    Index(None, "actor_id"),
)

staff_external = Table(
    "staff_external",
    metadata,
    key("external_key"),
    text("subject"),
    text("staff_id"),
    UniqueConstraint("subject"),
    Index(None, "staff_id"),
)

# -- how they sign in --------------------------------------------------------------------------------------------------
staff_password = Table(
    "staff_password",
    metadata,
    key("password_key"),
    text("staff_id"),
    text("password_hash"),
    blob("totp"),
    instant("last_step"),
    UniqueConstraint("staff_id"),
)

staff_passkey = Table(
    "staff_passkey",
    metadata,
    key("passkey_key"),
    text("credential_id"),
    text("staff_id"),
    blob("public_key"),
    instant("sign_count"),
    instant("created_at"),
    UniqueConstraint("credential_id"),
    Index(None, "staff_id"),
)

staff_link = Table(
    "staff_link",
    metadata,
    key("link_key"),
    text("link_hash"),
    text("staff_id"),
    blob("totp"),
    instant("expires_at"),
    UniqueConstraint("link_hash"),
    Index(None, "staff_id"),
    Index(None, "expires_at"),
)

sign_in_pending = Table(
    "sign_in_pending",
    metadata,
    key("pending_key"),
    text("state_hash"),
    text("kind"),
    text("browser_hash"),
    blob("sealed"),
    instant("expires_at"),
    UniqueConstraint("state_hash"),
    Index(None, "expires_at"),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    key("attempt_key"),
    text("login_hash"),
    integer("failures"),
    instant("last_at"),
    UniqueConstraint("login_hash"),
    Index(None, "last_at"),
)

# -- what is open to them ----------------------------------------------------------------------------------------------
staff_session = Table(
    "staff_session",
    metadata,
    key("session_key"),
    text("session_hash"),
    text("staff_id"),
    text("method"),
    instant("created_at"),
    instant("last_seen_at"),
    instant("expires_at"),
    UniqueConstraint("session_hash"),
    Index(None, "staff_id"),
    Index(None, "expires_at"),
)

break_glass = Table(
    "break_glass",
    metadata,
    key("grant_key"),
    text("staff_id"),
    text("pathway_id"),
    text("reason"),
    instant("until"),
    Index(None, "staff_id", "until"),
)

calendar_feed = Table(
    "calendar_feed",
    metadata,
    key("feed_key"),
    text("staff_id"),
    text("token_hash"),
    instant("issued_at"),
    UniqueConstraint("staff_id"),
    UniqueConstraint("token_hash"),
)
