"""SQLite behind asyncio: SQLAlchemy's driver over aiosqlite, with one hop to the database's thread a statement.

The driver as it comes makes a hop each to open a cursor, execute, fetch and close it; a save makes a dozen of them, and
waiting for the thread took longer than SQLite did. It is held together by private names of both libraries, so both
are pinned to a minor version and `tests/core/test_driver.py` holds what is relied on.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import EMPTY_DICT


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


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arguments: Any, **named: Any) -> _Connection:
        return _Connection(self, super().connect(*arguments, **named).driver_connection)


def sqlite_driver() -> Any:
    """Return the driver module for `create_async_engine(url, module=...)`."""
    return _Driver(aiosqlite, sqlite3)
