"""The tasks of the open session."""

from PySide6.QtWidgets import QProgressBar, QWidget

from desktop import trials
from desktop.clock import Clock
from ui.dialogs.add_task import AddTaskDialog
from ui.drafts import Place, typed
from ui.models.tasks import Column, TasksModel
from ui.opened import OpenSession
from ui.panels.note_entry import NoteEntry
from ui.panels.side_menu import open_side_menu
from ui.panels.task_notice import TaskNotice
from ui.panels.task_table import TaskTable
from ui.panels.time_entry import TimeEntry
from ui.recorder import Recorder
from ui.widgets.button import Button
from ui.widgets.keycap import key_text
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox

PROGRESS = 120
ADDED = "add-task"


class TasksPanel(QWidget):
    """Lists the task results and how many are done; times and notes are edited in place.

    While a run is being timed the selection stays on it.
    """

    def __init__(self, *, opened: OpenSession, recorder: Recorder, clock: Clock) -> None:
        super().__init__()
        self._opened, self._recorder, self._clock = opened, recorder, clock
        self._following = False
        self.model = TasksModel(self)
        self.table = TaskTable(self.model)
        self.time_entry = TimeEntry(self.table, self.model, opened=opened)
        self.note_entry = NoteEntry(opened=opened)
        self.notice = TaskNotice()
        self._progress = QProgressBar(textVisible=False)
        self._progress.setFixedWidth(PROGRESS)
        self._progress.setAccessibleName(self.tr("Tasks done"))
        self._done = label(role="caption", tone="muted")
        self._empty = label(self.tr("No tasks yet. Add the first one."), tone="muted", wrap=True)
        self._note = Button(
            icon="message-square-text", kind="icon", name=self.tr("Note for this task"), key="N"
        )
        self._delete = Button(
            icon="trash-2", kind="icon", name=self.tr("Delete this task"), key=self.tr("Del")
        )
        add_key = key_text("Ctrl+T")
        self._add = Button(self.tr("Add task"), icon="plus", kind="accent-ghost", key=add_key)
        self.setLayout(
            vbox(
                self._header(),
                (self.table, 1),
                self._empty,
                self.notice,
                self.time_entry,
                self.note_entry,
                spacing=8,
            )
        )
        self.setFocusProxy(self.table)
        self._connect()
        self._show()

    def edit_current(self) -> None:
        """Edit the time of the selected task result."""
        if self._recorder.running is None:
            self.time_entry.begin()

    def edit_reason(self) -> None:
        """Edit why the time of the selected task result was kept although it is odd."""
        if self._recorder.running is None:
            self.time_entry.begin_reason()

    def change_side(self) -> None:
        """Offer the sides that the selected task result may be on."""
        task, row = self._opened.task, self.table.currentIndex().row()
        sides = trials.sides_of(task, self._opened.spec(task)) if task else ()
        if (
            task is None
            or len(sides) < 2
            or self._recorder.running is not None
            or not self.time_entry.finish()
        ):
            return
        cell = self.table.visualRect(self.model.index(row, Column.SIDE))
        chosen = self._recorder.change_side
        open_side_menu(self.table.viewport(), cell, sides=sides, current=task.side, chosen=chosen)

    def edit_note(self) -> None:
        """Write about the selected task result, not while a run is timed: its keys would be typed into the note."""
        task = self._opened.task
        if task is not None and self._recorder.running is None:
            self.note_entry.begin(task)
            self._show_notice()

    def step_task(self, step: int) -> None:
        """Select the task result so many rows further on, as far as there are any."""
        record, row = self._opened.record, self.table.currentIndex().row()
        if record is None or not record.task_results or self._recorder.running is not None:
            return
        last = len(record.task_results) - 1
        self._opened.select(record.task_results[min(max(row + step, 0), last)].id)

    def focus_tasks(self) -> None:
        """Give the table the keyboard."""
        self.table.setFocus()

    def add_task(self) -> None:
        """Ask for another task and add it."""
        if self._opened.record is None or self._recorder.running is not None:
            return
        dialog = AddTaskDialog(
            self._opened.record, self._opened.protocol, task_id=self._clock.new_id(), parent=self.window()
        )
        place = Place(ADDED, self._opened.record.id)
        left = self._opened.drafts.get(place)
        if left is not None:
            dialog.resume(left)
        self._opened.drafts.follow(dialog, place, dialog.content, session=self._opened.record.id)
        dialog.accepted.connect(lambda: self._added(dialog))
        dialog.finished.connect(lambda _result: self.table.setFocus())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def resume_adding(self) -> None:
        """Ask again for the task that was being added when the window was locked, unless it was added by then."""
        record, drafts = self._opened.record, self._opened.drafts
        place = Place(ADDED, record.id) if record is not None else None
        left = drafts.get(place) if place is not None else None
        if record is None or place is None or left is None:
            return
        if typed(left, "id") in {str(task.id) for task in record.task_results}:
            drafts.forget(place)
        else:
            self.add_task()

    def set_compact(self, compact: bool) -> None:
        """Take the form for windows below 1280 pixels."""
        self.table.set_compact(compact)
        self._add.set_key("" if compact else key_text("Ctrl+T"))

    def _header(self) -> QWidget:
        made = QWidget()
        title = label(self.tr("Tasks"), "title", buddy=self.table)
        row = (title, 4, self._progress, self._done, None, self._note, self._delete, self._add)
        made.setLayout(hbox(*row, spacing=8))
        return made

    def _connect(self) -> None:
        for signal in (self._opened.switched, self._opened.changed, self._opened.selected):
            signal.connect(self._show)
        self._opened.switched.connect(self._resume)
        self._recorder.running_changed.connect(self._show)
        self.table.chosen.connect(self._chosen)
        self.table.edit_wanted.connect(self.edit_current)
        self.table.side_wanted.connect(self.change_side)
        self.notice.time_wanted.connect(self.edit_current)
        self.notice.reason_wanted.connect(self.edit_reason)
        self.notice.note_wanted.connect(self.edit_note)
        self.time_entry.changed.connect(self._show_notice)
        self.note_entry.closed.connect(self._note_closed)
        self._note.clicked.connect(self.edit_note)
        self._delete.clicked.connect(self._recorder.delete)
        self._add.clicked.connect(self.add_task)

    def _show(self) -> None:
        record, task, running = self._opened.record, self._opened.task, self._recorder.running
        self._following = True
        selected = task.id if task else None
        self.model.show(record, self._opened.protocol, running=running, selected=selected)
        self.table.choose_row(self.model.row_of(selected))
        self._following = False
        rated, planned = trials.progress(record) if record else (0, 0)
        self._progress.setMaximum(max(planned, 1))
        self._progress.setValue(rated)
        self._done.setText(self.tr("{rated} of {planned} done").format(rated=rated, planned=planned))
        for counted in (self._progress, self._done):
            counted.setVisible(record is not None)
        none = record is not None and planned == 0
        self.table.setVisible(not none)
        self._empty.setVisible(none)
        for button in (self._note, self._delete):
            button.setEnabled(task is not None)
        self._add.setEnabled(record is not None)
        self._show_notice()

    def _resume(self) -> None:
        """Show again what was typed of this session and is not recorded."""
        self.time_entry.resume()
        self.note_entry.resume()
        self._show_notice()

    def _show_notice(self) -> None:
        entry_open = self.time_entry.is_open or not self.note_entry.isHidden()
        self.notice.show_task(None if entry_open or self._recorder.running else self._opened.task)

    def _chosen(self, row: int) -> None:
        line = self.model.line_at(row)
        if self._following or line is None:
            return
        if self._recorder.running is None:
            self._opened.select(line.id)
        else:
            self._show()

    def _note_closed(self) -> None:
        self._show_notice()
        self.table.setFocus()

    def _added(self, dialog: AddTaskDialog) -> None:
        edit = dialog.edit()
        if edit is not None and self._opened.do(edit):
            self._opened.select(edit.task_id)
