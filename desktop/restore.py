"""Restoring a backup: it is read whole before anything is touched, and what was there before is kept."""

import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from desktop import restoring
from desktop.backups import REPLACED, Contents, free_name, look_through
from desktop.errors import Invalid, WrongKey
from desktop.files import replace_file
from desktop.keys import KeyFile, UnusableKeys, is_recovery_key, read_keys
from desktop.paths import Paths
from desktop.schema import REVISIONS
from desktop.trouble import file_trouble, unavailable
from desktop.vault import Unlocked, Vault


def unlock_backup(folder: Path, secret: str) -> Unlocked:
    """Return the key of the backup in `folder` by a passphrase or the recovery key of the day it was made.

    Raises Invalid for a folder that is no backup, WrongKey, and DatabaseUnavailable for a damaged key file.
    """
    keys = _keys(folder)
    if is_recovery_key(secret):  # as some passphrase may look, too
        with suppress(WrongKey):
            found = keys.recover(secret)
            return Unlocked(found.key, found.person)
    found = keys.open(secret)
    return Unlocked(found.key, found.person)


def restore(paths: Paths, folder: Path, unlocked: Unlocked, *, now: datetime) -> Contents:
    """Put the backup in `folder` in the place of the records below `paths`; returns what it holds.

    What was there is kept among the backups. Raises DatabaseUnavailable, and nothing has changed, when the backup is
    damaged or of a newer Kinelog, when there is no room, or while a program has the records open.
    """
    with file_trouble(paths.data):
        paths.create()
    with Vault(paths).replaceable():
        try:
            contents = _stage(paths, folder, unlocked)
        except BaseException:
            shutil.rmtree(restoring.staging_folder(paths), ignore_errors=True)
            raise
        restoring.make_ready(paths, former=free_name(paths.backups, now, REPLACED))
        restoring.go_on(paths)
    return contents


def _stage(paths: Paths, folder: Path, unlocked: Unlocked) -> Contents:
    source, staged = Paths(folder), restoring.begin(paths)
    with file_trouble(paths.data):
        for path in folder.glob(f"{source.database.name}*"):
            shutil.copyfile(path, staged.data / path.name)
            (staged.data / path.name).chmod(0o600)
        replace_file(staged.keys, source.keys.read_bytes())
    contents = look_through(staged.data, unlocked.key)
    if contents.revision not in REVISIONS:
        raise unavailable("newer", f"The backup has schema {contents.revision}.")
    return contents


def _keys(folder: Path) -> KeyFile:
    source = Paths(folder)
    if not source.keys.is_file() or not source.database.is_file():
        raise Invalid(f"{folder} is no backup: it has no {source.database.name} with its {source.keys.name}.")
    with file_trouble(folder):
        try:
            return read_keys(source.keys.read_bytes())
        except UnusableKeys:
            raise unavailable("keys", f"That of the backup in {folder} is damaged.") from None
