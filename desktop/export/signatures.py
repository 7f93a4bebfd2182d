"""Whether somebody stands for what is recorded: the sign-off against what was signed, and against the trail.

The hash tells that nothing was changed since; anybody can compute it, and a file can bring it in anybody's name. That
somebody signed on this laptop is told by the audit trail alone.
"""

import hashlib
from collections.abc import Collection
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from desktop.export.trees import Tree, canonical_tree
from desktop.models import AuditEntry, Session

IMPORTED = "import"  # the reason of an import in the trail
# A value that was changed and taken back is the value that was signed.
_NOT_SIGNED = frozenset({"updated_at", "updated_by", "signed_off_by", "signed_off_at", "signed_off_hash"})


class Sign(Enum):
    """Whether a session is signed off, and still is what was signed."""

    NONE = "none"
    VALID = "valid"
    ELSEWHERE = "elsewhere"  # as a file says that brought it
    BROKEN = "broken"


def signed_hash(tree: Tree) -> str:
    """Return the SHA-256 of what a sign-off stands for: the session's tree without who changed it last."""
    return hashlib.sha256(canonical_tree(_signed(tree))).hexdigest()


def sign_of(tree: Tree, *, here: bool) -> Sign:
    """Return whether the session is signed off; what was changed past Kinelog breaks the sign-off.

    `here` tells whether it was signed on this laptop, see `signed_here`.
    """
    if tree["signed_off_at"] is None:
        return Sign.NONE
    if tree["signed_off_hash"] != signed_hash(tree):
        return Sign.BROKEN
    return Sign.VALID if here else Sign.ELSEWHERE


async def signed_here(db: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the sessions `ids` whose sign-off its own person made here, as the trail knows.

    PostgreSQL, which has no trail, is asked by programs that sign nothing: there each sign-off counts.
    """
    of_these = Session.id.in_(ids) & Session.signed_off_at.is_not(None)
    query = select(Session.id).where(of_these)
    if db.get_bind().dialect.name == "sqlite":
        query = query.join(AuditEntry, AuditEntry.entity_id == Session.id).where(
            AuditEntry.entity == Session.__tablename__,
            AuditEntry.actor == Session.signed_off_by,
            AuditEntry.reason.is_distinct_from(IMPORTED),
            func.json_extract(AuditEntry.after, "$.signed_off_hash") == Session.signed_off_hash,
        )
    return set(await db.scalars(query))


def _signed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _signed(inner) for name, inner in value.items() if name not in _NOT_SIGNED}
    return [_signed(inner) for inner in value] if isinstance(value, list) else value
