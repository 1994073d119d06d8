"""Billing: facts of sequences, claims and the books beside the events; batches, schemes, payments.

Pathways are marked to be rebuilt: their sequences and earlier claims come out of their events with ``sesame rebuild``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "billing_batch",
        sa.Column("batch_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("batch_id", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("scheme_id", TEXT, nullable=False),
        sa.Column("biller_id", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", TEXT, nullable=False),
        sa.Column("frozen", TEXT, nullable=True),
        sa.Column("digest", TEXT, nullable=True),
        sa.Column("frozen_at", sa.BigInteger(), nullable=True),
        sa.Column("frozen_by", TEXT, nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", TEXT, nullable=True),
        sa.Column("submitted_at", sa.BigInteger(), nullable=True),
        sa.Column("submitted_by", TEXT, nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("batch_key", name=op.f("pk_billing_batch")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_billing_batch_batch_id")),
        sa.UniqueConstraint(
            "month", "scheme_id", "biller_id", "number", name=op.f("uq_billing_batch_month_scheme_id_biller_id_number")
        ),
    )
    op.create_index(
        "uq_billing_batch_draft",
        "billing_batch",
        ["month", "scheme_id", "biller_id"],
        unique=True,
        sqlite_where=sa.text("status = 'draft'"),
        postgresql_where=sa.text("status = 'draft'"),
    )
    op.create_table(
        "billing_import",
        sa.Column("import_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", TEXT, nullable=False),
        sa.Column("results", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("import_key", name=op.f("pk_billing_import")),
        sa.UniqueConstraint("digest", name=op.f("uq_billing_import_digest")),
    )
    op.create_table(
        "billing_payment",
        sa.Column("payment_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("payment_id", TEXT, nullable=False),
        sa.Column("biller_id", TEXT, nullable=False),
        sa.Column("day", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("payment_key", name=op.f("pk_billing_payment")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_billing_payment_payment_id")),
    )
    op.create_table(
        "billing_scheme",
        sa.Column("scheme_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("scheme_id", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("scheme_key", name=op.f("pk_billing_scheme")),
        sa.UniqueConstraint(
            "scheme_id", "version", "revision", name=op.f("uq_billing_scheme_scheme_id_version_revision")
        ),
    )
    op.create_table(
        "share_paid",
        sa.Column("share_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("reference", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("biller_id", TEXT, nullable=False),
        sa.Column("month", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("day", TEXT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("share_key", name=op.f("pk_share_paid")),
        sa.UniqueConstraint("biller_id", "site", "reference", name=op.f("uq_share_paid_biller_id_site_reference")),
    )
    op.create_index(op.f("ix_share_paid_month"), "share_paid", ["month"], unique=False)
    op.create_table(
        "billing_batch_line",
        sa.Column("line_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("batch_key", KEY, nullable=False),
        sa.Column("pathway_id", TEXT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("claim_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("ends_on", TEXT, nullable=False),
        sa.Column("scheme_version", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.Column("held", TEXT, nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_key"], ["billing_batch.batch_key"], name=op.f("fk_billing_batch_line_batch_key")
        ),
        sa.PrimaryKeyConstraint("line_key", name=op.f("pk_billing_batch_line")),
        sa.UniqueConstraint(
            "batch_key", "pathway_id", "rank", name=op.f("uq_billing_batch_line_batch_key_pathway_id_rank")
        ),
    )
    op.create_index(
        "ix_billing_batch_line_counted",
        "billing_batch_line",
        ["batch_key", "held", "scheme_version", "site", "amount", "share"],
        unique=False,
    )
    op.create_index(
        "ix_billing_batch_line_place",
        "billing_batch_line",
        ["batch_key", "site", "ends_on", "pathway_id", "rank"],
        unique=False,
    )
    op.create_index(
        "uq_billing_batch_line_open",
        "billing_batch_line",
        ["pathway_id", "rank"],
        unique=True,
        sqlite_where=sa.text("open"),
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "billing_sequence",
        sa.Column("sequence_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("pathway_id", TEXT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("ends_on", TEXT, nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("claimed", sa.Boolean(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_billing_sequence_pathway_key")),
        sa.PrimaryKeyConstraint("sequence_key", name=op.f("pk_billing_sequence")),
        sa.UniqueConstraint("pathway_key", "rank", name=op.f("uq_billing_sequence_pathway_key_rank")),
    )
    op.create_index(
        "ix_billing_sequence_free",
        "billing_sequence",
        ["pathway_id", "rank", "finished", "ends_on", "site"],
        unique=False,
        sqlite_where=sa.text("NOT claimed"),
        postgresql_where=sa.text("NOT claimed"),
    )
    op.create_table(
        "claim",
        sa.Column("claim_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("pathway_id", TEXT, nullable=False),
        sa.Column("claim_id", TEXT, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=True),
        sa.Column("batch_id", TEXT, nullable=True),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("biller_id", TEXT, nullable=True),
        sa.Column("scheme_id", TEXT, nullable=True),
        sa.Column("scheme_version", TEXT, nullable=True),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.BigInteger(), nullable=False),
        sa.Column("billed_on", TEXT, nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_claim_pathway_key")),
        sa.PrimaryKeyConstraint("claim_key", name=op.f("pk_claim")),
        sa.UniqueConstraint("claim_id", name=op.f("uq_claim_claim_id")),
        sa.UniqueConstraint("pathway_key", "rank", "attempt", name=op.f("uq_claim_pathway_key_rank_attempt")),
    )
    op.create_index("ix_claim_batch_id", "claim", ["batch_id", "claim_id"], unique=False)
    op.create_index("ix_claim_counted", "claim", ["status", "stale", "site"], unique=False)
    op.create_index("ix_claim_scheme_id", "claim", ["scheme_id", "scheme_version"], unique=False)
    op.create_index(
        "ix_claim_stale",
        "claim",
        ["claim_id"],
        unique=False,
        sqlite_where=sa.text("stale"),
        postgresql_where=sa.text("stale"),
    )
    op.create_index("ix_claim_status", "claim", ["status", "claim_id"], unique=False)
    op.create_index(
        "uq_claim_live",
        "claim",
        ["pathway_key", "rank"],
        unique=True,
        sqlite_where=sa.text("live"),
        postgresql_where=sa.text("live"),
    )
    op.create_table(
        "claim_payment",
        sa.Column("claim_payment_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_key", KEY, nullable=False),
        sa.Column("claim_id", TEXT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payment_id", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_claim_payment_pathway_key")),
        sa.PrimaryKeyConstraint("claim_payment_key", name=op.f("pk_claim_payment")),
        sa.UniqueConstraint(
            "pathway_key", "claim_id", "number", name=op.f("uq_claim_payment_pathway_key_claim_id_number")
        ),
    )
    op.create_index(
        op.f("ix_claim_payment_payment_id_claim_id_amount"),
        "claim_payment",
        ["payment_id", "claim_id", "amount"],
        unique=False,
    )
    op.create_table(
        "ledger_posting",
        sa.Column("posting_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("pathway_key", KEY, nullable=True),
        sa.Column("posting_id", TEXT, nullable=False),
        sa.Column("day", TEXT, nullable=False),
        sa.Column("movement", TEXT, nullable=False),
        sa.Column("debit", TEXT, nullable=False),
        sa.Column("credit", TEXT, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("biller_id", TEXT, nullable=False),
        sa.Column("scheme_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["pathway_key"], ["pathway.pathway_key"], name=op.f("fk_ledger_posting_pathway_key")),
        sa.PrimaryKeyConstraint("posting_key", name=op.f("pk_ledger_posting")),
        sa.UniqueConstraint("posting_id", name=op.f("uq_ledger_posting_posting_id")),
    )
    op.create_index(op.f("ix_ledger_posting_day_posting_id"), "ledger_posting", ["day", "posting_id"], unique=False)
    op.create_index(
        op.f("ix_ledger_posting_site_day_posting_id"), "ledger_posting", ["site", "day", "posting_id"], unique=False
    )
    op.create_index(op.f("ix_ledger_posting_pathway_key"), "ledger_posting", ["pathway_key"], unique=False)
    op.execute(
        "INSERT INTO outdated_pathway (pathway_key) SELECT p.pathway_key FROM pathway p "
        "WHERE NOT EXISTS (SELECT 1 FROM outdated_pathway o WHERE o.pathway_key = p.pathway_key)"
    )


def downgrade() -> None:
    op.drop_table("ledger_posting")
    op.drop_table("claim_payment")
    op.drop_table("claim")
    op.drop_table("billing_sequence")
    op.drop_table("billing_batch_line")
    op.drop_table("share_paid")
    op.drop_table("billing_scheme")
    op.drop_table("billing_payment")
    op.drop_table("billing_import")
    op.drop_table("billing_batch")
