"""Recording: what the keys and the big buttons do to the selected task result."""

from math import inf
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from desktop import trials
from desktop.clock import Clock
from desktop.edits import AddTask, DeleteTask, EditTask, task_of
from desktop.schemas import NewTaskResult, SessionRecord, Side, Status
from ui import words
from ui.notify import Notifier
from ui.opened import OpenSession
from ui.stopwatch import Stopwatch

# Pressed again so soon, a key was pressed once by an unsteady hand.
TWICE_SECONDS = 0.25
# So long after the limit of a task stopped its run, Space is still meant to stop it.
LATE_SECONDS = 1.0


class Recorder(QObject):
    """Starts, stops, rates and repeats. Every method may be called at any time and does nothing where it cannot.

    `running_changed` comes when a run begins or ends. The running row is stored when it starts, so that a crash
    keeps it; times come from the monotonic clock at the moment of the key.
    """

    running_changed = Signal(bool)

    def __init__(self, opened: OpenSession, *, clock: Clock, notifier: Notifier) -> None:
        super().__init__(opened)
        self.stopwatch = Stopwatch(clock, self)
        self._opened = opened
        self._clock = clock
        self._notifier = notifier
        self._new_row = False
        self._deaf_until = -inf
        self.stopwatch.limit_reached.connect(self._stop_at_limit)
        self.stopwatch.changed.connect(self._hold)
        opened.switched.connect(self._end_without_row)
        opened.changed.connect(self._end_without_row)

    @property
    def running(self) -> UUID | None:
        """The task result that is being timed."""
        return self.stopwatch.task_id

    def toggle(self) -> None:
        """Start, stop, or begin a new trial: what Space does, once however often it is pressed in haste."""
        now = self._clock.monotonic()
        if now < self._deaf_until:
            return
        self._deaf_until = now + TWICE_SECONDS
        if self.running is not None:
            self.stop()
        else:
            self.start()

    def start(self, reason: str = "") -> None:
        """Time the selected task result; what was recorded before is never overwritten, a new trial begins.

        In a signed-off session not without a `reason`, which is asked for first.
        """
        record, task = self._opened.record, self._opened.task
        if record is None or task is None or self.running is not None:
            return
        if self._opened.is_signed() and not reason:
            self._opened.ask_reason(self.start)
            return
        self._new_row = trials.is_recorded(task)
        if self._new_row:
            if not self.new_trial(reason):
                return
            task = self._opened.task
        if task is None:
            return
        spec = self._opened.spec(task)
        self.stopwatch.begin(task.id, limit_s=spec.time_limit_s if spec else None)
        self._opened.edit_task(task.id, reason=reason, started_at=self._clock.now())
        self.running_changed.emit(True)

    def stop(self, status: Status | None = None) -> None:
        """Stop the clock, and rate the run in the same edit when `status` is given."""
        task_id = self.running
        if task_id is None:
            return
        values: dict[str, Any] = {"duration_seconds": self.stopwatch.end()}
        if status is not None:
            values["status"] = status
        self._opened.edit_task(task_id, **values)
        self.running_changed.emit(False)

    def rate(self, status: Status) -> None:
        """Rate the selected task result, stopping its clock; the same rating again changes nothing."""
        task = self._opened.task
        if self.running is not None:
            self.stop(status)
        elif task is not None and task.status != status:
            self._opened.edit_task(task.id, status=status)

    def discard(self) -> None:
        """Throw the current run away; the toast brings it back with the time it had."""
        task_id, record = self.running, self._opened.record
        if task_id is None or record is None:
            return
        seconds = self.stopwatch.end()
        self._opened.edit_task(task_id, duration_seconds=seconds)
        text = self.tr("Run of {seconds} s discarded").format(seconds=f"{seconds:.1f}")
        if self._new_row:
            former = self._former_trial(record, task_id)
            self._opened.do(DeleteTask(record.id, task_id), toast=text)
            self._opened.select(former)
        else:
            cleared = {"started_at": None, "duration_seconds": None}
            self._opened.do(EditTask(record.id, task_id, cleared), toast=text)
        self.running_changed.emit(False)

    def new_trial(self, reason: str = "") -> bool:
        """Add and select another attempt at the selected task and side; False when there is none."""
        record, task = self._opened.record, self._opened.task
        if record is None or task is None or self.running is not None:
            return False
        return self._add(trials.next_trial(record, task, task_id=self._clock.new_id()), reason)

    def step_trial(self, step: int) -> None:
        """Select the trial before or after the selected one; behind the last one a new trial begins."""
        record, task = self._opened.record, self._opened.task
        if record is None or task is None or self.running is not None:
            return
        attempts = trials.trials_of(record, task)
        place = attempts.index(task) + step
        if place >= len(attempts):
            self.new_trial()
        elif place >= 0:
            self._opened.select(attempts[place].id)

    def choose_side(self, side: Side) -> None:
        """Go to an attempt on this side; where there is none, the selected one is on this side.

        The side of what was recorded stays, `change_side` corrects it: another attempt is added for this one. Sides
        that the protocol does not have are not chosen.
        """
        record, task = self._opened.record, self._opened.task
        if record is None or task is None or self.running is not None or task.side == side:
            return
        spec = self._opened.spec(task)
        there = [
            other for other in record.task_results if (other.task_name, other.side) == (task.task_name, side)
        ]
        if there:
            self._opened.select((trials.on_side(record, task, side) or there[-1]).id)
        elif spec is not None and side not in spec.sides:
            return
        elif task.side == "none" or not trials.is_recorded(task):
            self._opened.edit_task(task.id, side=side)
        else:
            new = NewTaskResult(task_name=task.task_name, side=side, position=task.position)
            self._add(AddTask(record.id, self._clock.new_id(), new))

    def change_side(self, side: Side) -> None:
        """Say that the selected result is of another side; the toast takes it back."""
        record, task = self._opened.record, self._opened.task
        if record is None or task is None or self.running is not None or task.side == side:
            return
        if not trials.is_recorded(task):
            self.choose_side(side)
        elif side in trials.sides_of(task, self._opened.spec(task)):
            text = self.tr("Side changed to {side}").format(side=words.side(side).lower())
            self._opened.do(trials.change_side(record, task, side), toast=text)

    def delete(self) -> None:
        """Delete the selected task result; the toast brings it back."""
        record, task = self._opened.record, self._opened.task
        if record is None or task is None or self.running is not None:
            return
        name = words.task_label(self._opened.protocol, task.task_name)
        text = self.tr("“{task}” deleted").format(task=name)
        self._opened.do(DeleteTask(record.id, task.id), toast=text)

    def _add(self, edit: AddTask, reason: str = "") -> bool:
        """Add and select an attempt; False when it was refused."""
        if not self._opened.do(edit, reason=reason):
            return False
        self._opened.select(edit.task_id)
        return True

    def _stop_at_limit(self) -> None:
        self.stop()
        self._deaf_until = self._clock.monotonic() + LATE_SECONDS

    def _hold(self) -> None:
        self._opened.held = self.running is not None

    def _end_without_row(self) -> None:
        """End the run when its row is gone because somebody took it away, and say what its time was."""
        record = self._opened.record
        rows = record.task_results if record else ()
        if self.running is not None and all(task.id != self.running for task in rows):
            seconds = self.stopwatch.end()
            self.running_changed.emit(False)
            text = self.tr("Its task is no longer there. The time was {seconds} s.")
            self._notifier.warn(self.tr("The run has ended"), text.format(seconds=f"{seconds:.1f}"))

    def _former_trial(self, record: SessionRecord, task_id: UUID) -> UUID:
        """Return the trial before this one, to which a discarded run goes back, so that Space tries again."""
        attempts = [task.id for task in trials.trials_of(record, task_of(record, task_id))]
        return attempts[max(attempts.index(task_id) - 1, 0)]
