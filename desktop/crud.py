"""Create, read, update and delete the records; nothing here commits.

Every function takes `db` first and works alike on SQLite and PostgreSQL. What is written is declared to the write
scope that `db` belongs to. Deleting hides: a deleted record, and whatever lies under it, is no longer read.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import raiseload

from desktop import __version__
from desktop.age import whole_years
from desktop.changes import intention_of
from desktop.clock import wall_time
from desktop.codes import new_code
from desktop.errors import Invalid, NotFound
from desktop.models import Metric, Session, TaskResult
from desktop.rows import insert_rows, update_row
from desktop.schemas import (
    CHILD_FIELDS,
    METRIC_EDITS,
    SESSION_EDITS,
    TASK_EDITS,
    MetricRecord,
    NewMetric,
    NewSession,
    NewTaskResult,
    SessionRecord,
    TaskRecord,
    validated_edit,
)
from desktop.search import index_session, searched

CODE_LENGTH = 8
OLDEST = 120  # whole years


# What every save asks, built once.
_LAST_POSITION = (
    select(Session.id, func.max(TaskResult.position))
    .outerjoin(TaskResult, (TaskResult.session_id == Session.id) & ~TaskResult.deleted)
    .where(Session.id == bindparam("session_id"), ~Session.deleted)
    .group_by(Session.id)
)
_KNOWN_METRICS = (
    select(TaskResult.id, Metric.id)
    .join(Session, Session.id == TaskResult.session_id)
    .outerjoin(Metric, (Metric.task_id == TaskResult.id) & Metric.id.in_(bindparam("ids", expanding=True)))
    .where(TaskResult.id == bindparam("task_id"), ~TaskResult.deleted, ~Session.deleted)
)


def metric_id(task_id: UUID, metric_name: str) -> UUID:
    """Return the one id that a metric of this name has under its task result."""
    return uuid5(task_id, metric_name)


def local_day(instant: datetime, utc_offset_minutes: int) -> date:
    """Return the calendar day of `instant` where it was recorded."""
    return wall_time(instant, utc_offset_minutes).date()


def age_of(born: date | None, given: int | None, day: date) -> int:
    """Return the whole years on `day`, those `given` when the birth is unknown.

    Raises Invalid without either, for a birth after `day`, and for more than 120 years.
    """
    if born is not None:
        years = whole_years(born, day)
        if years > OLDEST:
            raise Invalid(
                f"The date of birth is more than {OLDEST} years before this day. Please check both dates."
            )
        return years
    if given is None:
        raise Invalid("Give the date of birth, or the age in years.")
    return given


# Sessions


async def create_session(db: AsyncSession, new: NewSession, *, session_id: UUID | None = None) -> Session:
    """Begin a session of a known child, or of a new one when `new.child_id` is None.

    Raises Invalid when neither the date of birth nor the age is known, or when the birth lies after the session.
    """
    intention = intention_of(db)
    started_at = new.started_at or intention.now
    offset = intention.clock.utc_offset_minutes()
    values = {
        "id": session_id or intention.clock.new_id(),
        "signed_off_by": None,
        "signed_off_at": None,
        "signed_off_hash": None,
        "app_version": __version__,
        **new.model_dump(),
        "child_id": new.child_id or intention.clock.new_id(),
        "child_code": await _child_code(db, new.child_id),
        "child_age": age_of(new.child_date_of_birth, new.child_age, local_day(started_at, offset)),
        "assessor": new.assessor or intention.actor,
        "started_at": started_at,
    }
    (session,) = await insert_rows(db, Session, [values])
    await index_session(db, session.id)
    return session


async def get_session(db: AsyncSession, session_id: UUID) -> Session:
    """Return the session with its task results and their metrics; raises NotFound."""
    query = select(Session).where(Session.id == session_id, ~Session.deleted)
    session = await db.scalar(query.execution_options(populate_existing=True))
    if session is None:
        raise NotFound("This session is no longer there.")
    return session


async def get_session_by_id_string(db: AsyncSession, text: str) -> Session:
    """Return the session whose id is written in `text`; raises Invalid when that is no id, and NotFound."""
    try:
        session_id = UUID(text)
    except ValueError:
        raise Invalid("This is not the id of a session.") from None
    return await get_session(db, session_id)


async def list_sessions(
    db: AsyncSession, *, search: str = "", limit: int = 100, before: Session | None = None
) -> Sequence[Session]:
    """Return at most `limit` sessions, newest first, without their trees; `before` is the last one of a page."""
    query = select(Session).options(raiseload("*")).where(~Session.deleted)
    query = searched(query, search, dialect=db.get_bind().dialect.name)
    if before is not None:
        last = (before.started_at, before.id)
        query = query.where(
            (Session.started_at < last[0]) | ((Session.started_at == last[0]) & (Session.id < last[1]))
        )
    query = query.order_by(Session.started_at.desc(), Session.id.desc()).limit(limit)
    return (await db.scalars(query)).all()


async def update_session(db: AsyncSession, session_id: UUID, edit: Mapping[str, object]) -> Session:
    """Change fields of a session; what belongs to the child changes in all the child's sessions.

    Raises Invalid for a value that cannot be recorded, NotFound when the session is gone.
    """
    values = validated_edit(SessionRecord, SESSION_EDITS, edit)
    session = await _get_session_row(db, session_id)
    of_child = {name: value for name, value in values.items() if name in CHILD_FIELDS}
    if of_child:
        await _update_child(db, session.child_id, of_child)
    of_session = {name: value for name, value in values.items() if name not in CHILD_FIELDS}
    if "started_at" in of_session or "child_age" in of_session:
        born = values.get("child_date_of_birth", session.child_date_of_birth)
        day = local_day(of_session.get("started_at", session.started_at), session.utc_offset_minutes)
        of_session["child_age"] = age_of(born, of_session.get("child_age", session.child_age), day)
    if of_session and await update_row(db, Session, session_id, of_session) and "notes" in of_session:
        await index_session(db, session_id)
    return await get_session(db, session_id)


async def delete_session(db: AsyncSession, session_id: UUID) -> None:
    """Hide a session and all that lies under it; raises NotFound when it is not there."""
    await _get_session_row(db, session_id)
    await update_row(db, Session, session_id, {"deleted": True})


async def restore_session(db: AsyncSession, session_id: UUID) -> None:
    """Show a deleted session again."""
    await update_row(db, Session, session_id, {"deleted": False})


async def _get_session_row(db: AsyncSession, session_id: UUID) -> Session:
    query = select(Session).options(raiseload("*")).where(Session.id == session_id, ~Session.deleted)
    session = await db.scalar(query)
    if session is None:
        raise NotFound("This session is no longer there.")
    return session


async def _update_child(db: AsyncSession, child_id: UUID, values: dict[str, Any]) -> None:
    # Hidden sessions too: one that is restored belongs to the same child.
    found = await db.execute(
        select(Session.id, Session.started_at, Session.utc_offset_minutes, Session.deleted).where(
            Session.child_id == child_id
        )
    )
    for session_id, started_at, offset, hidden in found.all():
        written = dict(values)
        if values.get("child_date_of_birth"):
            day = local_day(started_at, offset)
            with suppress(Invalid) if hidden else nullcontext():
                written["child_age"] = age_of(values["child_date_of_birth"], None, day)
        if await update_row(db, Session, session_id, written):
            await index_session(db, session_id)


async def _child_code(db: AsyncSession, child_id: UUID | None) -> str:
    known = child_id and await db.scalar(
        select(Session.child_code).where(Session.child_id == child_id).limit(1)
    )
    return known or new_code(CODE_LENGTH)


# Task results


async def create_task_result(
    db: AsyncSession, session_id: UUID, new: NewTaskResult, *, task_id: UUID | None = None
) -> TaskResult:
    """Add an attempt at a task to a session; raises NotFound when the session is gone."""
    (task,) = await create_task_results(db, session_id, [new], ids=[task_id] if task_id else None)
    return task


async def create_task_results(
    db: AsyncSession, session_id: UUID, new: Sequence[NewTaskResult], *, ids: Sequence[UUID] | None = None
) -> list[TaskResult]:
    """Add attempts to a session in their order; those without a position come last."""
    found = await (await db.connection()).execute(_LAST_POSITION, {"session_id": session_id})
    row = found.one_or_none()
    if row is None:
        raise NotFound("This session is no longer there.")
    clock = intention_of(db).clock
    last = -1 if row[1] is None else row[1]
    values = [
        {
            "id": ids[place] if ids else clock.new_id(),
            "session_id": session_id,
            **task.model_dump(),
            "position": last + 1 + place if task.position is None else task.position,
        }
        for place, task in enumerate(new)
    ]
    tasks = await insert_rows(db, TaskResult, values)
    if any(task.notes for task in new):
        await index_session(db, session_id)
    return tasks


async def get_task_result(db: AsyncSession, task_id: UUID) -> TaskResult:
    """Return the task result with its metrics; raises NotFound."""
    task = await db.scalar(
        select(TaskResult)
        .join(Session, Session.id == TaskResult.session_id)
        .where(TaskResult.id == task_id, ~TaskResult.deleted, ~Session.deleted)
        .execution_options(populate_existing=True)
    )
    if task is None:
        raise NotFound("This task is no longer there.")
    return task


async def get_task_results_by_session(db: AsyncSession, session_id: UUID) -> Sequence[TaskResult]:
    """Return a session's task results in the order of their creation; raises NotFound."""
    session = await get_session(db, session_id)
    return sorted(session.task_results, key=lambda task: task.id)


