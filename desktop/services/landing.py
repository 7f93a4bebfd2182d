"""From the TEMP tables into the records: set-based statements, a handful whatever the number of rows.

A staged session is new, the same as the one that is stored, or different from it. Its tree counts: a task result
or metric that is missing on one side makes the session different, and so does having been deleted here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Executable,
    Result,
    Select,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    union,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from desktop.changes import intention_of
from desktop.models import Base, Metric, Person, Session, SessionSearch, StoredProtocol, TaskResult
from desktop.services.staging import METRICS, PEOPLE, PROTOCOLS, SEARCH, SESSIONS, TASKS


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


STORED_SESSIONS, STORED_TASKS, STORED_METRICS = _table(Session), _table(TaskResult), _table(Metric)
STORED_PEOPLE, STORED_PROTOCOLS, STORED_SEARCH = _table(Person), _table(StoredProtocol), _table(SessionSearch)


class Executes(Protocol):
    """A connection or a write scope."""

    async def execute(self, statement: Executable, /) -> Result[Any]:
        """Run one statement."""
        ...


@dataclass(frozen=True)
class Comparison:
    """What is staged against what is stored: counts, and the ids of the sessions that differ.

    `claimed` counts the task results that are stored under another session and `miscoded` the sessions whose child
    has another code here, or whose code another child. `protocols` counts those that are not stored yet, `people` are
    the names of such, and `replaced` names the protocols that are stored otherwise under the same name and version.
    """

    new: int
    same: int
    different: tuple[UUID, ...]
    claimed: int
    miscoded: int
    people: tuple[str, ...]
    protocols: int
    replaced: tuple[str, ...]


async def compare(db: Executes) -> Comparison:
    """Tell what landing the staged rows would mean."""
    staged = await _count(db, select(SESSIONS.c.id))
    known = await _count(db, _both(SESSIONS, STORED_SESSIONS))
    different: list[UUID] = []
    if known:
        found = await db.execute(union(*_differences()))
        different = sorted(found.scalars())
    return Comparison(
        new=staged - known,
        same=known - len(different),
        different=tuple(different),
        claimed=await _count(
            db, _both(TASKS, STORED_TASKS).where(STORED_TASKS.c.session_id != TASKS.c.session_id)
        ),
        miscoded=await _count(db, _miscoded()),
        people=tuple((await db.execute(_new_people())).scalars()),
        protocols=await _count(db, select(PROTOCOLS.c.id))
        - await _count(db, _both(PROTOCOLS, STORED_PROTOCOLS)),
        replaced=tuple((await db.execute(_replaced_protocols())).scalars()),
    )


async def land(db: AsyncSession, *, replacing: bool) -> None:
    """Write the staged rows: new ones are added and, where they differ, stored ones replaced.

    With `replacing`, task results and metrics of staged sessions that are not staged themselves are hidden.
    People and protocols that are stored already stay as they are.
    """
    intention_of(db).sweeping = True
    await _add_unknown(db, PEOPLE, STORED_PEOPLE)
    await _add_unknown(db, PROTOCOLS, STORED_PROTOCOLS)
    if replacing:
        await _hide(db, STORED_TASKS, TASKS, STORED_TASKS.c.session_id.in_(select(SESSIONS.c.id)))
        await _hide(db, STORED_METRICS, METRICS, STORED_METRICS.c.task_id.in_(select(TASKS.c.id)))
    for staged, stored in ((SESSIONS, STORED_SESSIONS), (TASKS, STORED_TASKS), (METRICS, STORED_METRICS)):
        await _put(db, staged, stored)
    await db.execute(delete(STORED_SEARCH).where(STORED_SEARCH.c.session_id.in_(_changed_words())))
    missing = SEARCH.c.session_id.not_in(select(STORED_SEARCH.c.session_id))
    words = select(SEARCH.c.session_id, SEARCH.c.words).where(missing)
    await db.execute(insert(STORED_SEARCH).from_select(["session_id", "words"], words))


def _values(staged: Table) -> dict[str, ColumnElement[Any]]:
    return {column.name: column for column in staged.c if column.name != "id"}


def _both(staged: Table, stored: Table) -> Select[tuple[UUID]]:
    return select(staged.c.id).join(stored, stored.c.id == staged.c.id)


def _new_people() -> Select[tuple[str]]:
    return select(PEOPLE.c.name).where(PEOPLE.c.id.not_in(select(STORED_PEOPLE.c.id))).order_by(PEOPLE.c.name)


def _miscoded() -> CompoundSelect[tuple[UUID]]:
    """Return the query for staged sessions that would join two children, or part one, where codes tell who it is."""
    staged, stored = SESSIONS.c, STORED_SESSIONS.c
    stays = stored.id.not_in(select(staged.id))
    joined = (stored.child_code == staged.child_code) & (stored.child_id != staged.child_id)
    parted = (stored.child_id == staged.child_id) & (stored.child_code != staged.child_code)
    return union(*(select(staged.id).join(STORED_SESSIONS, how & stays) for how in (joined, parted)))


def _replaced_protocols() -> Select[tuple[str]]:
    staged, stored = PROTOCOLS.c, STORED_PROTOCOLS.c
    same_name = (stored.name == staged.name) & (stored.version == staged.version) & ~stored.deleted
    return select(staged.name).join(STORED_PROTOCOLS, same_name & (stored.sha256 != staged.sha256)).distinct()


def _changed_words() -> Select[tuple[UUID]]:
    query = select(SEARCH.c.session_id).join(STORED_SEARCH, STORED_SEARCH.c.session_id == SEARCH.c.session_id)
    return query.where(STORED_SEARCH.c.words != SEARCH.c.words)


async def _count(db: Executes, rows: Select[tuple[UUID]] | CompoundSelect[tuple[UUID]]) -> int:
    found = await db.execute(select(func.count()).select_from(rows.subquery()))
    return int(found.scalar_one())


def _differs(incoming: Mapping[str, ColumnElement[Any]], stored: Table) -> ColumnElement[bool]:
    return or_(
        stored.c.deleted, *(stored.c[name].is_distinct_from(value) for name, value in incoming.items())
    )


def _differences() -> list[Select[tuple[UUID]]]:
    """Return the queries for the ids of known sessions that differ: in a row, or in what lies under it."""
    session_of_task = TASKS.join(STORED_SESSIONS, STORED_SESSIONS.c.id == TASKS.c.session_id)
    task_rows = session_of_task.outerjoin(STORED_TASKS, STORED_TASKS.c.id == TASKS.c.id)
    metric_rows = session_of_task.join(METRICS, METRICS.c.task_id == TASKS.c.id).outerjoin(
        STORED_METRICS, STORED_METRICS.c.id == METRICS.c.id
    )
    stored_tasks = STORED_TASKS.join(SESSIONS, SESSIONS.c.id == STORED_TASKS.c.session_id)
    stored_metrics = stored_tasks.join(STORED_METRICS, STORED_METRICS.c.task_id == STORED_TASKS.c.id)
    return [
        _both(SESSIONS, STORED_SESSIONS).where(_differs(_values(SESSIONS), STORED_SESSIONS)),
        select(TASKS.c.session_id)
        .select_from(task_rows)
        .where(or_(STORED_TASKS.c.id.is_(None), _differs(_values(TASKS), STORED_TASKS))),
        select(TASKS.c.session_id)
        .select_from(metric_rows)
        .where(or_(STORED_METRICS.c.id.is_(None), _differs(_values(METRICS), STORED_METRICS))),
        select(SESSIONS.c.id)
        .select_from(stored_tasks)
        .where(~STORED_TASKS.c.deleted, STORED_TASKS.c.id.not_in(select(TASKS.c.id))),
        select(SESSIONS.c.id)
        .select_from(stored_metrics)
        .where(
            ~STORED_TASKS.c.deleted,
            ~STORED_METRICS.c.deleted,
            STORED_METRICS.c.id.not_in(select(METRICS.c.id)),
        ),
    ]


def _insert(db: AsyncSession, stored: Table) -> Any:
    """Return an INSERT that knows ON CONFLICT, which both databases spell alike."""
    on_sqlite = db.get_bind().dialect.name == "sqlite"
    return sqlite.insert(stored) if on_sqlite else postgresql.insert(stored)


async def _add_unknown(db: AsyncSession, staged: Table, stored: Table) -> None:
    statement = _insert(db, stored).from_select(staged.c.keys(), select(staged).where(true()))
    await db.execute(statement.on_conflict_do_nothing())


async def _put(db: AsyncSession, staged: Table, stored: Table) -> None:
    statement = _insert(db, stored).from_select(staged.c.keys(), select(staged).where(true()))
    values = {name: statement.excluded[name] for name in _values(staged)}
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["id"],
            set_={**values, "deleted": False},
            where=_differs(values, stored),
        )
    )


async def _hide(db: AsyncSession, stored: Table, staged: Table, within: ColumnElement[bool]) -> None:
    intention = intention_of(db)
    await db.execute(
        update(stored)
        .where(within, ~stored.c.deleted, stored.c.id.not_in(select(staged.c.id)))
        .values(deleted=True, updated_at=intention.now, updated_by=intention.actor)
    )
