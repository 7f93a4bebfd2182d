"""Databases with the schema, made once and copied for each test; what holds for both runs on both."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.engine import URL

from desktop.clock import SystemClock
from desktop.database import Database, normalise_url
from tests.helpers import stores
from tests.helpers.postgres import PostgresServer


@pytest.fixture(scope="session")
def _empty_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    with stores.migrated_postgres(postgres_server) as name:
        yield name


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed SQLite file with the schema and no records, to be copied."""
    return stores.migrated_file(tmp_path_factory.mktemp("stores"))


@pytest.fixture
def sqlite_url(empty_file: Path, tmp_path: Path) -> URL:
    """A SQLite file with the schema and no records."""
    return stores.copied(empty_file, tmp_path / "kinelog.sqlite3")


@pytest.fixture
def postgresql_url(postgres_server: PostgresServer, _empty_postgres: str) -> Iterator[URL]:
    """A PostgreSQL database with the schema and no records."""
    with postgres_server.database(template=_empty_postgres) as url:
        yield normalise_url(url)


@pytest.fixture
async def sqlite(sqlite_url: URL) -> AsyncIterator[Database]:
    """An open SQLite database with no records."""
    async with stores.opened(sqlite_url) as database:
        yield database


@pytest.fixture
async def postgresql(postgresql_url: URL) -> AsyncIterator[Database]:
    """An open PostgreSQL database with no records."""
    async with stores.opened(postgresql_url) as database:
        yield database


@pytest.fixture(scope="session")
def _empty_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stores.migrated_file(tmp_path_factory.mktemp("vaults"), stores.VAULT)


@pytest.fixture
def vault_url(_empty_vault: Path, tmp_path: Path) -> URL:
    """An encrypted SQLite file with the schema and no records, which `stores.VAULT` opens."""
    return stores.copied(_empty_vault, tmp_path / "vault.sqlite3")


@pytest.fixture(params=["sqlite", "vault", "postgresql"])
def store(request: pytest.FixtureRequest) -> stores.Store:
    """Each kind of database, with the schema and no records."""
    url = request.getfixturevalue(f"{request.param}_url")
    return stores.Store(url, stores.VAULT if request.param == "vault" else None)


@pytest.fixture
async def database(store: stores.Store) -> AsyncIterator[Database]:
    """Each kind of database, open, with no records: what this tests holds for all."""
    async with store.opened() as database:
        yield database


@pytest.fixture
def actor() -> UUID:
    """Somebody in whose name the records change."""
    return SystemClock().new_id()
