"""Whether a database holds Kinelog's records, and bringing it to this version's schema.

Nothing here changes a file before it is known to be empty or ours.
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from desktop.database import Database
from desktop.trouble import translated, unavailable

HEAD = "0001"
REVISIONS = ("0001",)
APPLICATION_ID = 0x4B694E6C  # "KiNl" in the SQLite header, so that the file tells whose it is


async def init_db(database: Database) -> bool:
    """Bring the schema to HEAD; returns whether anything had to be done.

    Raises DatabaseUnavailable for a file that is damaged, foreign or from a newer Kinelog; it is left as it is.
    """
    if database.is_sqlite and database.url.database:
        await asyncio.to_thread(_inspect_file, Path(database.url.database))
    with translated():
        async with database.writer.connect() as connection:
            revision = await connection.run_sync(_revision)
            await connection.rollback()
            if revision == HEAD:
                return False
            if revision is not None and revision not in REVISIONS:
                raise unavailable("newer", f"It has schema {revision}, this Kinelog has {HEAD}.")
            if database.is_sqlite:
                await _without_foreign_keys(connection)
            async with connection.begin():
                await connection.run_sync(_upgrade)
            if database.is_sqlite:
                await _with_foreign_keys(connection)
    return True


async def revision_of(database: Database) -> str | None:
    """Return the revision that the database is at, None when it is empty."""
    with translated():
        async with database.reader.connect() as connection:
            return await connection.run_sync(_revision)


def _inspect_file(path: Path) -> None:
    """Look at the file without writing to it; raises DatabaseUnavailable unless it is absent, empty or ours."""
    if not path.exists() or path.stat().st_size == 0:
        return
    with translated():
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0.5)
        try:
            (owner,) = connection.execute("PRAGMA application_id").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connection.close()
    if tables and owner != APPLICATION_ID:
        raise unavailable("foreign")


def _revision(connection: Connection) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if "sessions" in tables:
            raise unavailable("foreign")
        return None
    if "stream" in tables:
        raise unavailable("foreign", "It holds a centre.")
    found: Any = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found if found is None else str(found)


def _upgrade(connection: Connection) -> None:
    # Alembic takes 190 ms to import and is needed once a version.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "migrations:local")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _without_foreign_keys(connection: Any) -> None:
    """Switch foreign keys off, which SQLite does outside a transaction only, so that tables can be rebuilt."""
    driver = await connection.get_raw_connection()
    await _pragma(driver, "foreign_keys=OFF")
    await _pragma(driver, f"application_id={APPLICATION_ID}")


async def _with_foreign_keys(connection: Any) -> None:
    driver = await connection.get_raw_connection()
    await _pragma(driver, "foreign_keys=ON")


async def _pragma(raw: Any, pragma: str) -> None:
    await raw.driver_connection.execute(f"PRAGMA {pragma}")
