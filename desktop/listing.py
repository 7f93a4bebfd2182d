"""What the lists show: ids first, then the columns of the rows in sight."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.types import BigInteger, LargeBinary

from desktop.database import Database
from desktop.errors import NotFound
from desktop.models import Metric, Session, SessionSearch, TaskResult
from desktop.search import containing, fold, found_ids, searched
from desktop.types import microseconds

SEARCH_LIMIT = 1000
RECENT = 10_000
PORTION = 1000


class Entries(NamedTuple):
    """The ids of a list in its order, with the instants they began at, in microseconds since 1970."""

    ids: list[UUID]
    instants: "array[int]"


@dataclass(frozen=True, slots=True)
class SessionLine:
    """The columns of a session that its list shows. `visit` counts the child's sessions from 1."""

    id: UUID
    child_id: UUID
    child_name: str
    child_age: int
    child_date_of_birth: date | None
    started_at: datetime
    utc_offset_minutes: int
    completed_at: datetime | None
    visit: int
    rated: int
    planned: int


@dataclass(frozen=True, slots=True)
class ChildLine:
    """A known child, as the new-session dialog offers it; the latest session holds what is taken over."""

    child_id: UUID
    child_name: str
    child_date_of_birth: date | None
    child_identifier: str | None
    last_session: UUID
    last_seen: datetime
    sessions: int


@dataclass(frozen=True, slots=True)
class HistoryPoint:
    """A metric's value in one of the child's sessions."""

    session_id: UUID
    started_at: datetime
    value: float


async def session_entries(database: Database, search: str = "") -> Entries:
    """Return the ids of all sessions, newest first; of those found by `search`, the newest thousand."""
    words = containing(search)
    if words is None:
        return await _entries(database, _newest(database))
    # What is common is found among the newest, in the order of the list; what is rare is looked up in the index,
    # and its few sessions are put in order.
    newest = _newest(database).limit(RECENT).subquery()
    near = select(newest).join(SessionSearch, SessionSearch.session_id == newest.c.id).where(words)
    near = near.order_by(newest.c.instant.desc(), newest.c.id.desc()).limit(SEARCH_LIMIT)
    found = await _entries(database, near)
    if len(found.ids) == SEARCH_LIMIT:
        return found
    anywhere = found_ids(search, dialect=database.url.get_backend_name())
    return await _entries(database, _newest(database).where(Session.id.in_(anywhere)).limit(SEARCH_LIMIT))


def _newest(database: Database) -> Select[*tuple[Any, ...]]:
    # On SQLite an instant is a count already, and 100,000 ids are made faster all together.
    instant = type_coerce(Session.started_at, BigInteger) if database.is_sqlite else Session.started_at
    id_ = type_coerce(Session.id, LargeBinary) if database.is_sqlite else Session.id
    query = select(id_.label("id"), instant.label("instant")).where(~Session.deleted)
    return query.order_by(Session.started_at.desc(), Session.id.desc())


async def _entries(database: Database, query: Select[*tuple[Any, ...]]) -> Entries:
    """Run `query` in portions, so that a list of any length leaves the loop responsive."""
    ids: list[UUID] = []
    instants = array("q")
    async with database.read() as db:
        async for rows in (await (await db.connection()).stream(query)).partitions(PORTION):
            if database.is_sqlite:
                ids.extend([UUID(bytes=row[0]) for row in rows])
                instants.extend([row[1] for row in rows])
            else:
                ids.extend([row[0] for row in rows])
                instants.extend([microseconds(row[1]) for row in rows])
    return Entries(ids, instants)


async def session_lines(database: Database, ids: Sequence[UUID]) -> Mapping[UUID, SessionLine]:
    """Return the lines of the sessions `ids` that are still there."""
    earlier = aliased(Session)
    visit = (
        select(func.count())
        .where(
            earlier.child_id == Session.child_id,
            ~earlier.deleted,
            (earlier.started_at < Session.started_at)
            | ((earlier.started_at == Session.started_at) & (earlier.id <= Session.id)),
        )
        .correlate(Session)
        .scalar_subquery()
    )
    tasks = select(func.count()).where(TaskResult.session_id == Session.id, ~TaskResult.deleted)
    columns = (
        Session.id,
        Session.child_id,
        Session.child_name,
        Session.child_age,
        Session.child_date_of_birth,
        Session.started_at,
        Session.utc_offset_minutes,
        Session.completed_at,
        visit,
        tasks.where(TaskResult.status.is_not(None)).correlate(Session).scalar_subquery(),
        tasks.correlate(Session).scalar_subquery(),
    )
    async with database.read() as db:
        rows = await db.execute(select(*columns).where(Session.id.in_(ids), ~Session.deleted))
    return {row[0]: SessionLine(*row) for row in rows}


