"""What an assessor did and may take back, also after a restart, and an index of the signed-off sessions."""

import sqlalchemy as sa
from alembic import op

from desktop.types import Id, Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "undo_steps",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Id(), nullable=False),
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("undone", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_undo_steps")),
        sa.UniqueConstraint("id", name=op.f("uq_undo_steps_id")),
    )
    op.create_index(
        op.f("ix_undo_steps_actor_session_id_state_number"),
        "undo_steps",
        ["actor", "session_id", "state", "number"],
    )
    op.create_index(
        op.f("ix_sessions_signed_off"),
        "sessions",
        ["id"],
        sqlite_where=sa.text("signed_off_at IS NOT NULL"),
        postgresql_where=sa.text("signed_off_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_sessions_signed_off"), table_name="sessions")
    op.drop_index(op.f("ix_undo_steps_actor_session_id_state_number"), table_name="undo_steps")
    op.drop_table("undo_steps")
