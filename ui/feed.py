"""What was committed, told to the window: in its own thread and at most ten times a second."""

import asyncio
import logging
import threading
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.changes import ChangeFeed, Changes
from desktop.errors import DatabaseUnavailable

PAUSE = 100  # milliseconds between two deliveries
POLL_EVERY = 2.0  # seconds

log = logging.getLogger(__name__)


class Versioned(Protocol):
    """What can tell whether another process has written."""

    async def data_version(self) -> int:
        """Return a number that changes when another process has written."""
        ...


class FeedBridge(QObject):
    """Gathers what a ChangeFeed publishes, from whatever thread, and hands it on as a list of Changes."""

    changed = Signal(object)
    _arrived = Signal()

    def __init__(self, feed: ChangeFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gathered: list[Changes] = []
        self._lock = threading.Lock()
        self._pause = QTimer(self, interval=PAUSE, singleShot=True)
        self._pause.timeout.connect(self._deliver)
        self._arrived.connect(self._wake, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe = feed.subscribe(self._gather)

    def close(self) -> None:
        """Hear of nothing any more."""
        self._unsubscribe()
        self._pause.stop()
        with self._lock:
            self._gathered.clear()

    async def watch(self, database: Versioned, *, every: float = POLL_EVERY) -> None:
        """Ask every two seconds whether another process has written, and say so; runs until it is cancelled."""
        known: int | None = None
        while True:
            try:
                version = await database.data_version()
            except DatabaseUnavailable as error:  # who saves or reads says so to the user
                log.info("The records could not be watched: %s", error.kind)
            else:
                if known is not None and version != known:
                    self._gather(Changes(actor=None, reason="", rows=(), sweeping=True))
                known = version
            await asyncio.sleep(every)

    def _gather(self, changes: Changes) -> None:
        with self._lock:
            self._gathered.append(changes)
            first = len(self._gathered) == 1
        if first:
            self._arrived.emit()

    def _wake(self) -> None:
        if not self._pause.isActive():
            self._deliver()

    def _deliver(self) -> None:
        with self._lock:
            gathered, self._gathered = self._gathered, []
        if gathered:
            self._pause.start()
            self.changed.emit(gathered)
