"""Indexes that answer the list of sessions: its counts are read from them, not from the rows."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index(op.f("ix_sessions_child_id"), table_name="sessions")
    op.create_index(
        op.f("ix_sessions_child_id_started_at_id_deleted"),
        "sessions",
        ["child_id", "started_at", "id", "deleted"],
    )
    op.drop_index(op.f("ix_task_results_session_id_position"), table_name="task_results")
    op.create_index(
        op.f("ix_task_results_session_id_position_status_deleted"),
        "task_results",
        ["session_id", "position", "status", "deleted"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_task_results_session_id_position_status_deleted"), table_name="task_results")
    op.create_index(op.f("ix_task_results_session_id_position"), "task_results", ["session_id", "position"])
    op.drop_index(op.f("ix_sessions_child_id_started_at_id_deleted"), table_name="sessions")
    op.create_index(op.f("ix_sessions_child_id"), "sessions", ["child_id"])
