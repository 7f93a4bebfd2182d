"""What a laptop may do at its centre: what a push and a pull need, each granted by name, and nothing else."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.postgres.centres import PARENTS, TABLES, VALUES, Laptop, insert, laptop
from tests.postgres.conftest import Shared

READABLE = {*TABLES, "stream", "replica", "ledger"}
EVERYTHING = (*TABLES, "stream", "replica", "ledger", "device", "history", "centre_version")
# Columns that a laptop writes, beside those of records.
INSERTED = {
    "replica": {"centre_id", "replica_id", "role_name", "last_batch", "chain", "last_seen"},
    "ledger": {"centre_id", "seq", "replica_id", "batch_no", "n_rows", "chain", "at"},
}
UPDATED = {
    "stream": {"head", "chain"},
    "replica": {"last_batch", "chain", "last_result", "acked_seq", "last_seen"},
}
COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
"""


@pytest.fixture
async def anna(shared: Shared) -> AsyncIterator[Laptop]:
    """A laptop; what it does is rolled back."""
    async with laptop(shared.anna) as opened:
        transaction = opened.connection.transaction()
        await transaction.start()
        yield opened
        await transaction.rollback()


# All at once, as PostgreSQL tells it


@pytest.mark.parametrize("table", EVERYTHING)
async def test_no_table_has_another_grant_than_those_listed_here(anna: Laptop, table: str):
    found = {
        what: {
            row[0]
            for row in await anna.connection.fetch(
                f"{COLUMNS} AND has_column_privilege($1::text, attname, $2)", table, what
            )
        }
        for what in ("SELECT", "INSERT", "UPDATE", "REFERENCES")
    }
    every = {row[0] for row in await anna.connection.fetch(COLUMNS, table)}
    is_record = table in TABLES
    assert found == {
        "SELECT": every if table in READABLE else set(),
        "INSERT": every if is_record else INSERTED.get(table, set()),
        "UPDATE": every - {"centre_id", "id"} if is_record else UPDATED.get(table, set()),
        "REFERENCES": set(),
    }
    others = "SELECT has_table_privilege($1::text, what) FROM unnest($2::text[]) what"
    assert {
        row[0] for row in await anna.connection.fetch(others, table, ["DELETE", "TRUNCATE", "TRIGGER"])
    } == {False}


async def test_a_laptop_owns_nothing_and_may_call_one_function_of_the_centre(anna: Laptop):
    owned = "SELECT relname FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = session_user)"
    assert await anna.connection.fetch(owned) == []
    called = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND "
    called += "has_function_privilege(oid, 'EXECUTE')"
    assert [row[0] for row in await anna.connection.fetch(called)] == ["kinelog_centre"]


async def test_a_laptops_role_is_an_ordinary_one(anna: Laptop):
    query = (
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin, rolinherit "
        "FROM pg_roles WHERE rolname IN ('kinelog_device', session_user) ORDER BY rolname = session_user"
    )
    group, own = [tuple(row) for row in await anna.connection.fetch(query)]
    assert group == (False, False, False, False, False, False, True)
    assert own == (False, False, False, False, False, True, True)
    groups = (
        "SELECT roleid::regrole::text, admin_option FROM pg_auth_members WHERE member = session_user::regrole"
    )
    assert [tuple(row) for row in await anna.connection.fetch(groups)] == [("kinelog_device", False)]


# What is granted, one by one


@pytest.mark.parametrize("table", sorted(READABLE))
async def test_a_laptop_reads(anna: Laptop, table: str):
    assert await anna.connection.fetch(f"SELECT * FROM {table}")


@pytest.mark.parametrize("table", TABLES)
async def test_a_laptop_writes_a_new_record(anna: Laptop, table: str):
    head = await anna.raise_head()
    parents = {
        column: await anna.connection.fetchval(f"SELECT id FROM {PARENT_TABLE[column]} LIMIT 1")
        for name, column in PARENTS.items()
        if name == table
    }
    row = anna.row(table, head, **parents)
    await insert(anna.connection, table, row)
    stored = await anna.connection.fetchrow(f"SELECT * FROM {table} WHERE id = $1", row["id"])
    assert stored is not None
    assert {name: stored[name] for name in row} == row


PARENT_TABLE = {"session_id": "sessions", "task_id": "task_results"}


