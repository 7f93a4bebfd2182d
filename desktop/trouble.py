"""What a database error means for the person who was recording.

SQLite's result codes: https://www.sqlite.org/rescode.html.
"""

import errno
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from desktop.errors import DatabaseUnavailable

MESSAGES = {
    "full": "The disk is full.",
    "read_only": "The records cannot be changed: the file or its folder is read-only.",
    "locked": "Another program is holding the records.",
    "damaged": "This file is damaged.",
    "newer": "These records were written by a newer Kinelog.",
    "foreign": "This file does not hold Kinelog's records.",
    "gone": "The records cannot be reached.",
    "unaudited": "The rules that write the audit trail were changed, so nothing can be recorded.",
    "migration": "The records cannot be brought to this version.",
    "keys": "The key file is damaged or missing, and the records cannot be opened without it.",
}
_KINDS = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_IOERR: "gone",
    sqlite3.SQLITE_CANTOPEN: "gone",
}
_PRIMARY_CODE = 0xFF
_STATES = {  # https://www.postgresql.org/docs/current/errcodes-appendix.html, codes and their classes
    "53100": "full",
    "25006": "read_only",
    "42501": "read_only",
    "55000": "gone",
    "55P03": "locked",
    "40001": "locked",
    "40P01": "locked",
    "53": "gone",
    "57": "gone",
    "08": "gone",
    "28": "gone",
    "3D": "gone",
}


def unavailable(kind: str, detail: str = "") -> DatabaseUnavailable:
    """Return the error for `kind`, in the user's words and with `detail` behind them."""
    return DatabaseUnavailable(" ".join(filter(None, (MESSAGES[kind], detail))), kind=kind)


def kind_of(error: BaseException | None) -> str | None:
    """Return why the database cannot serve now, or None when `error` is something else."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return _KINDS.get(code & _PRIMARY_CODE)
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return _STATES.get(state, _STATES.get(state[:2]))
    return "gone" if isinstance(error, OSError | TimeoutError) else None


@contextmanager
def translated() -> Iterator[None]:
    """Turn a database that is full, locked, damaged or out of reach into DatabaseUnavailable.

    Every other database error is a bug and passes; `from None` keeps a row's values out of the log.
    """
    try:
        yield
    except DBAPIError as error:
        kind = "gone" if error.connection_invalidated else kind_of(error.orig)
        if kind is None:
            raise
        raise unavailable(kind) from None
    except PoolTimeoutError:
        raise unavailable("locked") from None
    except (ConnectionError, socket.gaierror):
        raise unavailable("gone") from None
    except Exception as error:
        kind = kind_of(error) if hasattr(error, "sqlite_errorcode") else None  # of whichever SQLite module
        if kind is None:
            raise
        raise unavailable(kind) from None


@contextmanager
def file_trouble(place: Path) -> Iterator[None]:
    """Turn a file at or in `place` that cannot be read or written into DatabaseUnavailable."""
    try:
        yield
    except PermissionError:
        raise unavailable("read_only", f"Kinelog may not use {place}.") from None
    except OSError as error:
        kind = "full" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "gone"
        raise unavailable(kind, f"{error.strerror}: {place}.") from None