async def update_task_result(db: AsyncSession, task_id: UUID, edit: Mapping[str, object]) -> TaskResult:
    """Change fields of a task result; raises Invalid and NotFound."""
    values = validated_edit(TaskRecord, TASK_EDITS, edit)
    task = await get_task_result(db, task_id)
    if values and await update_row(db, TaskResult, task_id, values) and "notes" in values:
        await index_session(db, task.session_id)
    return await get_task_result(db, task_id)


async def delete_task_result(db: AsyncSession, task_id: UUID) -> None:
    """Hide a task result and its metrics; raises NotFound when it is not there."""
    task = await get_task_result(db, task_id)
    await _hide_task(db, task_id, task.session_id, hidden=True)


async def restore_task_result(db: AsyncSession, task_id: UUID) -> None:
    """Show a deleted task result again; raises NotFound when it was never there."""
    session_id = await db.scalar(select(TaskResult.session_id).where(TaskResult.id == task_id))
    if session_id is None:
        raise NotFound("This task is no longer there.")
    await _hide_task(db, task_id, session_id, hidden=False)


async def _hide_task(db: AsyncSession, task_id: UUID, session_id: UUID, *, hidden: bool) -> None:
    if await update_row(db, TaskResult, task_id, {"deleted": hidden}):
        await index_session(db, session_id)


