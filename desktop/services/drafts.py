"""What somebody is typing and has not recorded yet: it survives a lock and a crash, and is theirs alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, insert, select

from desktop.database import Database
from desktop.models import Draft, Session

SESSION = "session"  # under which a draft names the session that it belongs to

Content = Mapping[str, str]


@dataclass(frozen=True)
class StoredDraft:
    """What was typed, under the key of the place where it was."""

    key: str
    content: Content


async def read_drafts(database: Database, *, actor: UUID) -> list[StoredDraft]:
    """Return the drafts of `actor`, the one that was typed last at the end; none of a session that was deleted."""
    mine = Draft.key.startswith(_key(actor, ""), autoescape=True)
    async with database.read() as db:
        rows = await db.scalars(select(Draft).where(mine).order_by(Draft.updated_at, Draft.key))
        found = [StoredDraft(row.key.removeprefix(_key(actor, "")), json.loads(row.content)) for row in rows]
        sessions = {UUID(draft.content[SESSION]) for draft in found if SESSION in draft.content}
        there = set(await db.scalars(select(Session.id).where(Session.id.in_(sessions), ~Session.deleted)))
    return [draft for draft in found if SESSION not in draft.content or UUID(draft.content[SESSION]) in there]


async def store_drafts(database: Database, *, actor: UUID, drafts: Mapping[str, Content | None]) -> None:
    """Keep the drafts of `actor` under their keys, and forget those that are None; nobody is told of a change."""
    now = database.clock.now()
    kept = [
        {"key": _key(actor, key), "content": json.dumps(content), "updated_at": now}
        for key, content in drafts.items()
        if content is not None
    ]
    async with database.write(actor=actor) as db:
        await db.execute(delete(Draft).where(Draft.key.in_([_key(actor, key) for key in drafts])))
        if kept:
            await db.execute(insert(Draft), kept)


def _key(actor: UUID, key: str) -> str:
    return f"{actor}/{key}"
