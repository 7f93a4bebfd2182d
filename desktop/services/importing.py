"""Taking in a file of records: all of it or nothing, and twice is the same as once."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from desktop.database import Database
from desktop.errors import Conflict
from desktop.export.canonical import Document
from desktop.export.signatures import IMPORTED
from desktop.protocols import bundled, sha256
from desktop.services.landing import Comparison, compare, land
from desktop.services.staging import SESSIONS_AT_ONCE, Staging, staging

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What an import did, or with `dry_run` would have done."""

    new: int
    same: int
    updated: int
    people: tuple[str, ...]
    protocols: int
    dry_run: bool


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
    content is left alone. `progress` is told how many sessions are staged, and of how many; the outcome names the
    people who were not known here.

    Raises Conflict, and nothing is stored, when a session is here with other content and `update` does not allow to
    replace it, when a code stands for another child here, or a protocol's name and version for another protocol.
    """
    _refuse_protocols(_unlike_bundled(document))
    async with _staged(database, document, progress) as staged:
        found = await compare(staged.connection)
        _check(found, update=update)
        if not dry_run and (found.new or found.different or found.people or found.protocols):
            async with database.write(actor=actor, reason=IMPORTED, staged=staged.connection) as db:
                # Somebody may have recorded since; what counts is what is stored now.
                found = await compare(db)
                _check(found, update=update)
                await land(db, replacing=bool(found.different))
    return Outcome(
        new=found.new,
        same=found.same,
        updated=len(found.different),
        people=found.people,
        protocols=found.protocols,
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


def _unlike_bundled(document: Document) -> list[str]:
    """Return the names of protocols that come otherwise with Kinelog itself."""
    ours = {(protocol.name, protocol.version): sha256(protocol) for protocol in bundled()}
    return [
        record.name
        for record in document.protocols
        if ours.get((record.name, record.version), record.sha256) != record.sha256
    ]


def _refuse_protocols(names: Sequence[str]) -> None:
    if names:
        raise Conflict(
            f"The protocol “{names[0]}” of this file is another than the one that has its name and version here. "
            "Nothing was imported."
        )


def _check(found: Comparison, *, update: bool) -> None:
    """Raise Conflict when the file cannot be taken in."""
    _refuse_protocols(found.replaced)
    if found.claimed:
        raise Conflict("Tasks of this file belong to other sessions here. Nothing was imported.")
    if found.miscoded:
        raise Conflict("This file gives a child's code to another child than here. Nothing was imported.")
    if found.different and not update:
        count = len(found.different)
        subject = "1 session of this file is" if count == 1 else f"{count} sessions of this file are"
        raise Conflict(f"{subject} here already with other content. Nothing was imported.")
