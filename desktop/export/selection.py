"""Which sessions an export takes."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from desktop.crud import local_day
from desktop.database import Database
from desktop.models import Session

_FARTHEST_ZONE = timedelta(days=1)


async def select_sessions(
    database: Database, *, child_id: UUID | None = None, day: date | None = None
) -> list[UUID]:
    """Return the ids of the sessions of one child, of one local day, of both, or of all; in their order."""
    query = select(Session.id, Session.started_at, Session.utc_offset_minutes).where(~Session.deleted)
    if child_id is not None:
        query = query.where(Session.child_id == child_id)
    if day is not None:
        noon = datetime.combine(day, time(12), UTC)
        widest = timedelta(hours=12) + _FARTHEST_ZONE
        query = query.where(Session.started_at.between(noon - widest, noon + widest))
    async with database.read() as db:
        rows = (await db.execute(query.order_by(Session.id))).all()
    return [row[0] for row in rows if day is None or local_day(row[1], row[2]) == day]
