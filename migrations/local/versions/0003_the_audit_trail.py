"""The audit trail: what was done, by whom, when and why. Its triggers are derived objects."""

import os
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from desktop.types import Id, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    installation = op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device", Id(), nullable=False),
        sa.Column("audit_key", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.bulk_insert(installation, [{"id": 1, "device": uuid4(), "audit_key": os.urandom(32)}])
    context = op.create_table(
        "audit_context",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("actor", Id(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_context")),
    )
    op.bulk_insert(context, [{"id": 1, "actor": None, "reason": None, "at": None}])
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", Id(), nullable=False),
        sa.Column("device", Id(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("entity_id", Id(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=True),
        sa.Column("value_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=True),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_entity_id"), "audit_log", ["entity_id"])
    op.create_index(
        op.f("ix_audit_log_seq"),
        "audit_log",
        ["seq"],
        sqlite_where=sa.text("hash IS NULL"),
        postgresql_where=sa.text("hash IS NULL"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_log_seq"), table_name="audit_log")
    op.drop_index(op.f("ix_audit_log_entity_id"), table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_table("audit_context")
    op.drop_table("installation")
