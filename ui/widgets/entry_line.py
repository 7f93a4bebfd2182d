"""A line whose Enter, Tab, arrows and Esc belong to what is typed in it."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent

from ui.widgets.line_edit import LineEdit

FORWARD = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down)
OWN = (*FORWARD, Qt.Key.Key_Up, Qt.Key.Key_Escape)


class EntryLine(LineEdit):
    """`submitted` asks to take the text and to go on, 1 to what comes next, -1 to what came before.

    `cancelled` comes with Esc.
    """

    submitted = Signal(int)
    cancelled = Signal()

    def __init__(self, *, name: str, suffix: str = "", placeholder: str = "") -> None:
        super().__init__(name=name, suffix=suffix, placeholder=placeholder)
        self.setProperty("entry", True)  # a line of its own, also inside a list

    def event(self, event: QEvent) -> bool:
        # Without this a shortcut of the window on the same key would come first.
        overridden = event.type() == QEvent.Type.ShortcutOverride
        if overridden and isinstance(event, QKeyEvent) and event.key() in OWN:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        elif event.key() in FORWARD:
            self.submitted.emit(1)
        elif event.key() == Qt.Key.Key_Up:
            self.submitted.emit(-1)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        self.submitted.emit(1 if forward else -1)
        return True
