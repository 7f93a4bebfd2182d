"""Databases to test on: a SQLite file and a database of a real PostgreSQL, both with Kinelog's schema."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import URL

from desktop.clock import Clock, SystemClock
from desktop.database import Database, normalise_url, sqlite_url
from desktop.schema import init_db
from tests.helpers.postgres import PostgresServer


@asynccontextmanager
async def opened(url: URL, *, clock: Clock | None = None) -> AsyncIterator[Database]:
    """Open a database as it is; its connections are closed at the end of the block."""
    database = Database(url, clock=clock or SystemClock())
    try:
        yield database
    finally:
        await database.close()


def migrate(url: URL) -> None:
    """Bring a database to Kinelog's schema; usable with and without a running event loop."""

    async def bring() -> None:
        async with opened(url) as database:
            await init_db(database)

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, bring()).result()


@contextmanager
def migrated_postgres(server: PostgresServer) -> Iterator[str]:
    """Give the name of a database with the schema, to make copies of."""
    with server.database() as url:
        migrate(normalise_url(url))
        yield urlsplit(url).path.removeprefix("/")


def migrated_file(folder: Path) -> Path:
    """Make a SQLite file with the schema and no records, to make copies of."""
    path = folder / "empty.sqlite3"
    migrate(sqlite_url(path))
    return path


def copied(template: Path, path: Path) -> URL:
    """Copy a closed SQLite file and return the copy's URL."""
    shutil.copyfile(template, path)
    return sqlite_url(path)


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Return what a program without Kinelog's code reads from a SQLite file."""
    import sqlite3

    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()
