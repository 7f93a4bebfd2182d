"""Records on their way in: TEMP tables beside the real ones, filled without keeping anybody from writing.

Rows go to the driver as tuples that are already in its own types; SQLAlchemy's Core would take three times as long
for 100,000 of them.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Date, Dialect, MetaData, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from desktop.database import Database
from desktop.models import Base, Metric, Person, Session, SessionSearch, StoredProtocol, TaskResult
from desktop.schemas import PersonRecord, ProtocolRecord, SessionRecord, Stamps
from desktop.search import words_of
from desktop.types import Id, Instant, microseconds

SESSIONS_AT_ONCE = 50
_NOT_EXPORTED = {"rev", "srv_seq", "hlc", "origin", "deleted", "number"}
_metadata = MetaData()


def _beside(model: type[Base]) -> Table:
    columns = [Column(c.name, c.type) for c in model.__table__.columns if c.name not in _NOT_EXPORTED]
    return Table(f"incoming_{model.__tablename__}", _metadata, *columns, prefixes=["TEMPORARY"])


SESSIONS = _beside(Session)
TASKS = _beside(TaskResult)
METRICS = _beside(Metric)
PEOPLE = _beside(Person)
PROTOCOLS = _beside(StoredProtocol)
SEARCH = _beside(SessionSearch)


class Staging:
    """The TEMP tables of one connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self._writers = {table: _Writer(table, connection.dialect) for table in _metadata.sorted_tables}

    async def add_people(self, people: Iterable[PersonRecord]) -> None:
        await self._add(PEOPLE, people)

    async def add_protocols(self, protocols: Iterable[ProtocolRecord]) -> None:
        await self._add(PROTOCOLS, protocols)

    async def add_sessions(self, sessions: Sequence[SessionRecord]) -> None:
        """Put sessions in with their trees and the words by which they are found."""
        for start in range(0, len(sessions), SESSIONS_AT_ONCE):
            page = sessions[start : start + SESSIONS_AT_ONCE]
            tasks = [task for session in page for task in session.task_results]
            await self._add(SESSIONS, page)
            await self._add(TASKS, tasks)
            await self._add(METRICS, (metric for task in tasks for metric in task.metrics))
            words = [{"session_id": session.id, "words": _words(session)} for session in page]
            await self._writers[SEARCH].write(self.connection, words)

    async def empty(self) -> None:
        """Take everything out again."""
        for table in _metadata.sorted_tables:
            await self.connection.execute(table.delete())

    async def _add(self, table: Table, records: Iterable[Stamps]) -> None:
        await self._writers[table].write(self.connection, (vars(record) for record in records))


@asynccontextmanager
async def staging(database: Database) -> AsyncIterator[Staging]:
    """Open empty TEMP tables; `database.write(staged=staging.connection)` lands what they hold."""
    async with database.staging() as connection:
        await connection.run_sync(_metadata.create_all, checkfirst=False)
        yield Staging(connection)


class _Writer:
    """Writes rows into one table as the driver wants them, converting column by column."""

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._statement = str(insert(table).compile(dialect=dialect))
        self._pick: Callable[[Any], tuple[Any, ...]] = itemgetter(*table.columns.keys())
        self._converters = [_converter(column.type, dialect) for column in table.columns]

    async def write(self, connection: AsyncConnection, records: Iterable[dict[str, Any]]) -> None:
        rows = self.rows(records)
        if rows:
            await connection.exec_driver_sql(self._statement, rows)

    def rows(self, records: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
        columns = zip(*map(self._pick, records), strict=True)
        converted = (
            column if convert is None else convert(column)
            for convert, column in zip(self._converters, columns, strict=False)
        )
        return list(zip(*converted, strict=True))


Converter = Callable[[Iterable[Any]], list[Any]]


def _converter(kind: TypeEngine[Any], dialect: Dialect) -> Converter | None:
    """Return what turns a column's values into the driver's, or None where they are that already.

    asyncpg takes Python's own; SQLite gets what `desktop.types` and SQLAlchemy's Date store.
    """
    if dialect.name != "sqlite":
        return None
    if isinstance(kind, Id):
        return lambda values: [value and value.bytes for value in values]
    if isinstance(kind, Instant):
        return lambda values: [value and microseconds(value) for value in values]
    if isinstance(kind, Date):
        return lambda values: [value and value.isoformat() for value in values]
    return None


def _words(session: SessionRecord) -> str:
    notes = (task.notes for task in session.task_results)
    child = (session.child_name, session.child_code, session.child_identifier)
    return words_of((*child, session.notes, *notes))
