"""What an administrator does to a centre as a whole: enter it, make it, bring it to this version's schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, NullPool, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from desktop.centre.connecting import door_of, enter
from desktop.centre.refusals import NotACentre, Unfit
from desktop.centre.schema import REVISIONS, VERSIONS
from desktop.sync.engine import SCHEMA_VERSION
from desktop.sync.remote import Unreachable

NEEDED = "It needs a superuser, or the database's owner with CREATEROLE and BYPASSRLS."
_ONE_AT_A_TIME = 0x4B696E656C6F67  # the number of an advisory lock: "Kinelog"
_DENIED = "42501"
# What belongs to an extension is nobody's records.
_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
) ORDER BY 1, 2
"""
_MAY_MAKE = """
SELECT r.rolsuper OR r.rolcreaterole AND r.rolbypassrls AND pg_has_role(d.datdba, 'USAGE')
FROM pg_roles r CROSS JOIN pg_database d WHERE r.rolname = current_user AND d.datname = current_database()
"""
_MAY_CREATE = """
SELECT has_schema_privilege('kinelog_device', 'public', 'CREATE')
OR has_database_privilege('kinelog_device', current_database(), 'CREATE')
"""


@dataclass(frozen=True)
class Centre:
    """One centre of a database: whose records, and which database this is, also after a restore."""

    centre_id: UUID
    central_uuid: UUID


@asynccontextmanager
async def opened(url: URL) -> AsyncIterator[AsyncConnection]:
    """Open an administrator's connection in one transaction, which is committed on a clean exit.

    Raises as `connecting.connect` does, and Unfit when the role may not do what is asked.
    """
    door = door_of(url)
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(enter, door),
        poolclass=NullPool,
        hide_parameters=True,
    )
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL search_path = public"))
            yield connection
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if state == _DENIED:
            raise Unfit(f"The role may not do this to the centre. {NEEDED}") from None
        if error.connection_invalidated or state[:2] in {"08", "57"}:
            raise Unreachable(f"The server at {door.host} broke off. Nothing was changed.") from None
        raise
    finally:
        await engine.dispose()


async def make_centre(connection: AsyncConnection) -> tuple[Centre, bool]:
    """Make an empty database a centre, or bring a centre to this version; returns whether it is a new one.

    Raises Unfit for a database that holds anything else, and for a centre of a newer Kinelog.
    """
    await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ONE_AT_A_TIME})
    await _refuse_others(connection)
    if not await _one(connection, _MAY_MAKE):
        raise Unfit(f"The role may not make a centre. {NEEDED}")
    await connection.run_sync(_upgrade)
    await _let_laptops_in(connection)
    found = await _centres(connection)
    if found:
        return found[0], False
    centre = Centre(uuid4(), uuid4())
    await connection.execute(
        text(
            "INSERT INTO stream (centre_id, head, chain, central_uuid, schema_version, min_client_schema, "
            "purge_floor) VALUES (:centre_id, 0, '', :central_uuid, :version, :version, 0)"
        ),
        {**vars(centre), "version": SCHEMA_VERSION},
    )
    return centre, True


async def find_centre(connection: AsyncConnection) -> Centre:
    """Return the centre that the database holds; raises NotACentre."""
    tables = (await connection.execute(text(_TABLES))).all()
    found = await _centres(connection) if ("public", "stream") in map(tuple, tables) else []
    if not found:
        raise NotACentre("This database is no centre. Make it one with: kinelogctl centre init")
    return found[0]


async def revision_of(connection: AsyncConnection) -> str:
    """Return the revision of a centre's schema."""
    return str(await _one(connection, f"SELECT version_num FROM {VERSIONS}"))


async def _refuse_others(connection: AsyncConnection) -> None:
    """Raise Unfit unless the database is empty, or a centre that this version knows."""
    tables = [tuple(row) for row in await connection.execute(text(_TABLES))]
    versions = ("public", VERSIONS)
    if {("public", "stream"), versions} <= set(tables):
        revision = await revision_of(connection)
        if revision not in REVISIONS:
            raise Unfit(f"This centre was made by a newer Kinelog: it has schema {revision}.")
    elif set(tables) - {versions}:
        schema, table = next(table for table in tables if table != versions)
        raise Unfit(f"This database holds something else ({schema}.{table}). Give the centre an empty one.")


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "migrations:centre")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _let_laptops_in(connection: AsyncConnection) -> None:
    """Take away what PostgreSQL lets everybody do in a database, and let laptops do what they need.

    Each time anew: a database that was restored under another name has none of it.
    """
    database = await _one(connection, "SELECT quote_ident(current_database())")
    await connection.execute(text(f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"))
    await connection.execute(text(f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO kinelog_device"))
    if await _one(connection, _MAY_CREATE):
        raise Unfit(
            "Laptops could make tables in this database. Its owner, or a superuser, has to make the centre."
        )


async def _centres(connection: AsyncConnection) -> list[Centre]:
    rows = await connection.execute(text("SELECT centre_id, central_uuid FROM stream ORDER BY centre_id"))
    return [Centre(*row) for row in rows]


async def _one(connection: AsyncConnection, query: str) -> Any:
    return (await connection.execute(text(query))).scalar_one()
