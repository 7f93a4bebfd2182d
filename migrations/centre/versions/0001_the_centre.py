"""The tables of a centre: its one history, who may write to it, and the records with every former version."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from desktop.types import Id, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Columns = tuple[tuple[str, Any, bool], ...]


def upgrade() -> None:
    _create_bookkeeping()
    for name, columns in RECORDS.items():
        parents = PARENTS.get(name, {})
        op.create_table(
            name,
            sa.Column("centre_id", Id(), nullable=False),
            sa.Column("id", Id(), nullable=False),
            *(sa.Column(*column[:2], nullable=column[2]) for column in (*columns, *STAMPS)),
            *(
                sa.CheckConstraint(rule, name=op.f(f"ck_{name}_{what}"))
                for what, rule in CHECKS.get(name, {}).items()
            ),
            *(
                sa.ForeignKeyConstraint(
                    ["centre_id", column],
                    [f"{parent}.centre_id", f"{parent}.id"],
                    name=op.f(f"fk_{name}_{column}"),
                )
                for column, parent in parents.items()
            ),
            sa.PrimaryKeyConstraint("centre_id", "id", name=op.f(f"pk_{name}")),
        )
        for column in ("srv_seq", *parents):
            op.create_index(op.f(f"ix_{name}_centre_id_{column}"), name, ["centre_id", column])


def _create_bookkeeping() -> None:
    op.create_table(
        "stream",
        sa.Column("centre_id", Id(), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("central_uuid", Id(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("min_client_schema", sa.Integer(), nullable=False),
        sa.Column("purge_floor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("centre_id", name=op.f("pk_stream")),
        postgresql_with={"fillfactor": 20},  # the one row that every push updates stays on its page
    )
    op.create_table(
        "device",
        sa.Column("centre_id", Id(), nullable=False),
        sa.Column("role_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revoked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["stream.centre_id"], name=op.f("fk_device_centre_id")),
        sa.PrimaryKeyConstraint("role_name", name=op.f("pk_device")),
    )
    op.create_index(
        op.f("ix_device_centre_id_name"),
        "device",
        ["centre_id", "name"],
        unique=True,
        postgresql_where=sa.text("NOT revoked"),
    )
    op.create_table(
        "replica",
        sa.Column("centre_id", Id(), nullable=False),
        sa.Column("replica_id", Id(), nullable=False),
        sa.Column("role_name", sa.Text(), nullable=False),
        sa.Column("last_batch", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("last_result", JSONB(), nullable=True),
        sa.Column("acked_seq", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_seen", Instant(), nullable=True),
        sa.Column("revoked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("centre_id", "replica_id", name=op.f("pk_replica")),
    )
    op.create_table(
        "ledger",
        sa.Column("centre_id", Id(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("replica_id", Id(), nullable=False),
        sa.Column("batch_no", sa.BigInteger(), nullable=False),
        sa.Column("n_rows", sa.Integer(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("centre_id", "seq", name=op.f("pk_ledger")),
    )
    op.create_table(
        "history",
        sa.Column("centre_id", Id(), nullable=False),
        sa.Column("tbl", sa.Text(), nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("rev", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("image", JSONB(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("centre_id", "tbl", "id", "rev", name=op.f("pk_history")),
    )


def downgrade() -> None:
    for name in (*reversed(RECORDS), "history", "ledger", "replica", "device", "stream"):
        op.drop_table(name)


PARENTS = {"task_results": {"session_id": "sessions"}, "metrics": {"task_id": "task_results"}}
# Name, type, and whether it may be empty; frozen as they were at this revision.
STAMPS: Columns = (
    ("created_at", Instant(), False),
    ("updated_at", Instant(), False),
    ("created_by", Id(), False),
    ("updated_by", Id(), False),
    ("utc_offset_minutes", sa.Integer(), False),
    ("rev", sa.Integer(), False),
    ("srv_seq", sa.BigInteger(), False),
    ("hlc", sa.BigInteger(), False),
    ("origin", Id(), False),
    ("deleted", sa.Boolean(), False),
)
RECORDS: dict[str, Columns] = {
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
CHECKS = {
    "people": {"role": "role IN ('clinician', 'program')"},
    "sessions": {
        "child_sex": "child_sex IN ('female', 'male', 'other', 'unknown')",
        "handedness": "handedness IN ('left', 'right', 'mixed', 'not_established')",
        "session_type": "session_type IN ('initial', 'follow_up')",
        "consent": "consent IN ('unknown', 'given', 'refused', 'withdrawn')",
        "child_age": "child_age BETWEEN 0 AND 120",
        "gestational_weeks": "gestational_weeks BETWEEN 22 AND 44",
        "child_height_cm": "child_height_cm BETWEEN 20 AND 250",
        "child_weight_kg": "child_weight_kg BETWEEN 0.3 AND 300",
    },
    "task_results": {
        "side": "side IN ('none', 'left', 'right', 'both')",
        "status": "status IN ('success', 'partial', 'failed', 'not_tested', 'refused')",
        "duration_seconds": "duration_seconds BETWEEN 0 AND 86400",
        "trial": "trial >= 1",
    },
    "metrics": {
        "metric_value": "metric_value BETWEEN -1.7976931348623157e308 AND 1.7976931348623157e308",
    },
    "conflicts": {
        "kind": "kind IN ('field', 'delete_vs_edit')",
        "status": "status IN ('open', 'resolved')",
    },
}
