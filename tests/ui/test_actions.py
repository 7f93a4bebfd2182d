"""Keys do what the page of shortcuts says, and never what belongs to the text being typed."""

from collections.abc import AsyncIterator, Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QLineEdit,
    QListWidget,
    QMainWindow,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tests.helpers.waiting import until
from ui.actions import TABLE, Actions, Group
from ui.resources import read

Key = Qt.Key
Modifier = Qt.KeyboardModifier


class Bench:
    """A window with a list that has the focus, and what was triggered in it."""

    def __init__(self) -> None:
        self.window = QMainWindow()
        page = QWidget()
        self.layout = QVBoxLayout(page)
        self.window.setCentralWidget(page)
        self.list = QListWidget()
        self.list.addItems(["Raise hand", "One-leg balance", "Jump"])
        self.layout.addWidget(self.list)
        self.actions = Actions(self.window)
        self.did: list[str] = []
        for entry in TABLE:
            if entry.keys:
                self.actions.connect_to(entry.id, self._note(entry.id))

    def _note(self, name: str) -> Callable[[], None]:
        return lambda: self.did.append(name)

    async def focus(self, widget: QWidget) -> None:
        if widget.parent() is None:
            self.layout.addWidget(widget)
        widget.setFocus()
        await until(widget.hasFocus)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Modifier.NoModifier) -> list[str]:
        """Press a key where the focus is and return what was triggered by it."""
        self.did.clear()
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key, modifier)
        return list(self.did)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    bench.window.show()
    bench.window.activateWindow()
    await until(bench.window.isActiveWindow)
    await bench.focus(bench.list)
    yield bench
    bench.window.close()
    bench.window.deleteLater()


@pytest.mark.parametrize(
    ("key", "done"),
    [
        (Key.Key_Space, "run.toggle"),
        (Key.Key_Escape, "run.discard"),
        (Key.Key_1, "rate.success"),
        (Key.Key_2, "rate.partial"),
        (Key.Key_3, "rate.failed"),
        (Key.Key_0, "rate.not_tested"),
        (Key.Key_9, "rate.refused"),
        (Key.Key_L, "side.left"),
        (Key.Key_B, "side.both"),
        (Key.Key_R, "side.right"),
        (Key.Key_J, "task.next"),
        (Key.Key_K, "task.previous"),
        (Key.Key_N, "task.note"),
        (Key.Key_Delete, "task.delete"),
        (Key.Key_F2, "field.edit"),
        (Key.Key_F6, "pane.next"),
        (Key.Key_F1, "window.shortcuts"),
        (Key.Key_F10, "window.menu"),
    ],
)
async def test_a_key_does_what_the_table_says(bench: Bench, key: Qt.Key, done: str) -> None:
    assert bench.press(key) == [done]


@pytest.mark.parametrize(
    ("key", "done"),
    [
        (Key.Key_N, "session.new"),
        (Key.Key_T, "task.add"),
        (Key.Key_F, "session.search"),
        (Key.Key_Z, "edit.undo"),
        (Key.Key_B, "pane.sessions"),
        (Key.Key_M, "pane.metrics"),
        (Key.Key_Comma, "window.settings"),
    ],
)
async def test_a_key_with_control_does_what_the_table_says(bench: Bench, key: Qt.Key, done: str) -> None:
    assert bench.press(key, Modifier.ControlModifier) == [done]


async def test_the_keypad_rates_too(bench: Bench) -> None:
    assert bench.press(Key.Key_1, Modifier.KeypadModifier) == ["rate.success"]


@pytest.mark.parametrize("editor", [QLineEdit, QPlainTextEdit, QSpinBox, QDateEdit, QComboBox])
async def test_single_keys_are_silent_in_an_editor(bench: Bench, editor: type[QWidget]) -> None:
    widget = editor()
    await bench.focus(widget)
    for entry in TABLE:
        if entry.single:
            [combination] = QKeySequence(entry.keys[0])
            assert bench.press(combination.key()) == []


async def test_what_is_typed_arrives_in_the_editor(bench: Bench) -> None:
    editor = QLineEdit()
    await bench.focus(editor)
    QTest.keyClicks(editor, "L 1 9 n")
    assert editor.text() == "L 1 9 n"
    assert bench.did == []


async def test_keys_with_a_modifier_work_in_an_editor(bench: Bench) -> None:
    await bench.focus(QLineEdit())
    assert bench.press(Key.Key_N, Modifier.ControlModifier) == ["session.new"]


