"""How Alembic meets the database: on the connection that Kinelog has open, else on DATABASE_URL.

Derived objects (search index, later triggers) do not survive a table that is rebuilt, so they are dropped before
the migrations and created after them, all in the one transaction.
"""

import asyncio

from alembic import context
from sqlalchemy import Connection

from desktop import derived
from desktop.clock import SystemClock
from desktop.database import Database, normalise_url
from desktop.models import Base
from desktop.schema import claim_file
from desktop.settings import database_url


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        include_name=derived.is_not_derived,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        derived.drop(connection)
        context.run_migrations()
        derived.create(connection)


async def migrate_database_url() -> None:
    url = database_url()
    if url is None:
        raise SystemExit("Set DATABASE_URL, in the environment or in .env, to the database to migrate.")
    database = Database(normalise_url(url), clock=SystemClock())
    await claim_file(database)
    async with database.writer.begin() as connection:
        await connection.run_sync(migrate)
    await database.close()


shared = context.config.attributes.get("connection")
if shared is not None:
    migrate(shared)
else:
    asyncio.run(migrate_database_url())
