"""The engine, and the one way to open a transaction.

`async with database.read() as db` and `async with database.write(actor=..., reason=...) as db`: nothing else
begins one. Leaving the write scope without an exception is what makes the records durable.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from desktop import audit, signoff, steps
from desktop.changes import Change, ChangeFeed, Intention, begin_intention
from desktop.clock import Clock
from desktop.driver import PlainFiles, SqliteDriver, SqliteFiles, on_thread
from desktop.errors import DatabaseUnavailable
from desktop.trouble import translated, unavailable

INTERRUPT_EVERY_S = 0.01
# 32 MB of pages a reader: in a vault each page that is read again is decrypted again. Search as you type in 100,000
# sessions took three times as long with the 2 MB that SQLite has by itself.
READING = ("query_only=ON", "cache_size=-32000")
_DEFERRED = "kinelog_deferred"
_ASYNC_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+psycopg2": "postgresql+asyncpg",
    "postgresql+psycopg": "postgresql+asyncpg",
}


def normalise_url(url: str) -> URL:
    """Return `url` with the async driver of its database; raises ValueError for a database we cannot use."""
    scheme, separator, rest = url.strip().partition("://")
    try:
        parsed = make_url(f"{_ASYNC_DRIVERS.get(scheme, scheme)}{separator}{rest}")
    except (ArgumentError, ValueError):
        raise ValueError("This is not the URL of a database") from None  # theirs can quote the password
    if parsed.drivername not in set(_ASYNC_DRIVERS.values()):
        raise ValueError(f"Kinelog stores its records in SQLite or PostgreSQL, not in {scheme}")
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in {None, "", ":memory:"} or "?" in rest:
            raise ValueError(
                "The URL of a SQLite database names a file: sqlite:///folder/file, without question mark"
            )
        return parsed
    ssl = parsed.query.get("sslmode")
    return parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": ssl}) if ssl else parsed


def sqlite_url(path: Path) -> URL:
    """Return the URL of the SQLite file at `path`, whatever characters its name has."""
    return URL.create("sqlite+aiosqlite", database=str(path))


def make_engine(url: URL, *, writing: bool, files: SqliteFiles) -> AsyncEngine:
    """Return an engine for `url`, on SQLite with one connection to write or with several to read."""
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10)
    path = Path(url.database or "").absolute()
    engine = create_async_engine(
        url,
        hide_parameters=True,
        module=SqliteDriver(files, path),
        pool_size=1 if writing else 3,
        max_overflow=0 if writing else 5,
    )
    _prepare_sqlite(engine.sync_engine, path, writing=writing)
    return engine


def _prepare_sqlite(engine: Engine, path: Path, *, writing: bool) -> None:
    """Take over BEGIN from the driver, set the pragmas, and stop the statement of a cancelled task.

    A writer begins only while its file is still at `path`: SQLite goes on writing into one that was removed.
    """
    # TEMP tables stay in memory: what was recorded lies in no file but its own.
    access = ("journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY") if writing else READING
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    @event.listens_for(engine, "do_connect")
    def before_connect(_dialect: Any, _record: Any, _args: Any, _named: Any) -> None:
        # Opened read-only, SQLite would make a log beside the file that stays read-only for good.
        if not os.access(path, os.W_OK):
            raise unavailable("gone" if _file_at(path) is None else "read_only")

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        record.info["file"] = _file_at(path)
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "recursive_triggers=ON", *access):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        deferred = connection.get_execution_options().get(_DEFERRED, False)
        statement = "BEGIN" if deferred else begin
        # Straight to the driver: no cursor is made.
        connection.connection.dbapi_connection.run_async(lambda driver: driver.execute(statement))
        # Asked with the lock held: whoever puts another file in its place holds it until that is done.
        if writing and connection.info["file"] != _file_at(path):
            raise unavailable("gone")

    @event.listens_for(engine, "invalidate")
    def on_invalidate(connection: Any, _record: Any, error: BaseException | None) -> None:
        # A cancelled task leaves its statement running in SQLite, and the next writer finds the file locked.
        if isinstance(error, asyncio.CancelledError):
            connection.run_async(_stop)


async def _stop(driver: Any) -> None:
    """Return when nothing runs on `driver` any more, and its transaction is rolled back."""

    async def interrupt_until(rolled_back: "asyncio.Future[None]") -> None:
        while not rolled_back.done():
            await driver.interrupt()  # which does nothing to a statement that its thread has yet to begin
            await asyncio.wait({rolled_back}, timeout=INTERRUPT_EVERY_S)

        rolled_back.exception()  # interrupted itself; the connection is closed next, which rolls back too

    stopping = asyncio.ensure_future(interrupt_until(asyncio.ensure_future(driver.rollback())))
    while not stopping.done():
        with suppress(asyncio.CancelledError):  # the task is being cancelled already
            await asyncio.shield(stopping)


def _file_at(path: Path) -> tuple[int, int] | None:
    """Return what tells the file at `path` from another one put in its place, None when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _consistent(engine: AsyncEngine) -> AsyncEngine:
    """Return `engine` for reading on PostgreSQL: all statements of a transaction see the same records."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


class Database:
    """One database, its transactions, and the feed of what they committed.

    `files` opens it when it is a SQLite file: plainly, if not said otherwise, or as a vault.
    """

    def __init__(self, url: URL, *, clock: Clock, files: SqliteFiles | None = None) -> None:
        self.url = url
        self.files = files or PlainFiles()
        self.clock = clock
        self.feed = ChangeFeed()
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.writer = make_engine(url, writing=True, files=self.files)
        self.reader = (
            make_engine(url, writing=False, files=self.files) if self.is_sqlite else _consistent(self.writer)
        )
        self._reading = async_sessionmaker(self.reader, expire_on_commit=False, autoflush=False)
        self._writing = async_sessionmaker(self.writer, expire_on_commit=False, autoflush=False)
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a consistent view of the records; raises DatabaseUnavailable when it cannot be read."""
        with translated():
            async with self._reading() as db:
                yield db

    @asynccontextmanager
    async def write(
        self,
        *,
        actor: UUID,
        reason: str = "",
        at: datetime | None = None,
        staged: AsyncConnection | None = None,
    ) -> AsyncIterator[AsyncSession]:
        """Open a transaction that commits on a clean exit and rolls back on any exception.

        `actor` is the person or program in whose name the records change, `at` when they did, now if None. One writer
        at a time on SQLite. With `staged`, a connection from `staging()`, its TEMP tables can be read. Raises
        DatabaseUnavailable when the database cannot take the records now; nothing of it is stored then.
        """
        async with self._next_turn(), self._reopened_when_gone():
            with translated():
                async with self._landing(staged) as bind, self._writing(bind=bind) as db:
                    intention = Intention(actor=actor, reason=reason, clock=self.clock, at=at)
                    begin_intention(db, intention)
                    connection = await db.connection()
                    if self.is_sqlite:
                        begun = partial(audit.begin, actor=actor, reason=reason, at=intention.now)
                        await on_thread(connection, begun)
                    yield db
                    if self.is_sqlite:
                        await on_thread(connection, partial(_conclude, intention=intention))
                    cancelled = await _finish(db.commit())
        changes = intention.changes()
        if changes.rows or changes.sweeping:
            self.feed.publish(changes)
        if cancelled is not None:
            raise cancelled

    @asynccontextmanager
    async def staging(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection of its own to fill TEMP tables on, which keeps nobody else from writing.

        `write(staged=connection)` then lands what they hold; the tables are gone at the end.
        """
        engine = make_engine(self.url, writing=True, files=self.files)
        try:
            with translated():
                async with engine.connect() as connection:
                    await connection.execution_options(**{_DEFERRED: True})
                    yield connection
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def changing_schema(self, connection: AsyncConnection) -> AsyncIterator[None]:
        """Let `connection` change tables and triggers within the block; nothing else ever does in a vault."""
        if not self.is_sqlite:
            yield
            return
        await on_thread(connection, self.files.open_schema)
        try:
            yield
        finally:
            await on_thread(connection, self.files.close_schema)

    @asynccontextmanager
    async def _landing(self, staged: AsyncConnection | None) -> AsyncIterator[AsyncConnection | AsyncEngine]:
        """Give what a write scope is bound to; a staged connection is between two of its own transactions."""
        if staged is None:
            yield self.writer
            return
        await staged.commit()
        await staged.execution_options(**{_DEFERRED: False})
        try:
            yield staged
        finally:
            await staged.execution_options(**{_DEFERRED: True})

    @asynccontextmanager
    async def _next_turn(self) -> AsyncIterator[None]:
        """Let one writer in at a time on SQLite; PostgreSQL has its pool."""
        if not self.is_sqlite:
            yield
            return
        async with self._turn:
            yield

    @asynccontextmanager
    async def _reopened_when_gone(self) -> AsyncIterator[None]:
        """Let the next scope open the file anew: a handle that may not write never will, nor find a moved file."""
        try:
            yield
        except DatabaseUnavailable as trouble:
            if trouble.kind in {"read_only", "gone"}:
                await self.close()
            raise

    async def data_version(self) -> int:
        """Return a number that changes when another process has written; always 0 on PostgreSQL."""
        if not self.is_sqlite:
            return 0
        with translated():
            async with self._next_turn(), self.writer.connect() as connection:
                await connection.execution_options(**{_DEFERRED: True})
                found = await connection.exec_driver_sql("PRAGMA data_version")
                return int(found.scalar_one())

    async def close(self) -> None:
        """Close every connection; each holds a thread until then. A later scope opens new ones."""
        await self.reader.dispose()
        await self.writer.dispose()


def _conclude(connection: Any, *, intention: Intention) -> None:
    """Do what belongs at the end of every transaction on SQLite."""
    if connection.execute("SELECT applying FROM sync_state").fetchone()[0]:
        raise RuntimeError("Rows of the centre are written in one transaction, which says where they end")
    for session_id in signoff.take_away(connection, reason=intention.reason):
        intention.declare(Change("sessions", session_id, {}, {"signed_off_at": None}))
    if intention.step is not None:
        steps.keep(connection, intention.step, actor=intention.actor, at=intention.now)
    audit.seal(connection)


async def _finish(commit: Coroutine[Any, Any, None]) -> asyncio.CancelledError | None:
    """Let a begun commit run to its end; returns the cancellation that arrived meanwhile.

    Raises the cancellation itself when the commit failed.
    """
    task = asyncio.ensure_future(commit)
    cancelled = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except Exception:  # noqa: BLE001 - the commit's own, raised below
            break
    failure = task.exception()
    if failure is not None and cancelled is not None:
        raise cancelled from failure
    if failure is not None:
        raise failure
    return cancelled
