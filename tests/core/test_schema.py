"""The schema: models and migrations agree, and no file that is not ours is ever changed.

One file above 400 lines: a file is claimed, refused and upgraded by one function, and judged by the same fixtures.
"""

import asyncio
import hashlib
import os
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.engine import URL

from desktop import derived
from desktop.database import Database, normalise_url, sqlite_url
from desktop.errors import DatabaseUnavailable
from desktop.header import APPLICATION_ID
from desktop.models import Base
from desktop.schema import HEAD, REVISIONS, init_db, revision_of
from desktop.services.demo import fill
from desktop.settings import database_url
from tests.helpers import stores

ROOT = Path(__file__).parents[2]
RECORDS = {"people", "protocols", "sessions", "task_results", "metrics", "session_search"}


def contents(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file in `folder`."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


async def refusal(url: URL) -> DatabaseUnavailable:
    """Return how a database is refused."""
    async with stores.opened(url) as database:
        with pytest.raises(DatabaseUnavailable) as refused:
            await init_db(database)
    return refused.value


# Models, migrations and the numbers in schema.py


async def test_models_and_migrations_do_not_differ(database: Database):
    def differences(connection: Connection) -> list[Any]:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": derived.is_not_derived,
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))

    async with database.writer.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_checks_and_indexes_are_those_of_the_models(sqlite: Database, tmp_path: Path):
    """Autogenerate does not look at check constraints, so what create_all() makes is compared as text."""
    plain = tmp_path / "plain.sqlite3"
    sqlite3.connect(plain).close()
    async with stores.opened(sqlite_url(plain)) as made, made.writer.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    assert _definitions(Path(str(sqlite.url.database))) == _definitions(plain)


def _definitions(path: Path) -> dict[str, list[str]]:
    """Return the lines of every table and index of the models, sorted, spaces apart."""
    sql = (
        "SELECT name, sql FROM sqlite_master "
        "WHERE sql IS NOT NULL AND type != 'trigger' AND name NOT LIKE 'session_words%'"
    )
    return {
        str(name): sorted(line.strip().rstrip(",").strip('"') for line in str(made).splitlines())
        for name, made in stores.rows(path, sql)
        if name != "alembic_version"
    }


def test_the_head_is_the_newest_migration_and_all_are_listed():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations" / "local"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [HEAD]
    assert [revision.revision for revision in reversed(list(script.walk_revisions()))] == list(REVISIONS)


async def test_an_upgrade_happens_once(tmp_path: Path):
    async with stores.opened(sqlite_url(tmp_path / "new.sqlite3")) as database:
        assert await init_db(database) is True
        assert await revision_of(database) == HEAD
        assert await init_db(database) is False


async def test_an_empty_postgresql_is_brought_to_the_schema(postgres_url: str):
    async with stores.opened(normalise_url(postgres_url)) as database:
        assert await init_db(database) is True
        assert await revision_of(database) == HEAD
        assert await init_db(database) is False


async def test_after_an_upgrade_foreign_keys_are_watched(tmp_path: Path):
    async with stores.opened(sqlite_url(tmp_path / "new.sqlite3")) as database:
        await init_db(database)
        async with database.writer.connect() as connection:
            assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar() == 1


@pytest.mark.parametrize("revision", REVISIONS[:-1])
async def test_an_upgrade_of_an_older_schema_keeps_every_record(database: Database, revision: str):
    async def everything(database: Database) -> list[list[tuple[object, ...]]]:
        async with database.read() as db:
            return [
                [tuple(row) for row in await db.execute(select(table).order_by(*table.primary_key))]
                for table in Base.metadata.sorted_tables
                if table.name in RECORDS
            ]

    def go_back(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "migrations:local")
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    await fill(database, sessions=20, seed=1)
    before = await everything(database)
    async with database.writer.begin() as connection, database.changing_schema(connection):
        await connection.run_sync(go_back)
    assert await revision_of(database) == revision
    assert await init_db(database) is True
    assert await revision_of(database) == HEAD
    assert await everything(database) == before


async def test_an_upgrade_that_fails_leaves_nothing_and_foreign_keys_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(_connection: Connection) -> None:
        raise ArithmeticError("planted")

    path = tmp_path / "new.sqlite3"
    monkeypatch.setattr(derived, "create", fail)
    async with stores.opened(sqlite_url(path)) as database:
        with pytest.raises(ArithmeticError):
            await init_db(database)
        async with database.writer.connect() as connection:
            assert (await connection.execute(text("PRAGMA foreign_keys"))).scalar() == 1
            assert (await connection.execute(text("SELECT count(*) FROM sqlite_master"))).scalar() == 0
        monkeypatch.undo()
        assert await init_db(database) is True


