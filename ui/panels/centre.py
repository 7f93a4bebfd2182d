"""The centre pane: the child above, the tasks and the recorder below, or the stage while a task is timed."""

from uuid import UUID

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from desktop.clock import Clock
from ui.models.task_lines import spoken_seconds
from ui.notify import Notifier, Toast
from ui.opened import OpenSession
from ui.panels.dock import RecorderDock
from ui.panels.fact import PAD
from ui.panels.stage import Stage
from ui.panels.tasks import TasksPanel
from ui.recorder import Recorder
from ui.widgets import toast
from ui.widgets.announce import announce
from ui.widgets.keycap import key_text
from ui.widgets.layout import frame, hbox, rule, vbox


class CentrePanel(QStackedWidget):
    """Turns to the stage when a run begins and back when it ends, and says both to a screen reader.

    A toast stands in the layout above the dock, so that it covers nothing.
    """

    def __init__(
        self, *, opened: OpenSession, recorder: Recorder, notifier: Notifier, clock: Clock, banner: QWidget
    ) -> None:
        super().__init__()
        self._opened, self._recorder = opened, recorder
        self._ran: UUID | None = None
        self._message: Toast | None = None
        self._compact = False
        self.tasks = TasksPanel(opened=opened, recorder=recorder, clock=clock)
        self.dock = RecorderDock(opened=opened, recorder=recorder)
        self.stage = Stage(opened=opened, recorder=recorder)
        self.toast = toast.Toast()
        below = (rule(), (self.tasks, 1), hbox(None, self.toast, None), self.dock)
        self._below = vbox(*below, margins=(PAD, 0, 0, 0))
        self._page = vbox(banner, (self._below, 1))
        self._stage_page = vbox(self.stage, spacing=0)
        self.addWidget(frame(self._page, pane="plain"))
        self.addWidget(frame(self._stage_page, pane="plain"))
        self.set_compact(False)
        recorder.running_changed.connect(self._turn)
        notifier.toast_requested.connect(self.show_toast)
        self.toast.undone.connect(self._take_back)
        self.tasks.time_entry.changed.connect(self._make_room)

    def set_compact(self, compact: bool) -> None:
        """Take the form for windows below 1280 pixels."""
        self._compact = compact
        margins = (16, 8, 16, 8) if compact else (24, 16, 24, 16)
        start, top, end, bottom = margins
        self._page.set_margins(
            (start - PAD, top, end, bottom)
        )  # so that facts, which have a pad, stand above the tasks
        for part in (self._page, self._below):
            part.setSpacing(4 if compact else 12)
        self._stage_page.set_margins((12, 8, 12, 8) if compact else margins)
        for panel in (self.tasks, self.dock, self.stage):
            panel.set_compact(compact)
        self._measure()

    def focus_tasks(self) -> None:
        """Give the list of tasks the keyboard, or the stage while a run is timed."""
        if self._recorder.running is None:
            self.tasks.focus_tasks()
        else:
            self.stage.setFocus()

    def show_toast(self, message: Toast) -> None:
        """Tell in passing what was done, with the way back where there is one."""
        if message.answer is not None:
            self.toast.show_message(message.text, answer=message.answer[0])
        else:
            self.toast.show_message(message.text, key=key_text("Ctrl+Z"), undoable=message.undo is not None)
        self._message = message

    def undo(self) -> None:
        """Take back the last edit; a toast that tells of it is true no longer."""
        self.toast.dismiss()
        self._opened.undo()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def _measure(self) -> None:
        """Ask all parts, the inner ones first, how much room they need; hidden ones do not say so by themselves."""
        for part in (*reversed(self.findChildren(QWidget)), self):
            layout = part.layout()
            if layout is not None:
                layout.invalidate()
                layout.activate()

    def _make_room(self) -> None:
        """In a small window a toast leaves its place to what is being typed; Ctrl+Z takes back all the same."""
        if self._compact and self.tasks.time_entry.is_open:
            self.toast.dismiss()

    def _take_back(self) -> None:
        message, self._message = self._message, None
        if message is not None and message.answer is not None:
            message.answer[1]()
        elif message is not None and message.undo is not None:
            message.undo()

    def _turn(self, running: bool) -> None:
        self.setCurrentIndex(int(running))
        self._let_second_click_pass()
        if running:
            self._ran = self._recorder.running
            announce(self, self.tr("Started"))
        else:
            self._say_time()

    def _let_second_click_pass(self) -> None:
        """The second half of a double click was not meant for what stands in the same place now."""
        page, deaf = self.currentWidget(), Qt.WidgetAttribute.WA_TransparentForMouseEvents
        if page is None:
            return
        page.setAttribute(deaf)
        QTimer.singleShot(QApplication.doubleClickInterval(), page, lambda: page.setAttribute(deaf, False))

    def _say_time(self) -> None:
        task = self._opened.task
        if task is not None and task.id == self._ran and task.duration_seconds is not None:
            announce(self, spoken_seconds(task.duration_seconds))
