"""Fresh databases to measure on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from desktop.database import Database, sqlite_url
from desktop.driver import SqliteFiles
from desktop.schema import init_db
from tests.helpers import stores


@asynccontextmanager
async def plain(path: Path, files: SqliteFiles | None = None) -> AsyncIterator[Database]:
    """Make and open an unencrypted file with the schema."""
    path.parent.mkdir(parents=True, exist_ok=True)
    async with stores.opened(sqlite_url(path), files=files) as database:
        await init_db(database)
        yield database


@asynccontextmanager
async def vault(path: Path) -> AsyncIterator[Database]:
    """Make and open an encrypted file with the schema."""
    async with plain(path, stores.VAULT) as database:
        yield database
