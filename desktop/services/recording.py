"""Beginning a session, and opening one again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import crud
from desktop.database import Database
from desktop.export.signatures import signed_here
from desktop.listing import visit_number
from desktop.models import Session, StoredProtocol
from desktop.protocols import Protocol, canonical, plan, sha256
from desktop.records import session_record
from desktop.rows import insert_rows
from desktop.schemas import NewSession, NewTaskResult, SessionRecord
from desktop.stored_protocols import stored_protocols

# Ids that every laptop makes alike, so that the same protocol is one row wherever it comes from.
_PROTOCOL_IDS = UUID("5b0a3c39-3d3b-5a0e-9d5c-6b3f4f1d8a21")


@dataclass(frozen=True)
class Opened:
    """A session with its tree and protocol, which of the child's visits it is, and whether it was signed off here."""

    record: SessionRecord
    protocol: Protocol | None
    visit: int
    signed_here: bool


async def begin_session(
    database: Database, *, actor: UUID, new: NewSession, protocol: Protocol, session_id: UUID
) -> UUID:
    """Store a new session with the rows of its protocol, all open; returns its id.

    `session_id` is made by the caller, so that a second try finds what the first one stored, and makes no second
    session. Raises Invalid for what cannot be recorded.
    """
    named = new.model_copy(update={"protocol_name": protocol.name, "protocol_version": protocol.version})
    planned = [
        NewTaskResult(
            task_name=row.task_name,
            side=row.side,
            trial=row.trial,
            practice=row.practice,
            position=row.position,
        )
        for row in plan(protocol)
    ]
    async with database.write(actor=actor) as db:
        if await db.scalar(select(Session.id).where(Session.id == session_id)) is None:
            await keep_protocol(db, protocol)
            await crud.create_session(db, named, session_id=session_id)
            await crud.create_task_results(db, session_id, planned)
    return session_id


async def load_session(database: Database, session_id: UUID) -> Opened:
    """Return a session as it is stored; raises NotFound."""
    async with database.read() as db:
        record = session_record(await crud.get_session(db, session_id))
        protocol = await _protocol(db, record)
        here = session_id in await signed_here(db, [session_id])
    return Opened(record, protocol, await visit_number(database, session_id), here)


async def latest_visit(database: Database, session_id: UUID) -> SessionRecord:
    """Return the session from which a follow-up takes over what is known of the child."""
    async with database.read() as db:
        return session_record(await crud.get_session(db, session_id))


async def keep_protocol(db: AsyncSession, protocol: Protocol) -> None:
    """Store the protocol unless it is there already, so that its labels travel with its sessions."""
    row = protocol_row(protocol)
    if await db.scalar(select(StoredProtocol.id).where(StoredProtocol.id == row["id"])) is None:
        await insert_rows(db, StoredProtocol, [row])


def protocol_id(digest: str) -> UUID:
    """Return the one id that a protocol has on every laptop; `digest` is the SHA-256 of its content."""
    return uuid5(_PROTOCOL_IDS, digest)


def protocol_row(protocol: Protocol) -> dict[str, Any]:
    """Return the columns of a stored protocol, but for the stamps."""
    digest = sha256(protocol)
    return {
        "id": protocol_id(digest),
        "name": protocol.name,
        "version": protocol.version,
        "content": canonical(protocol).decode(),
        "sha256": digest,
    }


async def _protocol(db: AsyncSession, record: SessionRecord) -> Protocol | None:
    return (await stored_protocols(db)).get((record.protocol_name, record.protocol_version))
