"""Waiting for what will be: awaited in asynchronous tests, where a nested Qt loop would stop every task."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 10.0
_LOOK_AGAIN_SECONDS = 0.005


async def until(condition: Callable[[], object], *, timeout: float = PATIENCE_SECONDS) -> None:
    """Return once `condition()` is true; AssertionError after `timeout` seconds."""
    loop = asyncio.get_running_loop()
    give_up = loop.time() + timeout
    while not condition():
        if loop.time() > give_up:
            raise AssertionError(f"Not true within {timeout:g} s: {condition}")
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


def eventually(condition: Callable[[], object], *, timeout: float = PATIENCE_SECONDS) -> None:
    """Return once `condition()` is true, blocking: for tests that watch another process. AssertionError after that."""
    give_up = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > give_up:
            raise AssertionError(f"Not true within {timeout:g} s: {condition}")
        time.sleep(_LOOK_AGAIN_SECONDS)


def signal(source: Any, *, timeout: float = PATIENCE_SECONDS) -> asyncio.Future[tuple[Any, ...]]:
    """Listen to a Qt signal from now on; awaiting the result gives the arguments of its next emission.

    AssertionError when nothing is heard for `timeout` seconds. Take it before the act that emits:
    `heard = signal(panel.loaded); button.click(); await heard`.
    """
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[tuple[Any, ...]] = loop.create_future()

    def hear(*values: Any) -> None:
        if not heard.done():
            heard.set_result(values)

    def give_up() -> None:
        if not heard.done():
            heard.set_exception(AssertionError(f"Not heard within {timeout:g} s: {source}"))

    def stop_listening(_: object) -> None:
        alarm.cancel()
        source.disconnect(hear)

    alarm = loop.call_later(timeout, give_up)
    source.connect(hear)
    heard.add_done_callback(stop_listening)
    return heard
