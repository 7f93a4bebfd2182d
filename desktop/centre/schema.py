"""The tables of a centre, as the records' models and the sync want them.

The migrations of `migrations/centre` are frozen; a test compares what they make with what is said here.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from desktop.models import NAMING
from desktop.sync.tables import NAMES, PARENTS, STANDING, records
from desktop.types import Id, Instant

REVISIONS = ("0001", "0002", "0003")
HEAD = REVISIONS[-1]
VERSIONS = "centre_version"

metadata = MetaData(naming_convention=NAMING)


def _must(name: str, kind: Any, **more: Any) -> Column[Any]:
    """Return a column that always has a value."""
    return Column(name, kind, nullable=False, **more)


def _key(name: str, kind: Any) -> Column[Any]:
    """Return a column of the primary key, whose values are given by the writer."""
    return Column(name, kind, primary_key=True, autoincrement=False)


# One history a centre: every push locks this row, and raises its head by one.
stream = Table(
    "stream",
    metadata,
    _key("centre_id", Id()),
    _must("head", BigInteger()),
    _must("chain", LargeBinary()),
    _must("central_uuid", Id()),
    _must("schema_version", Integer()),
    _must("min_client_schema", Integer()),
    _must("purge_floor", BigInteger()),
)
# A laptop that may log in, and to which centre it belongs.
device = Table(
    "device",
    metadata,
    _must("centre_id", Id()),
    _key("role_name", Text()),
    _must("name", Text()),
    _must("revoked", Boolean(), server_default=false()),
    _must("created_at", Instant()),
    ForeignKeyConstraint(["centre_id"], ["stream.centre_id"]),
    Index(None, "centre_id", "name", unique=True, postgresql_where=text("NOT revoked")),
)
# A laptop's database, as long as it is the same one: a copy or one that was restored becomes another.
replica = Table(
    "replica",
    metadata,
    _key("centre_id", Id()),
    _key("replica_id", Id()),
    _must("role_name", Text()),
    _must("last_batch", BigInteger(), server_default=text("0")),
    _must("chain", LargeBinary()),
    Column("last_result", JSONB()),
    _must("acked_seq", BigInteger(), server_default=text("0")),
    Column("last_seen", Instant()),
    _must("revoked", Boolean(), server_default=false()),
)
# A row a push, kept for ever.
ledger = Table(
    "ledger",
    metadata,
    _key("centre_id", Id()),
    _key("seq", BigInteger()),
    _must("replica_id", Id()),
    _must("batch_no", BigInteger()),
    _must("n_rows", Integer()),
    _must("chain", LargeBinary()),
    _must("at", Instant()),
)
# The version before every update: no accepted value ever disappears.
history = Table(
    "history",
    metadata,
    _key("centre_id", Id()),
    _key("tbl", Text()),
    _key("id", Id()),
    _key("rev", Integer()),
    _must("image", JSONB()),
    _must("at", Instant()),
)
BOOKKEEPING = ("stream", "device", "replica", "ledger", "history")


def _records(name: str) -> Table:
    """Return the centre's table for a table of records: the same columns and rules, beginning with whose they are."""
    ours = records(name)
    columns = [
        Column(
            column.name,
            column.type,
            primary_key=column.primary_key,
            nullable=column.nullable and column.name not in STANDING,
        )
        for column in ours.columns
    ]
    checks = [
        CheckConstraint(rule.sqltext.text, name=rule.name)
        for rule in ours.constraints
        if isinstance(rule, CheckConstraint)
    ]
    table = Table(name, metadata, _key("centre_id", Id()), *columns, *checks)
    Index(None, table.c.centre_id, table.c.srv_seq)
    if name in PARENTS:
        parent, column_name = PARENTS[name]
        of_parent = [f"{parent}.centre_id", f"{parent}.id"]
        table.append_constraint(
            ForeignKeyConstraint(["centre_id", column_name], of_parent, name=f"fk_{name}_{column_name}")
        )
        Index(None, table.c.centre_id, table.c[column_name])
    return table


RECORDS = {name: _records(name) for name in NAMES}
