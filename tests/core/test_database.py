"""Transactions: what leaving a scope promises, whoever is cancelled, killed or late.

One file above 400 lines: scopes, cancelling and failing are tried on the same small set of writers and readers.
"""

import asyncio
import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError

from desktop import crud
from desktop.changes import Changes
from desktop.database import Database, _finish, normalise_url
from desktop.errors import DatabaseUnavailable
from desktop.schemas import NewSession, NewTaskResult
from tests.helpers import stores
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import eventually, until

ROOT = Path(__file__).parents[2]
# Recursive queries that never end by themselves, one a database.
ENDLESS = {
    True: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
    False: "SELECT pg_sleep(600)",
}


def named(name: str) -> NewSession:
    return NewSession(child_name=name, child_age=8)


async def add(database: Database, actor: UUID, name: str = "John Doe", **scope: Any) -> UUID:
    async with database.write(actor=actor, **scope) as db:
        return (await crud.create_session(db, named(name))).id


async def names(database: Database) -> list[str]:
    """Return the stored names in the order of their writing."""
    async with database.read() as db:
        return sorted_names(await crud.list_sessions(db, limit=10_000))


def sorted_names(sessions: Any) -> list[str]:
    return [session.child_name for session in sorted(sessions, key=lambda session: session.id)]


def heard(database: Database) -> list[Changes]:
    told: list[Changes] = []
    database.feed.subscribe(told.append)
    return told


# Scopes


async def test_leaving_a_write_scope_makes_the_records_durable(
    database: Database, actor: UUID, store: stores.Store
):
    session_id = await add(database, actor)
    async with store.opened() as other, other.read() as db:
        assert (await crud.get_session(db, session_id)).child_name == "John Doe"


async def test_an_exception_rolls_everything_back_and_nothing_is_published(database: Database, actor: UUID):
    told = heard(database)

    async def fail() -> None:
        async with database.write(actor=actor) as db:
            session = await crud.create_session(db, named("John Doe"))
            await crud.create_task_result(db, session.id, NewTaskResult(task_name="walk"))
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await fail()
    assert await names(database) == []
    assert told == []
    await add(database, actor, "Ann")
    assert await names(database) == ["Ann"]


async def test_a_commit_is_published_once_after_it_is_durable(database: Database, actor: UUID):
    seen: list[tuple[int, Changes]] = []

    def look(changes: Changes) -> None:
        path = Path(str(database.url.database))
        stored = (
            len(stores.rows(path, "SELECT id FROM sessions", database.files)) if database.is_sqlite else 1
        )
        seen.append((stored, changes))

    database.feed.subscribe(look)
    session_id = await add(database, actor, reason="because")
    [(stored, changes)] = seen
    assert stored == 1
    assert (changes.actor, changes.reason, changes.tables()) == (actor, "because", {"sessions"})
    assert [row.id for row in changes.rows] == [session_id]


async def test_a_scope_that_wrote_nothing_publishes_nothing(database: Database, actor: UUID):
    told = heard(database)
    async with database.write(actor=actor) as db:
        await crud.list_sessions(db)
    assert told == []


async def test_a_listener_that_fails_keeps_nobody_from_hearing(
    database: Database, actor: UUID, watched_log: WatchedLog
):
    watched_log.allow("A listener of the change feed failed")
    database.feed.subscribe(lambda _changes: 1 / 0)
    told = heard(database)
    await add(database, actor)
    assert len(told) == 1
    assert [record.exc_info is not None for record in watched_log.records] == [True]


async def test_writing_outside_a_write_scope_is_refused(database: Database):
    with pytest.raises(RuntimeError, match=r"inside Database\.write"):
        async with database.read() as db:
            await crud.create_session(db, named("John Doe"))


async def test_a_reader_cannot_write_whatever_it_says(database: Database):
    async def write() -> None:
        async with database.read() as db:
            await db.execute(text("DELETE FROM sessions"))
            await db.commit()

    with pytest.raises(DatabaseUnavailable) as refused:
        await write()
    assert refused.value.kind == "read_only"


