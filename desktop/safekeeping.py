"""Keeping backups by itself: when one is due, where copies go, and whether they could be restored."""

import asyncio
import logging
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from desktop.background import to_its_end
from desktop.backup_notes import Notes, read_notes, write_notes
from desktop.backups import (
    Backup,
    copy_folder,
    list_backups,
    look_through,
    make_backup,
    make_folder,
    newest_sound,
    remove,
    remove_leftovers,
    to_remove,
)
from desktop.core import Core
from desktop.errors import AppError, DatabaseUnavailable, Invalid, WrongKey
from desktop.paths import Paths
from desktop.services.auditing import enter, last_change
from desktop.trouble import file_trouble
from desktop.vault import Unlocked

EVERY = timedelta(hours=1)
REHEARSED_EVERY = timedelta(days=7)

log = logging.getLogger(__name__)


async def back_up_to(core: Core, folder: Path) -> Backup:
    """Copy the vault into a new folder; raises Invalid where that cannot be, DatabaseUnavailable when it fails."""
    new = await asyncio.to_thread(_new_folder, core.paths, folder)
    await enter(core.database, actor=core.unlocked.actor, action="backup")
    return await to_its_end(make_folder, core.paths, core.unlocked, new)


async def keep_up(core: Core, *, second_place: str = "", at_once: bool = False) -> Notes:
    """Make a backup when one is due, copy it to the second place, and let old ones go.

    One is due when records were changed since the last one, an hour ago or more; with `at_once` in any case. Raises
    DatabaseUnavailable when it cannot be made. A second place that is not there is noted and no failure.
    """
    now, notes = core.clock.now(), await asyncio.to_thread(read_notes, core.paths)
    changed = await _last_change(core)
    newest = await asyncio.to_thread(newest_sound, core.paths.backups)
    due = newest is None or (changed != notes.last_entry and abs(now - newest.made_at) >= EVERY)
    if due or at_once:
        made = partial(make_backup, now=now)
        newest = await to_its_end(made, core.paths, core.unlocked, core.paths.backups)
        notes = replace(notes, last_entry=changed)
        await asyncio.to_thread(_thin_out, core.paths.backups)
        await asyncio.to_thread(write_notes, core.paths, notes)
    if newest is not None and second_place:
        notes = await to_its_end(_to_second_place, notes, newest, Path(second_place), now)
        await asyncio.to_thread(write_notes, core.paths, notes)
    if _is_rehearsal_due(notes, now):
        notes = await rehearse(core)
    return notes


async def rehearse(core: Core) -> Notes:
    """Restore the newest backup into a folder that is thrown away, read all of it, and note how that went."""
    now = core.clock.now()
    newest = await asyncio.to_thread(newest_sound, core.paths.backups)
    notes = await asyncio.to_thread(read_notes, core.paths)
    if newest is None:
        return notes
    trouble = await to_its_end(_trouble_with, newest, core.unlocked, core.paths)
    notes = replace(
        notes, rehearsed_at=now.isoformat(), rehearsed=newest.folder.name, rehearsal_trouble=trouble
    )
    await asyncio.to_thread(write_notes, core.paths, notes)
    return notes


def _is_rehearsal_due(notes: Notes, now: datetime) -> bool:
    try:
        return abs(now - datetime.fromisoformat(notes.rehearsed_at)) >= REHEARSED_EVERY
    except (ValueError, TypeError):
        return True


async def _last_change(core: Core) -> int:
    async with core.database.read() as db:
        return await last_change(db)


def _new_folder(paths: Paths, folder: Path) -> Path:
    paths.refuse_own(folder)
    if folder.exists():
        raise Invalid(f"{folder} is there already. Please name a new folder.")
    if not folder.absolute().parent.is_dir():
        raise Invalid(f"There is no folder {folder.absolute().parent}.")
    return folder.absolute()


def _thin_out(place: Path) -> None:
    remove_leftovers(place)
    remove(to_remove(list_backups(place)))


def _to_second_place(notes: Notes, newest: Backup, place: Path, now: datetime) -> Notes:
    try:
        if not place.is_dir():
            return replace(notes, second_trouble=f"{place} is not there.")
        if not (place / newest.folder.name).exists():
            copy_folder(newest, place)
            _thin_out(place)
    except DatabaseUnavailable as error:
        return replace(notes, second_trouble=str(error))
    return replace(notes, second_at=now.isoformat(), second_trouble="")


def _trouble_with(backup: Backup, unlocked: Unlocked, paths: Paths) -> str:
    """Return why a backup could not be restored, empty when it could."""
    try:
        with (
            file_trouble(paths.backups),
            tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=paths.backups) as made,
        ):
            copy = Path(made) / backup.folder.name
            shutil.copytree(backup.folder, copy)
            look_through(copy, unlocked.key)
    except WrongKey:
        return "Its key is not the present one."
    except AppError as error:
        return str(error)
    return ""
