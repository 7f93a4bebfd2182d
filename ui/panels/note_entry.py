"""What is written about one task result: a note, and how it was given differently."""

from math import ceil
from typing import Any
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from desktop.schemas import TaskRecord
from ui import words
from ui.drafts import Place, typed
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
        self._put(task)
        self.note.moveCursor(self.note.textCursor().MoveOperation.End)
        self.note.setFocus()

    def resume(self) -> None:
        """Show what was written about a task of the open session and is not saved; the keyboard stays where it is."""
        self._task_id = None
        self.hide()
        record = self._opened.record
        for task in record.task_results if record else ():
            if self._draft_of(task) not in {None, _written(task)}:
                self._put(task)
                return

    def _put(self, task: TaskRecord) -> None:
        self._task_id = None  # what is set now is not typed
        note, deviation = self._draft_of(task) or _written(task)
        self.note.setPlainText(note)
        self.deviation.setText(deviation)
        self._task_id = task.id
        self._title.setText(words.task_title(self._opened.protocol, task))
        self._fit()
        self.show()

    def _draft_of(self, task: TaskRecord) -> tuple[str, str] | None:
        draft = self._opened.drafts.get(_place(task.id))
        return (typed(draft, "notes"), typed(draft, "deviation")) if draft else None

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
        record = self._opened.record
        if self._task_id is not None and record is not None:
            content = {"notes": self.note.toPlainText(), "deviation": self.deviation.text()}
            self._opened.drafts.keep(_place(self._task_id), content, session=record.id)

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
        record = self._opened.record
        tasks = record.task_results if record else ()
        task = next((task for task in tasks if task.id == self._task_id), None)
        draft = self._draft_of(task) if task else None
        if task is None or draft is None:
            return True
        values = {"notes": draft[0], "deviation": draft[1].strip() or None}
        changed: dict[str, Any] = {
            name: value for name, value in values.items() if value != getattr(task, name)
        }
        if changed and not self._opened.edit_task(task.id, **changed):
            return False
        self._opened.drafts.forget(_place(task.id))
        return True

    def _fit(self) -> None:
        line = self.note.fontMetrics().lineSpacing()
        self.note.setFixedHeight(ceil(LINES * line + 2 * self.note.document().documentMargin()) + 20)


def _place(task_id: UUID) -> Place:
    return Place("note", task_id)


def _written(task: TaskRecord) -> tuple[str, str]:
    return task.notes, task.deviation or ""


def _is_leaving(event: QKeyEvent) -> bool:
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_Escape or (control and event.key() in _LEAVING)