async def find_children(database: Database, text: str, *, limit: int = 8) -> list[ChildLine]:
    """Return the children that `text` finds, the last seen first."""
    if not fold(text):
        return []
    query = select(Session.child_id).where(~Session.deleted)
    query = searched(query, text, dialect=database.url.get_backend_name())
    found = query.order_by(Session.started_at.desc(), Session.id.desc()).limit(SEARCH_LIMIT)
    async with database.read() as db:
        children = list(dict.fromkeys(await db.scalars(found)))[:limit]
        lines = await _child_lines(db, children)
    return [lines[child] for child in children if child in lines]


async def child_of(database: Database, session_id: UUID) -> ChildLine:
    """Return the child of a session; raises NotFound when the session is gone."""
    async with database.read() as db:
        child_id = await db.scalar(select(Session.child_id).where(Session.id == session_id, ~Session.deleted))
        if child_id is None:
            raise NotFound("This session is no longer there.")
        return (await _child_lines(db, [child_id]))[child_id]


async def _child_lines(db: AsyncSession, children: Sequence[UUID]) -> dict[UUID, ChildLine]:
    rows = await db.execute(
        select(
            Session.child_id,
            Session.child_name,
            Session.child_date_of_birth,
            Session.child_identifier,
            Session.id,
            Session.started_at,
        )
        .where(Session.child_id.in_(children), ~Session.deleted)
        .order_by(Session.started_at.desc(), Session.id.desc())
    )
    latest: dict[UUID, ChildLine] = {}
    for row in rows:
        known = latest.get(row[0])
        latest[row[0]] = replace(known, sessions=known.sessions + 1) if known else ChildLine(*row, sessions=1)
    return latest


async def metric_history(
    database: Database, *, child_id: UUID, task_name: str, side: str, metric_name: str
) -> list[HistoryPoint]:
    """Return a metric's value in each of the child's sessions, oldest first; of several trials the last one."""
    query = (
        select(Session.id, Session.started_at, Metric.metric_value)
        .join(TaskResult, TaskResult.session_id == Session.id)
        .join(Metric, Metric.task_id == TaskResult.id)
        .where(
            Session.child_id == child_id,
            TaskResult.task_name == task_name,
            TaskResult.side == side,
            Metric.metric_name == metric_name,
            ~Session.deleted,
            ~TaskResult.deleted,
            ~TaskResult.practice,
            ~Metric.deleted,
        )
        .order_by(Session.started_at, Session.id, TaskResult.trial, TaskResult.id)
    )
    async with database.read() as db:
        rows = await db.execute(query)
    return list({row[0]: HistoryPoint(*row) for row in rows}.values())


MetricKey = tuple[str, str, str]  # task, side, metric


async def metric_histories(database: Database, child_id: UUID) -> dict[MetricKey, list[HistoryPoint]]:
    """Return every metric of a child as `metric_history` does, in the order of their names."""
    query = (
        select(
            TaskResult.task_name,
            TaskResult.side,
            Metric.metric_name,
            Session.id,
            Session.started_at,
            Metric.metric_value,
        )
        .join(TaskResult, TaskResult.session_id == Session.id)
        .join(Metric, Metric.task_id == TaskResult.id)
        .where(
            Session.child_id == child_id,
            ~Session.deleted,
            ~TaskResult.deleted,
            ~TaskResult.practice,
            ~Metric.deleted,
        )
        .order_by(Session.started_at, Session.id, TaskResult.trial, TaskResult.id)
    )
    found: dict[MetricKey, dict[UUID, HistoryPoint]] = {}
    async with database.read() as db:
        for task_name, side, metric_name, session_id, started_at, value in await db.execute(query):
            of_metric = found.setdefault((task_name, side, metric_name), {})
            of_metric[session_id] = HistoryPoint(session_id, started_at, value)
    return {key: list(points.values()) for key, points in sorted(found.items())}


async def visit_number(database: Database, session_id: UUID) -> int:
    """Return which of the child's sessions this one is, from 1; 0 when it is gone."""
    line = (await session_lines(database, [session_id])).get(session_id)
    return line.visit if line else 0


async def session_count(database: Database) -> int:
    """Return how many sessions there are."""
    async with database.read() as db:
        return await db.scalar(select(func.count()).where(~Session.deleted).select_from(Session)) or 0
