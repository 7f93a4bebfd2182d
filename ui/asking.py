"""Questions to the user that leave the event loop running: a dialog is opened and its answer awaited."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel, QMessageBox, QPushButton, QWidget


async def ask(dialog: QDialog) -> int:
    """Show `dialog` over its window and return its result; Rejected when it is destroyed unanswered.

    Ctrl+Enter presses its default button. The dialog stays the caller's: it can be read afterwards, and is to be
    deleted. Cancelling closes it.
    """
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def give(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    def destroyed() -> None:
        give(int(QDialog.DialogCode.Rejected))

    primary = let_control_enter_press(dialog)
    dialog.finished.connect(give)
    dialog.destroyed.connect(destroyed)
    QDialog.open(dialog)  # some dialogs hide it behind an open() of their own
    try:
        return await answer
    finally:
        if shiboken6.isValid(dialog):
            dialog.finished.disconnect(give)
            dialog.destroyed.disconnect(destroyed)
            primary.deleteLater()
            if answer.cancelled():
                dialog.reject()


def let_control_enter_press(dialog: QDialog) -> QShortcut:
    """Let Ctrl+Enter press the default button of `dialog`, wherever its keyboard is."""
    primary = QShortcut(dialog)
    primary.setKeys([QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")])
    primary.activated.connect(lambda: _press_default(dialog))
    return primary


async def confirm(
    parent: QWidget, *, title: str, text: str, accept: str, reject: str, danger: bool = False
) -> bool:
    """Ask whether to go on; `accept` and `reject` are verbs. With `danger`, Enter does not accept."""
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(text)
    for label in box.findChildren(QLabel):
        label.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Warning if danger else QMessageBox.Icon.Question)
    yes = box.addButton(accept, QMessageBox.ButtonRole.AcceptRole)
    no = box.addButton(reject, QMessageBox.ButtonRole.RejectRole)
    yes.setProperty("kind", "danger" if danger else "primary")
    box.setDefaultButton(no if danger else yes)
    box.setEscapeButton(no)
    try:
        await ask(box)
        return shiboken6.isValid(box) and box.clickedButton() == yes
    finally:
        _delete(box)


async def pick_save(
    parent: QWidget, *, title: str, name: str, filters: Sequence[str], folder: Path | None = None
) -> Path | None:
    """Ask where to save a file, `name` proposed; None when the user thinks better of it.

    `filters` are Qt's, as "JSON (*.json)"; the ending of `name` is added where none is typed.
    """
    dialog = QFileDialog(parent, title, str(folder or ""))
    dialog.setNameFilters(list(filters))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    dialog.selectFile(name)
    return await _picked(dialog)


async def pick_open(parent: QWidget, *, title: str, filters: Sequence[str]) -> Path | None:
    """Ask for a file that is there; None when the user thinks better of it. `filters` are those of `pick_save`."""
    dialog = QFileDialog(parent, title)
    dialog.setNameFilters(list(filters))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    return await _picked(dialog)


async def pick_folder(parent: QWidget, *, title: str) -> Path | None:
    """Ask for a folder that is there; None when the user thinks better of it."""
    dialog = QFileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return await _picked(dialog)


async def _picked(dialog: QFileDialog) -> Path | None:
    try:
        if await ask(dialog) != QDialog.DialogCode.Accepted or not shiboken6.isValid(dialog):
            return None
        return Path(dialog.selectedFiles()[0])
    finally:
        _delete(dialog)


def _press_default(dialog: QDialog) -> None:
    for button in dialog.findChildren(QPushButton):
        if button.isDefault() and button.isEnabled():
            button.click()
            return


def _delete(dialog: QDialog) -> None:
    if shiboken6.isValid(dialog):
        dialog.deleteLater()
