"""Bulk work on a thread of its own: its result, its errors and its end belong to the caller."""

import asyncio
import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from desktop import crud
from desktop.background import in_background
from desktop.changes import Changes
from desktop.database import Database
from desktop.schemas import NewSession
from tests.helpers.waiting import until


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name == "kinelog-background"] == []


async def names(database: Database) -> list[str]:
    async with database.read() as db:
        return sorted(session.child_name for session in await crud.list_sessions(db))


async def test_work_runs_on_another_thread_and_gives_its_result(database: Database):
    async def work(own: Database) -> str:
        assert own is not database
        return threading.current_thread().name

    assert await in_background(database, work) == "kinelog-background"


async def test_what_it_commits_is_published_here_before_it_returns(database: Database, actor: UUID):
    heard: list[tuple[Changes, threading.Thread]] = []
    database.feed.subscribe(lambda changes: heard.append((changes, threading.current_thread())))

    async def work(own: Database) -> None:
        for name in ("Ann", "Ben"):
            async with own.write(actor=actor, reason=name) as db:
                await crud.create_session(db, NewSession(child_name=name, child_age=8))

    await in_background(database, work)
    assert [changes.reason for changes, _ in heard] == ["Ann", "Ben"]
    assert {thread for _, thread in heard} == {threading.current_thread()}
    assert await names(database) == ["Ann", "Ben"]


async def test_this_loop_goes_on_meanwhile(sqlite: Database):
    begun, go_on = threading.Event(), threading.Event()

    async def work(_own: Database) -> bool:
        begun.set()
        return go_on.wait(10)  # blocks its own thread only

    task = asyncio.ensure_future(in_background(sqlite, work))
    await until(begun.is_set)
    assert not task.done()
    go_on.set()
    assert await task is True


async def test_its_error_is_raised_here(database: Database):
    async def work(_own: Database) -> None:
        raise ArithmeticError("planted")

    with pytest.raises(ArithmeticError, match="planted"):
        await in_background(database, work)


async def test_an_error_rolls_back_what_it_was_writing(database: Database, actor: UUID):
    heard: list[Changes] = []
    database.feed.subscribe(heard.append)

    async def work(own: Database) -> None:
        async with own.write(actor=actor) as db:
            await crud.create_session(db, NewSession(child_name="Never", child_age=8))
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await in_background(database, work)
    assert await names(database) == []
    assert heard == []


async def test_cancelling_ends_the_work_and_frees_the_database(sqlite: Database, actor: UUID):
    begun = threading.Event()

    async def work(own: Database) -> None:
        async with own.write(actor=actor) as db:
            await crud.create_session(db, NewSession(child_name="Never", child_age=8))
            begun.set()
            endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
            await db.execute(text(endless))

    task = asyncio.ensure_future(in_background(sqlite, work))
    await until(begun.is_set)
    task.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await task
    async with sqlite.write(actor=actor) as db:
        await crud.create_session(db, NewSession(child_name="Next", child_age=8))
    assert await names(sqlite) == ["Next"]


@pytest.mark.parametrize("turns", range(6))
async def test_cancelling_at_once_ends_the_thread_too(sqlite: Database, turns: int):
    async def work(_own: Database) -> None:
        await asyncio.Event().wait()

    task = asyncio.ensure_future(in_background(sqlite, work))
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_cancelling_when_the_work_is_done_is_still_a_cancellation(sqlite: Database):
    """The thread's loop is closed already and cannot be told."""

    async def work(_own: Database) -> int:
        return 7

    task = asyncio.ensure_future(in_background(sqlite, work))
    await asyncio.sleep(0)
    for thread in threading.enumerate():
        if thread.name == "kinelog-background":
            thread.join()  # blocks this loop, which has not heard of the result
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_work_that_cancels_itself_is_cancelled(sqlite: Database):
    async def work(_own: Database) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await in_background(sqlite, work)


async def test_a_thread_that_cannot_begin_says_so(sqlite: Database, monkeypatch: pytest.MonkeyPatch):
    def no_loop(_main: object) -> None:
        _main.close()  # type: ignore[attr-defined]
        raise OSError(24, "Too many open files")

    monkeypatch.setattr("desktop.background.asyncio.run", no_loop)

    async def work(_own: Database) -> None:
        raise AssertionError("never begun")

    async with asyncio.timeout(10):
        with pytest.raises(OSError, match="Too many"):
            await in_background(sqlite, work)
