"""What stands in the centre before the first session."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from ui.panels.empty import EmptyPanel
from ui.theme import ThemeManager
from ui.widgets.button import Button


@pytest.fixture
def panel() -> Iterator[EmptyPanel]:
    made = EmptyPanel()
    made.resize(736, 544)  # what is left of the smallest window beside the sessions
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_the_keyboard_begins_the_first_session(panel: EmptyPanel) -> None:
    heard: list[int] = []
    panel.new_session.connect(lambda: heard.append(1))
    panel.activateWindow()
    panel.focus_first()
    assert panel.new_button.hasFocus()
    QTest.keyClick(panel.new_button, Qt.Key.Key_Space)
    assert heard == [1]


def test_sample_data_are_asked_for(panel: EmptyPanel) -> None:
    heard: list[int] = []
    panel.sample_wanted.connect(lambda: heard.append(1))
    QTest.mouseClick(panel.sample_button, Qt.MouseButton.LeftButton)
    assert heard == [1]


def test_one_button_is_primary(panel: EmptyPanel) -> None:
    assert [button.kind() for button in panel.findChildren(Button)].count("primary") == 1


def test_nothing_is_claimed_that_is_not_there(panel: EmptyPanel) -> None:
    said = " ".join(label.text() for label in panel.findChildren(QLabel)).lower()
    assert "saved at once" in said
    for claim in ("encrypt", "sync", "passphrase"):
        assert claim not in said


def cut(panel: EmptyPanel) -> list[str]:
    """Give the texts that have less room than they need."""
    labels = panel.findChildren(QLabel)
    return [label.text() for label in labels if label.height() < label.heightForWidth(label.width())]


@pytest.mark.parametrize("rtl", [False, True])
def test_large_text_wraps_and_scrolls_and_nothing_is_cut(
    panel: EmptyPanel, qapp: QApplication, qtbot: QtBot, rtl: bool
) -> None:
    manager = ThemeManager()
    try:
        manager.apply(qapp, mode="light", text_scale=1.5, right_to_left=rtl)
        qtbot.waitUntil(lambda: not cut(panel))
    finally:
        manager.apply(qapp, mode="light", text_scale=1.0, right_to_left=False)
