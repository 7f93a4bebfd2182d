"""History: every version that an edit replaces is kept as it was."""

import json
from typing import Any

import asyncpg
import pytest

from tests.postgres.centres import TABLES, Laptop, Office, insert

UNCHANGED = {"id", "centre_id"}


async def version(connection: asyncpg.Connection, table: str) -> dict[str, Any]:
    found: str = await connection.fetchval(f"SELECT to_jsonb(t) FROM {table} t")
    return dict(json.loads(found))


@pytest.mark.parametrize("table", TABLES)
async def test_an_edit_keeps_the_whole_row_of_before(anna: Laptop, office: Office, table: str):
    await anna.write_all()
    before = await version(anna.connection, table)
    async with anna.push() as head:
        edit = f"UPDATE {table} SET rev = rev + 1, srv_seq = $1, deleted = true, updated_at = now()"
        await anna.connection.execute(edit, head)
    async with office.owner() as owner:
        (kept,) = await owner.fetch("SELECT * FROM history")
    assert (kept["tbl"], str(kept["id"]), kept["rev"]) == (table, before["id"], 1)
    assert kept["centre_id"] == anna.centre_id
    assert json.loads(kept["image"]) == before


async def test_a_number_is_kept_to_the_last_bit(anna: Laptop, office: Office):
    values = [0.1 + 0.2, 1.7976931348623157e308, 5e-324, -1 / 3]
    await anna.write_all()
    for value in values:
        async with anna.push() as head:
            edit = "UPDATE metrics SET metric_value = $1, rev = rev + 1, srv_seq = $2"
            await anna.connection.execute(edit, value, head)
    async with office.owner() as owner:
        kept = await owner.fetch(
            "SELECT (image->>'metric_value')::float8 FROM history WHERE tbl = 'metrics' ORDER BY rev"
        )
    assert [row[0] for row in kept][1:] == values[:-1]


async def test_each_of_many_rows_is_kept_by_whatever_statement_it_is_edited(anna: Laptop, office: Office):
    async with anna.push() as head:
        rows = [anna.row("people", head, name=f"Person {number}") for number in range(50)]
        for row in rows:
            await insert(anna.connection, "people", row)
    async with anna.push() as head:
        await anna.connection.execute("UPDATE people SET name = '', rev = rev + 1, srv_seq = $1", head)
    async with anna.push() as head:
        upsert = (
            "INSERT INTO people SELECT * FROM people ON CONFLICT (centre_id, id) "
            "DO UPDATE SET rev = people.rev + 1, srv_seq = $1"
        )
        await anna.connection.execute(upsert, head)
    async with office.owner() as owner:
        kept = await owner.fetch("SELECT id, rev, image->>'name' AS name FROM history ORDER BY rev, id")
    wanted = [(row["id"], 1, row["name"]) for row in rows] + [(row["id"], 2, "") for row in rows]
    assert sorted(map(tuple, kept)) == sorted(wanted)


async def test_an_edit_that_is_rolled_back_leaves_no_history(anna: Laptop, office: Office):
    await anna.write_all()
    transaction = anna.connection.transaction()
    await transaction.start()
    edit = "UPDATE people SET rev = rev + 1, srv_seq = $1"
    assert await anna.connection.execute(edit, await anna.raise_head()) == "UPDATE 1"
    await transaction.rollback()
    async with office.owner() as owner:
        assert await owner.fetchval("SELECT count(*) FROM history") == 0


async def test_the_owners_edits_are_kept_as_well(anna: Laptop, office: Office):
    await anna.write_all()
    async with office.owner() as owner, owner.transaction():
        await owner.execute("UPDATE stream SET head = head + 1, chain = sha256(chain)")
        await owner.execute("UPDATE people SET rev = rev + 1, srv_seq = (SELECT head FROM stream)")
        await owner.execute(
            "INSERT INTO ledger SELECT centre_id, head, $1, 1, 1, chain, now() FROM stream", anna.replica_id
        )
        assert await owner.fetchval("SELECT count(*) FROM history") == 1


async def test_a_laptops_temporary_tables_are_not_taken_for_the_centres(anna: Laptop):
    """PostgreSQL looks for a table among the temporary ones first, where no search path is fixed."""
    await anna.write_all()
    for name in ("stream", "ledger"):
        await anna.connection.execute(f"CREATE TEMP TABLE {name} (LIKE public.{name})")
    await anna.connection.execute(
        "CREATE TEMP TABLE history (tbl text); CREATE TEMP TABLE device (role_name text)"
    )
    await anna.connection.execute("INSERT INTO pg_temp.stream SELECT * FROM public.stream")
    await anna.connection.execute("UPDATE pg_temp.stream SET head = head + 1")
    with pytest.raises(asyncpg.RaiseError):
        await anna.connection.execute(
            "UPDATE people SET rev = rev + 1, srv_seq = (SELECT head FROM pg_temp.stream)"
        )
    assert await anna.connection.fetchval("SELECT kinelog_centre()") == anna.centre_id
