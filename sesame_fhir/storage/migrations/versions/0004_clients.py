"""What a client of ours may reach and where it calls from; messages to one role say so, and are projected anew."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

_LISTS = ("sites", "origins", "notify_origins")


def upgrade() -> None:
    for name in _LISTS:
        op.add_column("oauth_client", sa.Column(name, TEXT, nullable=False, server_default="[]"))
    for name, default in (("may_assert_professionals", sa.false()), ("active", sa.true())):
        op.add_column("oauth_client", sa.Column(name, sa.Boolean(), nullable=False, server_default=default))
    op.create_index(op.f("ix_oauth_grant_client_id"), "oauth_grant", ["client_id"], unique=False)
    op.create_index(op.f("ix_oauth_grant_subject"), "oauth_grant", ["subject"], unique=False)
    op.execute(
        "INSERT INTO outdated_pathway (pathway_key) SELECT DISTINCT r.pathway_key FROM resource r "
        "WHERE r.resource_type = 'Communication' AND r.pathway_key IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM outdated_pathway o WHERE o.pathway_key = r.pathway_key)"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_oauth_grant_subject"), "oauth_grant")
    op.drop_index(op.f("ix_oauth_grant_client_id"), "oauth_grant")
    for name in (*_LISTS, "may_assert_professionals", "active"):
        op.drop_column("oauth_client", name)
