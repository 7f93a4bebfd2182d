"""What a laptop keeps of its sync: where it stands, what is waiting, and which versions it had in common.

All of it lies in the same encrypted file as the records, so that it is written with them or not at all.
"""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column

from desktop.models import Base, Conflict, Metric, Person, Session, StoredProtocol, TaskResult

# Parents before their children: in this order rows are written.
SYNCED: tuple[type[Base], ...] = (Person, StoredProtocol, Session, TaskResult, Metric, Conflict)
NAMES = tuple(model.__tablename__ for model in SYNCED)
# Which record a row lies under, and the column that names it.
PARENTS = {"task_results": ("sessions", "session_id"), "metrics": ("task_results", "task_id")}
# Where a row stands in the sync; it is no part of what was recorded.
STANDING = ("rev", "srv_seq", "hlc", "origin")


def records(name: str) -> Table:
    """Return the table of records called `name`."""
    return Base.metadata.tables[name]


def recorded(name: str) -> tuple[str, ...]:
    """Return the columns of a table that hold what was recorded, without the id: an edit of one is an edit."""
    return tuple(column.name for column in records(name).columns if column.name not in {"id", *STANDING})


def page_columns(name: str) -> tuple[str, ...]:
    """Return the columns of a table's rows as a page of the centre has them, in their order."""
    return ("id", *recorded(name), *STANDING)


class SyncState(Base):
    """This laptop in the sync; its one row names no centre until it is enrolled.

    `replica_id` is what the centre knows it by, with the number and chain of its last acknowledged batch. `cursor` is
    how far it has pulled. While `applying`, the centre's rows are written, which are no edits of anybody here. The
    `enrolment` has the password at the centre; `checked` are the counts, as JSON, that both sides last had the same.
    """

    __tablename__ = "sync_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    centre_id: Mapped[UUID | None]
    central_uuid: Mapped[UUID | None]
    replica_id: Mapped[UUID | None]
    batch_no: Mapped[int] = mapped_column(Integer)
    batch_chain: Mapped[bytes] = mapped_column(LargeBinary(32))
    cursor: Mapped[int] = mapped_column(BigInteger)
    change_no: Mapped[int] = mapped_column(BigInteger)
    hlc: Mapped[int] = mapped_column(BigInteger)
    applying: Mapped[bool]
    clock_offset_ms: Mapped[int] = mapped_column(BigInteger)
    enrolment: Mapped[str | None] = mapped_column(Text)
    checked_at: Mapped[datetime | None]
    checked: Mapped[str | None] = mapped_column(Text)


class ChainLink(Base):
    """A commit of the centre that this laptop has pulled, made, or merely seen as the newest."""

    __tablename__ = "sync_chain"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))


class Outgoing(Base):
    """A record with edits that the centre has not acknowledged; `change_no` and `hlc` are of the newest one.

    `sending` is the `change_no` of the version that is in the batch in flight. The centre's reason is kept with a
    record that it refused.
    """

    __tablename__ = "sync_outbox"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'quarantined')", name="status"),
        Index(None, "status", "change_no"),
        Index(None, "sending", sqlite_where=Column("sending", Integer).is_not(None)),
        {"sqlite_with_rowid": False},
    )

    tbl: Mapped[str] = mapped_column(String(40), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    change_no: Mapped[int] = mapped_column(BigInteger)
    hlc: Mapped[int] = mapped_column(BigInteger)
    sending: Mapped[int | None] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(20))
    error: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer)


class InFlight(Base):
    """The one batch that was sent and not acknowledged, if any; its records are those that are `sending`."""

    __tablename__ = "sync_inflight"

    batch_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))
    cursor: Mapped[int] = mapped_column(BigInteger)


def _shadow(prefix: str, name: str) -> Table:
    """Return a table with a version of some rows of another one: the same typed columns, so that no bit is lost."""
    columns = [
        Column(
            column.name,
            column.type,
            primary_key=column.primary_key,
            nullable=column.nullable or column.name in {"hlc", "origin"},
        )
        for column in records(name).columns
    ]
    return Table(f"{prefix}_{name}", Base.metadata, *columns)


# The last version that a record with edits had in common with the centre.
BASES = {name: _shadow("base", name) for name in NAMES}
# The version that is in flight of a record that was edited again since.
SENT = {name: _shadow("sent", name) for name in NAMES}


def table_of(model: type[Base]) -> Table:
    """Return a model's table."""
    return cast(Table, model.__table__)
