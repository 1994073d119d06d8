"""The team's work: the caseload with its lists, the agenda, facts for the indicators, keys of closed pathways, reviews.

The caseload is made anew, empty: what it held came from the events, and a rebuild (``outdated_pathway`` says of which
pathways) brings it back with what the new columns need.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.drop_table("caseload")
    op.create_table(
        "review_session",
        sa.Column("session_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("session_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("held_at", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("participants", TEXT, nullable=False),
        sa.Column("pathways", TEXT, nullable=False),
        sa.Column("logged_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("session_key", name=op.f("pk_review_session")),
        sa.UniqueConstraint("session_id", name=op.f("uq_review_session_session_id")),
    )
    op.create_index(
        op.f("ix_review_session_site_held_at_session_id"),
        "review_session",
        ["site", "held_at", "session_id"],
        unique=False,
    )
    op.create_table(
        "agenda_slot",
        sa.Column("slot_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("contact_id", TEXT, nullable=False),
        sa.Column("pathway_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("nurse_id", TEXT, nullable=True),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("given", TEXT, nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("mode", TEXT, nullable=False),
        sa.Column("task", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_agenda_slot_pathway_key")),
        sa.PrimaryKeyConstraint("slot_key", name=op.f("pk_agenda_slot")),
        sa.UniqueConstraint("pathway_key", "contact_id", name=op.f("uq_agenda_slot_pathway_key_contact_id")),
    )
    op.create_index(
        op.f("ix_agenda_slot_site_nurse_id_planned_at_contact_id"),
        "agenda_slot",
        ["site", "nurse_id", "planned_at", "contact_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_agenda_slot_site_planned_at_contact_id"),
        "agenda_slot",
        ["site", "planned_at", "contact_id"],
        unique=False,
    )
    op.create_table(
        "caseload_entry",
        sa.Column("entry_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("listing", sa.BigInteger(), nullable=False),
        sa.Column("rule", TEXT, nullable=True),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("attention", sa.Integer(), nullable=False),
        sa.Column("next_contact", sa.BigInteger(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("started", sa.Integer(), nullable=False),
        sa.Column("sequence_end", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("referred", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_caseload_entry_pathway_key")),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_caseload_entry")),
        sa.UniqueConstraint(
            "listing", "pathway_key", "since", name=op.f("uq_caseload_entry_listing_pathway_key_since")
        ),
    )
    op.create_index(
        "ix_caseload_entry_attention",
        "caseload_entry",
        ["listing", "attention", "pathway_key", "since", "until"],
        unique=False,
    )
    op.create_index(
        "ix_caseload_entry_change",
        "caseload_entry",
        ["listing", "change", "pathway_key", "since", "until"],
        unique=False,
    )
    op.create_index(
        "ix_caseload_entry_name", "caseload_entry", ["listing", "name", "pathway_key", "since", "until"], unique=False
    )
    op.create_index(
        "ix_caseload_entry_next_contact",
        "caseload_entry",
        ["listing", "next_contact", "pathway_key", "since", "until"],
        unique=False,
    )
    op.create_index("ix_caseload_entry_pathway_key", "caseload_entry", ["pathway_key", "rule"], unique=False)
    op.create_index(
        "ix_caseload_entry_referred",
        "caseload_entry",
        ["listing", "referred", "pathway_key", "since", "until"],
        unique=False,
    )
    op.create_index(
        "ix_caseload_entry_sequence_end",
        "caseload_entry",
        ["listing", "sequence_end", "pathway_key", "since", "until"],
        unique=False,
    )
    op.create_index(
        "ix_caseload_entry_since",
        "caseload_entry",
        ["listing", "since", "until", "pathway_key"],
        unique=False,
        sqlite_where=sa.text("since > 0"),
        postgresql_where=sa.text("since > 0"),
    )
    op.create_index(
        "ix_caseload_entry_started",
        "caseload_entry",
        ["listing", "started", "pathway_key", "since", "until"],
        unique=False,
    )
    op.create_index(
        "ix_caseload_entry_updated",
        "caseload_entry",
        ["listing", "updated", "pathway_key", "since", "until"],
        unique=False,
    )
    op.create_table(
        "former_key",
        sa.Column("former_key_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("key_text", TEXT, nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_former_key_pathway_key")),
        sa.PrimaryKeyConstraint("former_key_key", name=op.f("pk_former_key")),
        sa.UniqueConstraint("key_text", "pathway_key", name=op.f("uq_former_key_key_text_pathway_key")),
    )
    op.create_index(op.f("ix_former_key_pathway_key"), "former_key", ["pathway_key"], unique=False)
    op.create_table(
        "outdated_pathway",
        sa.Column("pathway_key", KEY, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_outdated_pathway_pathway_key")),
        sa.PrimaryKeyConstraint("pathway_key", name=op.f("pk_outdated_pathway")),
    )
    op.create_table(
        "pathway_facts",
        sa.Column("pathway_key", KEY, autoincrement=False, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_pathway_facts_pathway_key")),
        sa.PrimaryKeyConstraint("pathway_key", name=op.f("pk_pathway_facts")),
    )
    op.create_index(op.f("ix_pathway_facts_site_pathway_key"), "pathway_facts", ["site", "pathway_key"], unique=False)
    op.create_table(
        "caseload",
        sa.Column("pathway_key", KEY, autoincrement=False, nullable=False),
        sa.Column("pathway_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("bucket", TEXT, nullable=False),
        sa.Column("family", TEXT, nullable=False),
        sa.Column("given", TEXT, nullable=False),
        sa.Column("sort_name", TEXT, nullable=False),
        sa.Column("birth_date", TEXT, nullable=True),
        sa.Column("sex", TEXT, nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("safety_open", sa.Boolean(), nullable=False),
        sa.Column("last_phq2", sa.Integer(), nullable=True),
        sa.Column("first_phq9", sa.Integer(), nullable=True),
        sa.Column("last_phq9", sa.Integer(), nullable=True),
        sa.Column("phq9_change", sa.Integer(), nullable=True),
        sa.Column("first_gad7", sa.Integer(), nullable=True),
        sa.Column("last_gad7", sa.Integer(), nullable=True),
        sa.Column("last_score_at", sa.BigInteger(), nullable=True),
        sa.Column("referred_at", sa.BigInteger(), nullable=True),
        sa.Column("referrer", TEXT, nullable=True),
        sa.Column("referrer_id", TEXT, nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("nurse_id", TEXT, nullable=True),
        sa.Column("nurse", TEXT, nullable=True),
        sa.Column("psychiatrist_id", TEXT, nullable=True),
        sa.Column("psychiatrist", TEXT, nullable=True),
        sa.Column("started_on", TEXT, nullable=True),
        sa.Column("next_contact_at", sa.BigInteger(), nullable=True),
        sa.Column("contact_due_on", TEXT, nullable=True),
        sa.Column("last_contact_at", sa.BigInteger(), nullable=True),
        sa.Column("sequence_rank", sa.Integer(), nullable=True),
        sa.Column("sequence_end", TEXT, nullable=True),
        sa.Column("discuss", sa.Boolean(), nullable=False),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.Column("advice_waiting", sa.Integer(), nullable=False),
        sa.Column("unread_gp", sa.Integer(), nullable=False),
        sa.Column("unread_nurse", sa.Integer(), nullable=False),
        sa.Column("unread_psychiatrist", sa.Integer(), nullable=False),
        sa.Column("flags", TEXT, nullable=False),
        sa.Column("attention_on", TEXT, nullable=True),
        sa.Column("end_reason", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_caseload_pathway_key")),
        sa.PrimaryKeyConstraint("pathway_key", name=op.f("pk_caseload")),
    )
    op.create_index(
        "ix_caseload_sequence_end",
        "caseload",
        ["sequence_end", "pathway_key"],
        unique=False,
        sqlite_where=sa.text("sequence_end IS NOT NULL AND bucket <> 'closed'"),
        postgresql_where=sa.text("sequence_end IS NOT NULL AND bucket <> 'closed'"),
    )
    _refuse_change("review_session")
    op.execute("INSERT INTO outdated_pathway (pathway_key) SELECT pathway_key FROM pathway")


def _refuse_change(table: str) -> None:
    """As the first revision does for events."""
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


def downgrade() -> None:
    """The older caseload comes back empty: its own ``sesame rebuild`` fills it."""
    for table in ("review_session", "pathway_facts", "outdated_pathway", "former_key", "caseload_entry", "caseload"):
        op.drop_table(table)
    op.drop_table("agenda_slot")
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
