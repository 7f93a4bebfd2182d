"""The recorder at the bottom of the centre pane: start, rate, side and trial of the selected task."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QLayout, QSizePolicy, QWidget

from desktop import trials
from desktop.protocols import Task
from desktop.schemas import SessionRecord, TaskRecord
from ui import words
from ui.models.task_lines import NOTHING, spoken_seconds
from ui.opened import OpenSession
from ui.panels.trial_stepper import TrialStepper
from ui.recorder import Recorder
from ui.theme import HEIGHT, font
from ui.widgets.big_button import BigButton
from ui.widgets.label import ElidedLabel, label
from ui.widgets.layout import hbox, vbox
from ui.widgets.outcome_keys import OutcomeKeys
from ui.widgets.segmented import Segmented

TIME_SAMPLE = "00:00.0"
GAP = 12
SMALL_GAP = 8
SIDE_KEYS = {"left": "L", "both": "B", "right": "R"}


class RecorderDock(QFrame):
    """What is done while the child is watched. A click leaves the keyboard where it is.

    Where one row has no room for all of it, the keys that rate stand below.
    """

    def __init__(self, *, opened: OpenSession, recorder: Recorder) -> None:
        super().__init__()
        self.setProperty("role", "dock")
        self.setAccessibleName(self.tr("Recorder"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._opened, self._recorder = opened, recorder
        self._compact = False
        self._name = ElidedLabel(role="lead_strong")
        self._caption = ElidedLabel(role="caption_strong", tone="muted")
        self._time = label(role="timer")
        self.start = BigButton(
            icon="play",
            kind="primary",
            key=self.tr("Space"),
            role="lead_strong",
            height=HEIGHT.start,
            filled=True,
        )
        self.keys = OutcomeKeys()
        named = [(key, words.side(key)) for key in trials.SIDES]
        self.sides = Segmented(
            named, name=self.tr("Side"), physical=True, shortcuts=SIDE_KEYS, click_focus=False
        )
        self.trial = TrialStepper()
        self._head = QWidget()
        self._head.setLayout(hbox((self._name, 1), self.sides, self.trial, spacing=GAP))
        self._clock = vbox(self._caption, self._time, spacing=0)
        self._left = hbox(self._clock, (self.start, 1), spacing=GAP)
        self._row = hbox((self._left, 1), (self.keys, 1), spacing=GAP)
        self._box = vbox(self._head, self._row, spacing=10)
        self._box.setSizeConstraint(
            QLayout.SizeConstraint.SetNoConstraint
        )  # we say ourselves how narrow we get
        self.setLayout(self._box)
        self._connect()
        self.set_compact(False)
        self._show()

    def set_compact(self, compact: bool) -> None:
        """Take one row, for windows below 1280 pixels."""
        self._compact = compact
        gap = SMALL_GAP if compact else GAP
        self._head.setVisible(not compact)
        self._caption.setVisible(compact)
        self._box.set_margins((11, 11, 11, 11) if compact else (16, 14, 16, 16))
        self._row.setSpacing(gap)
        self._left.setSpacing(gap)
        self.keys.set_spacing(4 if compact else 8)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._narrowest(), self._box.totalMinimumSize().height())

    def sizeHint(self) -> QSize:
        return QSize(self._box.totalSizeHint().width(), self.minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a text or its size is another one
            self._time.setMinimumWidth(_width_of(TIME_SAMPLE))
            self._arrange()
        return super().event(event)

    def _connect(self) -> None:
        for signal in (self._opened.switched, self._opened.changed, self._opened.selected):
            signal.connect(self._show)
        self._recorder.running_changed.connect(self._show)
        self.start.pressed.connect(self._start)
        self.keys.chosen.connect(self._recorder.rate)
        self.sides.chosen.connect(self._recorder.choose_side)
        self.trial.stepped.connect(self._recorder.step_trial)

    def _start(self) -> None:
        self.start.setDown(False)  # the page may be another one when the button comes up
        self._recorder.toggle()

    def _show(self) -> None:
        record, task = self._opened.record, self._opened.task
        for part in (self.start, self.keys, self.sides, self.trial):
            part.setEnabled(task is not None)
        self._show_start(task)
        self._show_time(task)
        self.keys.show_outcome(task.status if task else None)
        if record is None or task is None:
            self._name.setText(self.tr("Choose a task"))
            self._caption.setText(self.tr("Choose a task"))
            return
        name = words.task_label(self._opened.protocol, task.task_name)
        self._name.setText(name)
        self._caption.setText(words.SEPARATOR.join(part for part in (name, words.side(task.side)) if part))
        self._show_sides(task, self._opened.spec(task))
        self._show_trial(record, task)

    def _show_start(self, task: TaskRecord | None) -> None:
        again = task is not None and trials.is_recorded(task)
        self.start.set_icon("plus" if again else "play", filled=not again)
        self.start.setText(self.tr("New trial") if again else self.tr("Start"))

    def _show_time(self, task: TaskRecord | None) -> None:
        seconds = task.duration_seconds if task else None
        recorded = task is not None and trials.is_recorded(task)
        self._time.setText(NOTHING if seconds is None and recorded else words.duration(seconds or 0.0))
        spoken = self.tr("No time") if seconds is None else spoken_seconds(seconds)
        self._time.setAccessibleName(spoken)

    def _show_sides(self, task: TaskRecord, spec: Task | None) -> None:
        """Only sides that make sense; those of a free task are free as well."""
        offered = trials.sides_of(task, spec)
        self.sides.setVisible(bool(offered))
        for key in trials.SIDES:
            self.sides.button(key).setVisible(key in offered)
        self.sides.set_current(task.side if task.side in trials.SIDES else None)

    def _show_trial(self, record: SessionRecord, task: TaskRecord) -> None:
        attempts = trials.trials_of(record, task)
        first, last = attempts[0].id == task.id, attempts[-1].id == task.id
        self.trial.show_trial(task.trial, first=first, last=last)

    def _arrange(self) -> None:
        margins = self._box.contentsMargins()
        room = self.width() - margins.left() - margins.right()
        one_row = self._left_width() + self._row.spacing() + self.keys.minimumSizeHint().width() <= room
        across = QBoxLayout.Direction.LeftToRight if one_row else QBoxLayout.Direction.TopToBottom
        if self._row.direction() != across:
            self._row.setDirection(across)
            self.updateGeometry()

    def _left_width(self) -> int:
        return _width_of(TIME_SAMPLE) + self._left.spacing() + self.start.minimumSizeHint().width()

    def _narrowest(self) -> int:
        """How narrow the dock gets, its keys below the clock, in pixels."""
        margins = self._box.contentsMargins()
        parts = [self._left_width(), self.keys.minimumSizeHint().width()]
        if not self._compact:
            parts.append(self._head.minimumSizeHint().width())
        return max(parts) + margins.left() + margins.right()


def _width_of(time: str) -> int:
    return round(QFontMetricsF(font("timer")).horizontalAdvance(time)) + 1
