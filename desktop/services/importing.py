"""Taking in a file of records: all of it or nothing, and twice is the same as once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from desktop.database import Database
from desktop.errors import Conflict
from desktop.export.canonical import Document
from desktop.services.landing import Comparison, compare, land
from desktop.services.parsing import parse_document, read_document
from desktop.services.staging import SESSIONS_AT_ONCE, Staging, staging

__all__ = ["Outcome", "Plan", "parse_document", "plan_import", "read_document", "run_import"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Plan:
    """What an import would do: sessions new, the same, different from those here; people and protocols to add."""

    new: int
    same: int
    different: tuple[UUID, ...]
    people: int
    protocols: int


@dataclass(frozen=True)
class Outcome:
    """What an import did, or with `dry_run` would have done."""

    new: int
    same: int
    updated: int
    people: int
    protocols: int
    dry_run: bool


async def plan_import(database: Database, document: Document, *, update: bool = False) -> Plan:
    """Return what importing `document` would do, writing nothing; raises Conflict as `run_import` does."""
    async with _staged(database, document, None) as staged:
        return _plan(await compare(staged.connection), update=update)


async def run_import(
    database: Database,
    document: Document,
    *,
    actor: UUID,
    update: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Take in the sessions of `document`, with the people and protocols that are not known here.

    Who made and changed a record, and when, stays as the file says. A session that is here already with the same
    content is left alone. `progress` is told how many sessions are staged, and of how many. Raises Conflict, and
    nothing is stored, when a session is here with other content and `update` does not allow to replace it.
    """
    async with _staged(database, document, progress) as staged:
        plan = _plan(await compare(staged.connection), update=update)
        if not dry_run and (plan.new or plan.different or plan.people or plan.protocols):
            async with database.write(actor=actor, reason="import", staged=staged.connection) as db:
                # Somebody may have recorded since; what counts is what is stored now.
                plan = _plan(await compare(db), update=update)
                await land(db, replacing=bool(plan.different))
    return Outcome(
        new=plan.new,
        same=plan.same,
        updated=len(plan.different),
        people=plan.people,
        protocols=plan.protocols,
        dry_run=dry_run,
    )


@asynccontextmanager
async def _staged(
    database: Database, document: Document, progress: Progress | None
) -> AsyncIterator[Staging]:
    sessions = document.sessions
    async with staging(database) as staged:
        await staged.add_people(document.people)
        await staged.add_protocols(document.protocols)
        for start in range(0, len(sessions), SESSIONS_AT_ONCE):
            await staged.add_sessions(sessions[start : start + SESSIONS_AT_ONCE])
            if progress is not None:
                progress(min(start + SESSIONS_AT_ONCE, len(sessions)), len(sessions))
        yield staged


def _plan(found: Comparison, *, update: bool) -> Plan:
    """Return the plan; raises Conflict when it cannot be carried out."""
    if found.claimed:
        raise Conflict("Tasks of this file belong to other sessions here. Nothing was imported.")
    if found.different and not update:
        count = len(found.different)
        subject = "1 session of this file is" if count == 1 else f"{count} sessions of this file are"
        raise Conflict(f"{subject} here already with other content. Nothing was imported.")
    return Plan(found.new, found.same, found.different, found.people, found.protocols)
