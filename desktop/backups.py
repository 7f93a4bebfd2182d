"""Backups: each a folder with the encrypted database and its key file, which belong together.

A folder is made under another name beside its place, flushed, opened and looked through, and only then renamed: a
backup that is there is whole. `Connection.backup` copies in one go, while others go on reading and writing.
https://www.sqlite.org/backup.html
"""

import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from desktop import audit
from desktop.encrypted_copy import flush
from desktop.files import replace_file
from desktop.header import APPLICATION_ID
from desktop.paths import Paths
from desktop.trouble import file_trouble, translated, unavailable
from desktop.vault import Unlocked, Vault
from desktop.vault_files import VaultFiles

ROLLING, BEFORE_MIGRATION, REPLACED = "", "migration", "replaced"
_NAME = re.compile(r"kinelog-(\d{8}T\d{6}Z)(?:-(migration|replaced))?(?:-\d+)?")
_STAMP = "%Y%m%dT%H%M%SZ"
MOST_HOURS, MOST_DAYS = 24, 30
MOST_BYTES = 5_000_000_000
FEWEST, MOST_OF_A_KIND = 2, 5

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Backup:
    """A backup by its folder: when it was made, on what occasion, and how large it is."""

    folder: Path
    made_at: datetime
    occasion: str
    size: int


@dataclass(frozen=True)
class Contents:
    """What was found in a backup that was looked through."""

    revision: str
    sessions: int
    task_results: int
    metrics: int
    entries: int


def make_backup(
    paths: Paths, unlocked: Unlocked, place: Path, *, now: datetime, occasion: str = ROLLING
) -> Backup:
    """Copy the vault into a new folder in `place`, and return it.

    Raises DatabaseUnavailable when the copy cannot be made or does not open; nothing half is left then.
    """
    with file_trouble(place):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = free_name(place, now, occasion)
    return make_folder(paths, unlocked, folder)


