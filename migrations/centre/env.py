"""How Alembic meets a centre: on the connection that `kinelogctl centre init` has open, and on no other.

The revision stands in a table of its own name, so that no centre is taken for a local database.
"""

from alembic import context

from desktop.centre.schema import VERSIONS, metadata

shared = context.config.attributes.get("connection")
if shared is None:
    raise SystemExit("A centre is migrated by: kinelogctl centre init")
context.configure(
    connection=shared,
    target_metadata=metadata,
    version_table=VERSIONS,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
