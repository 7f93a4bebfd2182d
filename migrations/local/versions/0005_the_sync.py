"""The sync: what waits for the centre, which versions were common, what two laptops edited at once.

Its triggers are derived objects.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from desktop.types import Id, Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Columns = tuple[tuple[str, Any, bool], ...]


def upgrade() -> None:
    _create_conflicts()
    for name, columns in SHADOWED.items():
        for prefix in ("base", "sent"):
            op.create_table(
                f"{prefix}_{name}",
                sa.Column("id", Id(), nullable=False),
                *(sa.Column(*column[:2], nullable=column[2]) for column in (*columns, *STAMPS)),
                sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{prefix}_{name}")),
            )
    _create_bookkeeping()


def _create_conflicts() -> None:
    op.create_table(
        "conflicts",
        sa.Column("id", Id(), nullable=False),
        sa.Column("tbl", sa.String(length=40), nullable=False),
        sa.Column("row_id", Id(), nullable=False),
        sa.Column("session_id", Id(), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("base", sa.Text(), nullable=True),
        sa.Column("winner", sa.Text(), nullable=True),
        sa.Column("loser", sa.Text(), nullable=True),
        sa.Column("loser_hlc", sa.BigInteger(), nullable=True),
        sa.Column("loser_origin", Id(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("resolved_by", Id(), nullable=True),
        sa.Column("resolved_at", Instant(), nullable=True),
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
        sa.CheckConstraint("kind IN ('field', 'delete_vs_edit')", name=op.f("ck_conflicts_kind")),
        sa.CheckConstraint("status IN ('open', 'resolved')", name=op.f("ck_conflicts_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts")),
    )
    op.create_index(op.f("ix_conflicts_row_id"), "conflicts", ["row_id"])
    op.create_index(op.f("ix_conflicts_status_session_id"), "conflicts", ["status", "session_id"])


def _create_bookkeeping() -> None:
    state = op.create_table(
        "sync_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("centre_id", Id(), nullable=True),
        sa.Column("central_uuid", Id(), nullable=True),
        sa.Column("replica_id", Id(), nullable=True),
        sa.Column("batch_no", sa.Integer(), nullable=False),
        sa.Column("batch_chain", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("change_no", sa.BigInteger(), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("applying", sa.Boolean(), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("enrolment", sa.Text(), nullable=True),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("checked", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_state")),
    )
    op.create_table(
        "sync_chain",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chain", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_sync_chain")),
    )
    op.create_table(
        "sync_outbox",
        sa.Column("tbl", sa.String(length=40), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("change_no", sa.BigInteger(), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("sending", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('waiting', 'quarantined')", name=op.f("ck_sync_outbox_status")),
        sa.PrimaryKeyConstraint("tbl", "id", name=op.f("pk_sync_outbox")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sync_inflight",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chain", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("batch_no", name=op.f("pk_sync_inflight")),
    )
    op.create_index(
        op.f("ix_sync_outbox_sending"),
        "sync_outbox",
        ["sending"],
        sqlite_where=sa.text("sending IS NOT NULL"),
    )
    op.create_index(op.f("ix_sync_outbox_status_change_no"), "sync_outbox", ["status", "change_no"])
    op.bulk_insert(
        state,
        [
            {
                "id": 1,
                "batch_no": 0,
                "batch_chain": b"",
                "cursor": 0,
                "change_no": 0,
                "hlc": 0,
                "applying": False,
                "clock_offset_ms": 0,
            }
        ],
    )


def downgrade() -> None:
    for table in ("sync_inflight", "sync_outbox", "sync_chain", "sync_state"):
        op.drop_table(table)
    for name in SHADOWED:
        for prefix in ("base", "sent"):
            op.drop_table(f"{prefix}_{name}")
    op.drop_table("conflicts")


# Name, type, and whether it may be empty; frozen as they were at this revision.
STAMPS: Columns = (
    ("created_at", Instant(), False),
    ("updated_at", Instant(), False),
    ("created_by", Id(), False),
    ("updated_by", Id(), False),
    ("utc_offset_minutes", sa.Integer(), False),
    ("rev", sa.Integer(), False),
    ("srv_seq", sa.BigInteger(), False),
    ("hlc", sa.BigInteger(), True),
    ("origin", Id(), True),
    ("deleted", sa.Boolean(), False),
)
SHADOWED: dict[str, Columns] = {
    "people": (
        ("name", sa.String(length=255), False),
        ("role", sa.String(length=20), False),
    ),
    "protocols": (
        ("name", sa.String(length=100), False),
        ("version", sa.Integer(), False),
        ("content", sa.Text(), False),
        ("sha256", sa.String(length=64), False),
    ),
    "sessions": (
        ("child_id", Id(), False),
        ("child_code", sa.String(length=8), False),
        ("child_name", sa.String(length=255), False),
        ("child_identifier", sa.String(length=64), True),
        ("child_age", sa.Integer(), False),
        ("child_date_of_birth", sa.Date(), True),
        ("child_sex", sa.String(length=10), True),
        ("gestational_weeks", sa.Integer(), True),
        ("handedness", sa.String(length=20), True),
        ("child_height_cm", sa.Double(), True),
        ("child_weight_kg", sa.Double(), True),
        ("session_type", sa.String(length=20), False),
        ("assessor", Id(), False),
        ("site", sa.String(length=255), False),
        ("protocol_name", sa.String(length=100), False),
        ("protocol_version", sa.Integer(), False),
        ("consent", sa.String(length=20), False),
        ("consent_at", Instant(), True),
        ("notes", sa.Text(), False),
        ("remark", sa.Text(), True),
        ("started_at", Instant(), False),
        ("completed_at", Instant(), True),
        ("signed_off_by", Id(), True),
        ("signed_off_at", Instant(), True),
        ("signed_off_hash", sa.String(length=64), True),
        ("app_version", sa.String(length=40), False),
    ),
    "task_results": (
        ("session_id", Id(), False),
        ("position", sa.Integer(), False),
        ("task_name", sa.String(length=100), False),
        ("side", sa.String(length=10), False),
        ("trial", sa.Integer(), False),
        ("practice", sa.Boolean(), False),
        ("status", sa.String(length=20), True),
        ("duration_seconds", sa.Double(), True),
        ("deviation", sa.Text(), True),
        ("notes", sa.Text(), False),
        ("remark", sa.Text(), True),
        ("started_at", Instant(), True),
    ),
    "metrics": (
        ("task_id", Id(), False),
        ("metric_name", sa.String(length=100), False),
        ("metric_value", sa.Double(), False),
        ("unit", sa.String(length=40), True),
        ("source", sa.String(length=120), False),
        ("remark", sa.Text(), True),
    ),
    "conflicts": (
        ("tbl", sa.String(length=40), False),
        ("row_id", Id(), False),
        ("session_id", Id(), True),
        ("field", sa.String(length=40), False),
        ("kind", sa.String(length=20), False),
        ("base", sa.Text(), True),
        ("winner", sa.Text(), True),
        ("loser", sa.Text(), True),
        ("loser_hlc", sa.BigInteger(), True),
        ("loser_origin", Id(), True),
        ("status", sa.String(length=20), False),
        ("resolved_by", Id(), True),
        ("resolved_at", Instant(), True),
    ),
}
