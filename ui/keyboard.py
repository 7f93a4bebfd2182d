"""When a single key is a command, and which key it is on any keyboard."""

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

_EDITORS = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox)
_ROW = "1234567890"

# Property of a button that Enter presses, so that Space stays with the stopwatch.
LEAVES_SPACE = "leaves_space"

# The place of the digits above the letters, whatever is printed on them.
_X11_CODES = {10 + place: digit for place, digit in enumerate(_ROW)}  # evdev's numbers and 8
_WINDOWS_CODES = {2 + place: digit for place, digit in enumerate(_ROW)}  # scan code set 1
_MACOS_CODES = dict(zip((18, 19, 20, 21, 23, 22, 26, 28, 25, 29), _ROW, strict=True))  # kVK_ANSI_1 to _0


def takes_text(widget: QWidget | None) -> bool:
    """Return whether what is typed belongs to `widget`."""
    return isinstance(widget, _EDITORS)


def takes_space(widget: QWidget | None) -> bool:
    """Return whether Space presses `widget` or is typed into it."""
    if isinstance(widget, QAbstractButton):
        return not widget.property(LEAVES_SPACE)
    return takes_text(widget)


def digit_by_place(event: QKeyEvent) -> str | None:
    """Return the digit whose place the key has, for rows that print other signs (French, Persian).

    None for a key elsewhere, with a modifier, or that is a digit already.
    """
    if event.modifiers() != Qt.KeyboardModifier.NoModifier or Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9:
        return None
    if sys.platform == "darwin":
        return _MACOS_CODES.get(event.nativeVirtualKey())
    codes = _WINDOWS_CODES if sys.platform == "win32" else _X11_CODES
    return codes.get(event.nativeScanCode())
