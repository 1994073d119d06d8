"""The index of quantities.

Pathways are marked to be rebuilt: their scores are found by value then. What was received is indexed anew by the same
``sesame rebuild``.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "index_quantity",
        sa.Column("entry_key", KEY, sa.Identity(always=False), nullable=False),
        sa.Column("resource_key", KEY, nullable=False),
        sa.Column("param", sa.BigInteger(), nullable=False),
        sa.Column("low", TEXT, nullable=False),
        sa.Column("high", TEXT, nullable=False),
        sa.Column("system", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("unit", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_key"], ["resource.resource_key"], name=op.f("fk_index_quantity_resource_key")
        ),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_index_quantity")),
    )
    op.create_index("ix_index_quantity_value", "index_quantity", ["param", "low", "high", "resource_key"], unique=False)
    op.create_index("ix_index_quantity_resource", "index_quantity", ["resource_key", "param"], unique=False)
    op.execute(
        "INSERT INTO outdated_pathway (pathway_key) SELECT p.pathway_key FROM pathway p "
        "WHERE NOT EXISTS (SELECT 1 FROM outdated_pathway o WHERE o.pathway_key = p.pathway_key)"
    )


def downgrade() -> None:
    op.drop_table("index_quantity")