async def test_a_reader_sees_no_half_transaction(database: Database, actor: UUID):
    async with database.write(actor=actor) as db:
        session = await crud.create_session(db, named("John Doe"))
        assert await names(database) == []
        await crud.create_task_result(db, session.id, NewTaskResult(task_name="walk"))
        assert await names(database) == []
    assert await names(database) == ["John Doe"]


async def test_a_reader_sees_one_moment_to_its_end(database: Database, actor: UUID):
    await add(database, actor, "First")
    async with database.read() as db:
        before = sorted_names(await crud.list_sessions(db))
        await add(database, actor, "Second")
        db.expire_all()
        assert sorted_names(await crud.list_sessions(db)) == before == ["First"]
    assert await names(database) == ["First", "Second"]


async def test_readers_do_not_wait_for_a_writer(database: Database, actor: UUID):
    async with database.write(actor=actor) as db:
        await crud.create_session(db, named("John Doe"))
        async with asyncio.timeout(5):
            assert await names(database) == []


async def test_a_broken_rule_of_the_database_is_a_bug_and_changes_nothing(database: Database, actor: UUID):
    told = heard(database)
    session_id = await add(database, actor)

    async def twin() -> None:
        async with database.write(actor=actor) as db:
            await crud.create_session(db, named("Other"))
            await crud.create_session(db, named("Twin"), session_id=session_id)

    with pytest.raises(IntegrityError):
        await twin()
    assert await names(database) == ["John Doe"]
    assert len(told) == 1


# Many at once


async def test_fifty_writers_at_once_are_all_stored_and_heard_in_order(database: Database, actor: UUID):
    told = heard(database)
    wanted = [f"Child {number:02}" for number in range(50)]
    await asyncio.gather(*(add(database, actor, name) for name in wanted))
    assert sorted(await names(database)) == wanted
    published = [str(changes.rows[0].after["child_name"]) for changes in told]
    assert sorted(published) == wanted
    if database.is_sqlite:
        assert published == await names(database) == wanted


async def test_one_writer_that_fails_spoils_nothing_for_the_others(database: Database, actor: UUID):
    async def fail() -> None:
        async with database.write(actor=actor) as db:
            await crud.create_session(db, named("Never"))
            raise ArithmeticError

    results = await asyncio.gather(
        add(database, actor, "First"), fail(), add(database, actor, "Second"), return_exceptions=True
    )
    assert isinstance(results[1], ArithmeticError)
    assert sorted(await names(database)) == ["First", "Second"]


# Cancelling


async def _stuck(database: Database, scope: Callable[[], Any]) -> "asyncio.Task[None]":
    """Start an endless statement in a scope and return once the database is at it."""
    begun = asyncio.Event()

    async def work() -> None:
        async with scope() as db:
            await db.connection()
            begun.set()
            await db.execute(text(ENDLESS[database.is_sqlite]))

    task = asyncio.ensure_future(work())
    await begun.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    return task


