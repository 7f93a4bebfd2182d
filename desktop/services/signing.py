"""Signing a session off: its assessor stands for what is recorded, until somebody changes it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any
from uuid import UUID

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import crud
from desktop.changes import intention_of
from desktop.errors import Invalid
from desktop.export.canonical import plain
from desktop.models import Session
from desktop.records import session_record
from desktop.rows import update_row
from desktop.schemas import SessionRecord

# A value that was changed and taken back is the value that was signed.
_NOT_SIGNED = frozenset({"updated_at", "updated_by", "signed_off_by", "signed_off_at", "signed_off_hash"})
UNSIGNED: Mapping[str, None] = {"signed_off_by": None, "signed_off_at": None, "signed_off_hash": None}


class Sign(Enum):
    """Whether a session is signed off, and still is what was signed."""

    NONE = "none"
    VALID = "valid"
    BROKEN = "broken"


def signed_hash(session: SessionRecord) -> str:
    """Return the SHA-256 of what a sign-off stands for: the session's tree without who changed it last."""
    return hashlib.sha256(rfc8785.dumps(_signed(plain(session)))).hexdigest()


def sign_of(session: SessionRecord) -> Sign:
    """Return whether the session is signed off; what was changed past Kinelog breaks the sign-off."""
    if session.signed_off_at is None:
        return Sign.NONE
    return Sign.VALID if session.signed_off_hash == signed_hash(session) else Sign.BROKEN


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
            "signed_off_hash": signed_hash(session),
        }
        await update_row(db, Session, self.session_id, values)


def _signed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _signed(inner) for name, inner in value.items() if name not in _NOT_SIGNED}
    return [_signed(inner) for inner in value] if isinstance(value, list) else value
