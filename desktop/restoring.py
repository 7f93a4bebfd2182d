"""Putting a backup in the place of the vault, so that a crash at any moment leaves the one or the other whole.

All that is to come lies ready in a folder beside, with a note, written last, that says so. From then on each file moves
in one step, the former ones first, and whoever comes next goes on where it was cut off.
"""

import json
import shutil
from contextlib import suppress
from itertools import chain, count
from pathlib import Path

from desktop.encrypted_copy import flush
from desktop.files import replace_file
from desktop.keys import UnusableKeys, read_keys
from desktop.paths import Paths
from desktop.trouble import file_trouble

NOTE = "ready.json"
_LOGS = ("-wal", "-shm")


def staging_folder(paths: Paths) -> Path:
    """Return the folder in which a restore is made ready."""
    return paths.data / "restoring"


def is_begun(paths: Paths) -> bool:
    """Tell whether a restore was made ready, or begun to be, and not brought to its end."""
    return staging_folder(paths).exists()


def begin(paths: Paths) -> Paths:
    """Return an empty folder for what is to come."""
    with file_trouble(paths.data):
        shutil.rmtree(staging_folder(paths), ignore_errors=True)
        staging_folder(paths).mkdir(mode=0o700, parents=True)
    return Paths(staging_folder(paths))


def make_ready(paths: Paths, *, former: Path) -> None:
    """Say that all is there; `former` is the folder that what is there now goes to."""
    with file_trouble(paths.data):
        staged = Paths(staging_folder(paths))
        for path in (staged.database, staged.keys):
            flush(path)
        replace_file(staged.data / NOTE, json.dumps({"former": former.name}).encode())
        flush(staged.data)


def go_on(paths: Paths) -> None:
    """Bring a restore to its end; one that was not ready is given up, and nothing has changed."""
    with file_trouble(paths.data):
        staged = Paths(staging_folder(paths))
        try:
            former = paths.backups / Path(json.loads((staged.data / NOTE).read_bytes())["former"]).name
        except FileNotFoundError:
            shutil.rmtree(staged.data, ignore_errors=True)
            return
        former.mkdir(mode=0o700, parents=True, exist_ok=True)
        _exchange(paths, staged, former)
        shutil.rmtree(staged.data)
        flush(paths.data)


def _exchange(paths: Paths, staged: Paths, former: Path) -> None:
    if staged.database.exists():
        for path in (*_logs(paths.database), paths.database):
            _move(path, former / path.name)
        staged.database.rename(paths.database)
        flush(paths.data)
    if staged.keys.exists():
        _keep_keys(paths, former / paths.keys.name)
        replace_file(paths.keys_copy, staged.keys.read_bytes())
        staged.keys.rename(paths.keys)
    paths.notes.unlink(missing_ok=True)  # the door of the former vault


def _keep_keys(paths: Paths, target: Path) -> None:
    """Put the former keys beside the former records: the file of the two that can be read, and both if none can."""
    if target.exists():
        return
    for path in (paths.keys, paths.keys_copy):
        with suppress(UnusableKeys, FileNotFoundError):
            raw = path.read_bytes()
            read_keys(raw)
            replace_file(target, raw)
            return
    _move(paths.keys, target)
    _move(paths.keys_copy, target.with_name(paths.keys_copy.name))


def _logs(database: Path) -> list[Path]:
    return [database.with_name(database.name + end) for end in _LOGS]


def _move(path: Path, target: Path) -> None:
    """Move a file if it is there; what has the name already stays, and the file gets a free one."""
    if path.exists():
        others = (target.with_name(f"{target.name}.{number}") for number in count(2))
        path.rename(next(name for name in chain((target,), others) if not name.exists()))
