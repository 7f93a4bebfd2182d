"""Reading the audit trail, entering what changes no record, and putting its rules back."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Date, Double, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import audit, derived
from desktop.audit import AUDITED, Verdict
from desktop.database import Database
from desktop.driver import on_thread
from desktop.errors import Invalid, NotFound
from desktop.models import AuditEntry, Metric, Person, TaskResult
from desktop.types import Id, Instant, from_microseconds
from desktop.vault import RECOVERED, Noted

TABLES = {model.__tablename__: cast(Table, model.__table__) for model in AUDITED}
BY_RECOVERY_KEY = "the recovery key"


@dataclass(frozen=True)
class Event:
    """One entry: who did what, when and why, and the values before and after as the record holds them."""

    seq: int
    at: datetime
    actor: UUID
    actor_name: str
    action: str
    entity: str
    entity_id: UUID | None
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


async def verify(database: Database) -> Verdict:
    """Recompute every seal; 100,000 entries take a second or two."""
    async with database.read() as db:
        return await on_thread(await db.connection(), audit.verify)


async def last_change(db: AsyncSession) -> int:
    """Return the number of the last entry that changed a record, 0 without one."""
    changes = AuditEntry.action.in_(("insert", "update"))
    return (
        await db.scalar(select(AuditEntry.seq).where(changes).order_by(AuditEntry.seq.desc()).limit(1)) or 0
    )


async def history(database: Database, record_id: UUID) -> list[Event]:
    """Return what happened to a record and to all that lies under it, the oldest first; raises NotFound."""
    tasks = select(TaskResult.id).where(TaskResult.session_id == record_id)
    under = tasks.union(
        select(Metric.id).where(Metric.task_id == record_id),
        select(Metric.id).where(Metric.task_id.in_(tasks)),
    )
    query = (
        select(AuditEntry, Person.name)
        .outerjoin(Person, Person.id == AuditEntry.actor)
        .where((AuditEntry.entity_id == record_id) | AuditEntry.entity_id.in_(under))
        .order_by(AuditEntry.seq)
    )
    async with database.read() as db:
        events = [event_of(entry, name) for entry, name in await db.execute(query)]
    if not events:
        raise NotFound("Nothing is known of this record.")
    return events


async def enter(
    database: Database, *, actor: UUID, action: str, of: Collection[UUID] = (), **values: object
) -> None:
    """Enter what changes no record, such as an export, and for each of the sessions `of` that it was one of them.

    `values` say more of it, and name nobody.
    """
    after = json.dumps(values) if values else None
    async with database.write(actor=actor) as db:
        connection = await db.connection()
        await on_thread(connection, partial(audit.note, action=action, entity="vault", after=after))
        await on_thread(connection, partial(audit.note_each, action=action, entity="sessions", ids=of))


async def enter_opening(database: Database, *, actor: UUID, of: Collection[UUID]) -> None:
    """Enter that somebody looks at sessions."""
    async with database.write(actor=actor) as db:
        note = partial(audit.note_each, action="open", entity="sessions", ids=of)
        await on_thread(await db.connection(), note)


async def enter_unlocking(database: Database, *, actor: UUID, noted: Iterable[Noted]) -> None:
    """Enter who unlocked now, and what was noted at the door before."""
    async with database.write(actor=actor) as db:
        connection = await db.connection()
        for note in noted:
            after = json.dumps({"at": note.at, "person": note.person})
            await on_thread(connection, partial(audit.note, action=note.action, entity="vault", after=after))
        await on_thread(connection, partial(audit.note, action="unlock", entity="vault"))


async def repair(database: Database, *, actor: UUID, reason: str) -> list[str]:
    """Put back the rules that write the trail, where they are not as they should be; returns which were not.

    That they were changed, who put them back and why stands in the trail from then on. Raises Invalid for a reason
    that cannot be written.
    """
    try:
        reason.encode()
    except UnicodeEncodeError:  # bytes that a shell handed on
        raise Invalid("The reason holds characters that cannot be written.") from None
    async with database.write(actor=actor, reason=reason) as db:
        connection = await db.connection()
        altered = await connection.run_sync(derived.altered)
        if altered:
            async with database.changing_schema(connection):
                await connection.run_sync(derived.restore)
            after = json.dumps({"altered": altered})
            await on_thread(connection, partial(audit.note, action="repair", entity="vault", after=after))
    return altered


def event_of(entry: AuditEntry, name: str | None = None) -> Event:
    """Return an entry with its values as the record's columns hold them."""
    known = BY_RECOVERY_KEY if entry.actor == RECOVERED else str(entry.actor)
    return Event(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        actor_name=name or known,
        action=entry.action,
        entity=entry.entity,
        entity_id=entry.entity_id,
        reason=entry.reason or "",
        before=_values(entry.entity, entry.before),
        after=_values(entry.entity, entry.after),
    )


def _values(entity: str, stored: str | None) -> dict[str, Any]:
    """Return the values of an entry as its table's columns hold them."""
    table = TABLES.get(entity)
    values: dict[str, Any] = json.loads(stored) if stored else {}
    return {name: _as_column(table, name, value) for name, value in values.items()}


def _as_column(table: Table | None, name: str, value: Any) -> Any:
    kind = table.c[name].type if table is not None and name in table.c else None
    if value is None or kind is None:
        return value
    if isinstance(kind, Id):
        return UUID(hex=value)
    if isinstance(kind, Instant):
        return from_microseconds(value)
    if isinstance(kind, Double):
        return float(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return bool(value) if kind.python_type is bool else value
