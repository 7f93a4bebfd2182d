"""Dialogs as a user meets them."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QWidget

from tests.helpers.waiting import until

D = TypeVar("D", bound=QDialog)


async def opened(window: QWidget, kind: type[D]) -> D:
    def found() -> list[D]:
        return [dialog for dialog in window.findChildren(kind) if dialog.isVisible()]

    await until(found)
    [dialog] = found()
    await until(dialog.isActiveWindow)
    return dialog


def type_name(dialog: QFileDialog, name: str) -> None:
    """Type a file's name and press Enter, as a user does who does not wait for the folder to be listed."""
    [line] = dialog.findChildren(QLineEdit, "fileNameEdit")
    line.setText(name)
    QTest.keyClick(line, Qt.Key.Key_Return)
