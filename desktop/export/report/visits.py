"""Which other sessions a report looks back on."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from desktop.database import Database
from desktop.models import Session

IDS_A_QUERY = 500
MOST_VISITS = 50  # of one child, the newest ones


async def visits_of_children(database: Database, ids: Sequence[UUID]) -> list[UUID]:
    """Return the sessions of the children of `ids` up to each child's newest one among them."""
    found: list[UUID] = []
    async with database.read() as db:
        for start in range(0, len(ids), IDS_A_QUERY):
            children = select(Session.child_id).where(Session.id.in_(ids[start : start + IDS_A_QUERY]))
            rows = await db.scalars(
                select(Session.id)
                .where(Session.child_id.in_(children), ~Session.deleted)
                .order_by(Session.child_id, Session.started_at, Session.id)
            )
            found += rows
    return found


async def visits_of_child(database: Database, child_id: UUID) -> list[UUID]:
    """Return all sessions of one child, the oldest first."""
    query = select(Session.id).where(Session.child_id == child_id, ~Session.deleted)
    async with database.read() as db:
        return list(await db.scalars(query.order_by(Session.started_at, Session.id)))
