"""The page of shortcuts shows the keys that work, and no others."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QWidget

from ui.actions import TABLE, Actions
from ui.dialogs.shortcuts import ShortcutsDialog
from ui.theme import ThemeManager
from ui.widgets.keycap import Keycap


@pytest.fixture
def window(application: QApplication) -> Iterator[QWidget]:
    made = QWidget()
    made.resize(1024, 640)
    yield made
    made.deleteLater()


def opened(window: QWidget, *names: str) -> ShortcutsDialog:
    """The page with these actions connected."""
    actions = Actions(window)
    for name in names:
        actions.connect_to(name, window.update)
    dialog = ShortcutsDialog(window, actions)
    dialog.open()
    return dialog


def keys(dialog: ShortcutsDialog) -> list[str]:
    return [cap.text() for cap in dialog.findChildren(Keycap)]


def test_only_what_is_connected_is_listed(window: QWidget) -> None:
    dialog = opened(window, "session.new", "rate.success", "task.add")
    words = {label.text() for label in dialog.findChildren(QLabel)}
    assert {"New session", "Rate: success", "Add task"} <= words
    assert "Lock" not in words
    assert "Undo" not in words
    assert {"Ctrl+N", "1", "Ctrl+T"} <= set(keys(dialog))
    dialog.reject()


def test_each_line_is_one_sentence_for_a_screen_reader(window: QWidget) -> None:
    dialog = opened(window, "session.new")
    names = {frame.accessibleName() for frame in dialog.findChildren(QFrame)}
    assert "New session: Ctrl+N" in names
    dialog.reject()


def test_escape_closes_it_and_keys_scroll(window: QWidget) -> None:
    dialog = opened(window, *(entry.id for entry in TABLE))
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Down)
    assert dialog.scroll_position() > 0
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isHidden()


def test_it_fits_a_small_window_in_every_look(window: QWidget, application: QApplication) -> None:
    manager = ThemeManager()
    try:
        for scale, mirrored in ((1.0, False), (1.5, False), (1.5, True)):
            manager.apply(application, mode="dark", text_scale=scale, right_to_left=mirrored)
            dialog = opened(window, *(entry.id for entry in TABLE))
            assert dialog.width() <= 1024
            assert dialog.height() <= 640
            dialog.reject()
            dialog.deleteLater()
    finally:
        manager.apply(application, mode="light", text_scale=1.0, right_to_left=False)
