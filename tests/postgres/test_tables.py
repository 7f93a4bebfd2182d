"""A centre's tables: what the migrations make is what the models and the sync want."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from desktop.centre import admin
from desktop.centre.schema import BOOKKEEPING, HEAD, RECORDS, REVISIONS, VERSIONS, metadata
from desktop.errors import DatabaseUnavailable
from desktop.models import Base
from desktop.schema import init_db
from desktop.sync.tables import NAMES
from tests.helpers import stores
from tests.postgres.centres import Office
from tests.postgres.shapes import rules, shape

ROOT = Path(__file__).parents[2]


async def test_the_migrated_centre_is_what_the_models_want(office: Office, empty: Office):
    async with admin.opened(empty.parsed) as connection:
        await connection.run_sync(metadata.create_all)
    assert await shape(office) == await shape(empty)


async def test_alembic_finds_nothing_to_change_either(office: Office):
    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True, "version_table": VERSIONS}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with admin.opened(office.parsed) as connection:
        assert await connection.run_sync(differences) == []


def test_every_synced_table_is_there_with_all_its_columns_and_its_types():
    assert tuple(RECORDS) == NAMES
    assert set(metadata.tables) == {*NAMES, *BOOKKEEPING}
    for name, table in RECORDS.items():
        ours = Base.metadata.tables[name].columns
        assert [column.name for column in table.columns] == ["centre_id", *(column.name for column in ours)]
        assert all(table.columns[column.name].type is column.type for column in ours)


def test_the_head_is_the_newest_migration_and_all_are_listed():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations" / "centre"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [HEAD]
    assert [revision.revision for revision in reversed(list(script.walk_revisions()))] == list(REVISIONS)


async def test_a_centre_can_be_led_back_step_by_step_and_made_again(office: Office):
    def back_to(revision: str) -> Callable[[Connection], None]:
        def go(connection: Connection) -> None:
            config = Config()
            config.set_main_option("script_location", "migrations:centre")
            config.attributes["connection"] = connection
            command.downgrade(config, revision)

        return go

    before = [*await shape(office), *await rules(office)]
    for revision in (*reversed(REVISIONS[:-1]), "base"):
        async with admin.opened(office.parsed) as connection:
            await connection.run_sync(back_to(revision))
    assert await shape(office) == []
    await office.make()
    assert [*await shape(office), *await rules(office)] == before


async def test_a_local_database_is_not_made_of_a_centre(office: Office):
    before = await shape(office)
    async with stores.opened(office.plain_url) as database:
        with pytest.raises(DatabaseUnavailable) as refused:
            await init_db(database)
    assert refused.value.kind == "foreign"
    assert "centre" in str(refused.value)
    assert await shape(office) == before
