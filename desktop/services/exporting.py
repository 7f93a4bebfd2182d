"""Sessions leave this laptop: who took what stands in the audit trail, before the file is there."""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from desktop.database import Database
from desktop.export.formats import ExportOptions, write_export
from desktop.services.auditing import enter


async def export_sessions(
    database: Database,
    path: Path,
    ids: Sequence[UUID],
    *,
    actor: UUID,
    options: ExportOptions,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write sessions to a file, as `write_export` does, and enter it in the trail.

    The entry comes first: a program that dies leaves one too many, and no export that nobody knows of.
    """
    names = "left out" if options.deidentified else "named"
    told = {"format": options.form, "sessions": len(ids), "names": names}
    await enter(database, actor=actor, action="export", of=set(ids), **told)
    try:
        return await write_export(database, path, ids, actor=actor, options=options, progress=progress)
    except BaseException:  # also what nobody expected, and being broken off
        await enter(database, actor=actor, action="export_failed", format=options.form)
        raise
