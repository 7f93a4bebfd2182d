"""SQLite behind asyncio: SQLAlchemy's driver over aiosqlite, with one hop to the database's thread a statement.

The driver as it comes makes a hop each to open a cursor, execute, fetch and close it; a save makes a dozen of them, and
waiting for the thread took longer than SQLite did. It is held together by private names of both libraries, so both
are pinned to a minor version and `tests/core/test_driver.py` holds what is relied on.
"""

import asyncio
import hmac
import secrets
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util import EMPTY_DICT
from sqlalchemy.util.concurrency import await_

T = TypeVar("T")
BUSY_TIMEOUT_S = 0.5
_NAMES = (
    "Binary",
    "DataError",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "PARSE_COLNAMES",
    "PARSE_DECLTYPES",
    "ProgrammingError",
    "sqlite_version",
    "sqlite_version_info",
)


class _Done:
    """What is left of a statement that has run."""

    description: Any = None
    rowcount = -1
    lastrowid: int | None = None
    arraysize = 1


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Runs a statement and takes all its rows in one hop; nothing is left open in the thread afterwards."""

    __slots__ = ()

    def __init__(self, connection: "_Connection") -> None:
        self._adapt_connection = connection
        self._connection = connection._connection
        self._cursor: Any = _Done
        self._rows = deque()
        self._soft_closed_memoized = EMPTY_DICT

    async def _execute_async(self, operation: Any, parameters: Any) -> None:
        await self._run(lambda cursor: cursor.execute(operation, parameters or ()))

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> None:
        await self._run(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    async def _async_soft_close(self) -> None:
        """Nothing is open: SQLAlchemy asks for it before it reads the rows."""

    def close(self) -> None:
        self._rows.clear()

    async def _run(self, work: Callable[[sqlite3.Cursor], object]) -> None:
        async with self._adapt_connection._execute_mutex:
            self._cursor, rows = await self._connection._execute(_finish, self._connection._conn, work)
            self._rows = deque(rows)


def _finish(
    connection: sqlite3.Connection, work: Callable[[sqlite3.Cursor], object]
) -> tuple[_Done, Sequence[Any]]:
    cursor = connection.cursor()
    try:
        work(cursor)
        done = _Done()
        done.description, done.rowcount, done.lastrowid = (
            cursor.description,
            cursor.rowcount,
            cursor.lastrowid,
        )
        return done, cursor.fetchall() if cursor.description else ()
    finally:
        cursor.close()


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    _cursor_cls = _Cursor  # type: ignore[assignment]  # made for the base class, which it replaces


async def on_thread(connection: AsyncConnection, work: Callable[[Any], T]) -> T:
    """Return what `work` does with the driver's own connection, in one hop to the database's thread."""
    raw: Any = (await connection.get_raw_connection()).driver_connection
    result: T = await raw._execute(work, raw._conn)
    return result


class SqliteFiles(Protocol):
    """How SQLite files are opened: with the standard library, or as a vault with its key."""

    module: Any
    encrypted: bool

    def connect(self, path: Path) -> Any:
        """Return a connection to the file at `path`, which is there; runs on the database's thread."""
        ...

    def open_schema(self, connection: Any) -> None:
        """Let a connection change tables and triggers; runs on the database's thread."""
        ...

    def close_schema(self, connection: Any) -> None:
        """Let a connection work with records alone again; runs on the database's thread."""
        ...

    def secret(self, purpose: bytes) -> bytes:
        """Return 32 bytes that only who opens these files knows, the same ones for the same purpose."""
        ...


class PlainFiles:
    """Unencrypted files."""

    module: Any = sqlite3
    encrypted: bool = False

    def __init__(self) -> None:
        self._random = secrets.token_bytes(32)

    def connect(self, path: Path) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",  # never makes a file
            uri=True,
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,
        )

    def open_schema(self, connection: Any) -> None:
        """Nothing to do: every connection may change what it likes."""

    def close_schema(self, connection: Any) -> None:
        """Nothing to do, as before."""

    def secret(self, purpose: bytes) -> bytes:
        """Return 32 bytes that nobody knows; with no key to make them from, they are others in the next program."""
        return hmac.digest(self._random, purpose, "sha256")


class SqliteDriver(AsyncAdapt_aiosqlite_dbapi):
    """The driver module for `create_async_engine(url, module=...)`, always opening the file at `path`."""

    def __init__(self, files: SqliteFiles, path: Path) -> None:
        self._files = files
        self._path = path
        super().__init__(aiosqlite, files.module)

    def _init_dbapi_attributes(self) -> None:
        # The errors are those of the module that is used: an IntegrityError of another is never recognised.
        for name in _NAMES:
            setattr(self, name, getattr(self.sqlite, name))

    def connect(self, *_arguments: Any, **_named: Any) -> _Connection:
        connection: Any = aiosqlite.Connection(partial(self._files.connect, self._path), iter_chunk_size=64)
        connection._thread.daemon = True
        return _Connection(self, await_(_open(connection)))


async def _open(connection: aiosqlite.Connection) -> Any:
    """Open the file; when that fails, its thread has ended before the error is told: the loop may end with it."""
    try:
        return await connection
    except Exception:
        await asyncio.to_thread(connection._thread.join)
        raise
