"""The records as tables: Session, TaskResult, Metric, and what they refer to.

Ids and times are given by the writer, never by the database. Rows are never removed: `deleted` hides them, and
every relationship here leaves hidden rows out.
"""

from datetime import date, datetime
from typing import Any, ClassVar, get_args
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from desktop.schemas import (
    ConflictKind,
    ConflictStatus,
    Consent,
    Handedness,
    Role,
    SessionType,
    Sex,
    Side,
    Status,
)
from desktop.types import Id, Instant

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
LARGEST = "1.7976931348623157e308"


class Base(AsyncAttrs, DeclarativeBase):
    """All tables of the local database."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        UUID: Id(),
        datetime: Instant(),
        date: Date(),
        float: Double(),
    }


def _one_of(name: str, choices: Any) -> CheckConstraint:
    """Return the constraint that a column holds one of the words of a Literal."""
    listed = ", ".join(f"'{choice}'" for choice in get_args(choices))
    return CheckConstraint(f"{name} IN ({listed})", name=name)


def _between(name: str, low: str, high: str) -> CheckConstraint:
    return CheckConstraint(f"{name} BETWEEN {low} AND {high}", name=name)


class Recorded:
    """Columns of every synced row: who and when, and where the row stands in the sync."""

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[UUID]
    updated_by: Mapped[UUID]
    utc_offset_minutes: Mapped[int] = mapped_column(Integer)
    rev: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    srv_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    hlc: Mapped[int | None] = mapped_column(BigInteger)
    origin: Mapped[UUID | None]
    deleted: Mapped[bool] = mapped_column(default=False, server_default=false())


class Metric(Recorded, Base):
    """One named, measured value of a task result."""

    __tablename__ = "metrics"
    __table_args__ = (
        _between("metric_value", f"-{LARGEST}", LARGEST),
        Index(None, "task_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task_results.id"))
    metric_name: Mapped[str] = mapped_column(String(100))
    metric_value: Mapped[float]
    unit: Mapped[str | None] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(120))
    remark: Mapped[str | None] = mapped_column(Text)


class TaskResult(Recorded, Base):
    """One attempt at one task in a session."""

    __tablename__ = "task_results"
    __table_args__ = (
        _one_of("side", Side),
        _one_of("status", Status),
        _between("duration_seconds", "0", "86400"),
        CheckConstraint("trial >= 1", name="trial"),
        Index(None, "session_id", "position", "status", "deleted"),  # the list counts without reading a row
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("sessions.id"))
    position: Mapped[int] = mapped_column(Integer)
    task_name: Mapped[str] = mapped_column(String(100))
    side: Mapped[str] = mapped_column(String(10))
    trial: Mapped[int] = mapped_column(Integer)
    practice: Mapped[bool]
    status: Mapped[str | None] = mapped_column(String(20))
    duration_seconds: Mapped[float | None]
    deviation: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str] = mapped_column(Text)
    remark: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None]

    metrics: Mapped[list[Metric]] = relationship(
        primaryjoin="and_(TaskResult.id == foreign(Metric.task_id), ~Metric.deleted)",
        order_by=(Metric.created_at, Metric.id),
        lazy="selectin",
        viewonly=True,
    )


class Session(Recorded, Base):
    """One visit of one child: who, when, by whom, with what protocol."""

    __tablename__ = "sessions"
    __table_args__ = (
        _one_of("child_sex", Sex),
        _one_of("handedness", Handedness),
        _one_of("session_type", SessionType),
        _one_of("consent", Consent),
        _between("child_age", "0", "120"),
        _between("gestational_weeks", "22", "44"),
        _between("child_height_cm", "20", "250"),
        _between("child_weight_kg", "0.3", "300"),
        # Partial: led by `deleted` it would be taken for queries by child, and read every session for each.
        # PostgreSQL's same condition stands in the migration: named here, its dialect would load at every start.
        Index(
            None,
            "started_at",
            "id",
            sqlite_where=text("deleted = 0"),
        ),
        Index(None, "child_id", "started_at", "id", "deleted"),  # which visit it is, without reading a row
        # Asked at the end of every transaction.
        Index(
            "ix_sessions_signed_off",
            "id",
            sqlite_where=text("signed_off_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    child_id: Mapped[UUID]
    child_code: Mapped[str] = mapped_column(String(8))
    child_name: Mapped[str] = mapped_column(String(255))
    child_identifier: Mapped[str | None] = mapped_column(String(64))
    child_age: Mapped[int] = mapped_column(Integer)
    child_date_of_birth: Mapped[date | None]
    child_sex: Mapped[str | None] = mapped_column(String(10))
    gestational_weeks: Mapped[int | None] = mapped_column(Integer)
    handedness: Mapped[str | None] = mapped_column(String(20))
    child_height_cm: Mapped[float | None]
    child_weight_kg: Mapped[float | None]
    session_type: Mapped[str] = mapped_column(String(20))
    assessor: Mapped[UUID]
    site: Mapped[str] = mapped_column(String(255))
    protocol_name: Mapped[str] = mapped_column(String(100))
    protocol_version: Mapped[int] = mapped_column(Integer)
    consent: Mapped[str] = mapped_column(String(20))
    consent_at: Mapped[datetime | None]
    notes: Mapped[str] = mapped_column(Text)
    remark: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    signed_off_by: Mapped[UUID | None]
    signed_off_at: Mapped[datetime | None]
    signed_off_hash: Mapped[str | None] = mapped_column(String(64))
    app_version: Mapped[str] = mapped_column(String(40))

    task_results: Mapped[list[TaskResult]] = relationship(
        primaryjoin="and_(Session.id == foreign(TaskResult.session_id), ~TaskResult.deleted)",
        order_by=(TaskResult.position, TaskResult.trial, TaskResult.id),
        lazy="selectin",
        viewonly=True,
    )


class Person(Recorded, Base):
    """Somebody, or a program, that records: the actor of writes and the assessor of sessions."""

    __tablename__ = "people"
    __table_args__ = (_one_of("role", Role),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20))


class StoredProtocol(Recorded, Base):
    """A protocol as it was used, so that its labels and units travel with its sessions."""

    __tablename__ = "protocols"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer)
    content: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))


class Conflict(Recorded, Base):
    """Two edits of one thing on two laptops: which value is shown, and which is kept until somebody has looked at it.

    `tbl` and `row_id` name the record, `session_id` the session that it is in, if it is in one. Values are JSON, as
    `desktop.sync.values` writes them; the loser's reading and replica tell whose it is.
    """

    __tablename__ = "conflicts"
    __table_args__ = (
        _one_of("kind", ConflictKind),
        _one_of("status", ConflictStatus),
        Index(None, "row_id"),
        Index(None, "status", "session_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tbl: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[UUID]
    session_id: Mapped[UUID | None]
    field: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    base: Mapped[str | None] = mapped_column(Text)
    winner: Mapped[str | None] = mapped_column(Text)
    loser: Mapped[str | None] = mapped_column(Text)
    loser_hlc: Mapped[int | None] = mapped_column(BigInteger)
    loser_origin: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(String(20))
    resolved_by: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]


class Draft(Base):
    """An entry that is open on this laptop; it survives a crash. Local only, neither synced nor audited."""

    __tablename__ = "drafts"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class SessionSearch(Base):
    """The words by which a session is found, folded by Python. Local only, neither synced nor audited."""

    __tablename__ = "session_search"

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(unique=True)
    words: Mapped[str] = mapped_column(Text)


class Installation(Base):
    """This laptop: its one row has the key that seals the audit trail, which changes with no data key."""

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    device: Mapped[UUID]
    audit_key: Mapped[bytes] = mapped_column(LargeBinary(32))


class UndoStep(Base):
    """What an assessor did in one go on this laptop and may take back. Local only, neither synced nor audited.

    The values to go back to stand in the entries of the trail from `first` to `last`. See `desktop.steps`.
    """

    __tablename__ = "undo_steps"
    __table_args__ = (Index(None, "actor", "session_id", "state", "number"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    at: Mapped[datetime]
    actor: Mapped[UUID]
    session_id: Mapped[UUID]
    whole: Mapped[bool]
    first: Mapped[int] = mapped_column(Integer)
    last: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    undone: Mapped[int | None] = mapped_column(Integer)  # rises, so that the last one is made again first


class AuditContext(Base):
    """In whose name and why the transaction of now writes; its one row is empty between transactions."""

    __tablename__ = "audit_context"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    actor: Mapped[UUID | None]
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime | None]


class AuditEntry(Base):
    """One thing that was done, by whom, when and why; never changed, never removed. See `desktop.audit`."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "entity_id"), Index(None, "seq", sqlite_where=text("hash IS NULL")))

    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[UUID]
    device: Mapped[UUID]
    reason: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(20))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[UUID | None]
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    value_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    prev: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
