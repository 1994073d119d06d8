"""The tables of access: registered EHRs, launches, drafts, keys, the audit log, and our authorization server."""

from sqlalchemy import Column, Index, Table, UniqueConstraint

from sesame_fhir.storage.columns import KEY, blob, flag, instant, key, metadata, text

# -- launches ----------------------------------------------------------------------------------------------------------
ehr = Table(
    "ehr",
    metadata,
    key("ehr_key"),
    text("ehr_id"),
    text("issuer"),
    text("client_id"),
    text("kind"),
    text("site"),
    text("frame_origins"),
    blob("secret", null=True),
    text("algorithm", null=True),
    text("scopes", null=True),
    text("authorize_method"),
    UniqueConstraint("ehr_id"),
    UniqueConstraint("issuer"),
)

launch_pending = Table(
    "launch_pending",
    metadata,
    key("pending_key"),
    text("state_hash"),
    text("browser_hash"),
    text("ehr_id"),
    blob("secrets"),
    text("requested_scopes"),
    instant("created_at"),
    instant("expires_at"),
    UniqueConstraint("state_hash"),
    Index(None, "expires_at"),
)

launch = Table(
    "launch",
    metadata,
    key("launch_key"),
    text("launch_id"),
    text("launch_hash"),
    text("browser_hash"),
    text("ehr_id"),
    text("site"),
    text("patient"),
    text("encounter", null=True),
    text("actor"),
    text("granted_scopes"),
    text("requested_scopes"),
    blob("tokens"),
    instant("token_expires_at"),
    text("context"),
    instant("created_at"),
    instant("last_seen_at"),
    instant("expires_at"),
    text("practitioner", null=True),
    instant("refresh_until"),
    UniqueConstraint("launch_hash"),
    UniqueConstraint("launch_id"),
    Index(None, "ehr_id", "patient", "created_at"),
    Index(None, "expires_at"),
)

draft = Table(
    "draft",
    metadata,
    key("draft_key"),
    text("ehr_id"),
    text("patient"),
    text("author"),
    text("form"),
    blob("sealed"),
    instant("updated_at"),
    UniqueConstraint("ehr_id", "patient", "author", "form"),
    Index(None, "updated_at"),
)

# -- keys and audit ----------------------------------------------------------------------------------------------------
signing_key = Table(
    "signing_key",
    metadata,
    key("signing_key_key"),
    text("kid"),
    text("purpose"),
    text("algorithm"),
    blob("sealed"),
    text("public"),
    instant("created_at"),
    instant("retired_at", null=True),
    UniqueConstraint("kid"),
)

audit = Table(
    "audit",
    metadata,
    Column("entry_id", KEY, primary_key=True, autoincrement=False),
    instant("at"),
    text("actor_id"),
    text("role"),
    text("action"),
    text("outcome"),
    text("patient", null=True),
    text("detail", null=True),
    text("site", null=True),
    text("extra"),
    blob("hash"),
    Index(None, "at", "entry_id"),
    Index(None, "patient", "at", "entry_id"),
    Index(None, "actor_id", "at", "entry_id"),
)

deployment = Table("deployment", metadata, key("deployment_key"), blob("vault_canary"))

# -- authorization server ----------------------------------------------------------------------------------------------
oauth_client = Table(
    "oauth_client",
    metadata,
    key("client_key"),
    text("client_id"),
    text("name"),
    text("kind"),
    text("redirect_uris"),
    text("launch_uri", null=True),
    text("scopes"),
    text("secret_hash", null=True),
    text("jwks", null=True),
    text("jwks_uri", null=True),
    text("sites"),
    text("origins"),
    text("notify_origins"),
    flag("may_assert_professionals"),
    flag("active"),
    UniqueConstraint("client_id"),
)

oauth_launch = Table(
    "oauth_launch",
    metadata,
    key("launch_key"),
    text("launch_hash"),
    text("client_id"),
    text("subject"),
    text("context"),
    instant("expires_at"),
    UniqueConstraint("launch_hash"),
    Index(None, "expires_at"),
)

oauth_code = Table(
    "oauth_code",
    metadata,
    key("code_key"),
    text("code_hash"),
    text("client_id"),
    text("redirect_uri"),
    text("scope"),
    text("code_challenge"),
    text("nonce", null=True),
    text("subject"),
    text("context"),
    instant("auth_time"),
    instant("expires_at"),
    UniqueConstraint("code_hash"),
    Index(None, "expires_at"),
)

oauth_grant = Table(
    "oauth_grant",
    metadata,
    key("grant_key"),
    text("access_hash"),
    text("refresh_hash", null=True),
    text("family"),
    text("client_id"),
    text("subject"),
    text("scope"),
    text("context"),
    instant("issued_at"),
    instant("expires_at"),
    instant("refresh_expires_at", null=True),
    flag("revoked"),
    UniqueConstraint("access_hash"),
    UniqueConstraint("refresh_hash"),
    Index(None, "family"),
    Index(None, "client_id"),
    Index(None, "subject"),
    Index(None, "expires_at"),
)

oauth_jti = Table(
    "oauth_jti",
    metadata,
    key("jti_key"),
    text("issuer"),
    text("jti"),
    instant("expires_at"),
    UniqueConstraint("issuer", "jti"),
    Index(None, "expires_at"),
)

oauth_session = Table(
    "oauth_session",
    metadata,
    key("session_key"),
    text("session_hash"),
    text("subject"),
    instant("created_at"),
    instant("expires_at"),
    UniqueConstraint("session_hash"),
    Index(None, "expires_at"),
)
