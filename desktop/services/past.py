"""What happened to a session and what was deleted, with what is needed to name it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from desktop.database import Database
from desktop.models import Metric, Person, Session, TaskResult
from desktop.protocols import Protocol
from desktop.services.auditing import Event, history
from desktop.stored_protocols import stored_protocols

MOST_DELETED = 1000


@dataclass(frozen=True)
class Subject:
    """A task result, or one of its metrics, as it is called; hidden ones too."""

    task_name: str
    side: str
    trial: int
    metric_name: str = ""


@dataclass(frozen=True)
class Past:
    """The events of a session, the oldest first, and how the records and people in them are called."""

    events: tuple[Event, ...]
    subjects: Mapping[UUID, Subject]
    people: Mapping[UUID, str]


@dataclass(frozen=True)
class Deleted:
    """A deleted record that can be brought back: what it is, of which session, and who deleted it when."""

    table: str
    record_id: UUID
    session_id: UUID
    child_name: str
    started_at: datetime
    utc_offset_minutes: int
    protocol: Protocol | None
    subject: Subject | None
    value: float | None
    unit: str | None
    deleted_at: datetime
    deleted_by: str


async def read_past(database: Database, session_id: UUID) -> Past:
    """Return what happened to a session and to all that lies under it; raises NotFound."""
    events = await history(database, session_id)
    tasks = select(TaskResult).where(TaskResult.session_id == session_id)
    metrics = (
        select(Metric.id, Metric.metric_name, Metric.task_id)
        .join(TaskResult, TaskResult.id == Metric.task_id)
        .where(TaskResult.session_id == session_id)
    )
    columns = (TaskResult.id, TaskResult.task_name, TaskResult.side, TaskResult.trial)
    async with database.read() as db:
        subjects = {
            row.id: Subject(row.task_name, row.side, row.trial)
            for row in await db.execute(tasks.with_only_columns(*columns))
        }
        for row in (await db.execute(metrics)).all():
            task = subjects[row.task_id]
            subjects[row.id] = Subject(task.task_name, task.side, task.trial, row.metric_name)
        people = {row.id: row.name for row in await db.execute(select(Person.id, Person.name))}
    return Past(tuple(events), subjects, people)


async def read_deleted(database: Database) -> list[Deleted]:
    """Return what was deleted, the newest first and at most a thousand of each kind.

    What lies under a deleted record comes back with it and is not told by itself.
    """
    whose = (
        Session.child_name,
        Session.started_at,
        Session.utc_offset_minutes,
        Session.protocol_name,
        Session.protocol_version,
    )
    task = (TaskResult.task_name, TaskResult.side, TaskResult.trial)
    sessions = select(Session.id, Session.id.label("session_id"), *whose).where(Session.deleted)
    tasks = (
        select(TaskResult.id, TaskResult.session_id, *whose, *task)
        .join(Session, Session.id == TaskResult.session_id)
        .where(TaskResult.deleted, ~Session.deleted)
    )
    metrics = (
        select(Metric.id, TaskResult.session_id, *whose, *task, Metric.metric_name)
        .add_columns(Metric.metric_value, Metric.unit)
        .join(TaskResult, TaskResult.id == Metric.task_id)
        .join(Session, Session.id == TaskResult.session_id)
        .where(Metric.deleted, ~TaskResult.deleted, ~Session.deleted)
    )
    found: list[Deleted] = []
    async with database.read() as db:
        protocols = await stored_protocols(db)
        for model, query in ((Session, sessions), (TaskResult, tasks), (Metric, metrics)):
            told = query.add_columns(model.updated_at, Person.name).outerjoin(
                Person, Person.id == model.updated_by
            )
            newest = told.order_by(model.updated_at.desc(), model.id.desc()).limit(MOST_DELETED)
            rows = (await db.execute(newest)).all()
            found += [_deleted(model.__tablename__, row, protocols) for row in rows]
    return sorted(found, key=lambda deleted: (deleted.deleted_at, deleted.record_id), reverse=True)


def _deleted(table: str, row: Any, protocols: Mapping[tuple[str, int], Protocol]) -> Deleted:
    is_task = table != "sessions"
    return Deleted(
        table=table,
        record_id=row.id,
        session_id=row.session_id,
        child_name=row.child_name,
        started_at=row.started_at,
        utc_offset_minutes=row.utc_offset_minutes,
        protocol=protocols.get((row.protocol_name, row.protocol_version)),
        subject=Subject(row.task_name, row.side, row.trial, getattr(row, "metric_name", ""))
        if is_task
        else None,
        value=getattr(row, "metric_value", None),
        unit=getattr(row, "unit", None),
        deleted_at=row.updated_at,
        deleted_by=row.name or "",
    )
