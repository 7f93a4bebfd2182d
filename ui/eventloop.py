"""asyncio on Qt's event loop, fast enough for a window that saves at every keystroke.

qasync 0.28 spends one Qt timer on every callback (50,000 pending ones take two seconds) and forgets the wake-ups
of all other tasks when somebody runs a nested `exec()` inside a coroutine. Here the callbacks wait in a queue of
our own, in asyncio's order, and one Qt timer gives the queue its turns. qasync keeps what it does well: sockets,
signals, and starting and stopping Qt. The overridden `_add_callback` is a private name of it, which is why
qasync is pinned to 0.28.0.
"""

import asyncio
import heapq
import math
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimerEvent
from qasync import QEventLoop

TURN_SECONDS = 0.004
NESTED_SECONDS = 0.010
WORKER_THREADS = 4
_LONGEST_TIMER_MS = 86_400_000
_WAKE = QEvent.Type(QEvent.registerEventType())


class _Alarm(QObject):
    """Rings once, at the earliest of the times asked for since it rang last."""

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._ring = ring
        self._timer = 0
        self._due = math.inf

    def set(self, due: float) -> None:
        """Ring at `due` on the monotonic clock, or as soon as Qt has time when that is past."""
        if due >= self._due:
            return
        self.clear()
        milliseconds = math.ceil(max(0.0, due - time.monotonic()) * 1000)
        self._timer = self.startTimer(min(milliseconds, _LONGEST_TIMER_MS), Qt.TimerType.PreciseTimer)
        self._due = due

    def clear(self) -> None:
        """Forget the time that was asked for."""
        if self._timer:
            self.killTimer(self._timer)
        self._timer = 0
        self._due = math.inf

    def timerEvent(self, event: QTimerEvent) -> None:
        # A new timer for every turn: Qt never fires one again while its own event is being handled, so a nested
        # exec() inside a turn would stop the loop.
        self.clear()
        self._ring()

    def customEvent(self, event: QEvent) -> None:
        self.set(0.0)


class EventLoop(QEventLoop):
    """The event loop of the window; callbacks run in the order of `call_soon`, at most 4 ms before Qt's next turn.

    Every task pauses while one of them runs a nested Qt loop, and all go on when that ends.
    """

    def __init__(self, app: QCoreApplication) -> None:
        self._queue: deque[asyncio.Handle] = deque()
        self._deadlines: list[asyncio.TimerHandle] = []
        self._alarm = _Alarm(self._turn)
        super().__init__(app)
        self.set_default_executor(ThreadPoolExecutor(WORKER_THREADS, thread_name_prefix="kinelog"))

    def run_forever(self) -> None:
        self._alarm.set(0.0)
        super().run_forever()

    def close(self) -> None:
        super().close()
        self._alarm.clear()
        self._queue.clear()
        self._deadlines.clear()

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        self._check_closed()
        return self._add_callback(asyncio.Handle(callback, args, self, context))

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._queue.append(handle)
        QCoreApplication.postEvent(self._alarm, QEvent(_WAKE))
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self._check_closed()
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._deadlines, handle)
        self._alarm.set(when)
        return handle

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        """Queue a handle that asyncio made itself, as it does for signals."""
        self._queue.append(handle)
        self._alarm.set(0.0)
        return handle

    def _turn(self) -> None:
        """Run what is due, for as long as a turn may take, and ask for the next one."""
        if not self.is_running():
            return
        if asyncio.current_task(self) is not None:
            # A nested Qt loop inside a task: no other task can be entered before it ends.
            self._alarm.set(self.time() + NESTED_SECONDS)
            return
        self._collect_deadlines()
        try:
            self._run_queue(until=self.time() + TURN_SECONDS)
        finally:
            if self._queue:
                self._alarm.set(0.0)
            elif self._deadlines:
                self._alarm.set(self._deadlines[0].when())

    def _collect_deadlines(self) -> None:
        now = self.time()
        while self._deadlines and (self._deadlines[0].cancelled() or self._deadlines[0].when() <= now):
            self._queue.append(heapq.heappop(self._deadlines))

    def _run_queue(self, *, until: float) -> None:
        while self._queue and self.is_running():
            handle = self._queue.popleft()
            if not handle.cancelled():
                handle._run()
            if self.time() > until:
                break
