"""The metrics of the selected task result: read them, type them, add and delete them."""

from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QItemSelectionModel, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QApplication, QFrame, QWidget

from desktop.database import Database
from desktop.edits import DeleteMetric, RecordMetric
from desktop.errors import Invalid
from desktop.metrics import new_metric
from desktop.schemas import NewMetric, TaskRecord
from ui import words
from ui.dialogs.add_metric import AddMetricDialog
from ui.drafts import Place, typed
from ui.models.metrics import MetricRow, MetricsModel, metric_rows
from ui.opened import OpenSession
from ui.operations import Operations
from ui.panels.metric_chart import MetricChart
from ui.panels.metric_delegate import MetricDelegate
from ui.panels.metric_editor import MetricEditor
from ui.panels.metric_list import MetricList
from ui.widgets.button import Button
from ui.widgets.label import ElidedLabel, label
from ui.widgets.layout import frame, hbox, vbox

GAP = 12
ADDED = "add-metric"
BELOW_CARD = 10 + GAP + 16


@dataclass(frozen=True)
class _Editing:
    """What an open editor is about; the record may have moved on to another task meanwhile."""

    editor: MetricEditor
    session_id: UUID
    task_id: UUID


class MetricsPanel(QFrame):
    """Shows the metrics and takes their values.

    An entry that is left half done is recorded when it is a value without doubt; otherwise it is kept and
    is offered again where it was typed. `chosen` names the metric that was made current.
    """

    chosen = Signal(str)

    def __init__(self, *, opened: OpenSession, operations: Operations, database: Database) -> None:
        super().__init__()
        self.setProperty("pane", "side")
        self.setAccessibleName(self.tr("Metrics"))
        self._opened = opened
        self._editing: _Editing | None = None
        self._wanted = ""
        self._compact = False
        self._model = MetricsModel(self)
        self._delegate = MetricDelegate(self)
        self.list = MetricList(self._model, self._delegate)
        self._chart = MetricChart(opened=opened, operations=operations, database=database)
        self._build()
        self._connect()
        self._show()

    def _build(self) -> None:
        self._subtitle = ElidedLabel(role="caption", tone="muted")
        self.add_button = Button(icon="plus", kind="icon", name=self.tr("Add metric"))
        self._nothing = label(role="body", tone="muted", wrap=True)
        self._card = frame(vbox(self.list, spacing=0, margins=(1, 4, 1, 4)), role="card")
        head = hbox((label(self.tr("Metrics"), "title"), 1), self.add_button)
        self.setLayout(
            vbox(
                vbox(head, self._subtitle, spacing=0),
                self._nothing,
                self._card,
                (self._chart, 100),
                None,
                spacing=GAP,
                margins=(16, 12, 16, 16),
            )
        )

    def _connect(self) -> None:
        self.add_button.clicked.connect(lambda _checked: self.add_metric())
        self.list.edit_wanted.connect(self.edit_current)
        self.list.delete_wanted.connect(self.delete_current)
        self.list.selectionModel().currentChanged.connect(self._chose)
        self._delegate.editor_opened.connect(self._begin)
        self._delegate.editor_closed.connect(self._lost)
        self._opened.switched.connect(self._moved)
        self._opened.selected.connect(self._moved)
        self._opened.changed.connect(self._show)
        self.list.measured.connect(self._make_room)
        self._chart.chosen.connect(self.choose)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    # What others call

    @property
    def editor(self) -> MetricEditor | None:
        """The open editor."""
        return self._editing.editor if self._editing is not None else None

    @property
    def model(self) -> MetricsModel:
        """The metrics that are listed."""
        return self._model

    def current(self) -> MetricRow | None:
        """Return the chosen metric."""
        return self._model.row(self.list.currentIndex().row())

    def choose(self, name: str) -> None:
        """Make a metric the current one."""
        self._go_to(self._model.place(name))

    def edit_current(self) -> None:
        """Type the value of the current metric, of the first one when none is."""
        self._edit(max(self.list.currentIndex().row(), 0))

    def edit_first(self) -> None:
        """Type the values from the first metric on."""
        self._edit(0)

    def step(self, step: int) -> None:
        """Go to the next (1) or previous (-1) metric."""
        self._go_to(self.list.currentIndex().row() + step)

    def focus_list(self) -> None:
        """Bring the keyboard to the list; to the + button when nothing is listed."""
        (self.list if self._model.rowCount() else self.add_button).setFocus()

    def delete_current(self) -> None:
        """Delete the recorded value of the current metric; the toast brings it back."""
        row = self.current()
        record, task = self._opened.record, self._opened.task
        if row is not None and row.value is not None and record is not None and task is not None:
            self._delete(record.id, task.id, row)

    def add_metric(self) -> None:
        """Ask for a metric that the protocol does not name."""
        record, task = self._opened.record, self._opened.task
        if record is None or task is None:
            return
        dialog = AddMetricDialog(self, taken={row.name: row.label for row in self._model.rows()})
        dialog.entered.connect(lambda new: self._added(RecordMetric(record.id, task.id, new)))
        place = Place(ADDED, task.id)
        left = self._opened.drafts.get(place)
        if left is not None:
            dialog.resume(left)
        self._opened.drafts.follow(dialog, place, dialog.content, session=record.id)
        dialog.open()

    def resume_adding(self) -> None:
        """Ask again for the metric that was being added when the window was locked."""
        record, drafts = self._opened.record, self._opened.drafts
        for task in record.task_results if record is not None else ():
            if drafts.get(Place(ADDED, task.id)) is not None:
                self._opened.select(task.id)
                self.add_metric()
                return

    def finish_edit(self) -> None:
        """Record what is being typed if it is a value without doubt, else keep it as a draft; closes the editor."""
        if self._editing is None:
            return
        self._editing.editor.entry.settle()
        if self._editing is not None:
            self._keep_draft(self._editing)
        self._close()
        self._show()

    def empty_text(self) -> str:
        """What is said while nothing is listed, empty otherwise."""
        return "" if self._nothing.isHidden() else self._nothing.text()

    def set_compact(self, compact: bool) -> None:
        """Take the room of a small window: lower cards, no chart."""
        self._delegate.compact = compact
        self._compact = compact
        self.list.relayout()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():
            self.finish_edit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    # Showing

    def _show(self) -> None:
        record, task = self._opened.record, self._opened.task
        self._forget_recorded(task)
        self._subtitle.setText(words.task_title(self._opened.protocol, task) if task else "")
        self._subtitle.setVisible(task is not None)
        self.add_button.setEnabled(task is not None)
        name = self._wanted
        self._model.show_rows(metric_rows(self._opened.protocol, task, self._draft))
        if not self.list.currentIndex().isValid() and self._model.rowCount():
            self._go_to(max(self._model.place(name), 0))
        self._card.setVisible(self._model.rowCount() > 0)
        self._nothing.setVisible(record is not None and self._model.rowCount() == 0)
        self._nothing.setText(
            self.tr("No metrics yet.") if task else self.tr("Choose a task to see its metrics.")
        )
        self._show_chart()

    def _make_room(self) -> None:
        """The cards come first: the chart is there only where it does not make them scroll."""
        head = self._card.y() if self._card.isVisible() else 0
        left = self.height() - head - self.list.sizeHint().height() - BELOW_CARD
        self._chart.set_allowed(not self._compact and left >= self._chart.minimumHeight())

    def _show_chart(self) -> None:
        self._chart.show_metric(self.current(), self._model.rows())

    def _chose(self) -> None:
        row = self.current()
        if row is not None:
            self._wanted = row.name
            self.chosen.emit(row.name)
        self._show_chart()

    def _go_to(self, place: int) -> None:
        if 0 <= place < self._model.rowCount():
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.list.selectionModel().setCurrentIndex(self._model.index(place), flag)

    # Typing

    def _edit(self, place: int) -> None:
        if self._model.row(place) is None or self._opened.task is None:
            return
        self.finish_edit()
        self._go_to(place)
        self.list.edit(self._model.index(place))
        if self._editing is not None and self._editing.editor.row.draft:
            self._editing.editor.entry.line.end(False)  # to be mended, where Qt selected all of it

    def _begin(self, editor: MetricEditor) -> None:
        record, task = self._opened.record, self._opened.task
        if record is None or task is None:
            return
        self._editing = _Editing(editor, record.id, task.id)
        editor.entry.entered.connect(self._entered)
        editor.entry.passed.connect(self._passed)
        editor.entry.cancelled.connect(self._cancelled)
        editor.entry.edited.connect(self._typed)
        editor.resized.connect(self.list.show_current)
        QTimer.singleShot(0, self.list, self.list.show_current)  # when it has its height

    def _entered(self, value: float | None, reason: str, step: int) -> None:
        editing = self._editing
        if editing is None:
            return
        row = editing.editor.row
        try:
            new = new_metric(row.name, value, unit=row.unit, remark=reason) if value is not None else None
        except Invalid as error:
            editing.editor.entry.refuse(str(error))
            return
        self._close()
        if self._record(editing, new):
            self._forget_draft(editing)
        self._show()
        self._go_on(row.name, step)

    def _passed(self, step: int) -> None:
        if self._editing is not None:
            row = self._editing.editor.row
            self._forget_draft(self._editing)
            self._close()
            self._go_on(row.name, step)

    def _cancelled(self) -> None:
        if self._editing is not None:
            self._forget_draft(self._editing)
            self._close()
            self._show()

    def _go_on(self, name: str, step: int) -> None:
        """Go on to the next metric, or back to the list behind the last one."""
        place = self._model.place(name)
        if step and place >= 0 and self._model.row(place + step) is not None:
            self._edit(place + step)

    def _record(self, editing: _Editing, new: NewMetric | None) -> bool:
        """Record what was typed, unless it is so already; False when it was not taken, it then stays a draft."""
        row = editing.editor.row
        if new is None:
            return self._delete(editing.session_id, editing.task_id, row)
        if (new.metric_value, new.remark or "") == (row.value, row.remark):
            return True
        return self._opened.do(RecordMetric(editing.session_id, editing.task_id, new))

    def _delete(self, session_id: UUID, task_id: UUID, row: MetricRow) -> bool:
        if row.value is None:
            return True
        text = self.tr("“{metric}” deleted").format(metric=row.label)
        return self._opened.do(DeleteMetric(session_id, task_id, row.name), toast=text)

    def _added(self, edit: RecordMetric) -> None:
        self._wanted = edit.new.metric_name
        if self._opened.do(edit):
            self.choose(edit.new.metric_name)
            self.focus_list()

    # Leaving

    def _moved(self) -> None:
        """Another task or session is shown: what is being typed belongs to the one before."""
        editing = self._editing
        if editing is not None:
            record = self._opened.record
            if record is not None and record.id == editing.session_id:
                self.finish_edit()
            else:
                self._keep_draft(editing)
                self._close()
        self._show()

    def _focus_moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._editing is None or now is None or now.window() is not self.window():
            return
        if not self._editing.editor.isAncestorOf(now):
            self.finish_edit()

    def _close(self) -> None:
        """Close the editor; the keyboard goes to the list when it was in the editor."""
        editing, self._editing = self._editing, None
        if editing is None:
            return
        focused = QApplication.focusWidget()
        if focused is not None and editing.editor.isAncestorOf(focused):
            self.list.setFocus()
        self.list.closeEditor(editing.editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def _lost(self, editor: MetricEditor) -> None:
        """The view closed the editor because other metrics are listed."""
        if self._editing is not None and self._editing.editor is editor:
            self._keep_draft(self._editing)
            self._editing = None

    def _typed(self) -> None:
        if self._editing is not None:
            self._keep_draft(self._editing)

    def _draft(self, task_id: UUID, name: str) -> str:
        """Return what was typed as a metric's value and is not recorded, nothing while it is being typed."""
        editing = self._editing
        if editing is not None and (editing.task_id, editing.editor.row.name) == (task_id, name):
            return ""
        return typed(self._opened.drafts.get(_place(task_id, name)), "text")

    def _forget_recorded(self, task: TaskRecord | None) -> None:
        """Forget what was recorded after all: with a reason, or just before a crash."""
        for metric in task.metrics if task is not None else ():
            place = _place(metric.task_id, metric.metric_name)
            if typed(self._opened.drafts.get(place), "text") == words.number(metric.metric_value):
                self._opened.drafts.forget(place)

    def _keep_draft(self, editing: _Editing) -> None:
        entry = editing.editor.entry
        if entry.has_changed():
            place = _place(editing.task_id, editing.editor.row.name)
            self._opened.drafts.keep(place, {"text": entry.text()}, session=editing.session_id)
        else:
            self._forget_draft(editing)

    def _forget_draft(self, editing: _Editing) -> None:
        self._opened.drafts.forget(_place(editing.task_id, editing.editor.row.name))


def _place(task_id: UUID, name: str) -> Place:
    return Place("metric", task_id, name)
