"""The first schema: events, projections, delivery, access. Events and the audit log refuse change by trigger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")
APPEND_ONLY = ("event", "audit")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("entry_id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("patient", TEXT, nullable=True),
        sa.Column("detail", TEXT, nullable=True),
        sa.Column("site", TEXT, nullable=True),
        sa.Column("extra", TEXT, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_patient_at"), "audit", ["patient", "at"], unique=False)
    op.create_table(
        "body",
        sa.Column("body_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("body_key", name=op.f("pk_body")),
    )
    op.create_table(
        "deployment",
        sa.Column("deployment_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("vault_canary", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("deployment_key", name=op.f("pk_deployment")),
    )
    op.create_table(
        "draft",
        sa.Column("draft_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("ehr_id", TEXT, nullable=False),
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("author", TEXT, nullable=False),
        sa.Column("form", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("draft_key", name=op.f("pk_draft")),
        sa.UniqueConstraint("ehr_id", "patient", "author", "form", name=op.f("uq_draft_ehr_id_patient_author_form")),
    )
    op.create_index(op.f("ix_draft_updated_at"), "draft", ["updated_at"], unique=False)
    op.create_table(
        "ehr",
        sa.Column("ehr_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("ehr_id", TEXT, nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("frame_origins", TEXT, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("algorithm", TEXT, nullable=True),
        sa.Column("scopes", TEXT, nullable=True),
        sa.Column("authorize_method", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("ehr_key", name=op.f("pk_ehr")),
        sa.UniqueConstraint("ehr_id", name=op.f("uq_ehr_ehr_id")),
        sa.UniqueConstraint("issuer", name=op.f("uq_ehr_issuer")),
    )
    op.create_table(
        "launch",
        sa.Column("launch_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("launch_id", TEXT, nullable=False),
        sa.Column("launch_hash", TEXT, nullable=False),
        sa.Column("browser_hash", TEXT, nullable=False),
        sa.Column("ehr_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("encounter", TEXT, nullable=True),
        sa.Column("actor", TEXT, nullable=False),
        sa.Column("granted_scopes", TEXT, nullable=False),
        sa.Column("requested_scopes", TEXT, nullable=False),
        sa.Column("tokens", sa.LargeBinary(), nullable=False),
        sa.Column("token_expires_at", sa.BigInteger(), nullable=False),
        sa.Column("context", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("practitioner", TEXT, nullable=True),
        sa.Column("refresh_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("launch_key", name=op.f("pk_launch")),
        sa.UniqueConstraint("launch_hash", name=op.f("uq_launch_launch_hash")),
        sa.UniqueConstraint("launch_id", name=op.f("uq_launch_launch_id")),
    )
    op.create_index(
        op.f("ix_launch_ehr_id_patient_created_at"), "launch", ["ehr_id", "patient", "created_at"], unique=False
    )
    op.create_index(op.f("ix_launch_expires_at"), "launch", ["expires_at"], unique=False)
    op.create_table(
        "launch_pending",
        sa.Column("pending_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("state_hash", TEXT, nullable=False),
        sa.Column("browser_hash", TEXT, nullable=False),
        sa.Column("ehr_id", TEXT, nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=False),
        sa.Column("requested_scopes", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pending_key", name=op.f("pk_launch_pending")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_launch_pending_state_hash")),
    )
    op.create_index(op.f("ix_launch_pending_expires_at"), "launch_pending", ["expires_at"], unique=False)
    op.create_table(
        "oauth_client",
        sa.Column("client_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("redirect_uris", TEXT, nullable=False),
        sa.Column("launch_uri", TEXT, nullable=True),
        sa.Column("scopes", TEXT, nullable=False),
        sa.Column("secret_hash", TEXT, nullable=True),
        sa.Column("jwks", TEXT, nullable=True),
        sa.Column("jwks_uri", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("client_key", name=op.f("pk_oauth_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_oauth_client_client_id")),
    )
    op.create_table(
        "oauth_code",
        sa.Column("code_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("code_hash", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("redirect_uri", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("code_challenge", TEXT, nullable=False),
        sa.Column("nonce", TEXT, nullable=True),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("context", TEXT, nullable=False),
        sa.Column("auth_time", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code_key", name=op.f("pk_oauth_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_oauth_code_code_hash")),
    )
    op.create_index(op.f("ix_oauth_code_expires_at"), "oauth_code", ["expires_at"], unique=False)
    op.create_table(
        "oauth_grant",
        sa.Column("grant_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("access_hash", TEXT, nullable=False),
        sa.Column("refresh_hash", TEXT, nullable=True),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("context", TEXT, nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("refresh_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("grant_key", name=op.f("pk_oauth_grant")),
        sa.UniqueConstraint("access_hash", name=op.f("uq_oauth_grant_access_hash")),
        sa.UniqueConstraint("refresh_hash", name=op.f("uq_oauth_grant_refresh_hash")),
    )
    op.create_index(op.f("ix_oauth_grant_expires_at"), "oauth_grant", ["expires_at"], unique=False)
    op.create_index(op.f("ix_oauth_grant_family"), "oauth_grant", ["family"], unique=False)
    op.create_table(
        "oauth_jti",
        sa.Column("jti_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("issuer", TEXT, nullable=False),
        sa.Column("jti", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("jti_key", name=op.f("pk_oauth_jti")),
        sa.UniqueConstraint("issuer", "jti", name=op.f("uq_oauth_jti_issuer_jti")),
    )
    op.create_index(op.f("ix_oauth_jti_expires_at"), "oauth_jti", ["expires_at"], unique=False)
    op.create_table(
        "oauth_launch",
        sa.Column("launch_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("launch_hash", TEXT, nullable=False),
        sa.Column("client_id", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("context", TEXT, nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("launch_key", name=op.f("pk_oauth_launch")),
        sa.UniqueConstraint("launch_hash", name=op.f("uq_oauth_launch_launch_hash")),
    )
    op.create_index(op.f("ix_oauth_launch_expires_at"), "oauth_launch", ["expires_at"], unique=False)
    op.create_table(
        "oauth_session",
        sa.Column("session_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("session_hash", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_key", name=op.f("pk_oauth_session")),
        sa.UniqueConstraint("session_hash", name=op.f("uq_oauth_session_session_hash")),
    )
    op.create_index(op.f("ix_oauth_session_expires_at"), "oauth_session", ["expires_at"], unique=False)
    op.create_table(
        "pathway",
        sa.Column("pathway_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pathway_key", name=op.f("pk_pathway")),
        sa.UniqueConstraint("pathway_id", name=op.f("uq_pathway_pathway_id")),
    )
    op.create_table(
        "signing_key",
        sa.Column("signing_key_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("kid", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("algorithm", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("signing_key_key", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_signing_key_kid")),
    )
    op.create_table(
        "caseload",
        sa.Column("pathway_key", KEY, autoincrement=False, nullable=False),
        sa.Column("pathway_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("given", TEXT, nullable=False),
        sa.Column("birth_date", TEXT, nullable=True),
        sa.Column("sex", TEXT, nullable=False),
        sa.Column("last_phq2", sa.Integer(), nullable=True),
        sa.Column("last_phq9", sa.Integer(), nullable=True),
        sa.Column("last_gad7", sa.Integer(), nullable=True),
        sa.Column("safety_open", sa.Boolean(), nullable=False),
        sa.Column("referred_at", sa.BigInteger(), nullable=True),
        sa.Column("referrer", TEXT, nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_caseload_pathway_key")),
        sa.PrimaryKeyConstraint("pathway_key", name=op.f("pk_caseload")),
    )
    op.create_index(op.f("ix_caseload_site_updated_at"), "caseload", ["site", "updated_at"], unique=False)
    op.create_table(
        "command",
        sa.Column("command_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("command_id", TEXT, nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_command_pathway_key")),
        sa.PrimaryKeyConstraint("command_key", name=op.f("pk_command")),
        sa.UniqueConstraint("command_id", name=op.f("uq_command_command_id")),
    )
    op.create_index(op.f("ix_command_pathway_key"), "command", ["pathway_key"], unique=False)
    op.create_table(
        "event",
        sa.Column("event_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("event_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("command_id", TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_event_pathway_key")),
        sa.PrimaryKeyConstraint("event_key", name=op.f("pk_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_event_event_id")),
        sa.UniqueConstraint("pathway_key", "sequence", name=op.f("uq_event_pathway_key_sequence")),
    )
    op.create_table(
        "outbox",
        sa.Column("item_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("resource_type", TEXT, nullable=False),
        sa.Column("resource_id", TEXT, nullable=False),
        sa.Column("ehr_id", TEXT, nullable=False),
        sa.Column("patient", TEXT, nullable=False),
        sa.Column("depends_on", TEXT, nullable=False),
        sa.Column("wanted_version", sa.Integer(), nullable=False),
        sa.Column("sent_version", sa.Integer(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.Column("location", TEXT, nullable=True),
        sa.Column("error", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_outbox_pathway_key")),
        sa.PrimaryKeyConstraint("item_key", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "resource_type", "resource_id", "ehr_id", name=op.f("uq_outbox_resource_type_resource_id_ehr_id")
        ),
    )
    op.create_index(op.f("ix_outbox_ehr_id_patient_status"), "outbox", ["ehr_id", "patient", "status"], unique=False)
    op.create_index(op.f("ix_outbox_pathway_key_position"), "outbox", ["pathway_key", "position"], unique=False)
    op.create_index(op.f("ix_outbox_status_next_attempt_at"), "outbox", ["status", "next_attempt_at"], unique=False)
    op.create_table(
        "patient_key",
        sa.Column("patient_key_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("key_text", TEXT, nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_patient_key_pathway_key")),
        sa.PrimaryKeyConstraint("patient_key_key", name=op.f("pk_patient_key")),
        sa.UniqueConstraint("key_text", name=op.f("uq_patient_key_key_text")),
    )
    op.create_index(op.f("ix_patient_key_pathway_key"), "patient_key", ["pathway_key"], unique=False)
    op.create_table(
        "resource",
        sa.Column("resource_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("resource_type", TEXT, nullable=False),
        sa.Column("fhir_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("origin", TEXT, nullable=False),
        sa.Column("pathway_key", KEY, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_updated", sa.BigInteger(), nullable=False),
        sa.Column("body_key", KEY, nullable=True),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_resource_pathway_key")),
        sa.PrimaryKeyConstraint("resource_key", name=op.f("pk_resource")),
        sa.UniqueConstraint("resource_type", "fhir_id", name=op.f("uq_resource_resource_type_fhir_id")),
    )
    op.create_index(op.f("ix_resource_pathway_key"), "resource", ["pathway_key"], unique=False)
    op.create_index(
        op.f("ix_resource_resource_type_last_updated_resource_key_body_key"),
        "resource",
        ["resource_type", "last_updated", "resource_key", "body_key"],
        unique=False,
    )
    op.create_table(
        "index_date",
        sa.Column("entry_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("resource_key", KEY, nullable=False),
        sa.Column("param", sa.BigInteger(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["resource_key"], ["resource.resource_key"], name=op.f("fk_index_date_resource_key")),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_index_date")),
    )
    op.create_index("ix_index_date_resource", "index_date", ["resource_key", "param"], unique=False)
    op.create_index("ix_index_date_value", "index_date", ["param", "low", "high", "resource_key"], unique=False)
    op.create_table(
        "index_reference",
        sa.Column("entry_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("resource_key", KEY, nullable=False),
        sa.Column("param", sa.BigInteger(), nullable=False),
        sa.Column("ref_type", TEXT, nullable=False),
        sa.Column("ref_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_key"], ["resource.resource_key"], name=op.f("fk_index_reference_resource_key")
        ),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_index_reference")),
    )
    op.create_index("ix_index_reference_resource", "index_reference", ["resource_key", "param"], unique=False)
    op.create_index(
        "ix_index_reference_value", "index_reference", ["param", "ref_id", "ref_type", "resource_key"], unique=False
    )
    op.create_table(
        "index_string",
        sa.Column("entry_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("resource_key", KEY, nullable=False),
        sa.Column("param", sa.BigInteger(), nullable=False),
        sa.Column("folded", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["resource_key"], ["resource.resource_key"], name=op.f("fk_index_string_resource_key")),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_index_string")),
    )
    op.create_index("ix_index_string_resource", "index_string", ["resource_key", "param"], unique=False)
    op.create_index("ix_index_string_value", "index_string", ["param", "folded", "resource_key"], unique=False)
    op.create_table(
        "index_token",
        sa.Column("entry_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("resource_key", KEY, nullable=False),
        sa.Column("param", sa.BigInteger(), nullable=False),
        sa.Column("system", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["resource_key"], ["resource.resource_key"], name=op.f("fk_index_token_resource_key")),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_index_token")),
    )
    op.create_index("ix_index_token_resource", "index_token", ["resource_key", "param"], unique=False)
    op.create_index("ix_index_token_value", "index_token", ["param", "code", "system", "resource_key"], unique=False)
    op.create_table(
        "index_uri",
        sa.Column("entry_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("resource_key", KEY, nullable=False),
        sa.Column("param", sa.BigInteger(), nullable=False),
        sa.Column("uri", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["resource_key"], ["resource.resource_key"], name=op.f("fk_index_uri_resource_key")),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_index_uri")),
    )
    op.create_index("ix_index_uri_resource", "index_uri", ["resource_key", "param"], unique=False)
    op.create_index("ix_index_uri_value", "index_uri", ["param", "uri", "resource_key"], unique=False)
    op.create_table(
        "resource_version",
        sa.Column("version_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("resource_key", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_updated", sa.BigInteger(), nullable=False),
        sa.Column("body_key", KEY, nullable=True),
        sa.ForeignKeyConstraint(
            ["resource_key"], ["resource.resource_key"], name=op.f("fk_resource_version_resource_key")
        ),
        sa.PrimaryKeyConstraint("version_key", name=op.f("pk_resource_version")),
        sa.UniqueConstraint("resource_key", "version", name=op.f("uq_resource_version_resource_key_version")),
    )
    _make_refusal()
    for table in APPEND_ONLY:
        _refuse_change(table)


def _refuse_change(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _make_refusal() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )


def downgrade() -> None:
    op.drop_table("resource_version")
    op.drop_table("index_uri")
    op.drop_table("index_token")
    op.drop_table("index_string")
    op.drop_table("index_reference")
    op.drop_table("index_date")
    op.drop_table("resource")
    op.drop_table("patient_key")
    op.drop_table("outbox")
    op.drop_table("event")
    op.drop_table("command")
    op.drop_table("caseload")
    op.drop_table("signing_key")
    op.drop_table("pathway")
    op.drop_table("oauth_session")
    op.drop_table("oauth_launch")
    op.drop_table("oauth_jti")
    op.drop_table("oauth_grant")
    op.drop_table("oauth_code")
    op.drop_table("oauth_client")
    op.drop_table("launch_pending")
    op.drop_table("launch")
    op.drop_table("ehr")
    op.drop_table("draft")
    op.drop_table("deployment")
    op.drop_table("body")
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
