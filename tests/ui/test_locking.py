"""Locking by itself: after a while without input, and when the laptop has slept."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from tests.helpers.waiting import until
from ui.locking import ASK_AGAIN_S, AutoLock


@dataclass
class Watch:
    """An auto-lock on a clock that is moved by hand."""

    owner: QObject
    seconds: float = 1000.0
    asked: int = 0
    lock: AutoLock = field(init=False)

    def __post_init__(self) -> None:
        self.lock = AutoLock(self.owner, idle_s=300, key=QKeySequence("Ctrl+L"), clock=lambda: self.seconds)
        self.lock.wanted.connect(self._count)

    def wait(self, seconds: int) -> int:
        """Let so many seconds pass one by one; returns how often a lock was asked for meanwhile."""
        before = self.asked
        for _ in range(seconds):
            self.seconds += 1
            self.lock.look()
        return self.asked - before

    def _count(self) -> None:
        self.asked += 1


@pytest.fixture
def watch() -> Iterator[Watch]:
    owner = QObject()
    yield Watch(owner)
    owner.deleteLater()


def test_a_lock_is_asked_for_after_the_time_without_input(watch: Watch) -> None:
    assert watch.wait(299) == 0
    assert watch.wait(1) == 1


def test_it_is_asked_for_again_while_it_is_not_granted(watch: Watch) -> None:
    watch.wait(300)
    assert watch.wait(round(ASK_AGAIN_S) * 3) == 3


def test_a_window_that_only_gets_and_loses_the_keyboard_is_locked(watch: Watch) -> None:
    """A message of another program takes the keyboard for a moment, again and again; nobody is there."""
    for _ in range(2):
        watch.wait(160)
        QGuiApplication.instance().focusWindowChanged.emit(None)
    assert watch.asked > 0


def test_input_begins_the_time_anew(watch: Watch) -> None:
    line = QLineEdit()
    line.show()
    line.activateWindow()
    watch.lock._listen(line.windowHandle())
    watch.wait(299)
    QTest.keyClick(line.windowHandle(), Qt.Key.Key_A)
    assert watch.wait(299) == 0
    QTest.mouseClick(line.windowHandle(), Qt.MouseButton.LeftButton)
    assert watch.wait(299) == 0
    assert watch.wait(1) == 1
    line.close()
    line.deleteLater()


@pytest.mark.parametrize("jump", [3600.0, 60.0, -3600.0])
def test_a_laptop_that_slept_is_locked_at_once_and_until_it_is(watch: Watch, jump: float) -> None:
    watch.wait(5)
    watch.seconds += jump
    watch.lock.look()
    assert watch.asked == 1
    assert watch.wait(3) == 3


async def test_the_key_asks_for_a_lock_over_a_dialog_too(watch: Watch) -> None:
    window = QWidget()
    window.show()
    dialog = QDialog(window)
    line = QLineEdit(dialog)
    dialog.open()
    await until(dialog.isActiveWindow)
    line.setFocus()
    watch.lock._listen(dialog.windowHandle())
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_L)
    assert (watch.asked, line.text()) == (0, "l")
    QTest.keyClick(dialog.windowHandle(), Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert (watch.asked, line.text()) == (1, "l")
    dialog.reject()
    window.close()
    window.deleteLater()
