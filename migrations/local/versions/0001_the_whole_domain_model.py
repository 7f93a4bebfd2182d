"""The whole domain model, sync columns included."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from desktop.types import Id, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def recorded() -> list[sa.Column[Any]]:
    """Who, when, and where the row stands in the sync."""
    return [
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("created_by", Id(), nullable=False),
        sa.Column("updated_by", Id(), nullable=False),
        sa.Column("utc_offset_minutes", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("srv_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=True),
        sa.Column("origin", Id(), nullable=True),
        sa.Column("deleted", sa.Boolean(), server_default=sa.false(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_drafts")),
    )
    op.create_table(
        "people",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        *recorded(),
        sa.CheckConstraint("role IN ('clinician', 'program')", name=op.f("ck_people_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_table(
        "protocols",
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        *recorded(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protocols")),
    )
    op.create_table(
        "session_search",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_session_search")),
        sa.UniqueConstraint("session_id", name=op.f("uq_session_search_session_id")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", Id(), nullable=False),
        sa.Column("child_id", Id(), nullable=False),
        sa.Column("child_code", sa.String(length=8), nullable=False),
        sa.Column("child_name", sa.String(length=255), nullable=False),
        sa.Column("child_identifier", sa.String(length=64), nullable=True),
        sa.Column("child_age", sa.Integer(), nullable=False),
        sa.Column("child_date_of_birth", sa.Date(), nullable=True),
        sa.Column("child_sex", sa.String(length=10), nullable=True),
        sa.Column("gestational_weeks", sa.Integer(), nullable=True),
        sa.Column("handedness", sa.String(length=20), nullable=True),
        sa.Column("child_height_cm", sa.Double(), nullable=True),
        sa.Column("child_weight_kg", sa.Double(), nullable=True),
        sa.Column("session_type", sa.String(length=20), nullable=False),
        sa.Column("assessor", Id(), nullable=False),
        sa.Column("site", sa.String(length=255), nullable=False),
        sa.Column("protocol_name", sa.String(length=100), nullable=False),
        sa.Column("protocol_version", sa.Integer(), nullable=False),
        sa.Column("consent", sa.String(length=20), nullable=False),
        sa.Column("consent_at", Instant(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("completed_at", Instant(), nullable=True),
        sa.Column("signed_off_by", Id(), nullable=True),
        sa.Column("signed_off_at", Instant(), nullable=True),
        sa.Column("signed_off_hash", sa.String(length=64), nullable=True),
        sa.Column("app_version", sa.String(length=40), nullable=False),
        *recorded(),
        sa.CheckConstraint(
            "child_sex IN ('female', 'male', 'other', 'unknown')", name=op.f("ck_sessions_child_sex")
        ),
        sa.CheckConstraint(
            "consent IN ('unknown', 'given', 'refused', 'withdrawn')", name=op.f("ck_sessions_consent")
        ),
        sa.CheckConstraint(
            "handedness IN ('left', 'right', 'mixed', 'not_established')", name=op.f("ck_sessions_handedness")
        ),
        sa.CheckConstraint("session_type IN ('initial', 'follow_up')", name=op.f("ck_sessions_session_type")),
        sa.CheckConstraint("child_age BETWEEN 0 AND 120", name=op.f("ck_sessions_child_age")),
        sa.CheckConstraint("child_height_cm BETWEEN 20 AND 250", name=op.f("ck_sessions_child_height_cm")),
        sa.CheckConstraint("child_weight_kg BETWEEN 0.3 AND 300", name=op.f("ck_sessions_child_weight_kg")),
        sa.CheckConstraint("gestational_weeks BETWEEN 22 AND 44", name=op.f("ck_sessions_gestational_weeks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_child_id"), "sessions", ["child_id"])
    op.create_index(
        op.f("ix_sessions_started_at_id"),
        "sessions",
        ["started_at", "id"],
        sqlite_where=sa.text("deleted = 0"),
        postgresql_where=sa.text("NOT deleted"),
    )

    op.create_table(
        "task_results",
        sa.Column("id", Id(), nullable=False),
        sa.Column("session_id", Id(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("task_name", sa.String(length=100), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("trial", sa.Integer(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("duration_seconds", sa.Double(), nullable=True),
        sa.Column("deviation", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        *recorded(),
        sa.CheckConstraint("side IN ('none', 'left', 'right', 'both')", name=op.f("ck_task_results_side")),
        sa.CheckConstraint(
            "status IN ('success', 'partial', 'failed', 'not_tested', 'refused')",
            name=op.f("ck_task_results_status"),
        ),
        sa.CheckConstraint(
            "duration_seconds BETWEEN 0 AND 86400", name=op.f("ck_task_results_duration_seconds")
        ),
        sa.CheckConstraint("trial >= 1", name=op.f("ck_task_results_trial")),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_task_results_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_results")),
    )
    op.create_index(op.f("ix_task_results_session_id_position"), "task_results", ["session_id", "position"])

    op.create_table(
        "metrics",
        sa.Column("id", Id(), nullable=False),
        sa.Column("task_id", Id(), nullable=False),
        sa.Column("metric_name", sa.String(length=100), nullable=False),
        sa.Column("metric_value", sa.Double(), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        *recorded(),
        sa.CheckConstraint(
            "metric_value BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308",
            name=op.f("ck_metrics_metric_value"),
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task_results.id"], name=op.f("fk_metrics_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metrics")),
    )
    op.create_index(op.f("ix_metrics_task_id"), "metrics", ["task_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_metrics_task_id"), table_name="metrics")

    op.drop_table("metrics")
    op.drop_index(op.f("ix_task_results_session_id_position"), table_name="task_results")

    op.drop_table("task_results")
    op.drop_index(op.f("ix_sessions_started_at_id"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_child_id"), table_name="sessions")

    op.drop_table("sessions")
    op.drop_table("session_search")
    op.drop_table("protocols")
    op.drop_table("people")
    op.drop_table("drafts")