async def test_two_programs_may_upgrade_at_once(tmp_path: Path):
    url = sqlite_url(tmp_path / "new.sqlite3")
    async with stores.opened(url) as one, stores.opened(url) as other:
        await asyncio.gather(init_db(one), init_db(other))
        assert await revision_of(one) == await revision_of(other) == HEAD


async def test_a_file_of_no_bytes_becomes_a_database(tmp_path: Path):
    path = tmp_path / "empty.sqlite3"
    path.touch()
    async with stores.opened(sqlite_url(path)) as database:
        assert await init_db(database) is True


async def test_a_new_file_says_whose_it_is_and_is_its_owners_alone(tmp_path: Path):
    path = tmp_path / "new.sqlite3"
    stores.migrate(sqlite_url(path))
    assert path.read_bytes()[68:72] == APPLICATION_ID.to_bytes(4, "big") == b"KiNl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_file_that_was_never_closed_is_known_as_ours(tmp_path: Path):
    left = tmp_path / "left"
    left.mkdir()
    async with stores.opened(sqlite_url(tmp_path / "new.sqlite3")) as database:
        await init_db(database)
        for path in tmp_path.glob("new.sqlite3*"):  # as after a power cut: nothing is checkpointed
            (left / path.name).write_bytes(path.read_bytes())
    async with stores.opened(sqlite_url(left / "new.sqlite3")) as database:
        assert await init_db(database) is False


