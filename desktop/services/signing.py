"""Signing a session off: its assessor stands for what is recorded, until somebody changes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from desktop import crud
from desktop.changes import intention_of
from desktop.errors import Invalid
from desktop.export.signatures import signed_hash
from desktop.export.trees import tree_of
from desktop.models import Session
from desktop.records import session_record
from desktop.rows import update_row

UNSIGNED: Mapping[str, None] = {"signed_off_by": None, "signed_off_at": None, "signed_off_hash": None}


@dataclass(frozen=True)
class SignOff:
    """Sign a finished session off, in the name of the actor."""

    session_id: UUID

    async def write(self, db: AsyncSession) -> None:
        """Store who signed what and when; raises Invalid for a session that is not finished, and NotFound."""
        intention = intention_of(db)
        session = session_record(await crud.get_session(db, self.session_id))
        if session.completed_at is None:
            raise Invalid("Finish the session before you sign it off.")
        values = {
            "signed_off_by": intention.actor,
            "signed_off_at": intention.now,
            "signed_off_hash": signed_hash(tree_of(session)),
        }
        await update_row(db, Session, self.session_id, values)
