"""Questions leave the event loop running and come back with an answer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from tests.helpers.waiting import until
from tests.ui.dialogs import opened, type_name
from ui.asking import ask, confirm, pick_save

D = TypeVar("D", bound=QDialog)


@pytest.fixture
async def window() -> AsyncIterator[QWidget]:
    window = QWidget()
    window.resize(600, 400)
    window.show()
    yield window
    window.close()
    window.deleteLater()


def button(dialog: QDialog, text: str) -> QPushButton:
    [button] = [button for button in dialog.findChildren(QPushButton) if button.text() == text]
    return button


def start_question(window: QWidget, *, danger: bool = False, text: str = "") -> asyncio.Task[bool]:
    question = confirm(
        window,
        title="Stop recording first?",
        text=text,
        accept="Stop recording",
        reject="Go on recording",
        danger=danger,
    )
    return asyncio.ensure_future(question)


@pytest.mark.parametrize(("pressed", "answer"), [("Stop recording", True), ("Go on recording", False)])
async def test_the_pressed_button_is_the_answer(window: QWidget, pressed: str, answer: bool) -> None:
    question = start_question(window)
    button(await opened(window, QMessageBox), pressed).click()
    assert await question is answer


@pytest.mark.parametrize(("danger", "answer"), [(False, True), (True, False)])
async def test_enter_accepts_unless_it_is_dangerous(window: QWidget, danger: bool, answer: bool) -> None:
    question = start_question(window, danger=danger)
    QTest.keyClick(await opened(window, QMessageBox), Qt.Key.Key_Return)
    assert await question is answer


async def test_escape_is_a_no(window: QWidget) -> None:
    question = start_question(window)
    QTest.keyClick(await opened(window, QMessageBox), Qt.Key.Key_Escape)
    assert await question is False


async def test_what_a_question_says_is_never_markup(window: QWidget) -> None:
    question = start_question(window, text="<b>Ann</b> &amp; Bob")
    box = await opened(window, QMessageBox)
    formats = {label.textFormat() for label in box.findChildren(QLabel) if label.text()}
    assert formats == {Qt.TextFormat.PlainText}
    assert box.informativeText() == "<b>Ann</b> &amp; Bob"
    box.reject()
    await question


async def test_other_tasks_go_on_while_a_question_is_open(window: QWidget) -> None:
    question = start_question(window)
    box = await opened(window, QMessageBox)
    for _ in range(3):
        await asyncio.sleep(0.001)
    assert not question.done()
    box.reject()
    assert await question is False


async def test_a_question_leaves_no_dialog_behind(window: QWidget) -> None:
    question = start_question(window)
    (await opened(window, QMessageBox)).reject()
    await question
    await until(lambda: not window.findChildren(QDialog))


async def test_control_and_enter_press_the_default_button(window: QWidget) -> None:
    dialog = QDialog(window)
    layout = QVBoxLayout(dialog)
    notes, save = QPlainTextEdit(), QPushButton("Start")
    layout.addWidget(notes)
    layout.addWidget(save)
    save.setDefault(True)
    save.clicked.connect(dialog.accept)
    answer = asyncio.ensure_future(ask(dialog))
    await opened(window, QDialog)
    notes.setFocus()
    QTest.keyClick(notes, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert await answer == QDialog.DialogCode.Accepted
    assert notes.toPlainText() == ""


async def test_cancelling_closes_the_dialog(window: QWidget) -> None:
    dialog = QDialog(window)
    answer = asyncio.ensure_future(ask(dialog))
    await opened(window, QDialog)
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer
    assert not dialog.isVisible()


async def test_a_dialog_that_goes_with_its_window_is_a_no(window: QWidget) -> None:
    owner = QWidget(window)
    answer = asyncio.ensure_future(ask(QDialog(owner)))
    await opened(window, QDialog)
    owner.deleteLater()
    assert await answer == QDialog.DialogCode.Rejected


async def test_a_file_to_save_gets_the_ending_of_its_kind(window: QWidget, tmp_path: Path) -> None:
    picking = asyncio.ensure_future(
        pick_save(window, title="Save", name="kinelog.json", filters=["JSON (*.json)"], folder=tmp_path)
    )
    dialog = await opened(window, QFileDialog)
    assert dialog.selectedFiles() == [str(tmp_path / "kinelog.json")]
    type_name(dialog, "copy")
    assert await picking == tmp_path / "copy.json"


async def test_thinking_better_of_it_picks_nothing(window: QWidget) -> None:
    picking = asyncio.ensure_future(pick_save(window, title="Save", name="a.json", filters=["JSON (*.json)"]))
    (await opened(window, QFileDialog)).reject()
    assert await picking is None
