"""A line for a passphrase or a key: hidden, until the eye is pressed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLineEdit

from ui.widgets.button import Button
from ui.widgets.field import Field
from ui.widgets.line_edit import LineEdit

LONGEST = 1000
EYE = 40
EDGE = 4


class SecretEdit(LineEdit):
    """A line that hides what is typed, with an eye at its end; pasting is welcome."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, tall=True, max_length=LONGEST)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoAutoUppercase
            | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.eye = Button(kind="icon", icon="eye", height=EYE, icon_size=18)
        self.eye.setParent(self)
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._reveal)
        self._reveal(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = self.eye.sizeHint()
        x = EDGE if self.isRightToLeft() else self.width() - size.width() - EDGE
        self.eye.setGeometry(x, (self.height() - size.height()) // 2, size.width(), size.height())
        room = size.width()
        left, right = (room, 0) if self.isRightToLeft() else (0, room)
        self.setTextMargins(left, 0, right, 0)

    def _reveal(self, shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self.eye.set_icon("eye-off" if shown else "eye")
        self.eye.set_name(self.tr("Hide what is typed") if shown else self.tr("Show what is typed"))


class SecretField(Field):
    """A question whose answer is secret. `entered` comes with Enter, `edited` with each change by the user."""

    edited = Signal(str)
    entered = Signal()

    def __init__(self, words: str, *, above: str = "") -> None:
        edit = SecretEdit(words)
        super().__init__(words, edit, above=above)
        self.edit = edit
        self.edit.textEdited.connect(self.edited)
        self.edit.returnPressed.connect(self.entered)
        self.edited.connect(self.clear_error)

    def text(self) -> str:
        return self.edit.text()

    def clear(self) -> None:
        """Forget what was typed, and hide what will be."""
        self.edit.clear()
        self.edit.eye.setChecked(False)
