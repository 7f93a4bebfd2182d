"""Taking back what was done, and making it again: new edits with the values that the audit trail remembers.

There is no stack in memory: the steps of an assessor are stored (`desktop.steps`), so that a restart forgets none.
Nobody takes back what another did, and nothing that was recorded since is overwritten in passing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import audit, children, crud
from desktop.changes import intention_of
from desktop.driver import on_thread
from desktop.errors import Invalid, NotFound
from desktop.models import AuditEntry, Metric, Session, TaskResult, UndoStep
from desktop.rows import update_row
from desktop.schemas import CHILD_FIELDS
from desktop.search import index_session
from desktop.services.auditing import Event, event_of
from desktop.steps import DONE, GONE, UNDONE

# Later, a session that was deleted or moved comes back from the list of what was deleted, or its history.
WHOLE_FOR = timedelta(hours=24)
MODELS: Mapping[str, Any] = {
    "sessions": Session,
    "task_results": TaskResult,
    "metrics": Metric,
}
_STAMPS = frozenset({"updated_at", "updated_by"})
_SIGNED = frozenset({"signed_off_by", "signed_off_at", "signed_off_hash"})


@dataclass(frozen=True)
class TakenBack:
    """What was taken back or made again: when it had been done, where it is seen, and whether that was possible.

    `hidden` are the sessions that are deleted by it. `refused` says that another value was recorded since; nothing
    was written then, and the step is forgotten.
    """

    at: datetime
    sessions: frozenset[UUID]
    hidden: frozenset[UUID]
    task_id: UUID | None
    whole: bool
    events: tuple[Event, ...]
    refused: bool = False


@dataclass
class _Row:
    """What a step did to one record, from before to after."""

    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Undo:
    """Take back the last step of the actor in a session, or the step that is meant."""

    session_id: UUID | None
    step_id: UUID | None = None

    async def write(self, db: AsyncSession) -> TakenBack | None:
        """Return what was taken back, None when there is nothing; raises SignedOff as every edit does."""
        query = _steps(db, self.session_id, DONE).order_by(UndoStep.number.desc())
        if self.step_id is not None:
            query = select(UndoStep).where(UndoStep.id == self.step_id, UndoStep.state == DONE)
        step = await db.scalar(query.limit(1))
        return await _swing(db, step, forwards=False, forgetting=self.step_id is None)


@dataclass(frozen=True)
class Redo:
    """Make the step again that the actor took back last in a session."""

    session_id: UUID | None

    async def write(self, db: AsyncSession) -> TakenBack | None:
        """Return what was made again, None when there is nothing."""
        query = _steps(db, self.session_id, UNDONE).order_by(UndoStep.undone.desc())
        return await _swing(db, await db.scalar(query.limit(1)), forwards=True, forgetting=True)


@dataclass(frozen=True)
class PutBack:
    """Give a record the values again that it had before one entry of its history."""

    session_id: UUID
    seq: int

    async def write(self, db: AsyncSession) -> None:
        """Write the earlier values; raises NotFound without such an entry, Invalid under what is deleted."""
        entry = await db.get(AuditEntry, self.seq)
        if entry is None or entry.entity not in MODELS or entry.before is None or entry.entity_id is None:
            raise NotFound("This entry has no earlier values.")
        values = {
            name: value for name, value in event_of(entry).before.items() if name not in _STAMPS | _SIGNED
        }
        await _check_parents(db, entry.entity, entry.entity_id)
        if entry.entity == "sessions":
            await _put_session_back(db, entry.entity_id, values)
        else:
            await update_row(db, MODELS[entry.entity], entry.entity_id, values)
        await _index(db, [(entry.entity, entry.entity_id)])


async def _put_session_back(db: AsyncSession, session_id: UUID, values: Mapping[str, Any]) -> None:
    """Write earlier values of a session; what belongs to the child is written to all its sessions."""
    if "child_id" in values:
        try:
            return await children.move_session(db, session_id, values["child_id"])
        except NotFound:  # it was the child's only one
            await update_row(db, Session, session_id, values)
            return None
    of_child = {name: value for name, value in values.items() if name in CHILD_FIELDS}
    of_session = {name: value for name, value in values.items() if name not in CHILD_FIELDS}
    if of_session:
        await update_row(db, Session, session_id, of_session)
    if of_child:
        await crud.update_session(db, session_id, of_child)
    return None


def _steps(db: AsyncSession, session_id: UUID | None, state: str) -> Any:
    intention = intention_of(db)
    recent = UndoStep.whole & (UndoStep.at > intention.now - WHOLE_FOR)
    here = recent if session_id is None else recent | (UndoStep.session_id == session_id)
    return select(UndoStep).where(UndoStep.actor == intention.actor, UndoStep.state == state, here)


async def _swing(
    db: AsyncSession, step: UndoStep | None, *, forwards: bool, forgetting: bool
) -> TakenBack | None:
    """Take a step back or make it again; with `forgetting`, one that cannot be stands in the way no longer."""
    if step is None:
        return None
    events = await _events(db, step)
    rows = _net(events)
    wanted = {key: (row.after if forwards else row.before) for key, row in rows.items()}
    present = {key: (row.before if forwards else row.after) for key, row in rows.items()}
    possible = await _holds(db, present)
    if possible:
        await _say(db, "Redo" if forwards else "Undo", step)
        for (entity, row_id), values in wanted.items():
            await update_row(db, MODELS[entity], row_id, values)
    sessions = await _index(db, rows)
    if possible or forgetting:
        await _mark(db, step, (DONE if forwards else UNDONE) if possible else GONE)
    hidden = (key[1] for key, values in wanted.items() if key[0] == "sessions" and values.get("deleted"))
    return TakenBack(
        at=step.at,
        sessions=sessions,
        hidden=frozenset(hidden),
        task_id=await _task(db, rows),
        whole=step.whole,
        events=tuple(events),
        refused=not possible,
    )


async def _events(db: AsyncSession, step: UndoStep) -> list[Event]:
    query = select(AuditEntry).where(
        AuditEntry.seq.between(step.first, step.last), AuditEntry.entity.in_(MODELS)
    )
    return [event_of(entry) for entry in await db.scalars(query.order_by(AuditEntry.seq))]


def _net(events: Iterable[Event]) -> dict[tuple[str, UUID], _Row]:
    """Return what the events did in sum to each record; one that was made was hidden before."""
    rows: dict[tuple[str, UUID], _Row] = {}
    for event in events:
        if event.entity_id is None or event.action not in {"insert", "update"}:
            continue
        row = rows.setdefault((event.entity, event.entity_id), _Row())
        made = event.action == "insert"
        before = {"deleted": True} if made else event.before
        after = {"deleted": event.after["deleted"]} if made else event.after
        row.before = {**_recorded(before), **row.before}
        row.after.update(_recorded(after))
    return rows


def _recorded(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in _STAMPS}


async def _holds(db: AsyncSession, expected: Mapping[tuple[str, UUID], Mapping[str, Any]]) -> bool:
    """Tell whether every record still has these values."""
    for (entity, row_id), values in expected.items():
        table = cast(Table, MODELS[entity].__table__)
        columns = [table.c[name] for name in values]
        found = (
            (await db.execute(select(table.c.id, *columns).where(table.c.id == row_id))).mappings().first()
        )
        if found is None or any(found[name] != value for name, value in values.items()):
            return False
    return True


async def _say(db: AsyncSession, what: str, step: UndoStep) -> None:
    """Have the trail say why: because it was taken back, or made again."""
    intention = intention_of(db)
    why = f"{what} of entry {step.first}"
    reason = f"{why}: {intention.reason}" if intention.reason else why
    begun = partial(audit.begin, actor=intention.actor, reason=reason, at=intention.now)
    await on_thread(await db.connection(), begun)


async def _mark(db: AsyncSession, step: UndoStep, state: str) -> None:
    last = await db.scalar(select(func.max(AuditEntry.seq)))
    await db.execute(
        update(UndoStep)
        .where(UndoStep.number == step.number)
        .values(state=state, undone=last if state == UNDONE else None)
    )


async def _index(db: AsyncSession, rows: Iterable[tuple[str, UUID]]) -> frozenset[UUID]:
    """Have the sessions of these records found by their words; returns which sessions that are."""
    rows = list(rows)
    sessions = {row_id for entity, row_id in rows if entity == "sessions"}
    metrics = [row_id for entity, row_id in rows if entity == "metrics"]
    tasks = [row_id for entity, row_id in rows if entity == "task_results"]
    under = select(Metric.task_id).where(Metric.id.in_(metrics))
    query = select(TaskResult.session_id).where(TaskResult.id.in_(tasks) | TaskResult.id.in_(under))
    sessions.update((await db.scalars(query)).all())
    for session_id in sessions:
        await index_session(db, session_id)
    return frozenset(sessions)


async def _task(db: AsyncSession, rows: Iterable[tuple[str, UUID]]) -> UUID | None:
    """Return the task result in which a step is seen."""
    for entity, row_id in rows:
        if entity == "task_results":
            return row_id
        if entity == "metrics":
            return await db.scalar(select(Metric.task_id).where(Metric.id == row_id))
    return None


async def _check_parents(db: AsyncSession, entity: str, row_id: UUID) -> None:
    hidden: Sequence[bool | None] = ()
    if entity == "task_results":
        of = select(TaskResult.session_id).where(TaskResult.id == row_id).scalar_subquery()
        hidden = (await db.scalars(select(Session.deleted).where(Session.id == of))).all()
    elif entity == "metrics":
        query = (
            select(TaskResult.deleted | Session.deleted)
            .join(Session, Session.id == TaskResult.session_id)
            .join(Metric, Metric.task_id == TaskResult.id)
            .where(Metric.id == row_id)
        )
        hidden = (await db.scalars(query)).all()
    if any(hidden):
        raise Invalid("What it belongs to is deleted. Bring that back first.")
