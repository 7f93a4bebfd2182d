"""What is known of a child from visits before the one that is open."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from desktop.crud import local_day
from desktop.database import Database
from desktop.errors import NotFound
from desktop.models import Session


@dataclass(frozen=True)
class Measured:
    """A value and the day on which it was measured."""

    value: float
    day: date


@dataclass(frozen=True)
class Visits:
    """How many sessions a child has, and what was measured last before one of them."""

    count: int = 1
    height_cm: Measured | None = None
    weight_kg: Measured | None = None


async def visits_before(database: Database, session_id: UUID) -> Visits:
    """Return what the visits before a session say; raises NotFound when it is gone."""
    async with database.read() as db:
        query = select(Session.child_id, Session.started_at).where(Session.id == session_id, ~Session.deleted)
        found = (await db.execute(query)).one_or_none()
        if found is None:
            raise NotFound("This session is no longer there.")
        of_child = (Session.child_id == found.child_id, ~Session.deleted)
        count = await db.scalar(select(func.count()).where(*of_child).select_from(Session))

        async def last(column: InstrumentedAttribute[Any]) -> Measured | None:
            query = (
                select(column, Session.started_at, Session.utc_offset_minutes)
                .where(*of_child, Session.started_at < found.started_at, column.is_not(None))
                .order_by(Session.started_at.desc(), Session.id.desc())
                .limit(1)
            )
            row = (await db.execute(query)).one_or_none()
            return Measured(row[0], local_day(row[1], row[2])) if row else None

        return Visits(count or 0, await last(Session.child_height_cm), await last(Session.child_weight_kg))
