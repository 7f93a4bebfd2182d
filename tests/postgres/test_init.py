"""Making a centre: of an empty database, once, by somebody who may; anything else is left as it is."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.engine import URL

from desktop.centre import admin
from desktop.centre.refusals import NotACentre, Unfit
from desktop.centre.schema import HEAD
from tests.helpers import stores
from tests.helpers.postgres import PostgresServer
from tests.postgres.centres import Office
from tests.postgres.conftest import OfficeIn
from tests.postgres.shapes import rules, shape

WHOLE = """
SELECT nspname, relname, relkind::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace ORDER BY 1, 2
"""


async def make(office: Office) -> bool:
    async with admin.opened(office.parsed) as connection:
        return (await admin.make_centre(connection))[1]


async def refusal(office: Office) -> str:
    """Return why the database is not made a centre; all its tables are as before."""
    async with office.superuser() as superuser:
        before = await superuser.fetch(WHOLE)
        with pytest.raises(Unfit) as refused:
            await make(office)
        assert await superuser.fetch(WHOLE) == before
    return str(refused.value)


async def test_an_empty_database_becomes_a_centre_once(empty: Office):
    assert await make(empty) is True
    async with empty.owner() as owner:
        (first,) = await owner.fetch("SELECT * FROM stream")
    assert (first["head"], first["chain"], first["schema_version"], first["purge_floor"]) == (0, b"", 1, 0)
    assert first["centre_id"] != first["central_uuid"]
    assert await make(empty) is False
    async with empty.owner() as owner:
        assert await owner.fetch("SELECT * FROM stream") == [first]


async def test_two_administrators_may_make_it_at_once(empty: Office):
    assert sorted(await asyncio.gather(make(empty), make(empty))) == [False, True]


async def test_a_centre_is_found_and_an_empty_database_is_none(office: Office, empty: Office):
    made = await office.make()
    async with admin.opened(office.parsed) as connection:
        assert await admin.find_centre(connection) == made
        assert await admin.revision_of(connection) == HEAD
    with pytest.raises(NotACentre, match="kinelogctl centre init"):
        async with admin.opened(empty.parsed) as connection:
            await admin.find_centre(connection)


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TABLE patients (id int)", "public.patients"),
        ("CREATE SCHEMA theirs CREATE TABLE patients (id int)", "theirs.patients"),
        ("CREATE VIEW patients AS SELECT 1", "public.patients"),
        ("CREATE TABLE stream (id int)", "public.stream"),
        ("CREATE TABLE people (id int)", "public.people"),
    ],
)
async def test_a_database_with_something_else_is_refused(empty: Office, statement: str, named: str):
    async with empty.superuser() as superuser:
        await superuser.execute(statement)
    assert named in await refusal(empty)


async def test_a_database_with_local_records_is_refused(empty: Office):
    stores.migrate(empty.plain_url)
    assert "something else" in await refusal(empty)


async def test_what_an_extension_brought_along_is_nothing_else(empty: Office):
    async with empty.superuser() as superuser:
        await superuser.execute("CREATE EXTENSION pg_stat_statements")  # which has a view
    assert await make(empty) is True


async def test_a_centre_of_a_newer_kinelog_is_refused(office: Office):
    async with office.owner() as owner:
        await owner.execute("UPDATE centre_version SET version_num = '9001'")
    assert "9001" in await refusal(office)


@pytest.mark.parametrize("missing", ["NOCREATEROLE", "NOBYPASSRLS"])
async def test_a_role_that_may_not_is_told_so(empty: Office, missing: str):
    role = empty.parsed.username
    empty.server.execute(f"CREATE ROLE \"half {missing}\" LOGIN CREATEROLE BYPASSRLS PASSWORD 'pw'")
    empty.server.execute(f'ALTER ROLE "half {missing}" {missing}')
    empty.server.execute(f'ALTER DATABASE "{empty.database}" OWNER TO "half {missing}"')
    half = empty.parsed.set(username=f"half {missing}", password="pw")
    assert "CREATEROLE and BYPASSRLS" in await refusal(_as(empty, half))
    empty.server.execute(f'ALTER DATABASE "{empty.database}" OWNER TO "{role}"')
    empty.server.execute(f'DROP ROLE "half {missing}"')


async def test_somebody_elses_database_is_not_made_a_centre(
    office_in: OfficeIn, centre_server: PostgresServer
):
    with office_in(owner="kinelog") as office:
        assert "owner" in await refusal(office)


async def test_nothing_is_left_open_to_everybody(empty: Office):
    async with empty.owner() as owner:
        await owner.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        await owner.execute(f'GRANT ALL ON DATABASE "{empty.database}" TO PUBLIC')
    await make(empty)
    asked = """
        SELECT what FROM unnest(ARRAY['CONNECT', 'TEMPORARY', 'CREATE']) what
            WHERE has_database_privilege('public', current_database(), what)
        UNION ALL SELECT what FROM unnest(ARRAY['USAGE', 'CREATE']) what
            WHERE has_schema_privilege('public', 'public', what)
        UNION ALL SELECT proname FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace AND has_function_privilege('public', oid, 'EXECUTE')
    """
    async with empty.owner() as owner:
        assert await owner.fetch(asked) == []


async def test_a_centre_that_was_restored_under_another_name_is_made_whole(
    office: Office, office_in: OfficeIn
):
    made = await office.make()
    with office_in(office.database) as restored:
        assert await make(restored) is False
        assert await restored.make() == made
        assert await shape(restored) == await shape(office)
        assert await rules(restored) == await rules(office)
        enrolment = await restored.enrol(made, "Anna")
        assert await can_use_temporary_tables(restored, enrolment.role)


async def can_use_temporary_tables(office: Office, role: str) -> bool:
    async with office.owner() as owner:
        asked: Any = await owner.fetchval(
            "SELECT has_database_privilege($1, current_database(), 'TEMP')", role
        )
    return bool(asked)


def _as(office: Office, url: URL) -> Office:
    return replace(office, url=url.set(drivername="postgresql").render_as_string(hide_password=False))
