"""Locking by itself: when nobody has touched anything for a while, and when the laptop has slept."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QWindow
from PySide6.QtWidgets import QApplication

LOOK_EVERY_MS = 1000
ASK_AGAIN_S = 30.0
SLEPT_S = 30.0  # so late is a timer of one second only when the laptop slept, or its clock was moved
INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


class AutoLock(QObject):
    """Asks for a lock by `wanted`, again and again until it is granted.

    Over a dialog, where no shortcut of the window is heard, `key` asks for it too. Only the windows that have the
    keyboard are listened to: a filter on the whole application would cost time with
    every event of every widget.
    """

    wanted = Signal()

    def __init__(
        self,
        parent: QObject,
        *,
        idle_s: float,
        key: QKeySequence,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._idle_s, self._key, self._clock = idle_s, key, clock
        self._touched = self._looked = clock()
        self._slept = False
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.focusWindowChanged.connect(self._listen)
        self._listen(QGuiApplication.focusWindow())
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def set_idle(self, idle_s: float) -> None:
        """Ask when nobody has touched anything for so many seconds."""
        self._idle_s = idle_s

    def look(self) -> None:
        """Ask for a lock when it is time."""
        now = self._clock()
        self._slept = self._slept or not 0 <= now - self._looked < SLEPT_S
        self._looked = now
        if now - self._touched >= self._idle_s:
            self._touched = now - self._idle_s + ASK_AGAIN_S
            self.wanted.emit()
        elif self._slept:
            self.wanted.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in INPUT:
            self._touched = self._clock()
        if isinstance(event, QKeyEvent) and self._is_key_over_dialog(event):
            self.wanted.emit()
            return True
        return False

    def _is_key_over_dialog(self, event: QKeyEvent) -> bool:
        pressed = event.type() == QEvent.Type.KeyPress and QKeySequence(event.keyCombination()) == self._key
        return pressed and QApplication.activeModalWidget() is not None

    def _listen(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)