async def _end(task: "asyncio.Task[Any]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()


@pytest.mark.timeout(30)
async def test_cancelling_a_running_statement_frees_the_writer_at_once(database: Database, actor: UUID):
    told = heard(database)
    stuck = await _stuck(database, lambda: database.write(actor=actor))
    async with asyncio.timeout(3):
        await _end(stuck)
        await add(database, actor, "Next")
    assert await names(database) == ["Next"]
    assert len(told) == 1


@pytest.mark.timeout(30)
async def test_cancelling_a_reader_frees_its_thread(database: Database, actor: UUID):
    stuck = [await _stuck(database, database.read) for _ in range(8)]
    async with asyncio.timeout(5):
        for task in stuck:
            await _end(task)
        await add(database, actor)
        assert await names(database) == ["John Doe"]


async def test_cancelling_between_statements_rolls_back(database: Database, actor: UUID):
    written = asyncio.Event()

    async def work() -> None:
        async with database.write(actor=actor) as db:
            await crud.create_session(db, named("Never"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await written.wait()
    await _end(task)
    assert await names(database) == []
    await add(database, actor, "Next")


async def test_cancelling_who_waits_for_a_turn_stops_nobody_else(sqlite: Database, actor: UUID):
    async with sqlite.write(actor=actor) as db:
        waiting = asyncio.ensure_future(add(sqlite, actor, "Never"))
        await asyncio.sleep(0)
        await _end(waiting)
        await crud.create_session(db, named("First"))
    await add(sqlite, actor, "Second")
    assert await names(sqlite) == ["First", "Second"]


async def test_a_cancel_during_the_commit_is_told_after_the_records_are_published(
    database: Database, actor: UUID
):
    told = heard(database)
    tasks: list[asyncio.Task[UUID]] = []

    @event.listens_for(database.writer.sync_engine, "commit")
    def cancel(_connection: object) -> None:
        tasks[0].cancel()

    tasks.append(asyncio.ensure_future(add(database, actor)))
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert await names(database) == ["John Doe"]
    assert len(told) == 1


async def test_a_commit_is_cancelled_twice_and_still_runs_to_its_end():
    going, done = asyncio.Event(), []

    async def commit() -> None:
        await going.wait()
        done.append(True)

    task = asyncio.ensure_future(_finish(commit()))
    for _ in range(2):
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    going.set()
    assert isinstance(await task, asyncio.CancelledError)
    assert done == [True]


async def test_a_cancel_is_not_forgotten_when_the_commit_fails():
    going = asyncio.Event()

    async def commit() -> None:
        await going.wait()
        raise ArithmeticError

    task = asyncio.ensure_future(_finish(commit()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    going.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_a_commit_that_fails_says_why():
    async def commit() -> None:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await _finish(commit())


# Other programs


async def test_another_program_that_holds_the_file_is_told_within_a_second(sqlite: Database, actor: UUID):
    with closing(sqlite3.connect(str(sqlite.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(1):
            with pytest.raises(DatabaseUnavailable) as refused:
                await add(sqlite, actor)
        assert refused.value.kind == "locked"
        assert await names(sqlite) == []
        other.execute("ROLLBACK")
    await add(sqlite, actor)


async def test_what_other_programs_write_is_noticed_and_not_waited_for(sqlite: Database, actor: UUID):
    first = await sqlite.data_version()
    await add(sqlite, actor)
    assert await sqlite.data_version() == first
    with closing(sqlite3.connect(str(sqlite.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await sqlite.data_version() == first
        other.execute("UPDATE audit_context SET actor = x'00', at = 0")
        other.execute("UPDATE sessions SET notes = 'elsewhere'")
        other.execute("COMMIT")
    assert await sqlite.data_version() != first


async def test_postgresql_has_no_data_version(postgresql: Database):
    assert await postgresql.data_version() == 0


async def test_a_server_that_is_not_there_is_told(actor: UUID):
    for url in ("postgresql://k:pw@127.0.0.1:1/records", "postgresql://k:pw@nowhere.invalid/records"):
        async with stores.opened(normalise_url(url)) as database:
            with pytest.raises(DatabaseUnavailable) as refused:
                await names(database)
            assert refused.value.kind == "gone"
            assert "pw" not in str(refused.value)


async def test_a_password_that_the_server_refuses_is_told(postgresql_url: URL):
    async with stores.opened(postgresql_url.set(password="wrong-canary")) as database:
        with pytest.raises(DatabaseUnavailable) as refused:
            await names(database)
    assert refused.value.kind == "gone"
    assert "canary" not in str(refused.value)


async def test_a_server_that_ends_the_connection_is_told_and_found_again(postgresql: Database, actor: UUID):
    kill = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    async def interrupted() -> None:
        async with stores.opened(postgresql.url) as administrator, postgresql.write(actor=actor) as db:
            await crud.create_session(db, named("Never"))
            async with administrator.writer.begin() as connection:
                await connection.execute(kill)
            await crud.create_session(db, named("Never either"))

    with pytest.raises(DatabaseUnavailable) as refused:
        await interrupted()
    assert refused.value.kind == "gone"
    await add(postgresql, actor, "Next")
    assert await names(postgresql) == ["Next"]


# The file


async def test_a_file_that_was_removed_takes_no_more_records(sqlite: Database, actor: UUID):
    path = Path(str(sqlite.url.database))
    await add(sqlite, actor, "First")
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable) as refused:
            await add(sqlite, actor, "Into nothing")
        assert refused.value.kind == "gone"
    assert not path.exists()


async def test_a_folder_that_comes_back_takes_records_again(sqlite: Database, actor: UUID, tmp_path: Path):
    path = Path(str(sqlite.url.database))
    home, away = tmp_path / "records", tmp_path / "away"
    home.mkdir()
    path.replace(home / path.name)
    async with stores.opened(sqlite.url.set(database=str(home / path.name))) as database:
        await add(database, actor, "First")
        home.rename(away)
        with pytest.raises(DatabaseUnavailable):
            await add(database, actor, "Never")
        away.rename(home)
        await add(database, actor, "Second")
        assert await names(database) == ["First", "Second"]


async def test_a_file_without_the_database_is_never_made_by_reading(tmp_path: Path):
    async with stores.opened(URL.create("sqlite+aiosqlite", database=str(tmp_path / "none.db"))) as database:
        with pytest.raises(DatabaseUnavailable) as refused:
            await names(database)
    assert refused.value.kind == "gone"
    assert list(tmp_path.glob("none*")) == []


async def test_records_are_on_the_disk_when_the_scope_ends(sqlite: Database):
    async with sqlite.writer.connect() as connection:
        found = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous")
        ]
    assert found == ["wal", 2]


# The end


async def test_no_thread_and_no_connection_is_left_after_closing(store: stores.Store, actor: UUID):
    before = set(threading.enumerate())
    async with store.opened() as database:
        await add(database, actor)
        await asyncio.gather(*(names(database) for _ in range(6)))
        await _end(await _stuck(database, lambda: database.write(actor=actor)))
        await add(database, actor)
        gc.collect()  # the cancelled statement's cursor lives in the traceback of its cancellation
    await until(lambda: set(threading.enumerate()) <= before)
    if database.is_sqlite:
        path = Path(str(database.url.database))
        assert list(path.parent.glob(f"{path.name}-*")) == []
    else:
        async with store.opened() as other, other.writer.connect() as connection:
            count = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            assert (await connection.execute(count)).scalar() == 1


WRITER = """
import asyncio, sys
from uuid import UUID
from desktop import crud
from desktop.clock import SystemClock
from desktop.database import Database, normalise_url
from desktop.schemas import NewSession

async def main():
    database = Database(normalise_url(sys.argv[1]), clock=SystemClock())
    number = 0
    while True:
        async with database.write(actor=UUID(int=7)) as db:
            await crud.create_session(db, NewSession(child_name=f"Child {number}", child_age=8))
        print(number, flush=True)
        number += 1

asyncio.run(main())
"""


async def test_a_killed_process_loses_no_committed_record(sqlite_url: URL, tmp_path: Path):
    said = tmp_path / "said"
    with said.open("wb") as out:
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, f"sqlite:///{sqlite_url.database}"],
            stdout=out,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        eventually(lambda: said.read_bytes().count(b"\n") >= 20, timeout=60)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    committed = said.read_bytes().count(b"\n")
    async with stores.opened(sqlite_url) as database:
        found = await names(database)
    assert found[:committed] == [f"Child {number}" for number in range(committed)]
    assert len(found) in {committed, committed + 1}
    assert stores.rows(Path(str(sqlite_url.database)), "PRAGMA integrity_check") == [("ok",)]
