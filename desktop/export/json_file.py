"""Writing sessions as one canonical JSON file, however many there are."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from desktop.database import Database
from desktop.errors import AppError
from desktop.export.canonical import FORMAT, VERSION, canonical
from desktop.export.trees import canonical_tree, read_trees
from desktop.files import replacing
from desktop.models import Metric, Person, Session, StoredProtocol, TaskResult
from desktop.records import person_record, protocol_record

Progress = Callable[[int, int], None]
_IDS_A_QUERY = 500


async def write_json(
    database: Database, path: Path, ids: Sequence[UUID], *, progress: Progress | None = None
) -> int:
    """Write the sessions `ids`, all as they are at one moment, to `path` at once or not at all.

    Returns how many were written. `progress` is told how many are done, and of how many. Raises NotFound when one
    of them is not there, and AppError when the file cannot be written.
    """
    wanted = sorted(set(ids))
    try:
        with replacing(path) as file:
            async with database.read() as db:
                async for part, done in _parts(db, wanted):
                    file.write(part)
                    if progress is not None:
                        progress(done, len(wanted))
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}.") from None
    return len(wanted)


async def _parts(db: AsyncSession, ids: Sequence[UUID]) -> AsyncIterator[tuple[bytes, int]]:
    """Give the document piece by piece, each with the number of sessions written so far."""
    people, protocols = await _people(db, ids), await _protocols(db, ids)
    yield b'{"format":"%b","people":[%b],"protocols":[' % (FORMAT.encode(), b",".join(people)), 0
    yield b'%b],"sessions":[' % b",".join(protocols), 0
    done = 0
    async for page in read_trees(db, ids):
        yield (b"," if done else b"") + b",".join(map(canonical_tree, page)), done + len(page)
        done += len(page)
    yield b'],"version":%d}' % VERSION, done


async def _people(db: AsyncSession, ids: Sequence[UUID]) -> list[bytes]:
    """Return the people whom these sessions name anywhere."""
    named: set[UUID] = set()
    for page in _pages(ids, _IDS_A_QUERY):
        named.update(await db.scalars(_named_in(Session.id.in_(page) & ~Session.deleted)))
    rows = [
        row
        for page in _pages(sorted(named), _IDS_A_QUERY)
        for row in await db.scalars(
            select(Person).where(Person.id.in_(page), ~Person.deleted).order_by(Person.id)
        )
    ]
    return [canonical(person_record(row)) for row in rows]


def _named_in(sessions: ColumnElement[bool]) -> Select[tuple[UUID]]:
    tasks = select(TaskResult).join(Session, Session.id == TaskResult.session_id)
    tasks = tasks.where(sessions, ~TaskResult.deleted)
    metrics = tasks.join(Metric, Metric.task_id == TaskResult.id).where(~Metric.deleted)
    named = union(
        *(select(column.label("id")).where(sessions) for column in _SESSION_PEOPLE),
        *(tasks.with_only_columns(column) for column in (TaskResult.created_by, TaskResult.updated_by)),
        *(metrics.with_only_columns(column) for column in (Metric.created_by, Metric.updated_by)),
    ).subquery()
    return select(named.c.id).where(named.c.id.is_not(None))


_SESSION_PEOPLE = (Session.assessor, Session.created_by, Session.updated_by, Session.signed_off_by)


async def _protocols(db: AsyncSession, ids: Sequence[UUID]) -> list[bytes]:
    """Return the protocols with which these sessions were recorded."""
    used: dict[UUID, bytes] = {}
    for page in _pages(ids, _IDS_A_QUERY):
        rows = await db.scalars(
            select(StoredProtocol)
            .join(
                Session,
                (Session.protocol_name == StoredProtocol.name)
                & (Session.protocol_version == StoredProtocol.version),
            )
            .where(Session.id.in_(page), ~Session.deleted, ~StoredProtocol.deleted)
            .distinct()
        )
        used.update({row.id: canonical(protocol_record(row)) for row in rows})
    return [used[row_id] for row_id in sorted(used)]


def _pages(ids: Sequence[UUID], size: int) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
