"""The history of a record: who changed what, when and why, and the way back to an earlier value."""

from uuid import UUID

from PySide6.QtWidgets import QDialog, QWidget

from desktop.core import Core
from desktop.services.past import Past, read_past
from desktop.services.undoing import PutBack
from ui import words
from ui.dialogs.paper import close_button, lay_out
from ui.happened import Happened, happened
from ui.opened import OpenSession
from ui.operations import Operations, Progress
from ui.theme import HEIGHT
from ui.widgets.button import Button
from ui.widgets.label import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.plain_table import PlainTable
from ui.widgets.segmented import Segmented

SIZE = 1120, 720
ALL, TASK = "all", "task"


class HistoryDialog(QDialog):
    """The open session's history, or that of its selected task; what is put back is an edit that can be undone."""

    def __init__(
        self, parent: QWidget | None, *, core: Core, opened: OpenSession, operations: Operations
    ) -> None:
        super().__init__(parent)
        if opened.record is None:
            raise ValueError("No session is open")
        self._core, self._opened, self._operations = core, opened, operations
        self._session_id: UUID = opened.record.id
        self._task_id: UUID | None = opened.task.id if opened.task else None
        self._past: Past | None = None
        self._lines: list[Happened] = []
        self._build()
        self.table.chosen.connect(self._show_chosen)
        self.table.taken.connect(self._put_back)
        self.scope.chosen.connect(lambda _key: self._show_lines())
        self.back.clicked.connect(lambda _checked: self._put_back())
        self.read()

    def read(self) -> None:
        """Read the history anew."""

        async def read(_progress: Progress) -> Past:
            return await read_past(self._core.database, self._session_id)

        self._operations.start(
            read, title=self.tr("Read the history"), key=(self, "read"), done=self._arrived
        )

    def done(self, result: int) -> None:
        self._operations.cancel((self, "read"))
        super().done(result)

    # Building

    def _build(self) -> None:
        record = self._opened.record
        assert record is not None
        headings = [
            self.tr("When"),
            self.tr("Who"),
            self.tr("Record"),
            self.tr("What"),
            self.tr("Before"),
            self.tr("After"),
        ]
        samples = [
            "28 Sep 2025 00:00",
            "Lena Okafor-Mai",
            "One-leg stance · Right",
            "Sign-off taken away",
            "Held on to the wall",
            "",
        ]
        self.table = PlainTable(headings, name=self.tr("History"), wide=5, samples=samples)
        task = self._opened.task
        named = words.task_title(self._opened.protocol, task) if task else ""
        choices = [(ALL, self.tr("Whole session")), *([(TASK, named)] if task else [])]
        self.scope = Segmented(choices, name=self.tr("What is shown"), current=ALL)
        self.chosen_words = label(role="body", wrap=True)
        self.why = label(role="caption", tone="muted", wrap=True)
        before = self.tr("It was recorded before this history begins; what it was at first is not known.")
        self._before = label(before, role="caption", tone="muted", wrap=True)
        self._before.hide()
        self.back = Button(
            self.tr("Put the earlier value back"), kind="primary", height=HEIGHT.dialog_primary
        )
        self.back.setAutoDefault(False)
        self.back.setEnabled(False)
        lay_out(
            self,
            title=self.tr("History of a record"),
            about=self.tr("Everything that was recorded, changed or looked at of {name}, {day}").format(
                name=words.isolated(record.child_name), day=words.day(words.session_day(record))
            ),
            middle=self.table,
            chosen=vbox(self._before, self.chosen_words, self.why, spacing=2),
            buttons=hbox(self.scope, None, self.back, close_button(self), spacing=12),
            size=SIZE,
        )
        self.scope.setVisible(task is not None)
        self.table.setFocus()

    # Showing

    def _arrived(self, past: Past) -> None:
        self._past = past
        from_the_start = any(
            event.action == "insert" and event.entity_id == self._session_id for event in past.events
        )
        self._before.setVisible(not from_the_start)
        self._show_lines()

    def _show_lines(self) -> None:
        if self._past is None:
            return
        offset = self._core.clock.utc_offset_minutes()
        lines = happened(self._past, self._opened.protocol, offset_minutes=offset)
        if self.scope.current() == TASK:
            lines = [line for line in lines if self._is_of_task(line)]
        self._lines = lines
        rows = [(line.when, line.who, line.subject, line.what, line.before, line.after) for line in lines]
        self.table.show_rows(rows, [line.sentence for line in lines])

    def _is_of_task(self, line: Happened) -> bool:
        if line.record_id == self._task_id:
            return True
        subject = self._past.subjects.get(line.record_id) if self._past and line.record_id else None
        return subject is not None and bool(subject.metric_name) and self._is_metric_of_task(line.record_id)

    def _is_metric_of_task(self, metric_id: UUID | None) -> bool:
        assert self._past is not None
        return any(
            event.entity_id == metric_id and event.after.get("task_id") == self._task_id
            for event in self._past.events
        )

    def _show_chosen(self, row: int) -> None:
        line = self._lines[row] if 0 <= row < len(self._lines) else None
        self.back.setEnabled(line is not None and line.back and not self._opened.held)
        if line is None:
            self.chosen_words.setText(self.tr("Nothing is known of this record."))
            self.why.setText("")
            return
        change = f": {line.before} → {line.after}" if line.before or line.after else ""
        self.chosen_words.setText(f"{line.subject}{words.SEPARATOR}{line.what}{change}")
        who = f"{line.when}, {line.who}"
        self.why.setText(self.tr("{who}. Because: {why}").format(who=who, why=line.why) if line.why else who)

    # Putting back

    def _put_back(self) -> None:
        row = self.table.currentIndex().row()
        line = self._lines[row] if 0 <= row < len(self._lines) else None
        if line is not None and line.back and self.back.isEnabled():
            text = self.tr("Earlier value put back: {what}").format(what=line.what)
            self._opened.do_whole(
                PutBack(self._session_id, line.seq), self._session_id, toast=text, done=self.read
            )
