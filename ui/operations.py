"""The way to run async work from the window."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from desktop.errors import AppError
from ui.notify import Notifier

BUSY_AFTER = 0.3  # seconds
REPORT_EVERY = 100  # milliseconds

T = TypeVar("T")
Progress = Callable[[int, int], None]
Work = Callable[[Progress], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Running:
    """An operation that takes long enough to be shown; `total` is 0 when it cannot be known."""

    key: Hashable
    title: str
    cancellable: bool
    done: int
    total: int


class _Run:
    """One call of `start`, from then until its task has ended."""

    def __init__(self, *, key: Hashable, title: str, cancellable: bool, widget: QWidget | None) -> None:
        self.key = key
        self.title = title
        self.cancellable = cancellable
        self.widget = widget
        self.shown = False
        self.counts = (0, 0)

    def progress(self, done: int, total: int) -> None:
        """Note how far the work is; any thread may call it, the window's thread reads it ten times a second."""
        self.counts = (done, total)

    def running(self) -> Running:
        return Running(self.key, self.title, self.cancellable, *self.counts)


class Operations(QObject):
    """Owns the tasks of its owner, cancels them with it, and is the one place where their errors surface.

    `unexpected` takes every error that is no AppError, logs it and shows it with details.
    """

    running_changed = Signal(object)  # tuple[Running, ...], those shown as busy

    def __init__(
        self, owner: QObject, *, notifier: Notifier, unexpected: Callable[[BaseException], None]
    ) -> None:
        super().__init__(owner)
        self._loop = asyncio.get_running_loop()  # a list may be painted while Qt turns and the loop does not
        self._notifier = notifier
        self._unexpected = unexpected
        self._runs: dict[asyncio.Task[None], _Run] = {}
        self._waiting_widgets = _WaitingWidgets()
        self._closed = False
        self._reporting = QTimer(self, interval=REPORT_EVERY)
        self._reporting.timeout.connect(self._report_running)
        owner.destroyed.connect(partial(_cancel, self._runs))

    def start(
        self,
        work: Work[T],
        *,
        title: str,
        key: Hashable | None = None,
        busy: QWidget | None = None,
        cancellable: bool = False,
        done: Callable[[T], None] | None = None,
        failed: Callable[[AppError], None] | None = None,
    ) -> None:
        """Run `work`, then call `done` with its result; after `close` nothing is started any more.

        `title` says to the user what is being done. A run with the same `key` is cancelled first. What takes
        over 0.3 seconds is shown as busy, and the widget `busy` is disabled until it ends. An AppError goes to
        `failed`, or else to the message bar under the title, where the next success takes it away.
        """
        if self._closed:
            return
        if key is not None:
            self.cancel(key)
        run = _Run(key=key, title=title, cancellable=cancellable, widget=busy)
        loop = self._loop
        task = loop.create_task(self._carry_out(run, work, done, failed), name=title)
        self._runs[task] = run
        showing = loop.call_later(BUSY_AFTER, self._show_busy, run)
        task.add_done_callback(partial(self._ended, showing))

    def cancel(self, key: Hashable) -> None:
        """Cancel what runs under `key`, if anything does."""
        _cancel(task for task, run in self._runs.items() if run.key == key)

    def running(self) -> tuple[Running, ...]:
        """Return the operations that are shown as busy, the oldest first."""
        return tuple(run.running() for run in self._runs.values() if run.shown)

    async def settle(self) -> None:
        """Wait until nothing runs any more."""
        here = asyncio.current_task()
        while tasks := [task for task in self._runs if task is not here]:
            await asyncio.wait(tasks)
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Cancel all that runs, wait for it to end, and start nothing more."""
        self._closed = True
        _cancel(self._runs)
        await self.settle()

    async def _carry_out(
        self,
        run: _Run,
        work: Work[T],
        done: Callable[[T], None] | None,
        failed: Callable[[AppError], None] | None,
    ) -> None:
        try:
            result = await work(run.progress)
            _stop_if_cancelled()
            self._notifier.clear(run.title)
            if done is not None:
                done(result)
        except asyncio.CancelledError:
            raise
        except AppError as error:
            self._tell(run.title, error, failed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is shown here and nowhere else
            self._unexpected(error)

    def _tell(self, title: str, error: AppError, failed: Callable[[AppError], None] | None) -> None:
        if failed is None:
            self._notifier.error(title, str(error))
            return
        try:
            failed(error)
        except Exception as bug:  # noqa: BLE001 - as above
            self._unexpected(bug)

    def _show_busy(self, run: _Run) -> None:
        run.shown = True
        if run.widget is not None:
            self._waiting_widgets.hold(run.widget)
        if not self._reporting.isActive():
            self._reporting.start()
        self._report_running()

    def _ended(self, showing: asyncio.TimerHandle, task: asyncio.Task[None]) -> None:
        showing.cancel()
        run = self._runs.pop(task)
        if not run.shown or not shiboken6.isValid(self):
            return
        if run.widget is not None:
            self._waiting_widgets.release(run.widget)
        self._report_running()
        if not self.running():
            self._reporting.stop()

    def _report_running(self) -> None:
        self.running_changed.emit(self.running())


class _WaitingWidgets:
    """Disables widgets while work of theirs runs and gives the keyboard focus back afterwards."""

    def __init__(self) -> None:
        self._held: dict[QWidget, int] = {}
        self._focus: dict[QWidget, tuple[QWidget, QWidget | None]] = {}  # what had it, and where it went

    def hold(self, widget: QWidget) -> None:
        if not shiboken6.isValid(widget):
            return
        if widget in self._held:
            self._held[widget] += 1
        elif widget.isEnabled():
            self._held[widget] = 1
            focused = QApplication.focusWidget()
            widget.setEnabled(False)
            if focused is not None and (focused is widget or widget.isAncestorOf(focused)):
                self._focus[widget] = focused, QApplication.focusWidget()

    def release(self, widget: QWidget) -> None:
        if widget not in self._held:
            return
        self._held[widget] -= 1
        if self._held[widget]:
            return
        del self._held[widget]
        had_focus, went_to = self._focus.pop(widget, (None, None))
        if not shiboken6.isValid(widget):
            return
        widget.setEnabled(True)
        if had_focus is not None and shiboken6.isValid(had_focus) and went_to is QApplication.focusWidget():
            had_focus.setFocus()


def _stop_if_cancelled() -> None:
    """Raise CancelledError when the work has swallowed it: what it returned is wanted no more."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _cancel(tasks: Iterable[asyncio.Task[None]], *_: object) -> None:
    """Cancel each once: a second time would cut off what it does to end in order, such as a rollback."""
    for task in tuple(tasks):
        if not task.cancelling():
            task.cancel()
