"""Row security: a laptop sees and writes the rows of its own centre, whatever it tries; a revoked one none."""

from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from tests.postgres.centres import PARENTS, TABLES, Laptop, acting, insert, laptop
from tests.postgres.conftest import Shared

READABLE = (*TABLES, "stream", "replica", "ledger")
REFUSED = "row-level security"
# How somebody might try to be somebody else.
TRICKS = {
    "none": "SELECT 1",
    "set role": "SET ROLE kinelog_device",
    "role by setting": "SELECT set_config('role', 'kinelog_device', false)",
    "a setting of one's own": "SELECT set_config('kinelog.centre', '{other}', false)",
    "session_user as a setting": "SELECT set_config('kinelog.session_user', '{carla}', false)",
    "a search path": "SET search_path = pg_temp, public, pg_catalog",
    "a temporary table": "CREATE TEMP TABLE device AS SELECT '{other}'::uuid AS centre_id, "
    "session_user::text AS role_name, false AS revoked",
    "a temporary function": "CREATE FUNCTION pg_temp.kinelog_centre() RETURNS uuid LANGUAGE sql "
    "AS $$ SELECT '{other}'::uuid $$",
    "a temporary operator": "CREATE FUNCTION pg_temp.yes(uuid, uuid) RETURNS bool LANGUAGE sql AS 'SELECT true'; "
    "CREATE OPERATOR pg_temp.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = pg_temp.yes)",
    "application name": "SET application_name = '{carla}'",
}


@pytest.fixture
async def anna(shared: Shared) -> AsyncIterator[Laptop]:
    """A laptop; what it does is rolled back."""
    async with laptop(shared.anna) as opened:
        transaction = opened.connection.transaction()
        await transaction.start()
        yield opened
        await transaction.rollback()


async def play(shared: Shared, connection: asyncpg.Connection, trick: str) -> None:
    await connection.execute(TRICKS[trick].format(other=shared.other.centre_id, carla=shared.carla.role))


@pytest.mark.parametrize("trick", TRICKS)
async def test_a_laptop_sees_its_own_centre_and_no_other(shared: Shared, anna: Laptop, trick: str):
    await play(shared, anna.connection, trick)
    for table in READABLE:
        seen = await anna.connection.fetch(f"SELECT DISTINCT centre_id FROM public.{table}")
        assert [row[0] for row in seen] == [shared.centre.centre_id], table


@pytest.mark.parametrize("table", READABLE)
async def test_without_row_security_a_laptop_would_see_the_other_centre(shared: Shared, table: str):
    without = f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
    async with acting(shared.office, shared.anna.role, without=without) as connection:
        seen = {row[0] for row in await connection.fetch(f"SELECT centre_id FROM {table}")}
    assert seen == {shared.centre.centre_id, shared.other.centre_id}


