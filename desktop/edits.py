"""Edits of a session: each changes the record in memory at once, and the stored one when it is written.

An edit is a frozen value. `apply` is pure and validates, so a wrong entry is refused before anything is kept;
`write` does the same to the database; `undone` is the edit that takes it back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import crud
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

    def undone(self, session: SessionRecord) -> "Edit":
        """Return the edit that takes this one back, given the session before it."""
        ...

    async def write(self, db: AsyncSession) -> None:
        """Store the edit; raises NotFound when its record is gone."""
        ...


@dataclass(frozen=True)
class EditSession:
    """Change fields of the session or of its child.

    A date of birth sets the ages of the child's other sessions: writing puts the former ones into `replaced_ages`,
    and the edit that takes this one back has them as `other_ages`.
    """

    session_id: UUID
    values: Mapping[str, object]
    other_ages: Mapping[UUID, int] = field(default_factory=dict)
    replaced_ages: dict[UUID, int] = field(default_factory=dict, compare=False, repr=False)

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        values = validated_edit(SessionRecord, SESSION_EDITS, self.values)
        session = session.model_copy(update={**values, **stamp.changed()})
        day = crud.local_day(session.started_at, session.utc_offset_minutes)
        age = crud.age_of(session.child_date_of_birth, session.child_age, day)
        return session.model_copy(update={"child_age": age})

    def undone(self, session: SessionRecord) -> Edit:
        names = set(self.values) | ({"child_age"} if "child_date_of_birth" in self.values else set())
        values = {name: getattr(session, name) for name in names}
        return EditSession(self.session_id, values, other_ages=self.replaced_ages)

    async def write(self, db: AsyncSession) -> None:
        await crud.update_session(db, self.session_id, self.values)
        for change in intention_of(db).changes().rows:
            if change.id != self.session_id and change.before and "child_age" in change.before:
                self.replaced_ages[change.id] = change.before["child_age"]
        for session_id, age in self.other_ages.items():
            await update_row(db, Session, session_id, {"child_age": age})


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

    def undone(self, session: SessionRecord) -> Edit:
        return DeleteTask(self.session_id, self.task_id)

    async def write(self, db: AsyncSession) -> None:
        # A server may have committed what the network then failed to confirm.
        if await db.scalar(select(TaskResult.id).where(TaskResult.id == self.task_id)) is None:
            await crud.create_task_result(db, self.session_id, self.new, task_id=self.task_id)


@dataclass(frozen=True)
class EditTask:
    """Change fields of a task result; rating the last open one completes the session.

    With `reopens` the session is no longer completed: it takes back the rating that completed it.
    """

    session_id: UUID
    task_id: UUID
    values: Mapping[str, object]
    reopens: bool = False

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        values = validated_edit(TaskRecord, TASK_EDITS, self.values)
        task = task_of(session, self.task_id).model_copy(update={**values, **stamp.changed()})
        completed_at = stamp.now if self._completes(session) else session.completed_at
        update = {"completed_at": None if self.reopens else completed_at}
        return with_task(session, task).model_copy(update=update)

    def undone(self, session: SessionRecord) -> Edit:
        task = task_of(session, self.task_id)
        values = {name: getattr(task, name) for name in self.values}
        return EditTask(self.session_id, self.task_id, values, reopens=self._completes(session))

    async def write(self, db: AsyncSession) -> None:
        await crud.update_task_result(db, self.task_id, self.values)
        if self.reopens:
            await update_row(db, Session, self.session_id, {"completed_at": None})
        elif self.values.get("status"):
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

    def undone(self, session: SessionRecord) -> Edit:
        tasks = {task_id: task_of(session, task_id) for task_id in self.values}
        former = {
            task_id: {name: getattr(tasks[task_id], name) for name in values}
            for task_id, values in self.values.items()
        }
        return EditTasks(self.session_id, self.task_id, former)

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

    def undone(self, session: SessionRecord) -> Edit:
        return RestoreTask(task_of(session, self.task_id))

    async def write(self, db: AsyncSession) -> None:
        await crud.delete_task_result(db, self.task_id)


@dataclass(frozen=True)
class RestoreTask:
    """Show a deleted task result again, as it was."""

    task: TaskRecord

    @property
    def session_id(self) -> UUID:
        return self.task.session_id

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        return with_tasks(session, [*session.task_results, self.task])

    def undone(self, session: SessionRecord) -> Edit:
        return DeleteTask(self.session_id, self.task.id)

    async def write(self, db: AsyncSession) -> None:
        await crud.restore_task_result(db, self.task.id)


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

    def undone(self, session: SessionRecord) -> Edit:
        known = metric_of(task_of(session, self.task_id), self.new.metric_name)
        if known is None:
            return DeleteMetric(self.session_id, self.task_id, self.new.metric_name)
        return RecordMetric(self.session_id, self.task_id, as_new(known))

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
        metrics = tuple(metric for metric in task.metrics if metric.metric_name != self.metric_name)
        return with_task(session, task.model_copy(update={"metrics": metrics}))

    def undone(self, session: SessionRecord) -> Edit:
        metric = metric_of(task_of(session, self.task_id), self.metric_name)
        if metric is None:
            raise NotFound("This metric is no longer there.")
        return RecordMetric(self.session_id, self.task_id, as_new(metric))

    async def write(self, db: AsyncSession) -> None:
        await crud.delete_metric(db, crud.metric_id(self.task_id, self.metric_name))


@dataclass(frozen=True)
class DeleteSession:
    """Hide a session with its tree."""

    session_id: UUID

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        return session

    def undone(self, session: SessionRecord) -> Edit:
        return RestoreSession(self.session_id)

    async def write(self, db: AsyncSession) -> None:
        await crud.delete_session(db, self.session_id)


@dataclass(frozen=True)
class RestoreSession:
    """Show a deleted session again."""

    session_id: UUID

    def apply(self, session: SessionRecord, stamp: Stamp) -> SessionRecord:
        return session

    def undone(self, session: SessionRecord) -> Edit:
        return DeleteSession(self.session_id)

    async def write(self, db: AsyncSession) -> None:
        await crud.restore_session(db, self.session_id)


def touched(edit: Edit) -> frozenset[tuple[UUID, str]]:
    """Return the fields that an edit sets: what another edit of the same ones would overwrite."""
    if isinstance(edit, EditSession):
        return frozenset((edit.session_id, name) for name in edit.values)
    if isinstance(edit, EditTask):
        return frozenset((edit.task_id, name) for name in edit.values)
    if isinstance(edit, EditTasks):
        return frozenset((task_id, name) for task_id, values in edit.values.items() for name in values)
    if isinstance(edit, RecordMetric):
        return frozenset({(edit.task_id, f"metric {edit.new.metric_name}")})
    if isinstance(edit, DeleteMetric):
        return frozenset({(edit.task_id, f"metric {edit.metric_name}")})
    return frozenset()


def task_of(session: SessionRecord, task_id: UUID) -> TaskRecord:
    """Return a session's task result; raises NotFound."""
    for task in session.task_results:
        if task.id == task_id:
            return task
    raise NotFound("This task is no longer there.")


def metric_of(task: TaskRecord, metric_name: str) -> MetricRecord | None:
    """Return a task result's metric of this name, None when it is not recorded."""
    return next((metric for metric in task.metrics if metric.metric_name == metric_name), None)


def as_new(metric: MetricRecord) -> NewMetric:
    """Return what somebody entered to get this metric."""
    return NewMetric.model_construct(**{name: getattr(metric, name) for name in NewMetric.model_fields})


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
