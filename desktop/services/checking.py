"""Whether an installation is sound. Looking changes no record: what is missing is not made here."""

import asyncio
import shutil
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from os import R_OK, W_OK, X_OK, access
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import audit, derived
from desktop.backup_notes import read_notes
from desktop.backups import newest_sound
from desktop.clock import Clock
from desktop.database import Database, sqlite_url
from desktop.driver import PlainFiles, SqliteFiles, on_thread
from desktop.errors import DatabaseUnavailable, WrongKey
from desktop.models import Metric, Session, SessionSearch, TaskResult
from desktop.paths import Paths
from desktop.schema import HEAD, claim_file, revision_of
from desktop.services.auditing import enter, last_change
from desktop.vault import CHECKED, Unlocked, Vault
from desktop.vault_files import VaultFiles

State = Literal["ok", "warning", "failed"]
_MEGABYTE = 1_000_000
_LITTLE_SPACE, _NO_SPACE = 500 * _MEGABYTE, 20 * _MEGABYTE
_LATE = timedelta(days=2)
_CLOCK_TOLERANCE = timedelta(minutes=2)
_TO_BE_WRITTEN = {"schema", "integrity", "triggers", "audit"}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what was seen."""

    name: str
    state: State
    text: str


async def check(paths: Paths, *, clock: Clock, unlock: Callable[[], Unlocked | None]) -> list[Check]:
    """Look at the folder, the vault, the records, the clock and the disk; a failure is a Check, not an exception.

    `unlock` gives the key of the vault, None when nobody gave a secret. That an unlocked vault was looked at stands in
    its trail afterwards or, where that cannot be written now, is noted for it.
    """
    found = [*_folder(paths), _disk(paths)]
    if not paths.database.exists() or paths.database.stat().st_size == 0:
        return [*found, Check("database", "warning", "There are no records yet; the first start makes them.")]
    try:
        vault, files, unlocked = await asyncio.to_thread(_vault, paths, unlock)
    except (DatabaseUnavailable, WrongKey) as error:
        return [*found, Check("vault", "failed", str(error))]
    found.append(vault)
    found += await asyncio.to_thread(_keys, Vault(paths))
    if files is None:
        return found
    database = Database(sqlite_url(paths.database), clock=clock, files=files)
    try:
        await claim_file(database)
        async for seen in _records(database, paths):
            found.append(seen)
        if unlocked is not None:
            await _enter(database, Vault(paths), unlocked, found)
    except (DatabaseUnavailable, WrongKey) as error:
        found.append(Check("database", "failed", str(error)))
    finally:
        await database.close()
    return found


async def _enter(database: Database, vault: Vault, unlocked: Unlocked, found: list[Check]) -> None:
    """Have it in the trail that somebody looked; a file that is not sound is not written to."""
    if {seen.name for seen in found if seen.state == "ok"} >= _TO_BE_WRITTEN:
        with suppress(DatabaseUnavailable):
            await enter(database, actor=unlocked.actor, action="check")
            return
    with suppress(DatabaseUnavailable):  # what cannot be written is told by the checks
        await asyncio.to_thread(vault.note, CHECKED, unlocked.person)


def _vault(
    paths: Paths, unlock: Callable[[], Unlocked | None]
) -> tuple[Check, SqliteFiles | None, Unlocked | None]:
    """Return how the vault is, and how the records are opened and by whom, None when they stay locked."""
    if not Vault(paths).exists():
        words = "The records are not encrypted yet; the next start of the window encrypts them."
        return Check("vault", "warning", words), PlainFiles(), None
    people = len(Vault(paths).keys().people())
    unlocked = unlock()
    if unlocked is None:
        words = "The records are locked: with a passphrase they are looked at too."
        return Check("vault", "warning", words), None, None
    words = f"The vault opens. People who can unlock it: {people}."
    return Check("vault", "ok", words), VaultFiles(unlocked.key), unlocked


def _keys(vault: Vault) -> list[Check]:
    """Return a warning for a key file of two that cannot be used."""
    words = "{} is damaged or missing. Its copy serves; a change of passphrase writes both anew."
    names = vault.unusable_files() if vault.exists() else []
    return [Check("keys", "warning", words.format(name)) for name in names]


def _folder(paths: Paths) -> Iterator[Check]:
    if not paths.data.is_dir():
        yield Check("paths", "warning", f"There is no folder {paths.data} yet; the first start makes it.")
        return
    yield Check("paths", "ok", f"The records lie in {paths.data}.")
    files = [path for path in (paths.database, paths.keys, paths.settings, paths.logs) if path.exists()]
    closed = [path for path in files if not access(path, R_OK | W_OK)]
    if closed or not access(paths.data, R_OK | W_OK | X_OK):
        yield Check("permissions", "failed", f"Kinelog may not write to {[*closed, paths.data][0]}.")
        return
    shared = [path for path in (paths.data, paths.database) if path.exists() and _is_shared(path)]
    if shared:
        yield Check("permissions", "warning", f"Other users of this laptop can read {shared[0]}.")
    else:
        yield Check("permissions", "ok", "Only you can read the records.")


def _is_shared(path: Path) -> bool:
    """Tell whether others can enter the folder or, where they can, read the file."""
    bit = stat.S_IXGRP | stat.S_IXOTH if path.is_dir() else stat.S_IRGRP | stat.S_IROTH
    return bool(path.stat().st_mode & bit)


def _disk(paths: Paths) -> Check:
    place = next(folder for folder in (paths.data, *paths.data.parents) if folder.is_dir())
    free = shutil.disk_usage(place).free
    state: State = "failed" if free < _NO_SPACE else "warning" if free < _LITTLE_SPACE else "ok"
    return Check("disk", state, f"{free // _MEGABYTE:,} MB are free.")


async def _records(database: Database, paths: Paths) -> AsyncIterator[Check]:
    revision = await revision_of(database)
    yield Check("database", "ok", "The records can be opened.")
    if revision != HEAD:
        yield Check("schema", "warning", f"The records have schema {revision}; the next start brings {HEAD}.")
        return
    yield Check("schema", "ok", f"The records have schema {HEAD}.")
    async with database.read() as db:
        yield await _integrity(db)
        yield await _references(db)
        yield await _derived(db)
        yield await _audit(db)
        yield await _search(db)
        yield await _clock(db, database.clock)
        async for seen in _backups(db, paths, database.clock):
            yield seen


async def _integrity(db: AsyncSession) -> Check:
    found = (await db.execute(text("PRAGMA integrity_check(1)"))).scalar_one()
    if found == "ok":
        return Check("integrity", "ok", "The file is whole.")
    return Check("integrity", "failed", "This file is damaged.")


async def _references(db: AsyncSession) -> Check:
    lost = len((await db.execute(text("PRAGMA foreign_key_check"))).all())
    if lost:
        return Check("references", "failed", f"{lost} records belong to a record that is not there.")
    return Check("references", "ok", "Every record belongs to one that is there.")


async def _derived(db: AsyncSession) -> Check:
    altered = await (await db.connection()).run_sync(derived.altered)
    if altered:
        return Check("triggers", "failed", f"Not as they should be: {', '.join(altered)}.")
    return Check("triggers", "ok", "The triggers and the search index are as they should be.")


async def _audit(db: AsyncSession) -> Check:
    verdict = await on_thread(await db.connection(), audit.verify)
    if verdict.trouble:
        return Check("audit", "failed", f"The audit trail was changed. {verdict.trouble}")
    return Check("audit", "ok", f"The audit trail is whole: {verdict.entries:,} entries.")


async def _search(db: AsyncSession) -> Check:
    known = select(SessionSearch.session_id)
    lost = await _count(db, select(Session.id).where(~Session.deleted, Session.id.not_in(known)))
    indexed = (await db.execute(text("SELECT count(*) FROM session_words_docsize"))).scalar_one()
    lost += abs(await _count(db, select(SessionSearch.number)) - int(indexed))
    if lost:
        return Check("search", "failed", f"{lost} sessions cannot be found by their words.")
    return Check("search", "ok", "Every session can be found by its words.")


async def _clock(db: AsyncSession, clock: Clock) -> Check:
    newest = [await db.scalar(select(func.max(kind.updated_at))) for kind in (Session, TaskResult, Metric)]
    last = max((instant for instant in newest if instant is not None), default=None)
    if last is None or last <= clock.now() + _CLOCK_TOLERANCE:
        return Check("clock", "ok", "The clock is not behind the records.")
    when = last.strftime("%Y-%m-%d %H:%M UTC")
    return Check("clock", "warning", f"The clock of this laptop is behind the newest record ({when}).")


async def _backups(db: AsyncSession, paths: Paths, clock: Clock) -> AsyncIterator[Check]:
    """Tell when the last backup was made, whether it could be restored, and whether the second place has it."""
    newest, notes = await asyncio.to_thread(lambda: (newest_sound(paths.backups), read_notes(paths)))
    if newest is None:
        yield Check("backups", "warning", "There is no backup yet; the window makes one while it is open.")
        return
    when = f"{newest.made_at:%Y-%m-%d %H:%M} UTC"
    late = clock.now() - newest.made_at > _LATE and await last_change(db) != notes.last_entry
    old = " Records were changed since." if late else ""
    words = f"The last backup is of {when}, in {paths.backups}.{old}"
    yield Check("backups", "warning" if late else "ok", words)
    if notes.rehearsal_trouble:
        words = f"{notes.rehearsed} could not be restored. {notes.rehearsal_trouble}"
        yield Check("rehearsal", "failed", words)
    elif notes.rehearsed_at:
        words = f"{notes.rehearsed} was restored for trial and read whole on {notes.rehearsed_at[:10]}."
        yield Check("rehearsal", "ok", words)
    if notes.second_trouble:
        yield Check(
            "second place", "warning", f"The last backup is in one place only. {notes.second_trouble}"
        )


async def _count(db: AsyncSession, rows: Any) -> int:
    return await db.scalar(select(func.count()).select_from(rows.subquery())) or 0
