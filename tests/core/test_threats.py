"""The threats to the records themselves, each with the test that proves the answer to it.

Those that come in files and paths stand in `tests/cli/test_threats.py`, names in the window in
`tests/ui/test_threats.py`, and what a thief finds on the disk in `tests/blackbox/test_threats.py`.
"""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from desktop import crud
from desktop.database import Database
from desktop.errors import AppError, DatabaseUnavailable
from desktop.logs import Redacting
from desktop.models import Person, Session
from desktop.saving import Saver
from desktop.schemas import NewSession
from desktop.services.parsing import parse_document
from tests.core.test_importing import HOSTILE
from tests.helpers import stores
from tests.helpers.logs import WatchedLog

LENA = UUID(int=1)
CANARY = "Zarquonia Canary"
TABLES = ("sessions", "task_results", "metrics", "people", "protocols", "audit_log", "session_search")


@pytest.fixture
async def vault(vault_url: URL) -> AsyncIterator[Database]:
    """An open vault with one session in it."""
    async with stores.opened(vault_url, files=stores.VAULT) as database:
        await record(database)
        yield database


async def record(database: Database, **fields: Any) -> UUID:
    async with database.write(actor=LENA) as db:
        new = NewSession(child_name=CANARY, child_age=8, notes=CANARY, **fields)
        return (await crud.create_session(db, new)).id


def path_of(database: Database) -> Path:
    return Path(str(database.url.database))


def counts(database: Database) -> tuple[object, ...]:
    query = "SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    return stores.rows(path_of(database), query, stores.VAULT)[0]


# A write without an actor


async def by_an_object(db: AsyncSession) -> None:
    (session,) = await crud.list_sessions(db)
    session.notes = "nobody was here"
    await db.flush()


async def by_a_new_object(db: AsyncSession) -> None:
    (session,) = await crud.list_sessions(db)
    values = {column.name: getattr(session, column.name) for column in Session.__table__.columns}
    db.add(Session(**{**values, "id": UUID(int=99)}))
    await db.flush()


async def by_core(db: AsyncSession) -> None:
    await db.execute(update(Session).values(notes="nobody was here"))


async def by_a_core_insert(db: AsyncSession) -> None:
    columns = [column for column in Session.__table__.columns if column.name != "id"]
    names = ["id", *(column.name for column in columns)]
    rows = text("SELECT x'63', " + ", ".join(column.name for column in columns) + " FROM sessions")
    await db.execute(insert(Session).from_select(names, rows.columns(*Session.__table__.columns)))


async def by_raw_sql(db: AsyncSession) -> None:
    await db.execute(text("UPDATE sessions SET notes = 'nobody was here'"))


async def by_many_rows(db: AsyncSession) -> None:
    connection = await db.connection()
    await connection.exec_driver_sql("UPDATE sessions SET notes = ?", [("nobody",), ("was here",)])


@pytest.mark.parametrize(
    "write", [by_an_object, by_a_new_object, by_core, by_a_core_insert, by_raw_sql, by_many_rows]
)
async def test_a_write_without_an_actor_fails_by_every_path(
    vault: Database, write: Callable[[AsyncSession], Awaitable[None]]
):
    before = counts(vault)
    async with AsyncSession(vault.writer) as db:
        with pytest.raises(IntegrityError, match=r"audit_log\.(actor|at)"):
            await write(db)
        await db.rollback()
    assert counts(vault) == before
    found = stores.rows(path_of(vault), "SELECT notes FROM sessions", stores.VAULT)
    assert found == [(CANARY,)]


async def test_the_actor_of_one_write_is_not_that_of_the_next(vault: Database):
    with closing(stores.VAULT.connect(path_of(vault))) as connection:
        assert connection.execute("SELECT actor, reason, at FROM audit_context").fetchall() == [
            (None, None, None)
        ]
        with pytest.raises(stores.VAULT.module.IntegrityError):
            connection.execute("UPDATE sessions SET notes = 'nobody was here'")


# Names in errors, whatever goes wrong