@pytest.mark.parametrize("table", TABLES)
async def test_a_laptop_edits_a_record(anna: Laptop, table: str):
    head = await anna.raise_head()
    listed = ", ".join(
        f"{name} = {name}" for name in (*VALUES[table], "deleted", "hlc", "origin", "updated_at")
    )
    done = await anna.connection.execute(f"UPDATE {table} SET {listed}, rev = rev + 1, srv_seq = $1", head)
    assert int(done.split()[-1]) > 0


async def test_a_laptop_pushes_and_notes_what_became_of_it(anna: Laptop):
    async with anna.push():
        await anna.connection.execute(
            "UPDATE replica SET last_batch = 1, chain = 'x', last_result = '{}', acked_seq = 1, last_seen = now() "
            "WHERE replica_id = $1",
            anna.replica_id,
        )
    assert (
        await anna.connection.fetchval(
            "SELECT last_batch FROM replica WHERE replica_id = $1", anna.replica_id
        )
        == 1
    )


async def test_a_laptop_uses_temporary_tables_and_listens(anna: Laptop):
    await anna.connection.execute("CREATE TEMP TABLE up (id uuid) ON COMMIT DELETE ROWS")
    await anna.connection.copy_records_to_table("up", records=[(anna.replica_id,)])
    await anna.connection.execute("LISTEN kinelog")
    await anna.connection.execute("NOTIFY kinelog")


# What is not granted, one by one

NOT_UPDATED = {
    **dict.fromkeys(TABLES, ("centre_id", "id")),
    "stream": ("centre_id", "central_uuid", "schema_version", "min_client_schema", "purge_floor"),
    "replica": ("centre_id", "replica_id", "role_name", "revoked"),
    "ledger": ("centre_id", "seq", "replica_id", "batch_no", "n_rows", "chain", "at"),
    "device": ("centre_id", "role_name", "name", "revoked", "created_at"),
    "history": ("centre_id", "tbl", "id", "rev", "image", "at"),
}


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, columns in NOT_UPDATED.items() for column in columns],
)
async def test_a_laptop_does_not_change(anna: Laptop, table: str, column: str):
    await refused(anna, f"UPDATE {table} SET {column} = {column}")


@pytest.mark.parametrize("statement", [
    *(f"SELECT 1 FROM {table}" for table in ("device", "history", "centre_version")),
    *(f"DELETE FROM {table}" for table in EVERYTHING),
    *(f"TRUNCATE {table}" for table in EVERYTHING),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in TABLES),
    *(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY" for table in TABLES),
    *(f"CREATE TRIGGER mine AFTER INSERT ON {table} EXECUTE FUNCTION kinelog_never()" for table in TABLES),
    "INSERT INTO stream SELECT * FROM stream",
    "INSERT INTO device SELECT gen_random_uuid(), 'x', 'x', false, now()",
    "INSERT INTO history SELECT gen_random_uuid(), 'x', gen_random_uuid(), 1, '{}', now()",
    "INSERT INTO replica (centre_id, replica_id, role_name, chain, revoked) "
    "SELECT centre_id, gen_random_uuid(), session_user, '', false FROM stream",
    "INSERT INTO replica (centre_id, replica_id, role_name, chain, acked_seq) "
    "SELECT centre_id, gen_random_uuid(), session_user, '', 7 FROM stream",
    "INSERT INTO replica (centre_id, replica_id, role_name, chain, last_result) "
    "SELECT centre_id, gen_random_uuid(), session_user, '', '{}' FROM stream",
    "CREATE TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE OR REPLACE FUNCTION public.kinelog_centre() RETURNS uuid LANGUAGE sql AS 'SELECT null::uuid'",
    "CREATE VIEW public.mine AS SELECT * FROM stream",
    "CREATE ROLE mine",
    "CREATE POLICY mine ON stream USING (true)",
    "GRANT SELECT ON history TO session_user",
    "GRANT pg_monitor TO kinelog_device",
    "DROP TABLE metrics",
    "DROP FUNCTION kinelog_centre()",
    "SET session_replication_role = replica",
    "SET SESSION AUTHORIZATION kinelog_device",
    "COPY people TO '/tmp/people'",
    "LOAD 'auto_explain'",
])  # fmt: skip
async def test_a_laptop_may_not(anna: Laptop, statement: str):
    await refused(anna, statement)


async def refused(laptop: Laptop, statement: str) -> None:
    with pytest.raises(
        (asyncpg.InsufficientPrivilegeError, asyncpg.SyntaxOrAccessError, asyncpg.UndefinedObjectError)
    ) as error:
        await laptop.connection.execute(statement)
    assert error.value.sqlstate == "42501", error.value
