"""The dialog that begins a session, opened over a small window, and how a person uses it."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.crud import local_day
from desktop.schemas import SessionRecord
from desktop.services.recording import load_session
from tests.helpers.logs import WatchedLog
from tests.helpers.waiting import signal, until
from tests.ui.desk import Desk
from ui.dialogs.new_session import NewSessionDialog

HOSTILE = "<img src=x> Ada"
POPUPS_OFFSCREEN = "This plugin does not support (raise|grabbing the keyboard)"


@pytest.fixture
async def dialog(desk: Desk, watched_log: WatchedLog) -> AsyncIterator[NewSessionDialog]:
    watched_log.allow(POPUPS_OFFSCREEN)
    window = QWidget()
    window.resize(1024, 640)
    window.show()
    made = NewSessionDialog(
        window, core=desk.core, operations=desk.operations, actor=desk.actor, site="Clinic"
    )
    QAbstractItemModelTester(
        made.form.child.popup.model, QAbstractItemModelTester.FailureReportingMode.Fatal, made
    )
    made.open()
    made.activateWindow()
    await desk.operations.settle()
    await until(made.form.child.name.edit.hasFocus)
    yield made
    await desk.operations.settle()
    made.close()
    window.close()
    window.deleteLater()


def write(text: str) -> None:
    """Type into what has the focus."""
    QTest.keyClicks(focused(), text)


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(focused(), key, modifiers)


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def tab(times: int = 1) -> None:
    for _ in range(times):
        press(Qt.Key.Key_Tab)


def start(_dialog: NewSessionDialog) -> None:
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


async def begun(dialog: NewSessionDialog, desk: Desk) -> SessionRecord:
    """Start by keyboard and give what was stored."""
    heard = signal(dialog.begun)
    start(dialog)
    (session_id,) = await heard
    assert not dialog.isVisible()
    return (await load_session(desk.core.database, session_id)).record


def fill(dialog: NewSessionDialog, name: str = "John Doe", age: str = "8") -> None:
    """Type what a session needs at least."""
    dialog.form.child.name.setFocus()
    write(name)
    dialog.form.fields.age.setFocus()
    write(age)


async def known(dialog: NewSessionDialog, desk: Desk, text: str) -> None:
    """Type a part of a known child's name and choose the first that is offered."""
    dialog.form.child.name.setFocus()
    write(text)
    view = dialog.form.child.popup.view
    await until(view.isVisible)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    await desk.operations.settle()
    await until(dialog.form.height_field.line.edit.hasFocus)


def today(desk: Desk) -> date:
    return local_day(desk.core.clock.now(), desk.core.clock.utc_offset_minutes())
