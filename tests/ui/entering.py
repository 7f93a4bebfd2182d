"""A page before the records on a small screen, with operations of its own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from PySide6.QtWidgets import QWidget

from ui.entrance.setup import SetupPage
from ui.entrance.unlock import UnlockPage
from ui.notify import Notifier
from ui.operations import Operations

P = TypeVar("P", SetupPage, UnlockPage)


@asynccontextmanager
async def on_screen(make: Callable[[Operations], P]) -> AsyncIterator[tuple[P, Operations]]:
    """Show a page until the end of the block; every error that is a bug fails the test."""
    owner, unexpected = QWidget(), []
    operations = Operations(owner, notifier=Notifier(), unexpected=unexpected.append)
    page = make(operations)
    page.resize(1024, 640)
    page.show()
    page.activateWindow()
    page.begin()
    yield page, operations
    await operations.settle()
    await operations.close()
    for widget in (page, owner):
        widget.close()
        widget.deleteLater()
    assert not unexpected, unexpected
