"""Bulk work away from the window: a thread with an event loop and a database of its own.

Imports and sample data keep Python busy for seconds; here they leave the window's loop alone.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

from desktop.changes import Changes
from desktop.database import Database

T = TypeVar("T")


async def to_its_end(act: Callable[..., T], *arguments: object) -> T:
    """Return what `act` returns on another thread; when cancelled, not before it has ended there."""
    ending = asyncio.ensure_future(asyncio.to_thread(act, *arguments))
    cancelled: asyncio.CancelledError | None = None
    while not ending.done():
        try:
            await asyncio.wait({ending})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        ending.exception()  # nobody waits for it any more
        raise cancelled
    return ending.result()


async def in_background(database: Database, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run `work` on another thread with a second Database on the same records, and return its result.

    What it commits is published on the feed of `database`, in the caller's thread. When the caller is cancelled,
    so is the work; the thread has ended before this returns.
    """
    here = asyncio.get_running_loop()
    stop = threading.Event()
    running: list[Callable[[], object]] = []
    outcome: Future[T] = Future()

    def publish(changes: Changes) -> None:
        here.call_soon_threadsafe(database.feed.publish, changes)

    async def run() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        running.append(lambda: loop.call_soon_threadsafe(task.cancel))
        if stop.is_set():
            raise asyncio.CancelledError
        own = Database(database.url, clock=database.clock, files=database.files)
        own.feed.subscribe(publish)
        try:
            return await work(own)
        finally:
            await own.close()

    def cancel() -> None:
        stop.set()
        for cancel_task in running:
            with suppress(RuntimeError):  # its loop has ended already
                cancel_task()

    def main() -> None:
        try:
            outcome.set_result(asyncio.run(run()))
        except asyncio.CancelledError:
            outcome.cancel()
        except BaseException as error:  # noqa: BLE001 - carried over to the caller, who raises it
            outcome.set_exception(error)

    thread = threading.Thread(target=main, name="kinelog-background")
    thread.start()
    ended = asyncio.wrap_future(outcome)
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        cancel()
        await asyncio.gather(asyncio.shield(ended), return_exceptions=True)
        raise
    finally:
        thread.join()
