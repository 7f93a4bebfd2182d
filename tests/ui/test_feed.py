"""What was committed reaches the window in its own thread and at most ten times a second."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from PySide6.QtCore import QThread

from desktop.changes import ChangeFeed, Changes
from desktop.clock import SystemClock
from desktop.database import Database, sqlite_url
from desktop.schema import claim_file
from tests.helpers.waiting import signal, until
from ui.feed import FeedBridge

ASSESSOR = UUID(int=1)


def changes(reason: str) -> Changes:
    return Changes(actor=ASSESSOR, reason=reason, rows=(), sweeping=True)


class Heard:
    """What a bridge delivered, when, and in which thread."""

    def __init__(self, bridge: FeedBridge) -> None:
        self.deliveries: list[list[str]] = []
        self.times: list[float] = []
        self.threads: set[QThread] = set()
        bridge.changed.connect(self._hear)

    def _hear(self, gathered: list[Changes]) -> None:
        self.deliveries.append([each.reason for each in gathered])
        self.times.append(asyncio.get_running_loop().time())
        self.threads.add(QThread.currentThread())


async def test_a_commit_is_not_delivered_inside_of_itself() -> None:
    feed = ChangeFeed()
    bridge = FeedBridge(feed)
    heard = Heard(bridge)
    feed.publish(changes("a"))
    assert heard.deliveries == []
    await signal(bridge.changed)
    assert heard.deliveries == [["a"]]


async def test_many_commits_come_together_in_their_order() -> None:
    feed = ChangeFeed()
    bridge = FeedBridge(feed)
    heard = Heard(bridge)
    for number in range(50):
        feed.publish(changes(f"{number}"))
    await signal(bridge.changed)
    assert heard.deliveries == [[f"{number}" for number in range(50)]]


async def test_deliveries_are_a_tenth_of_a_second_apart() -> None:
    feed = ChangeFeed()
    bridge = FeedBridge(feed)
    heard = Heard(bridge)
    while len(heard.times) < 4:
        feed.publish(changes("a"))
        await asyncio.sleep(0.005)
    gaps = [later - earlier for earlier, later in zip(heard.times, heard.times[1:], strict=False)]
    assert min(gaps) >= 0.09
    assert all(gathered for gathered in heard.deliveries)


async def test_what_another_thread_commits_arrives_in_the_windows_thread() -> None:
    feed = ChangeFeed()
    bridge = FeedBridge(feed)
    heard = Heard(bridge)
    arrives = signal(bridge.changed)
    thread = threading.Thread(target=feed.publish, args=(changes("elsewhere"),))
    thread.start()
    thread.join()
    await arrives
    assert heard.deliveries == [["elsewhere"]]
    assert heard.threads == {QThread.currentThread()}


async def test_a_closed_bridge_is_silent() -> None:
    feed = ChangeFeed()
    bridge, other = FeedBridge(feed), FeedBridge(feed)
    heard = Heard(bridge)
    feed.publish(changes("before"))
    arrives = signal(other.changed)
    bridge.close()
    feed.publish(changes("after"))
    await arrives
    assert heard.deliveries == []


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(sqlite_url(tmp_path / "records.sqlite3"), clock=SystemClock())
    await claim_file(database)
    yield database
    await database.close()


async def test_another_process_that_writes_is_noticed(database: Database, tmp_path: Path) -> None:
    asked: list[int] = []

    class Counted:
        async def data_version(self) -> int:
            version = await database.data_version()
            asked.append(version)
            return version

    bridge = FeedBridge(database.feed)
    watching = asyncio.ensure_future(bridge.watch(Counted(), every=0.01))
    await until(lambda: len(asked) >= 2)
    arrives = signal(bridge.changed)
    with closing(sqlite3.connect(tmp_path / "records.sqlite3")) as other:
        other.execute("CREATE TABLE written_elsewhere (id INTEGER)")
        other.commit()
    [gathered] = await arrives
    assert gathered == [Changes(actor=None, reason="", rows=(), sweeping=True)]
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_watching_outlasts_a_database_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    database = Database(sqlite_url(folder / "records.sqlite3"), clock=SystemClock())
    tried: list[str] = []

    class Counted:
        async def data_version(self) -> int:
            tried.append("")
            return await database.data_version()

    bridge = FeedBridge(database.feed)
    watching = asyncio.ensure_future(bridge.watch(Counted(), every=0.01))
    await until(lambda: len(tried) >= 3)
    assert not watching.done()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await database.close()
