"""The editor of the notes: several lines, Enter keeps them."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from desktop.schemas import NOTES_LIMIT
from ui.widgets.label import label
from ui.widgets.layout import vbox
from ui.widgets.text_area import TextArea

HEIGHT = 84
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
OWN = (*ENTER, Qt.Key.Key_Escape)


class NotesArea(TextArea):
    """Enter is done, Shift+Enter begins a line, Esc leaves."""

    submitted = Signal(int)
    cancelled = Signal()

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
        elif event.key() in ENTER and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.submitted.emit(1)
        else:
            super().keyPressEvent(event)


class NotesEntry(QWidget):
    """The notes while they are typed; the signals are those of an Entry."""

    entered = Signal(object, str, int)
    passed = Signal(int)
    cancelled = Signal()
    edited = Signal()

    def __init__(self, text: str) -> None:
        super().__init__()
        self._before = text
        self.line = NotesArea(name=self.tr("Notes"), placeholder=self.tr("What matters at this visit"))
        self.line.setPlainText(text)
        self.line.setFixedHeight(HEIGHT)
        self.line.submitted.connect(self.submit)
        self.line.cancelled.connect(self.cancelled)
        self.line.textChanged.connect(self._limit)
        self.line.textChanged.connect(self.edited)
        self._hint = label(self.tr("Enter keeps the notes, Shift+Enter begins a line."), "caption", "muted")
        self.setLayout(vbox(self.line, self._hint, spacing=4))
        self.setFocusProxy(self.line)

    def text(self) -> str:
        return self.line.toPlainText()

    def type_text(self, text: str, _reason: str = "") -> None:
        """Show what was typed before and not taken."""
        self.line.setPlainText(text)

    def reason(self) -> str:
        """Return nothing: notes need no reason."""
        return ""

    def has_changed(self) -> bool:
        return self.text() != self._before

    def is_edited(self) -> bool:
        """Whether there is something to record that the user has typed."""
        return self.has_changed()

    def submit(self, step: int) -> None:
        """Hand the notes out."""
        if self.has_changed():
            self.entered.emit(self.text(), "", step)
        else:
            self.passed.emit(step)

    def settle(self) -> bool:
        """Hand the notes out, since the user has gone elsewhere."""
        if self.has_changed():
            self.submit(0)
        return True

    def _limit(self) -> None:
        """Cut what is beyond the limit, as it is typed or pasted."""
        if len(self.text()) > NOTES_LIMIT:
            self.line.setPlainText(self.text()[:NOTES_LIMIT])
            self._hint.setText(self.tr("Notes have at most {limit} letters.").format(limit=NOTES_LIMIT))
