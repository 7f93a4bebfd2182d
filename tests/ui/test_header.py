"""The header: search, a new session, the menu, and what is left of it in a small window."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ui.panels.header import SEARCH_WIDTH, Header
from ui.theme import HEIGHT, ThemeManager
from ui.widgets.button import Button


@pytest.fixture
def header() -> Iterator[Header]:
    made = Header()
    made.resize(1440, HEIGHT.header)
    made.show()
    yield made
    made.close()
    made.deleteLater()


def test_every_letter_searches(header: Header) -> None:
    heard: list[str] = []
    header.search_changed.connect(heard.append)
    header.focus_search()
    QTest.keyClicks(header.search, "am")
    assert heard == ["a", "am"]


def test_escape_clears_and_leaves_the_search_even_where_the_window_uses_escape(header: Header) -> None:
    others: list[int] = []
    shortcut = QShortcut(QKeySequence("Esc"), header)
    shortcut.activated.connect(lambda: others.append(1))
    left: list[int] = []
    header.search_left.connect(lambda: left.append(1))
    header.activateWindow()
    header.focus_search()
    QTest.keyClicks(header.search, "am")
    QTest.keyClick(header.search, Qt.Key.Key_Escape)
    assert header.search.text() == ""
    assert left == [1]
    assert others == []


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_down_and_enter_lead_to_what_was_found(header: Header, key: Qt.Key) -> None:
    wanted: list[int] = []
    header.list_wanted.connect(lambda: wanted.append(1))
    QTest.keyClicks(header.search, "am")
    QTest.keyClick(header.search, key)
    assert wanted == [1]
    assert header.search.text() == "am"


def test_the_mouse_can_clear_the_search_too(header: Header) -> None:
    clear = header.search.findChild(Button)
    assert isinstance(clear, Button)
    assert not clear.isVisible()
    QTest.keyClicks(header.search, "am")
    assert clear.isVisible()
    QTest.mouseClick(clear, Qt.MouseButton.LeftButton)
    assert header.search.text() == ""


def test_the_new_session_button_speaks_its_key(header: Header) -> None:
    heard: list[int] = []
    header.new_session.connect(lambda: heard.append(1))
    QTest.mouseClick(header.new_button, Qt.MouseButton.LeftButton)
    assert heard == [1]
    assert header.new_button.accessibleName() == "New session"
    assert "Ctrl N" in header.new_button.accessibleDescription()
    assert header.menu_button.accessibleName() == "Menu"
    assert "F10" in header.menu_button.accessibleDescription()


def test_one_view_has_one_primary_button(header: Header) -> None:
    assert header.new_button.kind() == "primary"
    header.set_primary(False)
    assert header.new_button.kind() == "secondary"
    header.set_primary(True)
    assert header.new_button.kind() == "primary"


def test_while_recording_keys_stay_with_the_recorder(header: Header) -> None:
    header.set_recording(True)
    assert not header.new_button.isEnabled()
    header.focus_search()
    assert not header.search.hasFocus()
    header.set_recording(False)
    header.focus_search()
    assert header.search.hasFocus()


def test_a_small_window_has_a_lower_header_with_a_button_for_the_sessions(header: Header) -> None:
    heard: list[int] = []
    header.sessions_toggled.connect(lambda: heard.append(1))
    assert header.height() == HEIGHT.header
    assert not header.sessions_button.isVisible()
    header.set_compact(True)
    assert header.minimumHeight() == header.maximumHeight() == HEIGHT.header_small
    QTest.mouseClick(header.sessions_button, Qt.MouseButton.LeftButton)
    assert heard == [1]
    header.set_compact(False)
    assert not header.sessions_button.isVisible()


def test_the_search_is_as_wide_as_it_may(header: Header) -> None:
    assert header.search.width() == SEARCH_WIDTH
    assert header.search.height() == HEIGHT.control


@pytest.mark.parametrize("rtl", [False, True])
def test_large_text_fits_into_the_smallest_window(header: Header, qapp: QApplication, rtl: bool) -> None:
    manager = ThemeManager()
    try:
        manager.apply(qapp, mode="light", text_scale=1.5, right_to_left=rtl)
        header.set_compact(True)
        assert header.minimumSizeHint().width() <= 1024
        assert header.search.minimumSizeHint().height() <= HEIGHT.header_small
    finally:
        manager.apply(qapp, mode="light", text_scale=1.0, right_to_left=False)
