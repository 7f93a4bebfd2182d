"""Databases to test on: a SQLite file and a database of a real PostgreSQL, both with Kinelog's schema."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    closing,
    contextmanager,
)
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.engine import URL

from desktop.clock import Clock, SystemClock
from desktop.database import Database, normalise_url, sqlite_url
from desktop.driver import PlainFiles, SqliteFiles
from desktop.schema import init_db
from desktop.vault_files import VaultFiles
from tests.helpers.postgres import PostgresServer

# The data key of every vault that a test makes without a key file.
VAULT = VaultFiles(bytes(range(32)))


@asynccontextmanager
async def opened(
    url: URL, *, clock: Clock | None = None, files: SqliteFiles | None = None
) -> AsyncIterator[Database]:
    """Open a database as it is; its connections are closed at the end of the block."""
    database = Database(url, clock=clock or SystemClock(), files=files)
    try:
        yield database
    finally:
        await database.close()


@dataclass(frozen=True)
class Store:
    """Where a database is, and how its file is opened."""

    url: URL
    files: SqliteFiles | None = None

    def opened(self) -> AbstractAsyncContextManager[Database]:
        """Open it once more, as another program would."""
        return opened(self.url, files=self.files)


def migrate(url: URL, files: SqliteFiles | None = None) -> None:
    """Bring a database to Kinelog's schema; usable with and without a running event loop."""

    async def bring() -> None:
        async with opened(url, files=files) as database:
            await init_db(database)

    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, bring()).result()


@contextmanager
def migrated_postgres(server: PostgresServer) -> Iterator[str]:
    """Give the name of a database with the schema, to make copies of."""
    with server.database() as url:
        migrate(normalise_url(url))
        yield urlsplit(url).path.removeprefix("/")


def migrated_file(folder: Path, files: SqliteFiles | None = None) -> Path:
    """Make a SQLite file with the schema and no records, to make copies of."""
    path = folder / "empty.sqlite3"
    migrate(sqlite_url(path), files)
    return path


def copied(template: Path, path: Path) -> URL:
    """Copy a closed SQLite file and return the copy's URL."""
    shutil.copyfile(template, path)
    return sqlite_url(path)


def freely(path: Path, files: SqliteFiles) -> AbstractContextManager[Any]:
    """Open a SQLite file as another program would that has its key: nothing is refused to it."""
    return closing(files.connect_freely(path) if isinstance(files, VaultFiles) else files.connect(path))


def rows(path: Path, sql: str, files: SqliteFiles | None = None) -> list[tuple[object, ...]]:
    """Return what a program without Kinelog's code reads from a SQLite file; from a vault with its key."""
    with closing((files or PlainFiles()).connect(path)) as connection:
        return [tuple(row) for row in connection.execute(sql)]
