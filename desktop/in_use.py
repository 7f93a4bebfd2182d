"""Who has the records open: each program holds a lock of its own, which ends with it, killed or not."""

import secrets
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from desktop.paths import Paths
from desktop.trouble import file_trouble

_NAMES = "open-*.lock"


def take(paths: Paths) -> FileLock:
    """Note that this program has the records open; returns what is to be given back."""
    by_somebody(paths)  # which removes what killed programs left
    lock = FileLock(paths.data / f"open-{secrets.token_hex(8)}.lock", mode=0o600, thread_local=False)
    with file_trouble(paths.data):
        lock.acquire()
    return lock


def give_back(lock: FileLock) -> None:
    """Note that this program no longer has the records open."""
    lock.release()
    with suppress(OSError):
        Path(lock.lock_file).unlink()


def by_somebody(paths: Paths) -> bool:
    """Tell whether a program has the records open; what killed ones left is removed."""
    held = False
    with file_trouble(paths.data):
        for path in paths.data.glob(_NAMES):
            lock = FileLock(path, timeout=0, thread_local=False)
            try:
                lock.acquire()
            except Timeout:
                held = True
            else:
                give_back(lock)
    return held
