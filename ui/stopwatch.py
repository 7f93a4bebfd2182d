"""The stopwatch: one run at a time, on a monotonic clock."""

from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.clock import Clock

TICK_MS = 100


@dataclass(frozen=True, slots=True)
class Run:
    """The run of one task result; `limit_s` is where it stops by itself, None for never."""

    task_id: UUID
    began: float
    limit_s: float | None


class Stopwatch(QObject):
    """Times one run. `ticked` comes ten times a second, `limit_reached` once when a run has a limit."""

    changed = Signal()
    ticked = Signal(float)
    limit_reached = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run: Run | None = None
        self._clock = clock
        self._ticks = QTimer(self, interval=TICK_MS)
        self._ticks.timeout.connect(self._tick)
        self._limit = QTimer(self, singleShot=True)
        self._limit.setTimerType(Qt.TimerType.PreciseTimer)
        self._limit.timeout.connect(self.limit_reached)

    @property
    def task_id(self) -> UUID | None:
        """The task result that is being timed, None when the clock stands."""
        return self.run.task_id if self.run else None

    def begin(self, task_id: UUID, *, limit_s: float | None = None) -> None:
        """Start timing a task result."""
        self.run = Run(task_id, self._clock.monotonic(), limit_s)
        self._ticks.start()
        if limit_s is not None:
            self._limit.start(round(limit_s * 1000))
        self.changed.emit()

    def elapsed(self) -> float:
        """Return the seconds of the run so far, at most its limit; 0 when the clock stands."""
        if self.run is None:
            return 0.0
        seconds = self._clock.monotonic() - self.run.began
        return seconds if self.run.limit_s is None else min(seconds, self.run.limit_s)

    def end(self) -> float:
        """Stop and return the seconds of the run."""
        seconds = self.elapsed()
        self._ticks.stop()
        self._limit.stop()
        self.run = None
        self.changed.emit()
        return seconds

    def _tick(self) -> None:
        self.ticked.emit(self.elapsed())
