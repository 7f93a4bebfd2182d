"""Whose a session is: giving it to another child, and saying that two children are one."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import raiseload

from desktop.crud import age_of, local_day
from desktop.errors import NotFound
from desktop.models import Session
from desktop.rows import update_row
from desktop.schemas import CHILD_FIELDS
from desktop.search import index_session


async def move_session(db: AsyncSession, session_id: UUID, child_id: UUID) -> None:
    """Give a session to another child, who is known from other sessions, with all that is known of that child.

    Raises NotFound when the session or the child is not there, Invalid when the child was born after the session.
    """
    session = await db.scalar(select(Session).options(raiseload("*")).where(Session.id == session_id))
    if session is None:
        raise NotFound("This session is no longer there.")
    if session.child_id == child_id:
        return
    child = await _child(db, child_id)
    day = local_day(session.started_at, session.utc_offset_minutes)
    child["child_age"] = age_of(child["child_date_of_birth"], session.child_age, day)
    await update_row(db, Session, session_id, child)
    await index_session(db, session_id)


async def merge_children(db: AsyncSession, *, kept: UUID, merged: UUID) -> None:
    """Give all sessions of the child `merged` to the child `kept`, deleted ones too: they are the same child.

    Raises NotFound when one of them is not there, Invalid when the kept one was born after one of the sessions.
    """
    await _child(db, merged)
    found = await db.scalars(select(Session.id).where(Session.child_id == merged).order_by(Session.id))
    for session_id in found.all():
        await move_session(db, session_id, kept)


async def _child(db: AsyncSession, child_id: UUID) -> dict[str, Any]:
    """Return what is known of a child, from the newest session; raises NotFound."""
    query = (
        select(Session)
        .options(raiseload("*"))
        .where(Session.child_id == child_id, ~Session.deleted)
        .order_by(Session.started_at.desc(), Session.id.desc())
        .limit(1)
    )
    newest = await db.scalar(query)
    if newest is None:
        raise NotFound("This child is no longer there.")
    return {name: getattr(newest, name) for name in ("child_id", "child_code", *sorted(CHILD_FIELDS))}
