"""Fresh databases to measure on."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

from desktop.database import Database, sqlite_url
from desktop.derived import AUDIT_TRAIL, CAPTURE
from desktop.driver import PlainFiles, SqliteFiles
from desktop.schema import init_db
from tests.helpers import stores


@asynccontextmanager
async def plain(path: Path) -> AsyncIterator[Database]:
    """Make and open an unencrypted file with the schema, and without the triggers of the trail and of the sync."""
    async with _made(path, PlainFiles()) as database:
        with closing(sqlite3.connect(path)) as connection:
            for derived in (*AUDIT_TRAIL, *CAPTURE):
                for statement in derived.drop:
                    connection.execute(statement)
        yield database


@asynccontextmanager
async def vault(path: Path) -> AsyncIterator[Database]:
    """Make and open an encrypted file with the schema and the audit trail."""
    async with _made(path, stores.VAULT) as database:
        yield database


@asynccontextmanager
async def _made(path: Path, files: SqliteFiles) -> AsyncIterator[Database]:
    path.parent.mkdir(parents=True, exist_ok=True)
    async with stores.opened(sqlite_url(path), files=files) as database:
        await init_db(database)
        yield database
