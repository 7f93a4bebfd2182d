"""The stage: what is shown while a task is being timed."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QWidget

from desktop import trials
from desktop.protocols import label as text_in
from desktop.schemas import SessionRecord, TaskRecord
from ui import words
from ui.opened import OpenSession
from ui.panels.task_strip import TaskStrip
from ui.recorder import Recorder
from ui.theme import HEIGHT, set_font
from ui.widgets.big_button import BigButton
from ui.widgets.big_time import BigTime
from ui.widgets.button import Button
from ui.widgets.keycap import key_text
from ui.widgets.label import ElidedLabel, label
from ui.widgets.layout import Box, frame, hbox, vbox
from ui.widgets.limit_bar import LimitBar
from ui.widgets.outcome_keys import OutcomeKeys
from ui.widgets.pill import Pill

TIME_SAMPLE = "00:00.0"


class Stage(QFrame):
    """Child, task and clock, large; one key stops, another one stops and rates. The words stay with the child.

    The stage itself holds the keyboard, so that Space is the window's shortcut and not a button's.
    """

    def __init__(self, *, opened: OpenSession, recorder: Recorder) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._opened, self._recorder = opened, recorder
        self._limit_s: float | None = None
        self.strip = TaskStrip()
        self._name = ElidedLabel(role="hero")
        self._who = ElidedLabel(role="lead", tone="muted")
        self._instruction = label(role="lead", wrap=True)
        self.time = BigTime(name=self.tr("Running time"), sample=TIME_SAMPLE)
        self._limit = QWidget()
        self._bar = LimitBar(name=self.tr("Time limit"))
        self._from = label(words.measured(0, "s"), role="num_caption", tone="muted")
        self._stops_at = label(role="num_caption", tone="muted")
        self.stop = BigButton(
            self.tr("Stop"),
            icon="square",
            kind="primary",
            key=self.tr("Space"),
            role="heading",
            height=HEIGHT.stop,
            icon_size=24,
            filled=True,
        )
        self.keys = OutcomeKeys(big=True, spacing=12)
        self.discard = Button(self.tr("Discard this run"), icon="trash-2", kind="ghost", key=key_text("Esc"))
        self._card = frame(self._laid_out(), role="stage")
        self._box = vbox(self.strip, (self._card, 1), spacing=12)
        self.setLayout(self._box)
        self.set_compact(False)
        self._connect()

    def set_compact(self, compact: bool) -> None:
        """Take the form for windows below 1280 pixels."""
        self._column.set_margins((20, 12, 20, 8) if compact else (30, 24, 30, 16))
        self._column.setSpacing(6 if compact else 12)
        self._box.setSpacing(6 if compact else 12)
        set_font(self._name, "heading" if compact else "hero")
        set_font(self._instruction, "body" if compact else "lead")
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._limit_box.setDirection(beside if compact else below)
        self._from.setVisible(not compact)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._recorder.stopwatch.ticked.connect(self._tick)
        self._show()
        self.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._recorder.stopwatch.ticked.disconnect(self._tick)

    def _laid_out(self) -> Box:
        self._limit_box = vbox((self._bar, 1), hbox(self._from, None, self._stops_at), spacing=6)
        self._limit.setLayout(self._limit_box)
        recording = Pill(self.tr("Recording"), icon="circle-dot", tone="accent", ground="raised")
        hint = ElidedLabel(self.tr("One key stops the clock and sets the result"), "caption", "muted")
        self._column = vbox(
            hbox((self._name, 1), recording, spacing=12),
            self._who,
            self._instruction,
            (self.time, 1),
            self._limit,
            self.stop,
            self.keys,
            hbox((hint, 1), self.discard, spacing=12),
        )
        return self._column

    def _connect(self) -> None:
        self._opened.changed.connect(self._show)
        self.stop.pressed.connect(self._stop)
        self.keys.chosen.connect(self._recorder.rate)
        self.discard.clicked.connect(self._recorder.discard)

    def _stop(self) -> None:
        self.stop.setDown(False)  # the page is another one when the button comes up
        self._recorder.stop()

    def _show(self) -> None:
        record, run = self._opened.record, self._recorder.stopwatch.run
        task = (
            next((task for task in record.task_results if run and task.id == run.task_id), None)
            if record
            else None
        )
        if record is None or run is None or task is None:
            return
        self._limit_s = run.limit_s
        self._show_way(record, task)
        self._show_task(record, task)
        self._limit.setVisible(run.limit_s is not None)
        if run.limit_s is not None:
            limit = words.measured(run.limit_s, "s")
            self._stops_at.setText(self.tr("Stops at {time}").format(time=words.isolated(limit)))
        self._tick(self._recorder.stopwatch.elapsed())

    def _show_way(self, record: SessionRecord, task: TaskRecord) -> None:
        tasks = record.task_results
        place = next(place for place, other in enumerate(tasks) if other.id == task.id)
        at = self.tr("{number} of {count}").format(number=place + 1, count=len(tasks))
        title = words.SEPARATOR.join((at, words.task_title(self._opened.protocol, task)))
        states = [trials.state_of(other, running=task.id) for other in tasks]
        self.strip.show_states(states, current=place, words=title)

    def _show_task(self, record: SessionRecord, task: TaskRecord) -> None:
        self._name.setText(words.task_label(self._opened.protocol, task.task_name))
        age, trial = words.age_in(record), self.tr("Trial {number}").format(number=task.trial)
        what = words.SEPARATOR.join(filter(None, (age, words.side(task.side), trial)))
        self._who.show_parts(words.isolated(record.child_name), f", {what}")
        self.setAccessibleName(
            self.tr("Recording {task}").format(task=words.task_title(self._opened.protocol, task))
        )
        spec = self._opened.spec(task)
        instruction = text_in(spec.instructions, words.language(), "") if spec else ""
        self._instruction.setText(instruction)
        self._instruction.setVisible(bool(instruction))

    def _tick(self, seconds: float) -> None:
        self.time.show_time(words.duration(seconds))
        if self._limit_s is not None:
            self._bar.show_share(seconds / self._limit_s)