# Metrics


async def create_metric(db: AsyncSession, task_id: UUID, new: NewMetric) -> Metric:
    """Record a metric; one of the same name is changed, a deleted one comes back. Raises NotFound."""
    (metric,) = await create_metrics_batch(db, task_id, [new])
    return metric


async def create_metrics_batch(db: AsyncSession, task_id: UUID, new: Sequence[NewMetric]) -> list[Metric]:
    """Record metrics of one task result, all or none; raises Invalid for a name given twice, and NotFound."""
    ids = [metric_id(task_id, metric.metric_name) for metric in new]
    if len(set(ids)) < len(ids):
        raise Invalid("A metric can have one value only.")
    known = await _known_metrics(db, task_id, ids)
    fresh = [
        {"id": row_id, "task_id": task_id, **metric.model_dump()}
        for row_id, metric in zip(ids, new, strict=True)
        if row_id not in known
    ]
    made = {metric.id: metric for metric in await insert_rows(db, Metric, fresh)}
    for row_id, metric in zip(ids, new, strict=True):
        if row_id in known:
            await update_row(db, Metric, row_id, {**metric.model_dump(), "deleted": False})
            made[row_id] = await get_metric(db, row_id)
    return [made[row_id] for row_id in ids]


async def get_metric(db: AsyncSession, row_id: UUID) -> Metric:
    """Return one metric; raises NotFound."""
    metric = await db.scalar(
        select(Metric)
        .join(TaskResult, TaskResult.id == Metric.task_id)
        .join(Session, Session.id == TaskResult.session_id)
        .where(Metric.id == row_id, ~Metric.deleted, ~TaskResult.deleted, ~Session.deleted)
        .execution_options(populate_existing=True)
    )
    if metric is None:
        raise NotFound("This metric is no longer there.")
    return metric


async def get_metrics_by_task(db: AsyncSession, task_id: UUID) -> Sequence[Metric]:
    """Return the metrics of a task result in the order of their recording; raises NotFound."""
    return (await get_task_result(db, task_id)).metrics


async def update_metric(db: AsyncSession, row_id: UUID, edit: Mapping[str, object]) -> Metric:
    """Change a metric's value, unit, source or remark; its name stays. Raises Invalid and NotFound."""
    values = validated_edit(MetricRecord, METRIC_EDITS, edit)
    await get_metric(db, row_id)
    if values:
        await update_row(db, Metric, row_id, values)
    return await get_metric(db, row_id)


async def delete_metric(db: AsyncSession, row_id: UUID) -> None:
    """Hide a metric; raises NotFound when it is not there."""
    await get_metric(db, row_id)
    await update_row(db, Metric, row_id, {"deleted": True})


async def restore_metric(db: AsyncSession, row_id: UUID) -> None:
    """Show a deleted metric again."""
    await update_row(db, Metric, row_id, {"deleted": False})


async def _known_metrics(db: AsyncSession, task_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Return which of `ids` are stored, hidden ones too; raises NotFound when the task result is gone."""
    intention = intention_of(db)
    if intention.made(task_id):
        return {row_id for row_id in ids if intention.made(row_id)}
    found = await db.execute(_KNOWN_METRICS, {"task_id": task_id, "ids": ids})
    rows = found.all()
    if not rows:
        raise NotFound("This task is no longer there.")
    return {row[1] for row in rows if row[1] is not None}
