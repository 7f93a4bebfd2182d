"""What there is to know of the selected task result, below the table."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from desktop import trials
from desktop.schemas import TaskRecord
from ui import words
from ui.widgets.button import Button
from ui.widgets.icon_label import IconLabel
from ui.widgets.label import ElidedLabel, set_tone
from ui.widgets.layout import hbox


class TaskNotice(QFrame):
    """Asks to check the time of a recovered run; otherwise shows what was written about the task, if anything."""

    time_wanted = Signal()
    reason_wanted = Signal()
    note_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "well")
        self._icon = IconLabel("message-square-text", size=18)
        self._text = ElidedLabel(role="caption")
        self._time = Button(self.tr("Enter the time"), kind="accent-ghost", key="F2", role="caption_strong")
        self._note = Button(self.tr("Edit note"), kind="ghost", key="N", role="caption_strong")
        self._reason = Button(self.tr("Edit reason"), kind="ghost", role="caption_strong")
        self._time.clicked.connect(self.time_wanted)
        self._reason.clicked.connect(self.reason_wanted)
        self._note.clicked.connect(self.note_wanted)
        self.setLayout(
            hbox(
                self._icon,
                (self._text, 1),
                self._time,
                self._reason,
                self._note,
                spacing=8,
                margins=(12, 2, 4, 2),
            )
        )

    def show_task(self, task: TaskRecord | None) -> None:
        """Show what there is to know of `task`; the notice hides when there is nothing."""
        recovered = task is not None and trials.state_of(task) == "recovered"
        text = self.tr("Recovered run, check the time") if recovered else self._written(task)
        self._icon.show_icon("triangle-alert" if recovered else "message-square-text", self._tone(recovered))
        self._text.setText(text)
        set_tone(self._text, self._tone(recovered))
        self._time.setVisible(recovered)
        self._reason.setVisible(not recovered and task is not None and bool(task.remark))
        self._note.setVisible(not recovered and task is not None and bool(task.notes or task.deviation))
        self.setVisible(bool(text))

    def text(self) -> str:
        return self._text.text()

    def _tone(self, recovered: bool) -> str:
        return "warn" if recovered else "muted"

    def _written(self, task: TaskRecord | None) -> str:
        if task is None:
            return ""
        given = self.tr("Given differently: {text}").format(text=task.deviation) if task.deviation else ""
        reason = self.tr("Time kept: {text}").format(text=task.remark) if task.remark else ""
        parts = (" ".join(task.notes.split()), given, reason)
        return words.SEPARATOR.join(part for part in parts if part)