@contextmanager
def full_disk(path: Path) -> Iterator[None]:
    """Let no file grow: what a full disk does, without filling one."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = [found.stat().st_size for found in path.parent.glob(f"{path.name}*")]
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(max(sizes), 4096 * 3), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def on_a_full_disk(database: Database) -> None:
    with full_disk(path_of(database)):
        await record(database)


async def in_a_damaged_file(database: Database) -> None:
    await database.close()
    path = path_of(database)
    content = bytearray(path.read_bytes())
    for page in range(1, len(content) // 4096):
        content[page * 4096 + 100] ^= 1
    path.write_bytes(content)
    await record(database)


async def while_another_holds_it(database: Database) -> None:
    with closing(stores.VAULT.connect(path_of(database))) as other:
        other.execute("BEGIN IMMEDIATE")
        await record(database)


async def in_a_file_that_is_gone(database: Database) -> None:
    await database.close()
    path_of(database).unlink()
    await record(database)


async def against_a_check(database: Database) -> None:
    async with database.write(actor=LENA) as db:
        await db.execute(update(Session).values(child_sex=CANARY))


async def against_a_unique_id(database: Database) -> None:
    async with database.write(actor=LENA) as db:
        (session,) = await crud.list_sessions(db)
        await crud.create_session(db, NewSession(child_name=CANARY, child_age=8), session_id=session.id)


async def by_a_query_that_is_wrong(database: Database) -> None:
    async with database.write(actor=LENA) as db:
        await db.execute(text(f"SELECT * FROM sessions WHERE child_name = '{CANARY}"))


async def by_a_bug(database: Database) -> None:
    async with database.write(actor=LENA) as db:
        (session,) = await crud.list_sessions(db)
        raise LookupError(session.child_name, session)


async def of_a_person(database: Database) -> None:
    async with database.write(actor=LENA) as db:
        db.add(Person(id=LENA, name=CANARY, role=CANARY))
        await db.flush()


@pytest.mark.parametrize(
    "fail",
    [
        on_a_full_disk, in_a_damaged_file, while_another_holds_it, in_a_file_that_is_gone, against_a_check,
        against_a_unique_id, by_a_query_that_is_wrong, by_a_bug, of_a_person,
    ],
)  # fmt: skip
async def test_no_error_puts_a_name_into_the_log(
    vault: Database, fail: Callable[[Database], Awaitable[None]], watched_log: WatchedLog
):
    watched_log.allow("")
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is
        await fail(vault)
    error = raised.value
    logged = logged_of(error)
    assert type(error).__name__ in logged
    assert "Canary" not in logged
    if isinstance(error, AppError):  # which is shown, and says so in words
        whole = "".join(traceback.format_exception(error))
        assert "Canary" not in whole.replace(f'"{CANARY}"', "")
        assert len(str(error).splitlines()) == 1


def logged_of(error: BaseException) -> str:
    """Return what the log has of an error, however it is logged."""
    form, trace = Redacting("%(message)s"), (type(error), error, error.__traceback__)
    records = (
        logging.LogRecord("kinelog", logging.ERROR, __file__, 1, "Failed: %s", (error,), None),
        logging.LogRecord("kinelog", logging.ERROR, __file__, 1, "Failed", (), trace),
    )
    return "\n".join(map(form.format, records))


@pytest.mark.parametrize("fail", [on_a_full_disk, while_another_holds_it, in_a_file_that_is_gone])
async def test_what_hinders_a_write_is_told_in_words_and_stores_nothing_of_it(
    vault: Database, fail: Callable[[Database], Awaitable[None]]
):
    path, before = path_of(vault), counts(vault)
    with pytest.raises(DatabaseUnavailable) as raised:
        await fail(vault)
    assert raised.value.kind in {"full", "locked", "gone"}
    if path.exists():
        assert counts(vault) == before
        await record(vault)
        assert counts(vault) != before


# Hostile JSON


def test_no_complaint_about_a_file_shows_a_name_of_it():
    """The line goes to a terminal, and may be sent along."""
    for name, (body, _) in HOSTILE.items():
        planted = body.replace(b"John Doe", CANARY.encode())
        with pytest.raises(AppError) as refused:
            parse_document(planted)
        assert "Canary" not in str(refused.value), name
        assert "Canary" not in logged_of(refused.value), name


async def test_saving_that_waits_keeps_names_out_of_the_log(vault: Database, watched_log: WatchedLog):
    class Edit:
        async def write(self, db: AsyncSession) -> UUID:
            return (await crud.create_session(db, NewSession(child_name=CANARY, child_age=8))).id

    saver = Saver(vault)
    with closing(stores.VAULT.connect(path_of(vault))) as other:
        other.execute("BEGIN IMMEDIATE")
        saving = asyncio.ensure_future(saver.save(Edit(), actor=LENA))
        await saver.tried()
        assert saver.trouble is not None
        assert "Canary" not in str(saver.trouble) + logged_of(saver.trouble)
    saver.try_again()
    await saving
    assert watched_log.unexpected() == []