# What is not ours stays as it is


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Fail when a file in `folder` is changed, made or removed."""
    before = contents(folder)
    yield
    assert contents(folder) == before


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("owner", [0, 0x42])
async def test_a_file_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path, mode: str, owner: int):
    folder = tmp_path / "theirs"
    folder.mkdir()
    path = folder / "kinelog.sqlite3"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute(f"PRAGMA journal_mode={mode}")
        theirs.execute(f"PRAGMA application_id={owner}")
        theirs.execute("CREATE TABLE sessions (id INTEGER)")
        theirs.commit()
    with unchanged(folder):
        assert (await refusal(sqlite_url(path))).kind == "foreign"


@pytest.mark.parametrize("content", [b"Shopping list\n", b"\0" * 8192, b"SQLite", os.urandom(4096)])
async def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes):
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "kinelog.sqlite3").write_bytes(content)
    with unchanged(folder):
        assert (await refusal(sqlite_url(folder / "kinelog.sqlite3"))).kind == "damaged"


async def test_a_damaged_file_of_ours_is_refused_and_left_as_it_is(sqlite_url: URL, tmp_path: Path):
    path = Path(str(sqlite_url.database))
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + os.urandom(len(whole) - 100))
    before = path.read_bytes()
    assert (await refusal(sqlite_url)).kind == "damaged"
    assert path.read_bytes() == before


async def test_a_truncated_file_of_ours_is_refused_and_left_as_it_is(sqlite_url: URL):
    path = Path(str(sqlite_url.database))
    path.write_bytes(path.read_bytes()[:5000])
    before = path.read_bytes()
    assert (await refusal(sqlite_url)).kind == "damaged"
    assert path.read_bytes() == before


async def test_a_file_of_a_newer_kinelog_is_refused_and_left_as_it_is(sqlite_url: URL):
    path = Path(str(sqlite_url.database))
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9001'")
        newer.commit()
    before = path.read_bytes()
    refused = await refusal(sqlite_url)
    assert refused.kind == "newer"
    assert "9001" in str(refused)
    assert path.read_bytes() == before


async def test_a_missing_folder_is_told_and_not_made(tmp_path: Path):
    assert (await refusal(sqlite_url(tmp_path / "nowhere" / "kinelog.sqlite3"))).kind == "gone"
    assert not (tmp_path / "nowhere").exists()


async def test_a_folder_in_the_files_place_is_told(tmp_path: Path):
    (tmp_path / "kinelog.sqlite3").mkdir()
    assert (await refusal(sqlite_url(tmp_path / "kinelog.sqlite3"))).kind == "gone"


@pytest.mark.parametrize(
    ("statements", "kind", "word"),
    [
        (["CREATE TABLE patients (id int)"], "foreign", ""),
        (["CREATE TABLE sessions (id int)"], "foreign", ""),
        (
            [
                "CREATE TABLE patients (id int)",
                "CREATE TABLE alembic_version (version_num text)",
                "INSERT INTO alembic_version VALUES ('af31')",
            ],
            "foreign",
            "",
        ),
        (
            ["CREATE TABLE stream (id int)", "CREATE TABLE alembic_version (version_num text)"],
            "foreign",
            "centre",
        ),
    ],
)
async def test_a_postgresql_with_other_tables_is_refused_and_left_as_it_is(
    postgres_url: str, statements: list[str], kind: str, word: str
):
    async with stores.opened(normalise_url(postgres_url)) as database:
        async with database.writer.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        before = await _tables(database)
        refused = await refusal(database.url)
        assert refused.kind == kind
        assert word in str(refused)
        assert await _tables(database) == before


async def test_a_postgresql_of_a_newer_kinelog_is_refused(postgresql: Database):
    async with postgresql.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))
    assert (await refusal(postgresql.url)).kind == "newer"


async def _tables(database: Database) -> list[str]:
    async with database.writer.connect() as connection:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
        return list((await connection.execute(text(query))).scalars())


# URLs


@pytest.mark.parametrize(
    ("url", "driver", "database"),
    [
        ("sqlite:///records.db", "sqlite+aiosqlite", "records.db"),
        ("sqlite:////srv/records.db", "sqlite+aiosqlite", "/srv/records.db"),
        ("sqlite+aiosqlite:////srv/records.db", "sqlite+aiosqlite", "/srv/records.db"),
        ("  sqlite:////srv/50% of #1 ü.db\n", "sqlite+aiosqlite", "/srv/50% of #1 ü.db"),
        ("postgresql://k:pw@db.example:5433/records", "postgresql+asyncpg", "records"),
        ("postgres://k:pw@db.example/records", "postgresql+asyncpg", "records"),
        ("postgresql+asyncpg://k:pw@db.example/records", "postgresql+asyncpg", "records"),
        ("postgresql+psycopg2://k:pw@db.example/records", "postgresql+asyncpg", "records"),
    ],
)
def test_a_url_gets_its_async_driver(url: str, driver: str, database: str):
    parsed = normalise_url(url)
    assert (parsed.drivername, parsed.database) == (driver, database)


def test_a_password_with_odd_characters_is_kept():
    assert normalise_url("postgres://k:p%40ss%2Fw%25@h/d").password == "p@ss/w%"


def test_libpqs_name_for_encryption_is_understood():
    parsed = normalise_url("postgres://k:pw@h/d?sslmode=verify-full&application_name=x")
    assert dict(parsed.query) == {"ssl": "verify-full", "application_name": "x"}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "records.db",
        "mysql://h/d",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///really?.db",
        "sqlite:////srv/records.db?mode=ro",
        "postgresql://k:se/cret@h:port/d",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_repeating_it(url: str):
    with pytest.raises(ValueError, match=r"URL|SQLite or PostgreSQL") as refused:
        normalise_url(url)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert "cret" not in str(refused.value)


@pytest.mark.parametrize("name", ["really?.db", "no 1 #2.db", "50%41.db", "ü ñ.db", "a&b=c.db", "it's.db"])
async def test_a_file_of_any_name_is_opened_and_no_other(tmp_path: Path, name: str):
    folder = tmp_path / "any"
    folder.mkdir()
    async with stores.opened(sqlite_url(folder / name)) as database:
        await init_db(database)
        async with database.read() as db:
            assert (await db.execute(text("SELECT count(*) FROM sessions"))).scalar() == 0
    assert list(contents(folder)) == [name]


async def test_a_relative_url_means_the_working_folder(home: Path):
    async with stores.opened(normalise_url("sqlite:///records.db")) as database:
        await init_db(database)
    assert (home / "records.db").is_file()


def test_the_database_url_comes_from_the_environment_else_from_the_env_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    assert database_url() is None
    (home / ".env").write_text('DATABASE_URL="sqlite:///from-file.db"\nOTHER=1\n')
    assert database_url() == "sqlite:///from-file.db"
    assert database_url(home / "elsewhere") is None
    monkeypatch.setenv("DATABASE_URL", "sqlite:///from-environment.db")
    assert database_url() == "sqlite:///from-environment.db"
    assert "OTHER" not in os.environ


# The developers' way


def alembic(*words: str, url: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(ROOT / "migrations" / "alembic.ini"), *words],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_developers_can_run_alembic_on_sqlite(home: Path):
    url = "sqlite:///developed.db"
    assert alembic("current", url=url).strip() == ""
    alembic("upgrade", "head", url=url)
    assert re.search(rf"{HEAD} \(head\)", alembic("current", url=url))
    assert "No new upgrade operations detected" in alembic("check", url=url)
    alembic("downgrade", "base", url=url)
    tables = stores.rows(
        home / "developed.db", "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'"
    )
    assert {name for (name,) in tables} == {"alembic_version"}
    stores.migrate(normalise_url(url))


def test_developers_can_run_alembic_on_postgresql(postgres_url: str):
    alembic("upgrade", "head", url=postgres_url)
    assert "No new upgrade operations detected" in alembic("check", url=postgres_url)
    alembic("downgrade", "base", url=postgres_url)
    stores.migrate(normalise_url(postgres_url))