async def test_a_laptop_cannot_switch_row_security_off(anna: Laptop):
    await anna.connection.execute("SET row_security = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
        await anna.connection.fetch("SELECT * FROM sessions")


async def test_a_function_that_tells_what_it_is_given_is_not_given_other_rows(shared: Shared, anna: Laptop):
    told: list[str] = []
    anna.connection.add_log_listener(lambda _connection, message: told.append(message.message))
    await anna.connection.execute(
        "CREATE FUNCTION pg_temp.tell(centre uuid) RETURNS bool LANGUAGE plpgsql COST 0.0001 "
        "AS $$ BEGIN RAISE NOTICE '%', centre; RETURN true; END $$"
    )
    await anna.connection.fetch("SELECT 1 FROM sessions WHERE pg_temp.tell(centre_id)")
    assert set(told) == {str(shared.centre.centre_id)}


async def test_a_copy_holds_the_own_centre_alone(shared: Shared, anna: Laptop):
    copied = b""

    async def take(data: bytes) -> None:
        nonlocal copied
        copied += data

    await anna.connection.copy_from_query("TABLE people", output=take)
    assert str(shared.centre.centre_id).encode() in copied
    assert str(shared.other.centre_id).encode() not in copied


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("table", TABLES)
async def test_a_laptop_writes_no_record_for_the_other_centre(
    shared: Shared, anna: Laptop, table: str, trick: str
):
    head = await anna.raise_head()
    await play(shared, anna.connection, trick)
    parents = {column: uuid4() for name, column in PARENTS.items() if name == table}
    row = anna.row(table, head, centre_id=shared.other.centre_id, **parents)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
        await insert(anna.connection, f"public.{table}", row)


@pytest.mark.parametrize("table", [*TABLES, "stream", "replica"])
async def test_a_laptop_edits_nothing_of_the_other_centre(shared: Shared, anna: Laptop, table: str):
    column = {"stream": "head", "replica": "acked_seq"}.get(table, "rev")
    edit = f"UPDATE {table} SET {column} = {column} WHERE centre_id = $1"
    assert await anna.connection.execute(edit, shared.other.centre_id) == "UPDATE 0"


@pytest.mark.parametrize(("child", "parent"), [("task_results", "sessions"), ("metrics", "task_results")])
async def test_a_record_is_not_put_under_one_of_the_other_centre(
    shared: Shared, anna: Laptop, child: str, parent: str
):
    """Foreign keys look past row security, so the parent's centre is a part of the key."""
    async with shared.office.owner() as owner:
        theirs = await owner.fetchval(f"SELECT id FROM {parent} WHERE centre_id = $1", shared.other.centre_id)
    head = await anna.raise_head()
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await insert(anna.connection, child, anna.row(child, head, **{PARENTS[child]: theirs}))


# Replicas of other laptops at the same centre


async def test_a_laptop_sees_the_replicas_of_its_centre_and_makes_only_its_own(shared: Shared, anna: Laptop):
    async with laptop(shared.ben) as ben:
        seen = await anna.connection.fetch(
            "SELECT replica_id FROM replica WHERE role_name = $1", shared.ben.role
        )
        assert ben.replica_id in {row[0] for row in seen}
    make = (
        "INSERT INTO replica (centre_id, replica_id, role_name, chain) VALUES ($1, gen_random_uuid(), $2, '')"
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
        await anna.connection.execute(make, shared.centre.centre_id, shared.ben.role)


async def test_a_laptop_writes_to_its_own_replicas_alone(shared: Shared, anna: Laptop):
    async with laptop(shared.ben) as ben:
        edit = "UPDATE replica SET last_batch = 99 WHERE replica_id = $1"
        assert await anna.connection.execute(edit, ben.replica_id) == "UPDATE 0"
        assert await anna.connection.execute(edit, anna.replica_id) == "UPDATE 1"


async def test_a_laptop_counts_its_own_pushes_alone(shared: Shared, anna: Laptop):
    async with laptop(shared.ben) as ben:
        await anna.raise_head()
        as_ben = Laptop(anna.connection, shared.anna, ben.replica_id)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
            await as_ben.count()


async def test_a_revoked_replica_pushes_no_more(shared: Shared):
    async with laptop(shared.ben) as ben:
        async with shared.office.owner() as owner:
            await owner.execute("UPDATE replica SET revoked = true WHERE replica_id = $1", ben.replica_id)
        edit = "UPDATE replica SET last_batch = 1 WHERE replica_id = $1"
        assert await ben.connection.execute(edit, ben.replica_id) == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
            async with ben.push():
                pass


# Those whom the centre knows no more, or never knew


@pytest.mark.parametrize("trick", TRICKS)
async def test_a_revoked_laptop_that_is_still_connected_sees_nothing(shared: Shared, trick: str):
    async with acting(shared.office, shared.gone.role) as connection:
        await play(shared, connection, trick)
        assert await connection.fetchval("SELECT public.kinelog_centre()") is None
        for table in READABLE:
            assert await connection.fetch(f"SELECT 1 FROM public.{table}") == [], table


@pytest.mark.parametrize("table", TABLES)
async def test_a_revoked_laptop_that_is_still_connected_writes_no_record(shared: Shared, table: str):
    async with acting(shared.office, shared.gone.role) as connection:
        parents = {column: uuid4() for name, column in PARENTS.items() if name == table}
        row = Laptop(connection, shared.gone).row(table, 1, **parents)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
            await insert(connection, table, row)


async def test_a_revoked_laptop_that_is_still_connected_pushes_nothing(shared: Shared):
    async with acting(shared.office, shared.gone.role) as connection:
        assert await connection.execute("UPDATE stream SET head = head + 1") == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match=REFUSED):
            await Laptop(connection, shared.gone).introduce()


async def test_somebody_in_the_group_whom_no_centre_knows_sees_nothing(shared: Shared):
    async with acting(
        shared.office, "stranger", without="CREATE ROLE stranger LOGIN IN ROLE kinelog_device"
    ) as connection:
        for table in READABLE:
            assert await connection.fetch(f"SELECT 1 FROM {table}") == [], table


@pytest.mark.parametrize("table", [*READABLE, "device", "history"])
async def test_an_owner_without_bypass_sees_nothing_either(shared: Shared, table: str):
    new_owner = f"CREATE ROLE heir; GRANT USAGE ON SCHEMA public TO heir; ALTER TABLE {table} OWNER TO heir"
    async with acting(shared.office, "heir", without=new_owner) as connection:
        assert await connection.fetch(f"SELECT 1 FROM {table}") == []
    freed = f"{new_owner}; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"
    async with acting(shared.office, "heir", without=freed) as connection:
        assert await connection.fetch(f"SELECT 1 FROM {table}")


@pytest.mark.parametrize("table", TABLES)
async def test_who_asks_is_found_out_once_a_statement(anna: Laptop, table: str):
    plan = [row[0] for row in await anna.connection.fetch(f"EXPLAIN VERBOSE SELECT * FROM {table}")]
    assert sum("InitPlan" in line for line in plan) >= 1
    assert sum("kinelog_centre()" in line for line in plan) == 1
