"""How late a timer of the window is while something runs beside it: what a user feels of the work."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from ui.app import spare_the_collector
from ui.eventloop import EventLoop

TICK_MS = 5

T = TypeVar("T")


def in_window(work: Callable[[], Awaitable[T]]) -> T:
    """Return what `work` returns, run on the window's own event loop."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)

    async def run() -> T:
        return await work()

    with asyncio.Runner(loop_factory=lambda: EventLoop(app)) as runner:
        return runner.run(run())


async def lateness_of(work: Callable[[], Awaitable[object]]) -> list[float]:
    """Return by how many milliseconds each tick of a 5 ms timer was late while `work` ran."""
    late: list[float] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        late.append(max(0.0, (now - last) * 1000 - TICK_MS))
        last = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    spare_the_collector()
    last = time.perf_counter()
    timer.start(TICK_MS)
    await work()
    timer.stop()
    return late
