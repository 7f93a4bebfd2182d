"""Tests of the window run on the program's own event loop and leave nothing behind."""

import asyncio
import gc
import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from tests.ui.desk import desk
from ui.eventloop import EventLoop
from ui.theme import ThemeManager

__all__ = ["desk"]

GIVE_UP_SECONDS = 60.0


class StrictEventLoop(EventLoop):
    """The program's loop, keeping the errors that nobody handled."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.errors: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.errors.append(context))

    def give_up(self) -> None:
        """Cancel every task: a signal, pytest-timeout's way, is not heard while Qt waits for events."""
        waiting = asyncio.all_tasks(self)
        self.errors.append({"message": f"Still waiting after {GIVE_UP_SECONDS:g} s", "tasks": waiting})
        for task in waiting:
            task.cancel()


def _new_loop() -> StrictEventLoop:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return StrictEventLoop(app)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"qt": _new_loop}


@pytest.fixture(scope="session", autouse=True)
def application(qapp: QApplication) -> QApplication:
    """The QApplication, made before any loop and dressed as the program does before its first window.

    It goes on when a test closes its last window.
    """
    qapp.setQuitOnLastWindowClosed(False)
    ThemeManager().apply(qapp, mode="light", text_scale=1.0, right_to_left=False)
    return qapp


@pytest.fixture(autouse=True)
def nothing_left_behind(application: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail tests that leave a window open, a task running or an error unhandled."""
    if inspect.iscoroutinefunction(request.function):
        request.getfixturevalue("_watched_loop")
    yield
    left = [window for window in application.topLevelWidgets() if window.isVisible()]
    for window in left:
        window.hide()
        window.deleteLater()
    assert not left, f"Windows left open: {left}"


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """The machine's language again after tests that chose another."""
    before = QLocale()
    yield
    QLocale.setDefault(before)


@pytest.fixture
async def _watched_loop() -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, StrictEventLoop)
    before = asyncio.all_tasks()
    patience = loop.call_later(GIVE_UP_SECONDS, loop.give_up)
    yield
    patience.cancel()
    await asyncio.sleep(0)
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    gc.collect()  # a task whose exception nobody fetched says so only when it goes
    assert not left, f"Tasks left running: {left}"
    assert not loop.errors, f"Errors that nobody handled: {loop.errors}"
