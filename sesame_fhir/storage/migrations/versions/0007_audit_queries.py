"""The audit log is asked by time, by patient and by actor; its position in the chain orders what happened at once."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_audit_patient_at", table_name="audit")
    op.create_index("ix_audit_at_entry_id", "audit", ["at", "entry_id"], unique=False)
    op.create_index("ix_audit_patient_at_entry_id", "audit", ["patient", "at", "entry_id"], unique=False)
    op.create_index("ix_audit_actor_id_at_entry_id", "audit", ["actor_id", "at", "entry_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_actor_id_at_entry_id", table_name="audit")
    op.drop_index("ix_audit_patient_at_entry_id", table_name="audit")
    op.drop_index("ix_audit_at_entry_id", table_name="audit")
    op.create_index("ix_audit_patient_at", "audit", ["patient", "at"], unique=False)
