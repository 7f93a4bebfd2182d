"""What is written about one task result: a note, and how it was given differently."""

from math import ceil
from typing import Any
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from desktop.schemas import TaskRecord
from ui import words
from ui.opened import OpenSession
from ui.widgets.button import Button
from ui.widgets.keycap import key_text
from ui.widgets.label import ElidedLabel
from ui.widgets.layout import hbox, vbox
from ui.widgets.line_edit import LineEdit
from ui.widgets.text_area import TextArea

LINES = 3
_LEAVING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NoteEntry(QFrame):
    """Edits the note of a task result in the layout; what was typed is saved when the note is left.

    What could not be saved stays as a draft and is shown again.
    """

    closed = Signal()

    def __init__(self, *, opened: OpenSession) -> None:
        super().__init__()
        self.setProperty("role", "well")
        self._opened = opened
        self._task_id: UUID | None = None
        self._drafts: dict[UUID, tuple[str, str]] = {}
        self._title = ElidedLabel(role="caption_strong", tone="muted")
        self.note = TextArea(name=self.tr("Note for this task"), placeholder=self.tr("Note for this task"))
        given = self.tr("Given differently, e.g. with a helping hand (optional)")
        self.deviation = LineEdit(name=self.tr("How the task was given differently"), placeholder=given)
        self._done = Button(self.tr("Done"), key=key_text("Ctrl+Return"))
        self._done.clicked.connect(self.leave)
        self.setLayout(
            vbox(
                self._title,
                self.note,
                hbox((self.deviation, 1), self._done, spacing=8),
                spacing=6,
                margins=(12, 8, 12, 12),
            )
        )
        self.note.textChanged.connect(self._typed)
        self.deviation.textEdited.connect(self._typed)
        for widget in self._parts():
            widget.installEventFilter(self)
        self.hide()

    def begin(self, task: TaskRecord) -> None:
        """Write about `task`; a draft of it comes first."""
        note, deviation = self._drafts.get(task.id, (task.notes, task.deviation or ""))
        self._task_id = None  # what is set now is not typed
        self.note.setPlainText(note)
        self.deviation.setText(deviation)
        self._task_id = task.id
        self._title.setText(words.task_title(self._opened.protocol, task))
        self._fit()
        self.show()
        self.note.moveCursor(self.note.textCursor().MoveOperation.End)
        self.note.setFocus()

    def leave(self) -> None:
        """Save and close; what is refused stays open."""
        if self._save():
            self._task_id = None
            self.hide()
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            QTimer.singleShot(0, self, self._settle)  # the focus has not arrived yet
        elif isinstance(event, QKeyEvent) and kind != QEvent.Type.KeyRelease and _is_leaving(event):
            event.accept()  # before a shortcut of the window on the same key
            if kind == QEvent.Type.KeyPress:
                self.leave()
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.layout() is not None:
            self._fit()

    def _parts(self) -> tuple[QWidget, ...]:
        return self.note, self.deviation, self._done

    def _typed(self) -> None:
        if self._task_id is not None:
            self._drafts[self._task_id] = (self.note.toPlainText(), self.deviation.text())

    def _settle(self) -> None:
        """Save when the focus has gone elsewhere; close unless only the window was left."""
        if self._task_id is None or QApplication.focusWidget() in self._parts():
            return
        if self.isVisible() and not self.isActiveWindow():
            self._save()
        else:
            self.leave()

    def _save(self) -> bool:
        """Save what was typed; False when it was refused and the user was told why."""
        task_id = self._task_id
        draft = self._drafts.get(task_id) if task_id else None
        record = self._opened.record
        task = next((task for task in record.task_results if task.id == task_id), None) if record else None
        if task is None or draft is None:
            return True
        values = {"notes": draft[0], "deviation": draft[1].strip() or None}
        changed: dict[str, Any] = {
            name: value for name, value in values.items() if value != getattr(task, name)
        }
        if changed and not self._opened.edit_task(task.id, **changed):
            return False
        del self._drafts[task.id]
        return True

    def _fit(self) -> None:
        line = self.note.fontMetrics().lineSpacing()
        self.note.setFixedHeight(ceil(LINES * line + 2 * self.note.document().documentMargin()) + 20)


def _is_leaving(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_Escape or (control and event.key() in _LEAVING)
