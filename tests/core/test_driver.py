"""The driver: a statement is one hop to the database's thread, and means what it means to SQLAlchemy's own."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from desktop.database import Database


@pytest.fixture
async def connection(sqlite: Database) -> AsyncIterator[AsyncConnection]:
    """A writer's connection, in a transaction, with a small table."""
    async with sqlite.writer.begin() as connection:
        await connection.execute(
            text("CREATE TEMP TABLE jumps (number INTEGER PRIMARY KEY, cm REAL NOT NULL)")
        )
        yield connection


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[Callable[..., object]]:
    """What is handed to the database's thread."""
    handed: list[Callable[..., object]] = []
    execute = aiosqlite.Connection._execute

    async def noted(self: aiosqlite.Connection, work: Callable[..., object], *rest: Any) -> Any:
        handed.append(work)
        return await execute(self, work, *rest)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", noted)
    return handed


async def test_a_query_is_one_hop(connection: AsyncConnection, hops: list[Any]):
    found = await connection.execute(text("SELECT 1 UNION SELECT 2"))
    assert found.scalars().all() == [1, 2]
    assert len(hops) == 1


async def test_many_rows_are_written_in_one_hop(connection: AsyncConnection, hops: list[Any]):
    rows = [{"number": number, "cm": number / 7} for number in range(100)]
    written = await connection.execute(text("INSERT INTO jumps VALUES (:number, :cm)"), rows)
    assert written.rowcount == 100
    assert len(hops) == 1


async def test_a_statement_tells_how_many_rows_it_changed_and_which_it_made(connection: AsyncConnection):
    made = await connection.execute(text("INSERT INTO jumps (cm) VALUES (90.5)"))
    assert (made.rowcount, made.lastrowid) == (1, 1)
    changed = await connection.execute(text("UPDATE jumps SET cm = 91 WHERE cm > 100"))
    assert changed.rowcount == 0
    returned = await connection.execute(text("INSERT INTO jumps (cm) VALUES (70), (80) RETURNING number, cm"))
    assert [tuple(row) for row in returned] == [(2, 70.0), (3, 80.0)]


async def test_columns_keep_their_names_when_there_is_no_row(connection: AsyncConnection):
    found = await connection.execute(text("SELECT number, cm FROM jumps"))
    assert list(found.keys()) == ["number", "cm"]
    assert found.all() == []


async def test_a_statement_that_fails_is_told_by_its_error_and_leaves_the_transaction(
    connection: AsyncConnection,
):
    await connection.execute(text("INSERT INTO jumps VALUES (1, 90.5)"))
    with pytest.raises(IntegrityError):
        await connection.execute(text("INSERT INTO jumps VALUES (2, NULL)"))
    with pytest.raises(OperationalError):
        await connection.execute(text("SELECT nothing FROM nowhere"))
    assert (await connection.execute(text("SELECT count(*) FROM jumps"))).scalar() == 1


async def test_nothing_stays_open_that_would_hold_a_table(connection: AsyncConnection):
    await connection.execute(text("INSERT INTO jumps VALUES (1, 90.5), (2, 91.5)"))
    first = await connection.execute(text("SELECT number FROM jumps"))
    assert first.first() is not None
    await connection.execute(text("DROP TABLE jumps"))


async def test_a_stream_takes_its_rows_by_and_by(connection: AsyncConnection, hops: list[Any]):
    await connection.execute(text("INSERT INTO jumps (cm) VALUES (70), (80), (90)"))
    hops.clear()
    found = await connection.stream(text("SELECT cm FROM jumps ORDER BY cm"))
    assert [row[0] async for row in found] == [70.0, 80.0, 90.0]
    assert len(hops) > 1