def make_folder(paths: Paths, unlocked: Unlocked, folder: Path) -> Backup:
    """Copy the vault into `folder`, which is not there yet; raises as `make_backup` does."""
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        with file_trouble(folder.parent):
            _require_room(paths, folder.parent)
            beside.mkdir(mode=0o700)
            copied = Paths(beside)
            replace_file(copied.keys, Vault(paths).content(unlocked))
            os.close(os.open(copied.database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with translated(), file_trouble(folder.parent):
            _copy(paths.database, copied.database, VaultFiles(unlocked.key))
            _look(copied.database, VaultFiles(unlocked.key), thoroughly=False)
            flush(copied.database)
            flush(beside)
            beside.rename(folder)
            flush(folder.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return _backup(folder) or Backup(folder, datetime.now(UTC), ROLLING, _size(folder))


def free_name(place: Path, now: datetime, occasion: str) -> Path:
    """Return the path of a folder in `place` that is not there yet."""
    name = "-".join(filter(None, (f"kinelog-{now.astimezone(UTC).strftime(_STAMP)}", occasion)))
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next(place / free for free in names if not (place / free).exists())


def look_through(folder: Path, key: bytes) -> Contents:
    """Read a whole backup, its trail with it; raises DatabaseUnavailable when it is damaged, WrongKey for another key.

    Looking leaves files beside the database for a moment, so it is to be done with a copy of the backup.
    """
    with translated(), file_trouble(folder):
        return _look(Paths(folder).database, VaultFiles(key), thoroughly=True)


def list_backups(place: Path) -> list[Backup]:
    """Return the backups in `place`, the newest first; nothing else that lies there counts."""
    with file_trouble(place):
        try:
            folders = [entry for entry in place.iterdir() if entry.is_dir()]
        except FileNotFoundError:
            return []
    found = [backup for folder in folders if (backup := _backup(folder)) is not None]
    return sorted(found, key=lambda backup: (backup.made_at, backup.folder.name), reverse=True)


def newest_sound(place: Path) -> Backup | None:
    """Return the newest backup that was read when it was made; what a restore replaced may be damaged."""
    return next((backup for backup in list_backups(place) if backup.occasion != REPLACED), None)


def to_remove(backups: Iterable[Backup], *, most_bytes: int = MOST_BYTES) -> list[Backup]:
    """Return which backups have had their time.

    Of the last 24 hours and the last 30 days that have any the newest of each is kept, of those before a migration or
    a restore the newest five: counted and not reckoned from now, so that a clock that jumps costs none. Then the oldest
    go until the rest takes at most `most_bytes`; the two newest always stay.
    """
    newest_first = sorted(backups, key=lambda backup: (backup.made_at, backup.folder.name), reverse=True)
    kept: list[Backup] = []
    seen: dict[str, set[str]] = {}
    counted: dict[str, int] = {}
    for backup in newest_first:
        if _has_its_time(backup, seen, counted) or len(kept) < FEWEST:
            kept.append(backup)
    total = 0
    fitting = []
    for place, backup in enumerate(kept):
        total += backup.size
        if total <= most_bytes or place < FEWEST:
            fitting.append(backup)
    return [backup for backup in newest_first if backup not in fitting]


def remove(backups: Iterable[Backup]) -> None:
    """Remove backups; each is hidden first, so that a half removed one is none."""
    for backup in backups:
        with file_trouble(backup.folder):
            hidden = backup.folder.with_name(f".{backup.folder.name}.{secrets.token_hex(4)}")
            backup.folder.rename(hidden)
            shutil.rmtree(hidden)


def remove_leftovers(place: Path) -> None:
    """Remove what a killed program left in `place` under a hidden name of ours."""
    for ours in (".kinelog-*", ".rehearsal-*"):
        for left in place.glob(ours):
            shutil.rmtree(left, ignore_errors=True)


def copy_folder(backup: Backup, place: Path) -> Backup:
    """Copy a backup to a second place, whole or not at all; raises DatabaseUnavailable when it cannot be written."""
    folder = place / backup.folder.name
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        with file_trouble(place):
            if shutil.disk_usage(place).free < backup.size:
                raise unavailable("full", f"A backup takes {backup.size // 1_000_000 + 1} MB in {place}.")
            shutil.copytree(backup.folder, beside)
            for path in (*beside.iterdir(), beside):
                flush(path)
            beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Backup(folder, backup.made_at, backup.occasion, backup.size)


def _has_its_time(backup: Backup, seen: dict[str, set[str]], counted: dict[str, int]) -> bool:
    """Tell whether a backup stays, asked from the newest on; spans are counted, since a clock can be wrong."""
    if backup.occasion != ROLLING:
        counted[backup.occasion] = counted.get(backup.occasion, 0) + 1
        return counted[backup.occasion] <= MOST_OF_A_KIND
    spans = (("%Y%m%d%H", MOST_HOURS), ("%Y%m%d", MOST_DAYS))
    newest = [
        _is_newest_of(f"{backup.made_at:{form}}", seen.setdefault(form, set()), most) for form, most in spans
    ]
    return any(newest)


def _is_newest_of(span: str, seen: set[str], most: int) -> bool:
    if span in seen or len(seen) >= most:
        return False
    seen.add(span)
    return True


def _require_room(paths: Paths, place: Path) -> None:
    size = paths.database.stat().st_size
    if shutil.disk_usage(place).free < size:
        raise unavailable("full", f"A backup takes {size // 1_000_000 + 1} MB in {place}.")


def _copy(source: Path, target: Path, files: VaultFiles) -> None:
    with closing(files.connect_freely(source)) as reading, closing(files.connect_freely(target)) as writing:
        reading.backup(writing, pages=-1)
        # One file, that needs no log beside it to be read.
        writing.execute("PRAGMA journal_mode=DELETE")


def _look(path: Path, files: VaultFiles, *, thoroughly: bool) -> Contents:
    with closing(files.connect_freely(path)) as connection:
        owner = _one(connection, "PRAGMA application_id")
        checks = (
            ("PRAGMA integrity_check", "PRAGMA cipher_integrity_check")
            if thoroughly
            else ("PRAGMA quick_check",)
        )
        found = [row for check in checks for row in connection.execute(check) if row != ("ok",)]
        if owner != APPLICATION_ID or found:
            raise unavailable("damaged", "The backup cannot be read whole.")
        if thoroughly:
            _look_at_records(connection)
        counts = {
            name: int(_one(connection, f"SELECT count(*) FROM {name}"))
            for name in ("sessions", "task_results", "metrics", "audit_log")
        }
        revision = str(_one(connection, "SELECT version_num FROM alembic_version"))
    return Contents(
        revision, counts["sessions"], counts["task_results"], counts["metrics"], counts["audit_log"]
    )


def _look_at_records(connection: Any) -> None:
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise unavailable("damaged", "The backup has records whose session or task is missing.")
    verdict = audit.verify(connection)
    if verdict.trouble:
        raise unavailable("damaged", f"The audit trail of the backup was changed. {verdict.trouble}")


def _one(connection: Any, query: str) -> Any:
    return connection.execute(query).fetchone()[0]


def _backup(folder: Path) -> Backup | None:
    """Return the backup in `folder`, None when that is no backup of ours."""
    match = _NAME.fullmatch(folder.name)
    inside = Paths(folder)
    if match is None or not inside.database.is_file() or not inside.keys.is_file():
        return None
    made_at = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
    return Backup(folder, made_at, match[2] or ROLLING, _size(folder))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