async def test_single_keys_come_back_with_the_focus(bench: Bench) -> None:
    editor = QLineEdit()
    await bench.focus(editor)
    await bench.focus(bench.list)
    assert bench.press(Key.Key_Space) == ["run.toggle"]
    assert bench.press(Key.Key_1) == ["rate.success"]


async def test_single_keys_that_are_held_do_nothing_and_others_do(bench: Bench) -> None:
    bench.actions.hold(True)
    for key in (Key.Key_Space, Key.Key_1, Key.Key_L, Key.Key_Delete, Key.Key_Escape):
        assert bench.press(key) == []
    assert bench.press(Key.Key_N, Modifier.ControlModifier) == ["session.new"]
    bench.actions.hold(False)
    assert bench.press(Key.Key_1) == ["rate.success"]


@pytest.mark.parametrize("kind", [QPushButton, QCheckBox])
async def test_space_belongs_to_a_focused_button_and_digits_do_not(
    bench: Bench, kind: type[QPushButton | QCheckBox]
) -> None:
    button = kind()
    clicks: list[str] = []
    button.clicked.connect(lambda: clicks.append("click"))
    await bench.focus(button)
    assert bench.press(Key.Key_Space) == []
    assert len(clicks) == 1
    assert bench.press(Key.Key_1) == ["rate.success"]


async def test_a_disabled_action_is_not_triggered(bench: Bench) -> None:
    bench.actions.enable("run.discard", False)
    assert bench.press(Key.Key_Escape) == []
    bench.actions.enable("run.discard", True)
    assert bench.press(Key.Key_Escape) == ["run.discard"]


async def test_an_action_appears_when_it_is_connected() -> None:
    window = QMainWindow()
    actions = Actions(window)
    assert not actions.action("session.new").isVisible()
    actions.connect_to("session.new", lambda: None)
    assert actions.action("session.new").isVisible()
    window.deleteLater()


async def test_single_keys_do_not_repeat_while_they_are_held(bench: Bench) -> None:
    repeating = {entry.id for entry in TABLE if bench.actions.action(entry.id).autoRepeat()}
    assert not repeating & {entry.id for entry in TABLE if entry.single}
    assert repeating == {"edit.undo", "edit.redo", "pane.next", "pane.previous"}


def french_one(scan_code: int = 10, *, repeated: bool = False) -> QKeyEvent:
    """The key left of all digits on a French keyboard of this platform: it prints an ampersand."""
    return QKeyEvent(
        QEvent.Type.ShortcutOverride,
        Key.Key_Ampersand,
        Modifier.NoModifier,
        scan_code,
        0,
        0,
        "&",
        repeated,
    )


async def test_a_row_that_prints_other_signs_rates_by_its_places(bench: Bench) -> None:
    QApplication.sendEvent(bench.list, french_one())
    assert bench.did == ["rate.success"]
    QApplication.sendEvent(bench.list, french_one(repeated=True))
    assert bench.did == ["rate.success"]


async def test_such_a_row_is_held_too(bench: Bench) -> None:
    bench.actions.hold(True)
    QApplication.sendEvent(bench.list, french_one())
    assert bench.did == []


async def test_such_a_sign_is_typed_in_an_editor(bench: Bench) -> None:
    editor = QLineEdit()
    await bench.focus(editor)
    QApplication.sendEvent(editor, french_one())
    assert bench.did == []


async def test_a_letter_is_no_digit(bench: Bench) -> None:
    QApplication.sendEvent(bench.list, french_one(scan_code=40))
    assert bench.did == []


async def test_the_page_of_shortcuts_lists_what_is_connected_under_its_headings() -> None:
    window = QMainWindow()
    actions = Actions(window)
    actions.connect_to("task.next", lambda: None)
    page = dict(actions.shortcuts())
    assert page["Tasks and metrics"] == [("Next task", ("J", "Down"))]
    assert "Recording" not in page
    assert ("Leave search", ("Esc",)) in page["Sessions"]
    window.deleteLater()


async def test_a_button_can_show_the_key_of_its_action(bench: Bench) -> None:
    assert bench.actions.key("session.new") == "Ctrl+N"
    assert bench.actions.key("window.about") == ""


def test_no_key_does_two_things() -> None:
    keys = [key for entry in TABLE for key in entry.keys]
    assert len(keys) == len(set(keys))
    assert all(not QKeySequence(key).isEmpty() for key in keys)


def test_every_action_has_its_name_and_a_bundled_icon() -> None:
    assert len({entry.id for entry in TABLE}) == len(TABLE)
    assert {entry.group for entry in TABLE} == set(Group)
    for entry in TABLE:
        if entry.icon:
            assert read("icons", f"{entry.icon}.svg").startswith(b"<")
