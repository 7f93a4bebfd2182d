"""Typing a time into the table."""

from typing import Any
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QApplication, QFrame

from desktop.decimals import format_duration, parse_duration
from desktop.plausibility import Doubt, odd_duration
from desktop.schemas import TaskRecord
from ui import words
from ui.drafts import Place, typed
from ui.models.tasks import Column, TasksModel
from ui.opened import OpenSession
from ui.panels.entry import Entry, Question
from ui.panels.task_table import TaskTable
from ui.widgets.layout import vbox

_ELSEWHERE = (QEvent.Type.FocusOut, QEvent.Type.Hide)


class TimeEntry(QFrame):
    """Puts a line into the cell of a time; this frame, below the table, says what there is to say of the text.

    Enter takes the time, Esc leaves it. A text that is no time stays in its cell with the reason.
    """

    changed = Signal()

    def __init__(self, table: TaskTable, model: TasksModel, *, opened: OpenSession) -> None:
        super().__init__()
        self.setProperty("role", "well")
        self._table, self._model, self._opened = table, model, opened
        self._entry: Entry | None = None
        self._task: TaskRecord | None = None
        self._box = vbox(spacing=0, margins=(12, 8, 12, 8))
        self.setLayout(self._box)
        self.hide()

    @property
    def entry(self) -> Entry:
        """What is being typed; LookupError while nothing is."""
        if self._entry is None:
            raise LookupError("No time is being typed")
        return self._entry

    @property
    def is_open(self) -> bool:
        """Whether a time is being typed."""
        return self._entry is not None

    def begin(self) -> None:
        """Edit the time of the selected task result, or go on where a text could not be taken."""
        task = self._opened.task
        row = self._model.row_of(task.id if task else None)
        if self._entry is not None:
            self._entry.line.setFocus()
        elif task is not None and row is not None:
            self._put(self._made(task), row)
            self.entry.line.selectAll()
            self.entry.line.setFocus()

    def resume(self) -> None:
        """Show the time that was typed in the open session and is not recorded; the keyboard stays where it is."""
        record = self._opened.record
        for task in record.task_results if record and self._entry is None else ():
            draft, row = self._opened.drafts.get(_place(task.id)), self._model.row_of(task.id)
            if draft is None or row is None:
                continue
            entry = self._made(task)
            entry.type_text(typed(draft, "text"), typed(draft, "reason"))
            if entry.is_edited():
                self._put(entry, row)
                return
            entry.deleteLater()
            self._task = None

    def begin_reason(self) -> None:
        """Edit why the time of the selected task result was kept."""
        self.begin()
        if self._entry is not None:
            self._entry.edit_reason()

    def finish(self) -> bool:
        """Record the time that is being typed; False when it cannot be taken, its line stays and says why."""
        if self._entry is not None:
            self._entry.submit(0)
        return self._entry is None

    def _made(self, task: TaskRecord) -> Entry:
        spec = self._opened.spec(task)
        self._task = task
        entry = Entry(_question(task, spec.time_limit_s if spec else None), self)
        entry.entered.connect(self._entered)
        entry.passed.connect(self._close)
        entry.cancelled.connect(self._close)
        entry.edited.connect(self._typed)
        entry.message.resized.connect(self._fit)
        for line in (entry.line, entry.message.reason):
            line.installEventFilter(self)
        return entry

    def _put(self, entry: Entry, row: int) -> None:
        self._entry = entry
        entry.line.destroyed.connect(self._forget)
        self._table.setIndexWidget(self._model.index(row, Column.TIME), entry.line)
        self._box.addWidget(entry.message)
        entry.line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignAbsolute)
        self._fit()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ELSEWHERE and not _for_a_while(event):
            QTimer.singleShot(0, self, self._settle)  # the focus has not arrived yet
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        """Take the text, since the user has gone elsewhere; what is wrong with it is said at once."""
        entry = self._entry
        if entry is None or QApplication.focusWidget() in {entry.line, entry.message.reason}:
            return
        if not self._table.isVisible():
            if entry.has_changed() or entry.has_new_reason():
                entry.settle()
            else:
                self._close()
        elif not self.isAncestorOf(QApplication.focusWidget() or self._table):
            entry.submit(0)

    def _entered(self, seconds: float | None, reason: str, _step: int) -> None:
        task = self._task
        if task is None:
            return
        values: dict[str, Any] = {"duration_seconds": seconds}
        if seconds is None and task.status is None:
            values["started_at"] = None  # without a time and a rating it is to do again
        if reason or task.remark:
            values["remark"] = reason or None
        if self._opened.edit_task(task.id, **values):
            self._close()

    def _typed(self) -> None:
        record, task = self._opened.record, self._task
        if self._entry is not None and task is not None and record is not None:
            content = {"text": self._entry.text(), "reason": self._entry.reason()}
            self._opened.drafts.keep(_place(task.id), content, session=record.id)

    def _close(self) -> None:
        if self._task is not None:
            self._opened.drafts.forget(_place(self._task.id))
        entry, task = self._entry, self._task
        row = self._model.row_of(task.id if task else None)
        if entry is None or row is None:
            return
        had_focus = entry.line.hasFocus() or self.isAncestorOf(QApplication.focusWidget() or self._table)
        self._forget()
        entry.line.destroyed.disconnect(self._forget)
        entry.line.removeEventFilter(self)
        entry.line.hide()
        self._table.setIndexWidget(self._model.index(row, Column.TIME), None)  # type: ignore[arg-type]
        if had_focus:
            self._table.setFocus()

    def _forget(self) -> None:
        """The line has gone, perhaps together with its row."""
        entry, self._entry, self._task = self._entry, None, None
        if entry is not None:
            self._box.removeWidget(entry.message)
            entry.message.hide()
            entry.message.deleteLater()
            entry.deleteLater()
        self.hide()
        self.changed.emit()

    def _fit(self) -> None:
        self.setVisible(self._entry is not None and bool(self._entry.message.text()))


def _place(task_id: UUID) -> Place:
    return Place("time", task_id)


def _for_a_while(event: QEvent) -> bool:
    """Tell whether the focus has only gone to another window or a menu."""
    return isinstance(event, QFocusEvent) and event.reason() in {
        event.reason().ActiveWindowFocusReason,
        event.reason().PopupFocusReason,
    }


def _question(task: TaskRecord, limit_s: float | None) -> Question:
    def read(text: str) -> float | None:
        return parse_duration(text) if text.strip() else None

    def echo(seconds: float | None) -> str:
        return "" if seconds is None else words.measured(seconds, "s")

    def doubt(seconds: float | None) -> Doubt | None:
        return None if seconds is None else odd_duration(seconds, limit_s)

    return Question(
        name=words.tr("Time"),
        read=read,
        echo=echo,
        doubt=doubt,
        text="" if task.duration_seconds is None else _all_digits(task.duration_seconds),
        reason=task.remark or "",
    )


def _all_digits(seconds: float) -> str:
    return format_duration(seconds, None, sign=words.decimal_sign())
