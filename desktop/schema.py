"""Whether a database holds Kinelog's records, and bringing it to this version's schema.

Nothing here changes a file before it is known to be empty or ours.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from desktop import audit, derived
from desktop.database import Database
from desktop.driver import SqliteFiles, on_thread
from desktop.header import APPLICATION_ID, first_bytes, is_ours, is_plain
from desktop.trouble import file_trouble, translated, unavailable
from desktop.wal import refuse_damaged_log

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
HEAD = REVISIONS[-1]
_VERSIONS = "alembic_version"
_OURS = {"sessions", "task_results", "metrics"}


async def init_db(
    database: Database, *, repairing: bool = False, before: Callable[[], Awaitable[None]] | None = None
) -> bool:
    """Bring the schema to HEAD; returns whether anything had to be done.

    Before records of an earlier Kinelog are changed, `before` is awaited. A migration that loses or damages anything
    leaves them as they were.

    Raises DatabaseUnavailable for a file that is damaged, foreign, from a newer Kinelog, or whose changes would not
    all be in the audit trail, unless they are being repaired; it is left as it is.
    """
    await claim_file(database)
    with translated():
        async with database.writer.connect() as connection:
            revision = await connection.run_sync(_revision)
            if revision == HEAD:
                altered = await connection.run_sync(derived.altered)
                if altered and not repairing:
                    raise unavailable("unaudited", f"Not as it should be: {', '.join(altered)}.")
                return False
            await connection.rollback()
            if revision is not None and revision not in REVISIONS:
                raise unavailable("newer", f"It has schema {revision}, this Kinelog has {HEAD}.")
            if revision is not None and before is not None:
                await before()
            async with (
                database.changing_schema(connection),
                _without_foreign_keys(database, connection),
                connection.begin(),
            ):
                counts = await connection.run_sync(_counts)
                await connection.run_sync(_upgrade)
                if database.is_sqlite:
                    await _refuse_loss(connection, counts)
    return True


async def _refuse_loss(connection: AsyncConnection, counts: Mapping[str, int]) -> None:
    """Raise DatabaseUnavailable, before the migration is committed, when it lost or damaged anything."""
    left = await connection.run_sync(_counts)
    lost = [name for name, count in counts.items() if left.get(name) != count]
    dangling = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).first() is not None
    broken = (await connection.exec_driver_sql("PRAGMA quick_check(1)")).scalar() != "ok"
    altered = await connection.run_sync(derived.altered)
    trail = (await on_thread(connection, audit.verify)).trouble
    if lost or dangling or broken or altered or trail:
        raise unavailable(
            "migration",
            "They stay as they were, and a backup is kept. Please go on with the earlier version of Kinelog, and "
            f"report this: {', '.join(lost or altered) or trail or 'records would not fit together'}.",
        )


def _counts(connection: Connection) -> dict[str, int]:
    """Return how many rows the tables of the records and of the trail have, those that there are."""
    tables = set(inspect(connection).get_table_names()) & {*_OURS, "people", "protocols", "audit_log"}
    return {
        name: int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())
        for name in sorted(tables)
    }


async def revision_of(database: Database) -> str | None:
    """Return the revision that the database is at, None when it is empty."""
    with translated():
        async with database.reader.connect() as connection:
            return await connection.run_sync(_revision)


async def claim_file(database: Database) -> None:
    """Make the SQLite file when it is absent or empty; raises DatabaseUnavailable for one that is not ours.

    Raises WrongKey for a vault that the key does not open.
    """
    if database.is_sqlite and database.url.database:
        await asyncio.to_thread(_claim, database.files, Path(database.url.database))


def _claim(files: SqliteFiles, path: Path) -> None:
    refuse_damaged_log(path)
    with file_trouble(path):
        header = first_bytes(path)
        if not header:
            path.touch(mode=0o600)
    if not header:
        with translated(), closing(files.connect(path)) as connection:
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    elif is_plain(header) and (files.encrypted or not is_ours(header)):
        raise unavailable("foreign")
    elif not is_plain(header) and not files.encrypted:
        raise unavailable("damaged")


def _revision(connection: Connection) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if tables <= {_VERSIONS}:
        return None
    if "stream" in tables:
        raise unavailable("foreign", "It holds a centre.")
    if not tables >= {_VERSIONS, *_OURS}:
        raise unavailable("foreign")
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


@asynccontextmanager
async def _without_foreign_keys(database: Database, connection: AsyncConnection) -> AsyncIterator[None]:
    """Switch foreign keys off so that tables can be rebuilt; SQLite does so outside a transaction only."""
    if not database.is_sqlite:
        yield
        return
    await on_thread(connection, lambda raw: raw.execute("PRAGMA foreign_keys=OFF").close())
    try:
        yield
    finally:
        await on_thread(connection, lambda raw: raw.execute("PRAGMA foreign_keys=ON").close())
