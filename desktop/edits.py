"""Edits of a session: each changes the record in memory at once, and the stored one when it is written.

An edit is a frozen value. `apply` is pure and validates, so a wrong entry is refused before anything is kept;
`write` does the same to the database. What takes it back is made from the audit trail (`desktop.services.undoing`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import children, crud
from desktop.changes import intention_of
from desktop.errors import NotFound
from desktop.models import Session, TaskResult
from desktop.rows import update_row
from desktop.schemas import (
    SESSION_EDITS,
    TASK_EDITS,
    MetricRecord,
    NewMetric,
    NewTaskResult,
    SessionRecord,
    TaskRecord,
    validated_edit,
)

Table = Literal["sessions", "task_results", "metrics"]


@dataclass(frozen=True)
class Stamp:
    """In whose name and when a record is changed in memory."""

    actor: UUID
    now: datetime
    utc_offset_minutes: int

    def new(self) -> dict[str, Any]:
        """Return the stamps of a new record."""
        return {
            "created_at": self.now,
            "updated_at": self.now,
            "created_by": self.actor,
            "updated_by": self.actor,
            "utc_offset_minutes": self.utc_offset_minutes,
        }

    def changed(self) -> dict[str, Any]:
        """Return the stamps of a changed record."""
        return {"updated_at": self.now, "updated_by": self.actor}


class Edit(Protocol):
    """One intention of the assessor."""

    @property
    def session_id(self) -> UUID: ...

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        """Return `session` with the edit; raises Invalid for what cannot be recorded."""
        ...

    async def write(self, db: AsyncSession) -> None:
        """Store the edit; raises NotFound when its record is gone."""
        ...


@dataclass(frozen=True)
class EditSession:
    """Change fields of the session or of its child."""

    session_id: UUID
    values: Mapping[str, object]

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        values = validated_edit(SessionRecord, SESSION_EDITS, self.values)
        session = session.model_copy(update={**values, **stamp.changed()})
        day = crud.local_day(session.started_at, session.utc_offset_minutes)
        age = crud.age_of(session.child_date_of_birth, session.child_age, day)
        return session.model_copy(update={"child_age": age})

    async def write(self, db: AsyncSession) -> None:
        await crud.update_session(db, self.session_id, self.values)


@dataclass(frozen=True)
class AddTask:
    """Add an attempt at a task; its id is made beforehand, so that writing it twice adds it once."""

    session_id: UUID
    task_id: UUID
    new: NewTaskResult

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        last = max((task.position for task in session.task_results), default=-1)
        entered = self.new.model_dump()
        if entered["position"] is None:
            entered["position"] = last + 1
        fields = validated_edit(NewTaskResult, frozenset(entered), entered)
        task = TaskRecord.model_construct(
            id=self.task_id, session_id=self.session_id, metrics=(), **fields, **stamp.new()
        )
        return with_tasks(session, [*session.task_results, task])

    async def write(self, db: AsyncSession) -> None:
        # A server may have committed what the network then failed to confirm.
        if await db.scalar(select(TaskResult.id).where(TaskResult.id == self.task_id)) is None:
            await crud.create_task_result(db, self.session_id, self.new, task_id=self.task_id)


@dataclass(frozen=True)
class EditTask:
    """Change fields of a task result; rating the last open one completes the session."""

    session_id: UUID
    task_id: UUID
    values: Mapping[str, object]

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        values = validated_edit(TaskRecord, TASK_EDITS, self.values)
        task = task_of(session, self.task_id).model_copy(update={**values, **stamp.changed()})
        completed_at = stamp.now if self._completes(session) else session.completed_at
        return with_task(session, task).model_copy(update={"completed_at": completed_at})

    async def write(self, db: AsyncSession) -> None:
        await crud.update_task_result(db, self.task_id, self.values)
        if self.values.get("status"):
            await _complete_when_rated(db, self.session_id)

    def _completes(self, session: SessionRecord) -> bool:
        others = (task for task in session.task_results if task.id != self.task_id)
        return (
            session.completed_at is None
            and bool(self.values.get("status"))
            and all(task.status is not None for task in others)
        )


@dataclass(frozen=True)
class EditTasks:
    """Change fields of several task results in one step; `task_id` is the one that is meant."""

    session_id: UUID
    task_id: UUID
    values: Mapping[UUID, Mapping[str, object]]

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        for task_id, values in self.values.items():
            clean = validated_edit(TaskRecord, TASK_EDITS, values)
            task = task_of(session, task_id).model_copy(update={**clean, **stamp.changed()})
            session = with_task(session, task)
        return session

    async def write(self, db: AsyncSession) -> None:
        for task_id, values in self.values.items():
            await crud.update_task_result(db, task_id, values)


@dataclass(frozen=True)
class DeleteTask:
    """Hide a task result and its metrics."""

    session_id: UUID
    task_id: UUID

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        task_of(session, self.task_id)
        return with_tasks(session, (task for task in session.task_results if task.id != self.task_id))

    async def write(self, db: AsyncSession) -> None:
        await crud.delete_task_result(db, self.task_id)


@dataclass(frozen=True)
class RecordMetric:
    """Record a value, or another one in its place."""

    session_id: UUID
    task_id: UUID
    new: NewMetric

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        task = task_of(session, self.task_id)
        known = metric_of(task, self.new.metric_name)
        stamps = stamp.new() if known is None else {**known.model_dump(), **stamp.changed()}
        metric = MetricRecord.model_construct(
            **{
                **stamps,
                **self.new.model_dump(),
                "id": crud.metric_id(self.task_id, self.new.metric_name),
                "task_id": self.task_id,
            }
        )
        metrics = {other.id: other for other in task.metrics} | {metric.id: metric}
        return with_task(session, task.model_copy(update={"metrics": tuple(metrics.values())}))

    async def write(self, db: AsyncSession) -> None:
        await crud.create_metric(db, self.task_id, self.new)


@dataclass(frozen=True)
class DeleteMetric:
    """Hide a metric."""

    session_id: UUID
    task_id: UUID
    metric_name: str

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        task = task_of(session, self.task_id)
        if metric_of(task, self.metric_name) is None:
            raise NotFound("This metric is no longer there.")
        metrics = tuple(metric for metric in task.metrics if metric.metric_name != self.metric_name)
        return with_task(session, task.model_copy(update={"metrics": metrics}))

    async def write(self, db: AsyncSession) -> None:
        await crud.delete_metric(db, crud.metric_id(self.task_id, self.metric_name))


@dataclass(frozen=True)
class DeleteSession:
    """Hide a session with its tree."""

    session_id: UUID

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        return session

    async def write(self, db: AsyncSession) -> None:
        await crud.delete_session(db, self.session_id)


@dataclass(frozen=True)
class Restore:
    """Show a deleted record again, with what lies under it; `table` is where it is stored."""

    session_id: UUID
    table: Table
    record_id: UUID

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        return session

    async def write(self, db: AsyncSession) -> None:
        restore = {
            "sessions": crud.restore_session,
            "task_results": crud.restore_task_result,
            "metrics": crud.restore_metric,
        }
        await restore[self.table](db, self.record_id)


@dataclass(frozen=True)
class MoveSession:
    """Give a session to another child."""

    session_id: UUID
    child_id: UUID

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        return session

    async def write(self, db: AsyncSession) -> None:
        await children.move_session(db, self.session_id, self.child_id)


@dataclass(frozen=True)
class MergeChildren:
    """Say that the child `merged` is the child `kept`; `session_id` is the session from which that is said."""

    session_id: UUID
    kept: UUID
    merged: UUID

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        return session

    async def write(self, db: AsyncSession) -> None:
        await children.merge_children(db, kept=self.kept, merged=self.merged)


# What concerns a session as a whole: it shows only once it is stored.
WHOLE = (DeleteSession, Restore, MoveSession, MergeChildren)


def task_of(session: SessionRecord, task_id: UUID) -> TaskRecord:
    """Return a session's task result; raises NotFound."""
    for task in session.task_results:
        if task.id == task_id:
            return task
    raise NotFound("This task is no longer there.")


def metric_of(task: TaskRecord, metric_name: str) -> MetricRecord | None:
    """Return a task result's metric of this name, None when it is not recorded."""
    return next((metric for metric in task.metrics if metric.metric_name == metric_name), None)


def with_task(session: SessionRecord, task: TaskRecord) -> SessionRecord:
    """Return `session` with `task` in the place of the one of the same id."""
    return with_tasks(session, (task if other.id == task.id else other for other in session.task_results))


def with_tasks(session: SessionRecord, tasks: Iterable[TaskRecord]) -> SessionRecord:
    """Return `session` with exactly these task results, in their order."""
    ordered = sorted(tasks, key=lambda task: (task.position, task.trial, task.id))
    return session.model_copy(update={"task_results": tuple(ordered)})


async def _complete_when_rated(db: AsyncSession, session_id: UUID) -> None:
    unrated = exists().where(
        TaskResult.session_id == session_id, ~TaskResult.deleted, TaskResult.status.is_(None)
    )
    open_still = await db.scalar(
        select(Session.id).where(Session.id == session_id, Session.completed_at.is_(None), ~unrated)
    )
    if open_still is not None:
        await update_row(db, Session, session_id, {"completed_at": intention_of(db).now})
