"""The message after a delete, with its way back."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QSizePolicy

from ui.widgets.announce import announce
from ui.widgets.button import Button
from ui.widgets.label import ElidedLabel
from ui.widgets.layout import hbox

SECONDS = 8.0


class Toast(QFrame):
    """What was done, and Undo. It goes by itself, but never while it is pointed at or has the focus.

    Exactly one of `undone` and `dismissed` follows each message, and the toast hides.
    """

    undone = Signal()
    dismissed = Signal()

    def __init__(self, *, seconds: float = SECONDS) -> None:
        super().__init__()
        self.setProperty("role", "toast")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._seconds = seconds
        self._open = False
        self._left = 0
        self._text = ElidedLabel(tone="toast")
        self._text.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._undo = Button(self.tr("Undo"), icon="undo-2", kind="toast", directional=True)
        self._close = Button(icon="x", kind="toast-icon", name=self.tr("Close"), icon_size=18)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.dismiss)
        self._undo.clicked.connect(self.undo)
        self._close.clicked.connect(self.dismiss)
        for button in (self._undo, self._close):
            button.installEventFilter(self)
        self.setLayout(hbox(self._text, 8, self._undo, self._close, spacing=4, margins=(20, 6, 8, 6)))
        self.hide()

    def set_seconds(self, seconds: float) -> None:
        """Let the next message stay so long."""
        self._seconds = seconds

    def show_message(self, text: str, *, key: str = "", undoable: bool = True, answer: str = "") -> None:
        """Say what was done; a message still open is dismissed first. `key` is what also undoes it, "Ctrl Z".

        With `answer`, other words than Undo, it is offered to go on from it instead.
        """
        self.dismiss()
        self._open = True
        self._text.setText(text)
        self._undo.set_key(key)
        self._undo.setText(answer or self.tr("Undo"))
        self._undo.set_icon("" if answer else "undo-2")
        self._undo.setVisible(undoable)
        self.setAccessibleName(text)
        self.show()
        self._left = round(self._seconds * 1000)
        self._wait_or_run()
        announce(self, text)

    def is_waiting(self) -> bool:
        """Whether the time stands still, since somebody points at the toast or has the focus in it."""
        return self._open and not self._timer.isActive()

    def undo(self) -> None:
        """Take the way back, as the button does."""
        if self._end():
            self.undone.emit()

    def dismiss(self) -> None:
        """Go without being undone."""
        if self._end():
            self.dismissed.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._wait_or_run()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._wait_or_run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.FocusIn, QEvent.Type.FocusOut}:
            self._wait_or_run()
        return super().eventFilter(watched, event)

    def _wait_or_run(self) -> None:
        if not self._open:
            return
        if self.underMouse() or self._undo.hasFocus() or self._close.hasFocus():
            if self._timer.isActive():
                self._left = self._timer.remainingTime()
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start(self._left)

    def _end(self) -> bool:
        was_open, self._open = self._open, False
        self._timer.stop()
        self.hide()
        return was_open
